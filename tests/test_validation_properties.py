"""Whatever a file holds: no row is lost, and an accepted value is the one that was written."""

import json
import re
import tempfile
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from audits.schema import KINDS, Type
from audits.validation.reading import FALSE_WORDS, TRUE_WORDS

from .checked_files import PRESCRIPTION, pseudonym, run

KIND = KINDS["prescriptions"]
FIELDS = {field.name: field for field in KIND.fields}
ODD = st.sampled_from(
    (
        *("-", "0", "-0", "30.0", "1.23456789", "9" * 20, "١٢", "1 2", "'", '"', ";", "[]"),
        *("2025-02-29", "2024-02-29", "1989-12-31", "10000-01-01", "2026-01-02T15:30:00.5+01:30"),
        *("2026-01-02 23:59", "=1+1", "\u202e", "NULL", "true", "dispense", "az", "F", "é", "\0"),
        *("M54.5 ; F33.2", "\t"),
    )
)
WORDS = {
    Type.TEXT: st.text(max_size=12),
    Type.INTEGER: st.integers(-(2**33), 2**33).map(str),
    Type.QUANTITY: st.decimals(-9999, 9999, places=4).map(str),
    Type.STRENGTH: st.decimals(-9999, 9999, places=7).map(str),
    Type.DATE: st.dates().map(str),
    Type.DATETIME: st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    Type.BOOLEAN: st.sampled_from([*TRUE_WORDS, *FALSE_WORDS, "ja"]),
    Type.LIST: st.lists(st.text("AMF.54 ", max_size=4), max_size=3).map(";".join),
    Type.JSON: st.lists(st.integers(), max_size=2).map(json.dumps),
}
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def cells(name):
    """Return cells for a column: mostly its good example, its own sort of text, or anything."""
    good = st.just(PRESCRIPTION.get(name, FIELDS[name].example) or None)
    return st.one_of(
        good, good, good, good, good, WORDS[FIELDS[name].type], ODD, ANYTHING, st.none()
    )


@st.composite
def files(draw):
    others = st.sets(
        st.sampled_from([c for c in KIND.columns if c not in PRESCRIPTION]), max_size=9
    )
    header = draw(st.permutations([*PRESCRIPTION, *sorted(draw(others))]))
    row = st.fixed_dictionaries({name: cells(name) for name in header})
    return draw(st.lists(row, min_size=4, max_size=20))


def as_read(field, text):
    """Return the value of a canonical cell, by the standard library alone."""
    if field.choices:
        return next(word for word in field.choices if word.lower() == text.lower())
    if field.type in (Type.QUANTITY, Type.STRENGTH):
        places = Decimal(1).scaleb(-3 if field.type is Type.QUANTITY else -6)
        return Decimal(text).quantize(places, ROUND_HALF_UP)
    if field.type is Type.DATETIME:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).replace(tzinfo=None)
    if field.type is Type.LIST:
        return re.sub(" *; *", ";", text)
    if field.name.endswith(("_state", "_dea")):
        return text.upper()
    simple = {
        Type.INTEGER: lambda t: int(t.split(".")[0]),
        Type.DATE: date.fromisoformat,
        Type.BOOLEAN: lambda t: t.lower() in TRUE_WORDS,
    }
    return simple.get(field.type, str)(text)


@settings(max_examples=15, deadline=None)
@given(rows=files())
def test_no_row_is_lost_and_accepted_values_are_those_of_the_file(rows):
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), rows, kind="prescriptions")
    checked = outcome.checked
    accepted = {row["row"]: row for row in outcome.accepted}
    refused = {row for row, _, _ in outcome.rejections}
    assert checked.read == len(rows) == checked.accepted + checked.rejected
    assert accepted.keys() | refused == set(range(2, len(rows) + 2))
    assert not accepted.keys() & refused
    assert {row for row, _, _ in outcome.warnings} == {
        r for r, row in accepted.items() if row["_warned"]
    }
    for number, row in accepted.items():
        for name, cell in rows[number - 2].items():
            _is_as_written(row, name, (cell or "").strip(" "))


def _is_as_written(row, name, text):
    if name == "patient_id":
        assert row["patient_key"] == pseudonym(row["source_system"], text)
    elif name == "record_status":
        assert row[name] == (text.lower() or "new")
    else:
        assert row[name] == (as_read(FIELDS[name], text) if text else None)
