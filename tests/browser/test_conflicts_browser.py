"""Conflicts in Chromium: shown to everybody who may, settled with and without script."""

import re

from playwright.sync_api import expect

from .test_browser_pages import (
    ADMINISTRATOR,
    Watched,
    assert_excludes_nobody,
    pytestmark,  # noqa: F401
    sessions,  # noqa: F401
    sign_in,
    site,  # noqa: F401
)

UPLOAD, LIST = "/uploads/4/", "/uploads/4/conflicts/"
WHY = "The clinic was asked."
BADGE = ".heading .badge"


def test_the_pages_of_conflicts_show_and_settle_and_exclude_nobody(
    site,  # noqa: F811
    chromium,
    sessions,  # noqa: F811
):
    context = chromium.new_context(storage_state=sessions[ADMINISTRATOR])
    watched = Watched(context, site)
    page = watched.page
    page.goto(site + UPLOAD)
    page.get_by_role("link", name="3 conflicts wait for a choice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conflicts")
    assert page.locator(".differences tbody tr").count() == 4
    assert_excludes_nobody(page)
    page.get_by_role("button", name=re.compile("Take what the file says of .*, row 2")).click()
    expect(page.get_by_role("alert")).to_contain_text("1 field needs correcting")
    assert_excludes_nobody(page)
    page.get_by_label("Reason").fill(WHY)
    page.get_by_role("button", name=re.compile("Take what the file says of .*, row 2")).click()
    # The list comes back by itself when the worker is done.
    expect(page.get_by_text("2 conflicts wait for a choice")).to_be_visible(timeout=30_000)
    expect(page.locator("button[name=keep]").first).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Who settled what, when and why").click()
    expect(page.locator("tbody tr")).to_contain_text([WHY])
    assert_excludes_nobody(page)
    watched.assert_quiet()
    context.close()


def test_conflicts_are_settled_without_script(site, chromium):  # noqa: F811
    context = chromium.new_context(java_script_enabled=False)
    page = Watched(context, site).page
    sign_in(page, site, "second")
    page.goto(site + LIST)
    page.get_by_label("Reason").fill(WHY)
    page.get_by_role("button", name=re.compile("Keep what is held of all . shown")).click()
    expect(page.get_by_text("0 conflicts wait for a choice")).to_be_visible(timeout=40_000)
    context.close()
