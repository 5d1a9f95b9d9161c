"""Exports: exact figures, exact columns, and nothing that a spreadsheet would run."""

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.exports import Column, exact
from audits.exports.writing import csv_chunks, disarmed, json_chunks

COLUMNS = (Column(name="subject_id"), Column(name="value", number=True))
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",  # noqa: RUF001
    "＋1",  # noqa: RUF001
    "－1",  # noqa: RUF001
    "＠SUM",  # noqa: RUF001
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
]


def read(rows: list[tuple]) -> list[list[str]]:
    """Return the cells of ``rows`` written as CSV and read back."""
    return list(csv.reader(io.StringIO("".join(csv_chunks(COLUMNS, rows)), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert read([(text, 1)])[1] == [f"'{text}", "1"]


@pytest.mark.parametrize("text", ["p_12", "a=b", "1-2", "", "'=1", 'Müller, "A"\nB'])
def test_other_texts_come_back_as_they_are(text):
    assert read([(text, 1)])[1] == [text, "1"]


def test_numbers_stay_numbers_negative_ones_too():
    assert read([("a", "-0.5"), ("b", -3), ("c", None)])[1:] == [
        ["a", "-0.5"],
        ["b", "-3"],
        ["c", ""],
    ]


@given(st.text())
def test_no_text_cell_begins_as_a_formula(text):
    assert not disarmed(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_json_is_one_array_with_numbers_as_numbers_and_texts_as_they_are():
    text = "".join(json_chunks(COLUMNS, [("=1", "135.000001"), ("b", None)]))
    assert json.loads(text, parse_float=Decimal) == [
        {"subject_id": "=1", "value": Decimal("135.000001")},
        {"subject_id": "b", "value": None},
    ]
    assert json.loads("".join(json_chunks(COLUMNS, []))) == []


@pytest.mark.parametrize(
    ("value", "divisor", "text"),
    [
        (24_300_000, 90_000, "270"),
        (12_150_001, 90_000, "135.000011"),
        (10_800_000, 90_000, "120"),
        (1, 3, "0.333333"),
        (-1, 2, "-0.5"),
        (205, 1, "205"),
        (0, 90_000, "0"),
        (9_007_199_254_740_993, 1, "9007199254740993"),
    ],
)
def test_a_figure_is_exact_to_six_places_without_idle_zeros(value, divisor, text):
    assert exact(value, divisor) == text
