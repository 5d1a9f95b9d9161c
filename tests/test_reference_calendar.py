"""The legal calendar: every dated row the day before, on and after each of its days."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from audits import reference
from audits.reference import calendar
from audits.reference.calendar import Kind, Standing, changes_after, in_force, unsettled

FOLDER = Path(reference.__file__).parent
WRITTEN = ("legal_calendar", "state_telehealth", "pdmp_mandates", "pa_authority")
DAY = timedelta(days=1)
FLEXIBILITY = "telehealth_flexibility"


def read(table):
    """Give a table's rows, read here and not by the product."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def label(table, row):
    return "-".join(filter(None, (table, row["topic"], row["jurisdiction"], row["case"])))


def on(cell):
    return date.fromisoformat(cell)


def should_stand(row, day):
    """Give what can be said of a written row on a day, by reading its cells."""
    earliest = row["perhaps_from"] or row["valid_from"]
    if earliest != "open" and day < on(earliest):
        return Standing.LATER
    if row["valid_to"] and day > on(row["valid_to"]):
        return Standing.OVER
    sure = row["valid_from"] and day >= on(row["valid_from"])
    if row["status"].startswith("UNVERIFIED") or not sure:
        return Standing.UNKNOWN
    return Standing.PROPOSED if row["kind"] == "proposal" else Standing.IN_FORCE


def around():
    """Yield each written row with the days around each of its days."""
    for table in WRITTEN:
        for row in read(table):
            cells = {row[name] for name in ("valid_from", "perhaps_from", "valid_to")}
            for cell in sorted(cells - {"", "open"}):
                for day in (on(cell) - DAY, on(cell), on(cell) + DAY):
                    yield pytest.param(table, row, day, id=f"{label(table, row)}-{day}")


def entry_of(table, row):
    found = [
        entry
        for entry in calendar.all_entries()
        if (entry.table, entry.topic, entry.jurisdiction, entry.what)
        == (table, row["topic"], row["jurisdiction"], row["what"])
    ]
    (entry,) = found
    return entry


@pytest.mark.parametrize(("table", "row", "day"), list(around()))
def test_a_row_stands_as_its_cells_say(table, row, day):
    entry, standing = entry_of(table, row), should_stand(row, day)
    assert entry.standing_on(day) is standing
    said = in_force(row["topic"], day, row["jurisdiction"])
    assert (entry in said) == (standing is Standing.IN_FORCE and row["kind"] != "lapse")
    open_question = unsettled(row["topic"], day, row["jurisdiction"])
    assert (entry in open_question) == (standing is Standing.UNKNOWN)


def test_every_dated_row_of_the_other_tables_is_in_the_calendar():
    for table in ("schedules", "np_authority"):
        dated = [row for row in read(table) if row["valid_from"] or row["valid_to"]]
        assert dated
        entries = [entry for entry in calendar.all_entries() if entry.table == table]
        assert sorted((e.valid_from, e.valid_to or date.max, e.source) for e in entries) == sorted(
            (
                on(row["valid_from"] or "0001-01-01"),
                on(row["valid_to"] or "9999-12-31"),
                row["source"],
            )
            for row in dated
        )


def spans():
    """Give the periods of every place of every dated table, but proposals and warnings."""
    found = defaultdict(list)
    for table in WRITTEN:
        for row in read(table):
            if row["kind"] not in ("proposal", "warning"):
                found[table, row["topic"], row["jurisdiction"], row["case"]].append(row)
    for row in read("schedules"):
        found["schedules", row["ingredient"], row["product"]].append(row)
    for row in read("np_authority"):
        found["np_authority", row["state"]].append(row)
    return found


def test_no_two_rows_of_a_place_overlap_and_none_leaves_a_gap():
    for place, rows in spans().items():
        ordered = sorted(rows, key=lambda row: row["valid_from"])
        for one, other in pairwise(ordered):
            assert one["valid_to"], f"{place} is open and followed"
            assert on(one["valid_to"]) + DAY == on(other["valid_from"]), place
        for row in rows:
            assert (
                not row["valid_from"]
                or not row["valid_to"]
                or on(row["valid_from"]) <= on(row["valid_to"])
            ), place


def test_statuses_and_kinds_are_words_of_the_house():
    for table in WRITTEN:
        for row in read(table):
            assert row["status"].startswith(("VERIFIED", "UNVERIFIED")), row
            assert row["kind"] in set(Kind)
            assert row["what"]
            assert len(row["jurisdiction"]) == 2


def test_what_was_not_verified_is_never_in_force_and_turns_nothing():
    unverified = [entry for entry in calendar.all_entries() if not entry.is_fact]
    assert unverified
    for entry in unverified:
        for days in range(-400, 3_000, 50):
            day = entry.valid_from + timedelta(days=days)
            assert entry not in in_force(entry.topic, day, entry.jurisdiction)
    assert not {turn.entry for turn in changes_after(date.min)} & set(unverified)


def test_the_flexibilities_end_with_the_year_2026():
    (before,) = in_force(FLEXIBILITY, date(2026, 12, 31))
    assert before.valid_to == date(2026, 12, 31)
    assert before.modalities == ("audio_video", "audio_only")
    assert in_force(FLEXIBILITY, date(2027, 1, 1)) == ()
    assert unsettled(FLEXIBILITY, date(2027, 1, 1)) == ()


def test_of_the_public_health_emergency_nothing_is_said():
    assert in_force(FLEXIBILITY, date(2023, 5, 11)) == ()
    assert len(unsettled(FLEXIBILITY, date(2023, 5, 11))) == 1
    assert len(in_force(FLEXIBILITY, date(2023, 5, 12))) == 1


def test_special_registrations_are_proposed_and_never_in_force():
    for day in (date(2025, 1, 16), date(2025, 1, 17), date(2026, 11, 22), date(2030, 1, 1)):
        assert in_force("special_registration", day) == ()


def test_new_jersey_is_an_open_question_early_in_2026():
    asked = "schedule_ii_telehealth"
    assert not unsettled(asked, date(2025, 12, 31), "NJ")
    assert unsettled(asked, date(2026, 3, 1), "NJ")
    assert in_force(asked, date(2026, 6, 30), "NJ")
    assert in_force(asked, date(2026, 6, 30), "TX") == ()


def test_an_unknown_topic_is_an_error():
    with pytest.raises(KeyError, match="no dated table has the topic prices"):
        in_force("prices", date(2026, 1, 1))
    with pytest.raises(KeyError):
        unsettled("prices", date(2026, 1, 1))


def test_what_changes_next_is_told_once_and_in_order():
    turns = [
        (turn.day.isoformat(), turn.entry.topic, turn.begins)
        for turn in changes_after(date(2025, 12, 30))
    ]
    assert turns == [
        ("2025-12-31", "buprenorphine_telehealth", True),
        ("2025-12-31", "va_continuity", True),
        ("2025-12-31", "pdmp_check", True),
        ("2025-12-31", "pdmp_check", True),
        ("2026-09-01", "np_authority", True),
        ("2027-01-01", "telehealth_flexibility", True),
    ]
    assert changes_after(date(2026, 8, 31))[0].day == date(2026, 9, 1)
    assert changes_after(date(2026, 9, 1))[0].day == date(2027, 1, 1)
    assert changes_after(date(2027, 1, 1)) == ()


def test_every_physician_assistant_needs_an_agreement_until_configured():
    assert {row["agreement"] for row in read("pa_authority")} == {"required"}


def test_the_states_with_a_row_are_those_that_were_read():
    states = {table: {row["jurisdiction"] for row in read(table)} for table in WRITTEN}
    assert states["state_telehealth"] == {"NJ", "FL"}
    assert states["pdmp_mandates"] == {"US", "AL", "AK", "AZ", "NM"}
    assert states["legal_calendar"] == {"US"}
