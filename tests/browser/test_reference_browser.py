"""Reference tables in Chromium: read by everybody, put in force by the keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .serving import CHROMIUM, served
from .test_browser_pages import assert_excludes_nobody, tab_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
READ = (
    "/reference/",
    "/reference/fda_ndc/",
    "/reference/nucc/?group=none",
    "/reference/schedules/",
    "/reference/disagreements/?on=2025-01-01",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with loaded tables and people."""
    with served("reference_site", tmp_path_factory.mktemp("reference")) as address:
        yield address


def test_the_pages_exclude_nobody_who_only_reads(site, watched):
    page = watched("eve").page
    for address in READ:
        page.goto(site + address)
        assert page.locator("tbody tr").count() >= 1
        assert_excludes_nobody(page)


def test_a_version_is_put_in_force_by_the_keyboard_alone(site, watched):
    page = watched("ben").page
    page.goto(site + "/reference/")
    tab_to(page, "FDA National Drug Code Directory, 2026-11", "link")
    page.keyboard.press("Enter")
    expect(page.locator("#changes + p")).to_contain_text("Against 2026-10: 0 added")
    assert_excludes_nobody(page)
    page.get_by_text("Set it aside").click()
    tab_to(page, "Discard", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("1 field needs correcting")
    assert_excludes_nobody(page)
    tab_to(page, "Activate", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .badge")).to_have_text("In force")
    assert_excludes_nobody(page)
    page.goto(site + "/reference/fda_ndc/")
    expect(page.get_by_role("region", name="Versions of this table, table")).to_contain_text(
        "Superseded"
    )
