"""Parameters over time in Chromium: proposed and agreed to by the keyboard, shown to everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .serving import CHROMIUM, served
from .test_browser_pages import assert_excludes_nobody, tab_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
PAGE = "/rules/opioid_high_dose_90d/parameters/"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with a flag over a change of parameters, and people."""
    with served("parameters_site", tmp_path_factory.mktemp("parameters")) as address:
        yield address


def filled(page: Page) -> None:
    tab_to(page, "Value", "spinbutton")
    page.keyboard.type("150")
    tab_to(page, "From", "textbox")
    page.keyboard.type("01012024")
    tab_to(page, "Rests on", "combobox")
    page.keyboard.type("House")
    tab_to(page, "Source", "textbox")
    page.keyboard.type("Medical director, minutes of 3 March")
    tab_to(page, "Why", "textbox")
    page.keyboard.type("Too many to review.")


def test_a_value_is_proposed_and_agreed_to_by_the_keyboard_alone(site, watched):
    page = watched("ann").page
    page.goto(site + PAGE)
    assert_excludes_nobody(page)
    page.locator("summary", has_text="Propose another value").focus()
    page.keyboard.press("Enter")
    tab_to(page, "Propose", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("6 fields need correcting")
    assert_excludes_nobody(page)
    tab_to(page, "Parameter", "combobox")
    page.keyboard.type("severe")
    filled(page)
    tab_to(page, "Propose", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .badge")).to_have_text("Awaiting second person")
    assert_excludes_nobody(page)
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
    page.get_by_text("Take it back", exact=True).click()
    assert_excludes_nobody(page)


def test_flag_and_rule_name_both_values_and_exclude_nobody(site, watched):
    page = watched("eve").page
    page.goto(site + "/flags/?rule=opioid_high_dose_90d")
    page.locator("tbody a[href^='/flags/']").first.click()
    expect(page.get_by_role("heading", name="Values that judged it")).to_be_visible()
    values = page.get_by_role("region", name="Values that judged it, table")
    expect(values).to_contain_text("> 120 MME a day")
    expect(values).to_contain_text("> 90 MME a day")
    expect(page.get_by_text("agrees.", exact=False).first).to_be_visible()
    assert_excludes_nobody(page)
    values.get_by_role("link", name="proposed by ann, approved by ada").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 1 of threshold_mme")
    assert_excludes_nobody(page)
    page.get_by_role("link", name="R01 High opioid").click()
    expect(page.get_by_role("region", name="Parameters, table")).to_contain_text("change 1")
    assert_excludes_nobody(page)


def test_the_values_are_read_without_script(site, watched):
    page = watched("eve", java_script_enabled=False).page
    page.goto(site + PAGE)
    expect(page.locator("main")).to_contain_text("Administrators propose other values")
