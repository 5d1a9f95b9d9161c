"""The papers say what the product does: every command, setting and generated page."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from oversight import documents

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PAPERS = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAPERS += sorted((ROOT / "docs").rglob("*.md"))
OURS = sorted(name for name, app in get_commands().items() if app == "audits")
DJANGOS = {"migrate", "check"}
OF_TESTS = {"OVERSIGHT_ALL", "OVERSIGHT_TEST_POSTGRES"}
SETTING = r"OVERSIGHT_[A-Z_]+[A-Z]|DATABASE_URL"


def read_settings():
    source = (ROOT / "oversight" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(rf'environ\.get\(\s*"({SETTING})"', source))


@pytest.mark.parametrize("command", OURS)
def test_the_readme_shows_every_command(command):
    assert f"`manage.py {command}" in README


def test_the_readme_shows_no_command_that_is_not_there():
    shown = set(re.findall(r"manage\.py ([a-z_]+)", README))
    assert shown <= {*OURS, *DJANGOS}


def test_the_readme_lists_every_setting_and_no_other():
    listed = re.findall(rf"^\| `({SETTING})`", README, re.MULTILINE)
    assert sorted(listed) == sorted(read_settings())


def test_every_setting_is_read_in_one_place():
    """Elsewhere they are set for a child, or named to a person, never read."""
    reading = re.compile(
        rf'(environ\.get\(|getenv\()\s*"({SETTING})"|environ\["({SETTING})"\](?! =)'
    )
    elsewhere = [
        str(path.relative_to(ROOT))
        for folder in ("audits", "oversight")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "settings.py" and reading.search(path.read_text(encoding="utf-8"))
    ]
    assert not elsewhere


def test_the_house_rules_name_every_variable_of_the_tests():
    assert set(re.findall(rf"`({SETTING})`", CONTRIBUTING)) == OF_TESTS
    assert "`FUZZ_EXAMPLES`" in CONTRIBUTING


@pytest.mark.parametrize("name", documents.pages())
def test_every_generated_page_is_current(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == documents.pages()[name], "run: make docs"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_house_leads_somewhere(paper):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", paper.read_text(encoding="utf-8"))
    assert not [link for link in links if not (paper.parent / link).exists()]


def test_every_target_of_the_makefile_can_be_made():
    def listed(*arguments):
        # Under `make test` the inner make would report where it enters and leaves.
        command = ["make", "--no-print-directory", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    targets = [line.split("\t")[0].removeprefix("make ") for line in listed("help").splitlines()]
    assert {"run", "test", "lint", "docs", "fuzz"} <= set(targets)
    for target in targets:
        assert listed("--dry-run", target)


def test_decisions_are_numbered_without_a_gap_and_dated():
    headings = re.findall(
        r"^## (\d+)\. .+ \((\d{4}-\d\d-\d\d)\)$",
        (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [int(number) for number, _ in headings] == list(range(1, len(headings) + 1))
    assert headings


def test_the_licence_is_the_whole_apache_licence():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert "END OF TERMS AND CONDITIONS" in text
