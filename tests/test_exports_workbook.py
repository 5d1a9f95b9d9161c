"""Workbooks: typed cells, nothing a spreadsheet runs, and nothing of the machine in them."""

import io
import random
import re
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from audits.exports import About, CellTooLong, Column
from audits.exports import workbook as writing
from audits.filters.flags import FlagFilter
from audits.models import Event, FlagState

from .flag_fixtures import DOSE
from .flag_pages import AUDITOR, signed_in
from .people import demo  # noqa: F401
from .workbooks import parts, sheets

pytest_plugins = ("tests.flag_fixtures",)
COLUMNS = (
    Column(name="subject_id"),
    Column(name="value", number=True),
    Column(name="first_on", day=True),
)
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LEADS = ["=", "+", "-", "@", "\t", "\r", "\n", "\x00=", "\ufeff=", " =", "＝", "＋", "－", "＠"]  # noqa: RUF001
TAILS = ["1+1", 'HYPERLINK("http://x","y")', "SUM(A1)", "cmd|' /C calc'!A0", "2", ""]
FORMULAS = [lead + tail for lead in LEADS for tail in TAILS]
PLAIN = [
    "p_12",
    "a=b",
    "1-2",
    "007",
    "http://x.example/",
    "_x0041_",
    " padded ",
    "a\tb\r\nc",
    "<&>\"'",
]
STORABLE = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), min_size=1)


def made(rows: list[tuple], *facts: tuple) -> bytes:
    """Return the bytes of a workbook with these rows."""
    about = About(title="Flags", facts=facts, made_at=MOMENT)
    return b"".join(writing.workbook_blocks(COLUMNS, rows, about))


def texts(cells: list[str]) -> list[object]:
    """Return the first cells of rows written with these texts and read back."""
    return [row[0] for row in sheets(made([(cell, None, None) for cell in cells]))["Flags"][1:]]


def test_a_text_that_a_spreadsheet_would_run_is_a_text_with_an_apostrophe_and_comes_back():
    read = texts(FORMULAS)
    assert read == [f"'{text}" for text in FORMULAS]
    assert [text.removeprefix("'") for text in read] == FORMULAS


def test_other_texts_come_back_as_they_are_and_stay_texts():
    assert texts(PLAIN) == PLAIN


@given(st.lists(STORABLE, min_size=1, max_size=20))
def test_whatever_is_written_is_read_again_and_no_text_begins_as_a_formula(cells):
    read = texts(cells)
    restored = [
        text[1:] if text.startswith("'") and text != cell else text
        for text, cell in zip(read, cells, strict=True)
    ]
    assert restored == cells
    assert not [text for text in read if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_numbers_are_numbers_days_are_days_and_what_is_missing_is_missing():
    rows = [("a", "-0.5", "2025-03-04"), ("b", 270, None), ("c", None, "2024-02-29")]
    assert sheets(made(rows))["Flags"] == [
        ["subject_id", "value", "first_on"],
        ["a", -0.5, date(2025, 3, 4)],
        ["b", 270.0],
        ["c", None, date(2024, 2, 29)],
    ]


def test_a_number_that_a_spreadsheet_would_round_is_written_to_its_last_digit():
    rows = [("a", "9007199254740993", None), ("b", "123456789.123456", None)]
    assert [row[1] for row in sheets(made(rows))["Flags"][1:]] == [
        "9007199254740993",
        123456789.123456,
    ]


def test_the_header_stays_in_sight_and_columns_have_widths():
    sheet = parts(made([("a", 1, None)]))["xl/worksheets/sheet1.xml"]
    assert re.search(r'<pane ySplit="1" topLeftCell="A2"[^>]* state="frozen"', sheet)
    assert sheet.count("<col ") == 1 or sheet.count("<col ") == len(COLUMNS)


def test_the_last_sheet_says_what_the_workbook_is():
    facts = [("Ledger version", 7), ("As of", date(2025, 5, 1)), ("Filter: state", "=1+1")]
    about = sheets(made([("a", 1, None)] * 3, *facts))["About"]
    assert about == [
        ["Ledger version", 7.0],
        ["As of", date(2025, 5, 1)],
        ["Filter: state", "'=1+1"],
        ["Rows", 3.0],
    ]


def test_rows_beyond_a_full_sheet_go_on_the_next(monkeypatch):
    monkeypatch.setattr(writing, "MOST", 4)
    read = sheets(made([(f"p{n}", n, None) for n in range(9)]))
    assert list(read) == ["Flags", "Flags 2", "Flags 3", "About"]
    rows = [row for title in ("Flags", "Flags 2", "Flags 3") for row in read[title][1:]]
    assert rows == [[f"p{n}", float(n)] for n in range(9)]


def test_a_text_is_never_cut():
    assert texts(["a" * 32_767]) == ["a" * 32_767]
    with pytest.raises(CellTooLong, match="row 1"):
        made([("a" * 32_768, 1, None)])


def test_nothing_of_the_machine_or_of_the_clock_is_in_the_document():
    one, other = made([("a", 1, None)]), made([("a", 1, None)])
    assert one == other
    core = parts(one)["docProps/core.xml"]
    assert re.findall(r"<dc:creator>(.*?)</dc:creator>", core) in ([], [""])
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-03-04T05:06:07Z"}
    assert "custom" not in " ".join(parts(one))


def exported(house, *words: str) -> dict:
    """Run the command and return the sheets of the file."""
    file = house.folder / "out.xlsx"
    call_command("export", *words, "--format", "xlsx", "--output", str(file), stdout=io.StringIO())
    return sheets(file.read_bytes())


@pytest.mark.django_db
def test_flags_are_exported_with_types_and_say_where_they_come_from(house):
    read = exported(house, "flags", "--rule", "R01", "--severity", "medium")
    header, row = read["Flags"]
    told = dict(zip(header, row, strict=True))
    state = house.middling()
    assert (told["flag"], told["rule"], told["value"]) == (state.flag.public_id, DOSE, 135.0)
    assert (told["first_on"], told["threshold"]) == (state.first_on, float(state.threshold))
    about = {line[0]: line[1] for line in read["About"]}
    assert about["Filter: rule"] == "R01" and about["Filter: severity"] == "medium"
    assert about["Ledger version"] == state.since.snapshot_id and about["Rows"] == 1
    assert about["Evaluation"] == state.since_id and about["As of"] == date(2025, 5, 1)
    assert about["Made by"] and about["Made at (UTC)"]


@pytest.mark.django_db
def test_answers_are_exported_with_their_rule(house):
    read = exported(house, "answers", "--rule", "R01")
    assert sorted(row[4] for row in read["Answers"][1:] if len(row) > 4) == [135.0, 270.0, 270.0]
    about = {line[0]: line[1] for line in read["About"]}
    assert about["Rule"].startswith("R01 ") and about["Rows"] == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
def test_the_ids_exported_are_those_that_the_filters_show(house):
    client, dice = signed_in(house, AUDITOR, "eve"), random.Random(4)
    choices = {
        "rule": ["", DOSE, "supervision_missing"],
        "severity": ["", "medium", "high", "critical"],
        "status": ["", "any", "open", "suppressed", "withdrawn"],
        "state": ["", "FL", "AZ"],
        "first": ["", "2025-01-01", "2025-03-31"],
    }
    sizes = set()
    for _ in range(25):
        query = {name: dice.choice(values) for name, values in choices.items()}
        states = FlagState.objects.seen().with_status()
        wanted = {state.flag.public_id for state in FlagFilter(query, states).qs}
        address = "&".join(f"{name}={text}" for name, text in query.items())
        answer = client.post(f"/flags/export.xlsx?{address}")
        read = sheets(b"".join(answer.streaming_content))
        assert {row[0] for row in read["Flags"][1:]} == wanted
        assert len(read["Flags"]) - 1 == len(wanted) == read["About"][-1][1]
        sizes.add(len(wanted))
    assert len(sizes) > 2
    event = Event.objects.filter(action="export_made").last()
    assert '"format":"xlsx"' in event.after.replace(" ", "")
