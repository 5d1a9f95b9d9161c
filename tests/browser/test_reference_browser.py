"""Reference tables in Chromium: read by everybody, put in force by the keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from ..reference_files import nucc_csv
from .serving import CHROMIUM, served
from .test_browser_pages import (
    assert_excludes_nobody,
    sign_in,
    tab_to,
    tab_to_control,
)

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


def test_the_pages_of_a_shipped_table_exclude_nobody_and_a_version_is_made_of_it(
    site, watched, tmp_path
):
    page = watched("ann").page
    page.goto(site + "/reference/")
    page.get_by_role("link", name="Authority of physician assistants by state, 2027").click()
    expect(page.locator("#changes + p")).to_contain_text("Against the shipped tables: 6 added")
    assert_excludes_nobody(page)
    page.goto(site + "/reference/state_telehealth/load/")
    expect(page.get_by_role("heading", name="Its columns")).to_be_visible()
    assert_excludes_nobody(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="take the one in force").click()
    file = tmp_path / "state_telehealth.csv"
    taken.value.save_as(file)
    file.write_text(file.read_text().replace(",VERIFIED", ",certain"))
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Edition").fill("2027")
    page.get_by_role("button", name="Load and check").click()
    expect(page.get_by_text("Write VERIFIED or UNVERIFIED").first).to_be_visible(timeout=15_000)
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


def test_a_file_is_loaded_by_the_keyboard_alone_after_a_wrong_one(site, watched, tmp_path):
    right, wrong = tmp_path / "nucc_taxonomy_261.csv", tmp_path / "nucc.pdf.csv"
    right.write_bytes(nucc_csv("2084P0800X,a,b,c,,,,,,Psychiatry Physician,I").content)
    wrong.write_bytes(b"%PDF-1.7 and so on")
    page = watched("ben").page
    page.on("filechooser", lambda chooser: None)
    page.goto(site + "/reference/")
    tab_to(page, "NUCC health care provider taxonomy", "link")
    page.keyboard.press("Enter")
    tab_to(page, "Load a new edition", "link")
    page.keyboard.press("Enter")
    assert_excludes_nobody(page)
    tab_to(page, "Load and check", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was loaded")
    assert_excludes_nobody(page)
    _send(page, wrong)
    expect(page.get_by_role("heading", name="What is wrong")).to_be_visible()
    assert_excludes_nobody(page)
    tab_to(page, "Load again", "link")
    page.keyboard.press("Enter")
    _send(page, right)
    expect(page.locator("#changes + p")).to_contain_text("Against 26.1: 1 added, 1 removed")


def test_the_check_is_followed_without_script(site, chromium, tmp_path):
    file = tmp_path / "cdc.csv"
    file.write_bytes(b"a,b\n1,2\n")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, "ann")
    page.goto(site + "/reference/cdc_mme/load/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Edition").fill("2026")
    page.get_by_role("button", name="Load and check").click()
    refused = page.get_by_text("It is not CDC's MME file")
    expect(refused).to_be_visible(timeout=15_000)
    context.close()


def _send(page, file) -> None:
    tab_to_control(page, page.locator("input[type=file]"), "the file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    tab_to_control(page, page.get_by_label("Edition"), "the edition")
    page.keyboard.type("27.0")
    tab_to(page, "Load and check", "button")
    page.keyboard.press("Enter")
