"""A prescriber, a patient and the rows behind a number in Chromium: for everybody, by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .serving import CHROMIUM, served
from .test_browser_pages import tab_to_control
from .test_flags_browser import excludes_nobody, sessions, watched  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
NURSE = "/prescribers/1111111112/"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with the clinic's records."""
    with served("flags_site", tmp_path_factory.mktemp("clinic"), "clinic") as address:
        yield address


def open_patient(page: Page, site: str) -> None:
    """Go to the patient with a flag by way of the queue."""
    page.goto(f"{site}/flags/?rule=opioid_high_dose_90d&status=any")
    page.locator("td.key a[href^='/patients/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Patient p_")


def drawn(page: Page, scheme: str) -> dict[str, str]:
    """Return in which colours the first bar and the paper under it are drawn."""
    page.emulate_media(color_scheme=scheme)
    return page.evaluate(
        """() => {
            const seen = [...document.querySelectorAll("figure svg")].find(s => s.clientWidth);
            const bar = seen.querySelector(".mark-rect.role-mark path");
            return {
                bar: getComputedStyle(bar).fill,
                paper: getComputedStyle(document.body).backgroundColor,
            };
        }"""
    )


def assert_drawn_for_both_modes(page: Page) -> None:
    light, dark = drawn(page, "light"), drawn(page, "dark")
    assert light["bar"] != dark["bar"]
    assert light["bar"] != light["paper"]
    assert dark["bar"] != dark["paper"]


def assert_one_picture(page: Page, width: int) -> None:
    """Assert that one picture is seen, as a whole, and is an image with a text."""
    page.set_viewport_size({"width": width, "height": 900})
    pictures = page.locator("figure svg[role=img]")
    seen = [each for each in pictures.all() if each.is_visible()]
    assert len(seen) == 1
    box = seen[0].bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert seen[0].get_attribute("aria-label").endswith("every figure.")


def test_a_prescriber_s_page_excludes_nobody(site, watched):  # noqa: F811
    page = watched("ada").page
    page.goto(site + NURSE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Prescriber NPI 1111111112")
    excludes_nobody(page)
    assert_drawn_for_both_modes(page)
    assert_one_picture(page, 1280)
    assert_one_picture(page, 400)
    page.get_by_text("The same figures as a table").click()
    expect(page.get_by_role("rowheader", name="2025-06", exact=True)).to_be_visible()
    excludes_nobody(page)


def test_a_patient_s_page_excludes_nobody(site, watched):  # noqa: F811
    page = watched("eve").page
    open_patient(page, site)
    excludes_nobody(page)
    assert_drawn_for_both_modes(page)
    assert_one_picture(page, 1280)
    assert_one_picture(page, 400)
    for table in ("Fills", "Dose of opioids"):
        region = page.get_by_role("region", name=f"{table}, table")
        expect(region.get_by_role("row", name="2025-06-15")).to_have_count(1)


def test_a_number_leads_to_its_rows_by_the_keyboard_alone(site, watched):  # noqa: F811
    page = watched("ada").page
    page.goto(f"{site}{NURSE}#supervision")
    row = page.get_by_role("row", name="Required, not covered").first
    number = row.get_by_role("link")
    wanted = number.inner_text()
    page.locator("h2#supervision").evaluate("h => { h.tabIndex = -1; h.focus(); }")
    tab_to_control(page, number, "the number")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rows")
    expect(page.get_by_role("status")).to_have_text(f"{wanted} in all")
    assert page.locator("tbody tr").count() == int(wanted)
    excludes_nobody(page)


@pytest.mark.parametrize("address", ["/prescribers/1999999992/", "/patients/12345/"])
def test_who_is_not_held_has_a_page_that_leads_on(site, watched, address):  # noqa: F811
    page = watched("ada").page
    page.goto(site + address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("not found")
    excludes_nobody(page)
    page.get_by_role("link", name="All flags").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flags")


def test_a_wrong_filter_of_the_rows_is_marked(site, watched):  # noqa: F811
    page = watched("ada").page
    page.goto(f"{site}{NURSE}rows/?month=June")
    expect(page.get_by_role("alert")).to_contain_text("The filter cannot be read")
    expect(page.get_by_text("Write a month as 2026-03.")).to_be_visible()
    excludes_nobody(page)
