"""Overview, rules and guide in Chromium: for everybody, by keyboard, by day and by night."""

import re

import pytest
from playwright.sync_api import expect

from .serving import CHROMIUM
from .test_browser_pages import tab_to, violations
from .test_flags_browser import excludes_nobody, sessions, site, watched  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
DOSE = "/rules/opioid_high_dose_90d/"
PAGES = (
    ("/overview/", "Overview", 20),
    ("/rules/", "Rules", 2),
    (DOSE, "R01 High opioid amount", 12),
    (f"{DOSE}?sql", "R01 High opioid amount", 12),
    (f"{DOSE}answers/", "Population", 4),
    ("/rules/supervision_missing/answers/?answer=clear", "Clear", 1),
    ("/records/prescriptions/", "Prescriptions", 100),
    ("/records/licences/", "Licences and registrations", 0),
    ("/calendar/", "Calendar of the law", 60),
    ("/calendar/?day=2026-11-22&state=FL", "Calendar of the law", 12),
    ("/calendar/?state=ZZ", "Calendar of the law", 60),
    ("/guide/flags/", "How to read a flag", 3),
    ("/guide/limits/", "What this cannot see", 8),
)


@pytest.mark.parametrize(("address", "heading", "rows"), PAGES)
def test_a_page_shows_its_rows_and_excludes_nobody(site, watched, address, heading, rows):  # noqa: F811
    page = watched("eve").page
    page.goto(site + address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert page.locator("tbody tr").count() >= rows
    excludes_nobody(page)


def test_a_number_is_followed_by_the_keyboard_alone(site, watched):  # noqa: F811
    page = watched("eve").page
    page.goto(f"{site}/overview/")
    row = page.get_by_role("row", name=re.compile("^R26 Prescribing")).first
    shown = row.get_by_role("link").last.inner_text()
    address = row.get_by_role("link").last.get_attribute("href")
    page.locator(f'a[href="{address}"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Flags")
    expect(page.locator("#count")).to_contain_text(f"{shown} in all")


def test_the_sql_opens_in_its_place_and_is_downloaded(site, watched):  # noqa: F811
    page = watched("eve").page
    page.goto(site + DOSE)
    page.evaluate("window.stayed = true")
    tab_to(page, "Show the SQL", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="SQL of this rule")).to_contain_text("CREATE OR REPLACE")
    assert page.evaluate("window.stayed")
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download opioid_high_dose_90d.sql").click()
    assert download.value.suggested_filename == "opioid_high_dose_90d.sql"


def test_the_sql_is_shown_without_script(site, watched):  # noqa: F811
    page = watched("eve", java_script_enabled=False).page
    page.goto(site + DOSE)
    page.get_by_role("link", name="Show the SQL").click()
    expect(page.get_by_role("region", name="SQL of this rule")).to_contain_text("CREATE OR REPLACE")


def test_answers_are_leafed_through(site, watched):  # noqa: F811
    page = watched("eve").page
    page.goto(f"{site}/records/prescriptions/")
    first = page.locator("tbody").inner_text()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("link", name="Previous")).to_be_visible()
    assert page.locator("tbody").inner_text() != first
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("tbody")).to_have_text(re.compile(".+"))
    assert page.locator("tbody").inner_text() == first


def test_a_day_of_the_calendar_is_chosen_by_the_keyboard_without_script(site, watched):  # noqa: F811
    page = watched("eve", java_script_enabled=False).page
    page.goto(f"{site}/calendar/")
    page.get_by_label("Day").fill("2026-12-30")
    page.get_by_label("Day").press("Enter")
    expect(page.get_by_role("heading", name="What changes after 2026-12-30")).to_be_visible()
    expect(page.get_by_role("row", name="2027-01-01 in 2 days")).to_be_visible()
    page.get_by_role("link", name="Wisconsin").click()
    expect(page.get_by_role("heading", name="Wisconsin", exact=True)).to_be_visible()
    expect(page.get_by_label("State", exact=True)).to_have_value("WI")
