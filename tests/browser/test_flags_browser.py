"""The queue and a flag's page in Chromium: read by everybody, decided by the keyboard alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .serving import CHROMIUM, served
from .test_browser_pages import Watched, sign_in, tab_to, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
PEOPLE = ("ada", "bo", "eve")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with flags and people."""
    with served("flags_site", tmp_path_factory.mktemp("flags")) as address:
        yield address


@pytest.fixture(scope="module")
def sessions(site, chromium) -> dict[str, dict]:
    """What the signed-in browser of each person keeps."""
    kept = {}
    for name in PEOPLE:
        context = chromium.new_context()
        sign_in(context.new_page(), site, name)
        kept[name] = context.storage_state()
        context.close()
    return kept


@pytest.fixture
def watched(site, chromium, sessions):
    """Return a function that opens the browser of a person and keeps what it complains of."""
    opened = []

    def open_for(name: str, **options) -> Watched:
        context = chromium.new_context(storage_state=sessions[name], **options)
        opened.append((context, Watched(context, site)))
        return opened[-1][1]

    yield open_for
    for context, seen in opened:
        # The answer to an incomplete form is 422, which the console tells of.
        seen.complaints = [c for c in seen.complaints if "status of 422" not in c]
        seen.assert_quiet()
        context.close()


def open_flag(page: Page, site: str, words: str) -> None:
    """Go to the flag whose sentence holds ``words`` by way of the queue."""
    page.goto(f"{site}/flags/?status=any")
    page.get_by_role("link", name=re.compile(words)).first.click()
    expect(page.locator("p.said")).to_contain_text(re.compile(words))


def excludes_nobody(page: Page) -> None:
    """Assert that axe finds nothing and nothing is too wide, in both schemes and widths."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1280, 400):
            page.set_viewport_size({"width": width, "height": 900})
            # Not before the page is drawn anew in these colours.
            page.evaluate("() => new Promise((d) => requestAnimationFrame(() => setTimeout(d, 9)))")
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def settled(page: Page) -> None:
    """Wait until the second program has said its word."""
    expect(page.get_by_text("Recomputed independently: agrees.")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("words", ["averaged 270", "2 controlled"])
def test_a_flag_s_page_excludes_nobody_and_is_never_too_wide(site, watched, words):
    page = watched("ada").page
    open_flag(page, site, words)
    settled(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    records = page.get_by_role("region", name="Records behind the flag, table")
    assert records.evaluate("table => table.scrollWidth <= table.clientWidth")
    expect(records.get_by_role("row").filter(has_text="upload 1").first).to_be_visible()
    excludes_nobody(page)


@pytest.mark.parametrize("query", ["", "severity=low&state=FL"])
def test_the_queue_excludes_nobody_whether_full_or_empty(site, watched, query):
    page = watched("eve").page
    page.goto(f"{site}/flags/?{query}")
    excludes_nobody(page)


def test_a_filter_swaps_the_list_and_the_address_restores_it(site, watched):
    page = watched("eve").page
    page.goto(site + "/flags/")
    page.evaluate("window.stayed = true")
    page.get_by_label("Severity").select_option("critical")
    expect(page.locator("#count")).to_contain_text("1 in all")
    assert page.evaluate("window.stayed")
    page.get_by_role("link", name="Last").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Last")
    page.reload()
    expect(page.get_by_label("Severity")).to_have_value("critical")
    expect(page.locator("th[aria-sort]")).to_contain_text("Last")
    page.get_by_role("link", name=re.compile("^Severity: Critical")).click()
    expect(page.locator("#count")).to_contain_text("4 in all")


def test_a_page_gives_its_files_as_often_as_they_are_asked_for(site, watched):
    page = watched("eve").page
    page.goto(site + "/flags/")
    for button, ending in [("CSV", ".csv"), ("Excel", ".xlsx"), ("Excel", ".xlsx")]:
        with page.expect_download() as begun:
            page.get_by_role("button", name=re.compile(button)).click()
        assert begun.value.suggested_filename.endswith(ending)


def test_the_queue_and_the_page_work_without_script(site, watched):
    page = watched("eve", java_script_enabled=False).page
    page.goto(site + "/flags/")
    page.get_by_label("Severity").select_option("medium")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#count")).to_contain_text("1 in all")
    page.get_by_role("link", name=re.compile("averaged 135")).click()
    page.get_by_role("link", name="Recompute now").click()
    settled(page)
    expect(page.get_by_text("at most 60 units instead of 90")).to_be_visible()


def test_the_list_is_downloaded_as_it_is_filtered(site, watched):
    page = watched("eve").page
    page.goto(site + "/flags/")
    page.get_by_label("State").fill("FL")
    page.get_by_label("State").press("Tab")
    expect(page.locator("#count")).to_contain_text("2 in all")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export this list as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 3
    assert all("supervision_missing" in line for line in lines[1:])


def test_a_flag_is_decided_and_signed_by_the_keyboard_alone(site, watched):
    page = watched("ada").page
    open_flag(page, site, "2 controlled")
    tab_to(page, "Decision", "link")
    page.keyboard.press("Enter")
    tab_to(page, "No concern", "radio")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Education")).to_be_checked()
    tab_to(page, "Reason", "textbox")
    page.keyboard.type("The agreement came late.")
    tab_to(page, "Decide", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .badge").last).to_have_text("Awaiting second person")
    assert violations(page) == []
    second = watched("bo").page
    open_flag(second, site, "2 controlled")
    tab_to(second, "I agree", "radio")
    second.keyboard.press("Space")
    tab_to(second, "Sign", "button")
    second.keyboard.press("Enter")
    expect(second.locator(".heading .badge").last).to_have_text("Decided")
    expect(second.get_by_text("Signed by bo")).to_be_visible()


def test_a_decision_without_a_reason_keeps_what_was_chosen(site, watched):
    page = watched("ada").page
    open_flag(page, site, "averaged 135")
    page.get_by_role("radio", name="Education").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Give a reason.", exact=True)).to_be_visible()
    expect(page.get_by_role("alert").get_by_role("link", name="To the form")).to_be_focused()
    expect(page.get_by_role("radio", name="Education")).to_be_checked()
    assert violations(page) == []
