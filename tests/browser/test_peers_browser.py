"""Peers in Chromium: the comparison, the funnel and an objection, for everybody, by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ..peer_fixtures import DENTAL, OUTLIER, npi
from .serving import CHROMIUM, served
from .test_browser_pages import tab_to, tab_to_control
from .test_flags_browser import excludes_nobody, sessions, watched  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
SLOW = 30_000  # milliseconds: the page reads the ledger, here beside other tests


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with groups of prescribers."""
    with served("flags_site", tmp_path_factory.mktemp("practices"), "practices") as address:
        yield address


def colours(page: Page, scheme: str) -> dict[str, str]:
    """Return in which colours a mark of the funnel, its lines and the paper are drawn."""
    page.emulate_media(color_scheme=scheme)
    return page.evaluate(
        """() => {
            const seen = [...document.querySelectorAll("figure svg")].find(s => s.clientWidth);
            const one = (where) => seen.querySelector(where);
            return {
                mark: getComputedStyle(one(".mark-symbol.role-mark path")).fill,
                line: getComputedStyle(one(".mark-line.role-mark path")).stroke,
                paper: getComputedStyle(document.body).backgroundColor,
            };
        }"""
    )


def test_the_group_and_its_funnel_exclude_nobody(site, watched):  # noqa: F811
    page = watched("eve").page
    page.goto(f"{site}/prescribers/{npi(OUTLIER)}/#peers")
    page.get_by_role("link", name="General NP, FL").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Peer group: General NP, FL")
    excludes_nobody(page)
    for scheme in ("light", "dark"):
        drawn = colours(page, scheme)
        assert len(set(drawn.values())) == 3
    page.get_by_text("The same figures as a table").click()
    region = page.get_by_role("region", name="Members in the funnel, table")
    expect(region.get_by_role("row", name=npi(OUTLIER))).to_contain_text("above 99.8 %")
    excludes_nobody(page)
    page.get_by_role("link", name="365 days").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Peer group: General NP, FL")
    page.goto(f"{site}/peers/dental/all/")
    expect(page.get_by_role("note")).to_contain_text("The group has 3 members")
    excludes_nobody(page)


def test_a_peer_group_is_disputed_and_that_taken_back_by_the_keyboard_alone(site, watched):  # noqa: F811
    page = watched("ada").page
    page.goto(f"{site}/prescribers/{npi(OUTLIER)}/#peers")
    excludes_nobody(page)
    page.locator("h3#disputes").evaluate("h => { h.tabIndex = -1; h.focus(); }")
    tab_to_control(page, page.get_by_text("Dispute the peer group"), "what opens the form")
    page.keyboard.press("Enter")
    tab_to(page, "Why it does not fit required", "textbox")
    page.keyboard.type("A pain clinic, on record as primary care.")
    tab_to(page, "Dispute", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("note")).to_contain_text("The peer group is disputed.", timeout=SLOW)
    excludes_nobody(page)
    page.get_by_text("Take an objection back").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Give a reason.")).to_be_visible(timeout=SLOW)
    excludes_nobody(page)
    page.get_by_label("Why it fits after all").fill("The taxonomy was corrected.")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The taxonomy was corrected.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("note")).to_have_count(0)


def test_where_nobody_is_compared_the_page_says_why(site, watched):  # noqa: F811
    page = watched("eve").page
    page.goto(f"{site}/prescribers/{npi(DENTAL[0])}/#peers")
    expect(page.get_by_text("Neither rank nor percentile").first).to_be_visible()
    excludes_nobody(page)
