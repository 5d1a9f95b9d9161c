"""Drugs that nobody knows in Chromium: mapped and agreed to by the keyboard, shown to everybody."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .serving import CHROMIUM, served
from .test_browser_pages import assert_excludes_nobody, tab_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with unknown drugs and people."""
    with served("drugs_site", tmp_path_factory.mktemp("drugs")) as address:
        yield address


def test_a_drug_is_mapped_and_agreed_to_by_the_keyboard_alone(site, watched):
    page = watched("ann").page
    page.goto(site + "/drugs/unmatched/")
    assert page.locator("tbody tr").count() == 3
    assert_excludes_nobody(page)
    tab_to(page, "Dolorex forte 30", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dolorex forte 30")
    assert_excludes_nobody(page)
    tab_to(page, "Propose", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2 fields need correcting")
    assert_excludes_nobody(page)
    tab_to(page, "Means the ingredient", "combobox")
    page.keyboard.type("oxycodone")
    tab_to(page, "Strength of one unit", "spinbutton")
    page.keyboard.type("30")
    tab_to(page, "Unit of the strength", "combobox")
    page.keyboard.type("mg")
    tab_to(page, "Why", "textbox")
    page.keyboard.type("The clinic's own list says so.")
    tab_to(page, "Propose", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .badge")).to_have_text("Awaiting second person")
    assert_excludes_nobody(page)
    address = page.url
    second = watched("ada").page
    second.goto(address)
    tab_to(second, "I agree; it counts from now on", "radio")
    second.keyboard.press("Space")
    assert_excludes_nobody(second)
    tab_to(second, "Sign", "button")
    second.keyboard.press("Enter")
    expect(second.locator(".heading .badge")).to_have_text("Approved")
    page.reload()
    page.get_by_text("Propose a new version").click()
    page.get_by_text("Take it back", exact=True).click()
    assert_excludes_nobody(page)


def test_the_lists_exclude_nobody_who_only_reads(site, watched):
    page = watched("eve").page
    page.goto(site + "/drugs/unmatched/")
    page.get_by_role("link", name=re.compile("^Hydrocodonum")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("retardatum")
    assert_excludes_nobody(page)
    page.goto(site + "/drugs/mappings/")
    assert_excludes_nobody(page)


def test_the_coverage_leads_by_the_keyboard_to_the_rows_of_a_prescriber(site, watched):
    page = watched("eve").page
    page.goto(site + "/drugs/unmatched/")
    tab_to(page, "Coverage", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Coverage")
    assert_excludes_nobody(page)
    count = page.locator("tbody td.number a").first
    rows = count.inner_text()
    tab_to(page, count.get_attribute("aria-label"), "link")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text(f"{rows} rows")
    assert_excludes_nobody(page)


def test_a_number_is_mapped_from_the_coverage_by_the_keyboard_alone(site, watched):
    page = watched("ann").page
    page.goto(site + "/coverage/")
    number = page.locator("tbody th a").first.inner_text()
    tab_to(page, number, "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Prescriber {number}")
    tab_to(page, "Propose", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("3 fields need correcting")
    assert_excludes_nobody(page)
    tab_to(page, "Is the prescriber with the NPI", "textbox")
    page.keyboard.type("1234567893")
    tab_to(page, "From", "textbox")
    page.keyboard.type("01012024")
    tab_to(page, "Why", "textbox")
    page.keyboard.type("Asked at the clinic.")
    tab_to(page, "Propose", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .badge")).to_have_text("Awaiting second person")
    second = watched("ada").page
    second.goto(page.url)
    tab_to(second, "I agree; it counts from now on", "radio")
    second.keyboard.press("Space")
    assert_excludes_nobody(second)
    tab_to(second, "Sign", "button")
    second.keyboard.press("Enter")
    expect(second.locator(".heading .badge")).to_have_text("Approved")
    page.reload()
    page.get_by_text("Propose a new version").click()
    assert_excludes_nobody(page)
    for address in ("/coverage/", "/numbers/mappings/"):
        second.goto(site + address)
        expect(second.get_by_text("the prescriber 1234567893").first).to_be_visible()
        assert_excludes_nobody(second)


def test_a_mapping_is_proposed_without_script(site, watched):
    page = watched("ann", java_script_enabled=False).page
    page.goto(site + "/drugs/unmatched/")
    page.get_by_role("link", name="Nameless mixture").click()
    page.get_by_label("Means the ingredient").select_option("gabapentin")
    page.get_by_label("Why").fill("Asked at the clinic.")
    page.get_by_role("button", name="Propose").click()
    expect(page.locator(".lead")).to_contain_text("gabapentin, strength of each record, tablet")
