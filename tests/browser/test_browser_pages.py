"""The pages in Chromium: they show what they should, to everybody, and ask nobody else."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from ..people import PASSWORD
from ..prescription_files import prescriptions
from .serving import CHROMIUM, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]
ADMINISTRATOR, OFFICER, AUDITOR = "administrator", "compliance-officer", "auditor"
# Who, where, the heading, and how many rows of tables are there at least.
PAGES = (
    (ADMINISTRATOR, "/", "Home", 8),
    (OFFICER, "/", "Home", 5),
    (AUDITOR, "/", "Home", 5),
    (ADMINISTRATOR, "/uploads/", "Uploads", 3),
    (ADMINISTRATOR, "/uploads/new/", "Upload a file", 4),
    (ADMINISTRATOR, "/uploads/1/", "Upload 1: january.csv", 9),
    (AUDITOR, "/uploads/1/", "Upload 1: january.csv", 9),
    (ADMINISTRATOR, "/uploads/2/", "Upload 2: february.csv", 11),
    (ADMINISTRATOR, "/uploads/3/", "Upload 3: notes.csv", 0),
    (ADMINISTRATOR, "/uploads/2/rejected/", "Rejected rows", 3),
    (ADMINISTRATOR, "/uploads/2/warned/", "Rows with a warning", 1),
    (ADMINISTRATOR, "/uploads/2/rows/new/", "New rows", 10),
    (ADMINISTRATOR, "/holdings/", "Holdings", 5),
    (ADMINISTRATOR, "/jobs/", "Jobs", 4),
    (OFFICER, "/dictionary/", "Field dictionary", 4),
    (OFFICER, "/dictionary/prescriptions/", "Prescriptions", 20),
    (OFFICER, "/rules/", "Rules", 2),
    (OFFICER, "/rules/supervision_missing/", "R26 Prescribing", 8),
    (OFFICER, "/trail/", "Your acts", 1),
    (AUDITOR, "/trail/", "Trail", 5),
    (AUDITOR, "/integrity/", "Integrity of the trail", 0),
    (AUDITOR, "/account/password/", "Change password", 0),
    (AUDITOR, "/account/codes/on/", "Set up one-time codes", 0),
    (AUDITOR, "/sign-out/", "Sign out", 0),
    (AUDITOR, "/jobs/", "Not yours to see", 0),
    (AUDITOR, "/nowhere/", "Nothing here", 0),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a site with people and records."""
    with served("site", tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def sessions(site, chromium) -> dict[str, dict]:
    """What a signed-in browser of each role keeps."""
    kept = {}
    for name in (ADMINISTRATOR, OFFICER, AUDITOR):
        context = chromium.new_context()
        sign_in(context.new_page(), site, name)
        kept[name] = context.storage_state()
        context.close()
    return kept


class Watched:
    """A page whose requests to others are stopped, and whose complaints are kept."""

    def __init__(self, context: BrowserContext, site: str):
        self.site = site
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        context.route("**/*", self._route)
        self.page = context.new_page()
        self.page.on("console", lambda said: self._heard(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def _route(self, route) -> None:
        url = route.request.url
        if url.startswith(self.site) or urlsplit(url).scheme == "data":
            route.continue_()
        else:
            self.elsewhere.append(url)
            route.abort()

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "status of 4" not in text:
            self.complaints.append(text)

    def assert_quiet(self) -> None:
        assert self.elsewhere == []
        assert self.complaints == []


def sign_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


# Rows of the same elements and classes look the same; of a hundred such, axe looks at two.
MARK_ALIKE = """() => document.querySelectorAll('tbody').forEach((body) => {
    const seen = {};
    for (const row of body.rows) {
        const bare = row.outerHTML.replace(/>[^<]*</g, '><');
        const shape = bare.replace(/ (?!class=)[a-z-]+="[^"]*"/g, '');
        seen[shape] = (seen[shape] || 0) + 1;
        row.toggleAttribute('data-alike', seen[shape] > 2);
    }
})"""


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page, one line each."""
    source = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
    page.evaluate(source.read_text())
    page.evaluate(MARK_ALIKE)
    left_out = "{exclude: ['[data-alike]']}, {resultTypes: ['violations']}"
    found = page.evaluate(f"async () => (await axe.run({left_out})).violations")
    return [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]]


# A look at the page as it is on a desk by day, and in a hand by night.
LOOKS = (("light", 1280), ("dark", 400))


def assert_excludes_nobody(page: Page) -> None:
    """Let axe look at the page twice; nothing may stick out at either width."""
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        # Not before the page is drawn anew in these colours.
        page.evaluate("() => new Promise((d) => requestAnimationFrame(() => setTimeout(d, 50)))")
        assert violations(page) == [], scheme
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide at {width}"


@pytest.mark.parametrize(("who", "address", "heading", "rows"), PAGES)
def test_a_page_shows_its_rows_and_excludes_nobody(
    site, chromium, sessions, who, address, heading, rows
):
    context = chromium.new_context(storage_state=sessions[who])
    watched = Watched(context, site)
    page = watched.page
    page.goto(site + address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert page.locator("tbody tr").count() >= rows
    assert_excludes_nobody(page)
    watched.assert_quiet()
    context.close()


def test_the_sign_in_page_excludes_nobody(site, chromium):
    context = chromium.new_context()
    watched = Watched(context, site)
    watched.page.goto(site)
    expect(watched.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert_excludes_nobody(watched.page)
    watched.page.get_by_role("button", name="Sign in").click()
    expect(watched.page.get_by_role("alert")).to_contain_text("2 fields need correcting")
    assert_excludes_nobody(watched.page)
    watched.assert_quiet()
    context.close()


def tab_to(page: Page, name: str, role: str) -> None:
    """Press Tab until the control called ``name`` has the focus, which must show."""
    tab_to_control(page, page.get_by_role(role, name=name).first, name)


def tab_to_control(page: Page, wanted: Locator, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("control => control === document.activeElement"):
            style = "c => getComputedStyle(c).outlineStyle + getComputedStyle(c).boxShadow"
            assert wanted.evaluate(style) != "nonenone", f"the focus on {name} does not show"
            return
    pytest.fail(f"{name} is not reached by the keyboard")


def test_a_file_is_uploaded_and_promoted_by_the_keyboard_alone(site, chromium, sessions, tmp_path):
    file = tmp_path / "march.csv"
    file.write_bytes(prescriptions(5).replace(b"clinic-ehr", b"keyboard"))
    context = chromium.new_context(storage_state=sessions[ADMINISTRATOR])
    watched = Watched(context, site)
    page = watched.page
    # From the start: a chooser asked for only when the key is pressed may open uncaught.
    page.on("filechooser", lambda chooser: None)
    page.goto(site + "/uploads/")
    tab_to(page, "Upload a file", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Upload a file")
    tab_to_control(page, page.locator("input[type=file]"), "the file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    tab_to(page, "Upload", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("march.csv")
    expect(page.locator(".heading .badge")).to_have_text("Ready to promote", timeout=30_000)
    tab_to(page, "Promote into the ledger", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .badge")).to_have_text("Promoted", timeout=30_000)
    watched.assert_quiet()
    context.close()


def test_everything_works_without_script(site, chromium, tmp_path):
    file = tmp_path / "april.csv"
    file.write_bytes(prescriptions(5).replace(b"clinic-ehr", b"no-script"))
    context = chromium.new_context(java_script_enabled=False)
    watched = Watched(context, site)
    page = watched.page
    sign_in(page, site, "second")
    page.goto(site + "/uploads/new/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".heading .badge")).to_have_text("Ready to promote", timeout=40_000)
    page.goto(site + "/uploads/")
    page.get_by_role("link", name="File", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text(re.compile("File"))
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_sorting_swaps_the_list_keeps_the_focus_and_can_be_pasted(site, chromium, sessions):
    context = chromium.new_context(storage_state=sessions[ADMINISTRATOR])
    watched = Watched(context, site)
    page = watched.page
    page.goto(site + "/uploads/")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="File", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_text(re.compile("File"))
    assert page.evaluate("window.stayed")
    assert page.evaluate("document.activeElement.id") == "sort-file_name"
    assert "sort=file_name" in page.url
    assert page.reload().ok
    expect(page.locator("th[aria-sort]")).to_have_text(re.compile("File"))
    watched.assert_quiet()
    context.close()


def test_after_signing_out_the_back_button_shows_nothing_and_nothing_is_kept(site, chromium):
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, site, OFFICER)
    page.goto(site + "/rules/")
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # htmx notes the address it is at, and nothing else.
    kept = page.evaluate("({...localStorage, ...sessionStorage})")
    assert kept == {"htmx-current-path-for-history": "/sign-in/"}
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
