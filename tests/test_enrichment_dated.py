"""A prescription the day before, on and after each day of the tables that rules look up."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from audits import engine, examples, reference
from audits.catalogue import CATALOGUE
from tests.findings import answered

FOLDER = Path(reference.__file__).parent
AS_OF = date(2026, 10, 31)
DAY = timedelta(days=1)
SUPERVISION = CATALOGUE["supervision_missing"]
# How a row names the drugs whose schedule has changed: the table's words are none.
NAMES = {
    ("hydrocodone", "combination"): "hydrocodone-acetaminophen 10/325 mg tablet",
    ("hydrocodone", "antitussive"): "hydrocodone-homatropine 5/1.5 mg/5ml syrup",
}
STATE_ONLY = ("gabapentin", "cyclobenzaprine", "baclofen", "tizanidine", "naloxone", "naltrexone")
SEVERITIES = {"II": "critical", "III": "high", "IV": "high", "V": "high"}
NPI = 2_000_000_000


def read(table):
    """Give a table's rows, read here and not by the product."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def holds(row, day):
    return row["valid_from"] <= day.isoformat() <= (row["valid_to"] or "9999")


def days_around(rows):
    """Give the days around each day that some row begins or ends."""
    cells = {row[name] for row in rows for name in ("valid_from", "valid_to") if row[name]}
    turns = {date.fromisoformat(cell) for cell in cells}
    return sorted({turn + DAY * step for turn in turns for step in (-1, 0, 1)})


def scheduled():
    """Yield drug, day and the schedule of the row that holds, for each dated drug."""
    for place, name in NAMES.items():
        rows = [row for row in read("schedules") if (row["ingredient"], row["product"]) == place]
        for day in days_around(rows):
            (row,) = (row for row in rows if holds(row, day))
            yield name, day, row["schedule"]


def placed():
    """Yield state, day, hours and the row of the state that holds, for every state."""
    rows = read("np_authority")
    for day in days_around(rows):
        for row in rows:
            if holds(row, day):
                needed = int(row["hours_required"] or 0)
                for hours in ("", str(needed - 1), str(needed)) if needed else ("",):
                    yield row["state"], day, hours, row


SCHEDULED, PLACED = list(scheduled()), list(placed())


def supervisor_needed(row, hours):
    """Give R26's answer where supervision is held and no agreement is on record."""
    if row["category"] in ("reduced", "restricted"):
        return "fired"
    if hours and int(hours) < int(row["hours_required"]):
        return "fired"
    unknown = row["category"] == "full_conditional" and not hours
    return "not_evaluable" if unknown else "clear"


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


def prescription(number, day, **cells):
    """Give one prescription of a patient and a nurse of their own."""
    plain = {
        "patient_id": f"p{number}",
        "written_date": day.isoformat(),
        "drug_name": "alprazolam 1 mg tablet",
        "prescriber_npi": str(NPI + number),
        "prescriber_type": "np",
        "patient_state": "TX",
    }
    return plain | cells


def put(limits, rows, practitioners=()):
    """Give what R26 says of each prescriber, and the enriched rows, by number."""
    agreement = {
        "supervisee_npi": "1999999999",
        "supervisor_npi": "1888888888",
        "state": "TX",
        "valid_from": "2010-01-01",
    }
    files = {"prescriptions": rows, "supervision": [agreement], "practitioners": practitioners}
    with examples.put(limits, files, AS_OF) as (backend, records):
        found = engine.rows(backend, records.prescriptions)
        judged = answered(backend, SUPERVISION, records)
    by_number = {int(row["prescriber_key"]) - NPI: row for row in found}
    answers = {int(subject.split("|")[0]) - NPI: answer for subject, answer in judged.items()}
    return by_number, answers


def test_every_drug_whose_schedule_changed_is_tried():
    dated = {
        (row["ingredient"], row["product"])
        for row in read("schedules")
        if row["valid_from"] or row["valid_to"]
    }
    assert dated == set(NAMES)


def test_a_drug_is_judged_by_the_schedule_in_force_when_it_was_written(limits):
    rows = [prescription(n, day, drug_name=name) for n, (name, day, _) in enumerate(SCHEDULED)]
    found, answers = put(limits, rows)
    for number, (name, day, schedule) in enumerate(SCHEDULED):
        assert found[number]["schedule"] == schedule, (name, day)
        assert answers[number][:2] == ("fired", SEVERITIES[schedule]), (name, day)


def test_hydrocodone_mixtures_are_of_schedule_two_from_the_sixth_of_october_2014():
    told = {(day.isoformat(), schedule) for _, day, schedule in SCHEDULED}
    assert {("2014-10-05", "III"), ("2014-10-06", "II"), ("2014-10-07", "II")} <= told


def test_a_nurse_is_judged_by_the_authority_in_force_when_it_was_written(limits):
    rows = [
        prescription(n, day, patient_state=state) for n, (state, day, _, _) in enumerate(PLACED)
    ]
    nurses = [
        {"npi": str(NPI + n), "prescriber_type": "np", "practice_hours": hours}
        for n, (_, _, hours, _) in enumerate(PLACED)
    ]
    _, answers = put(limits, rows, nurses)
    for number, (state, day, hours, row) in enumerate(PLACED):
        assert answers[number][0] == supervisor_needed(row, hours), (state, day, hours)


def test_all_states_are_tried_and_wisconsin_changes():
    assert len({state for state, *_ in PLACED}) == 51
    wisconsin = {
        (day.isoformat(), row["category"]) for state, day, _, row in PLACED if state == "WI"
    }
    assert {("2026-08-31", "reduced"), ("2026-09-01", "full_conditional")} <= wisconsin


def test_drugs_of_no_federal_schedule_have_none_on_any_day(limits):
    days = [day for _, day, _ in SCHEDULED] + [AS_OF]
    asked = [(name, day) for name in STATE_ONLY for day in days]
    rows = [prescription(n, day, drug_name=f"{name} 10 mg") for n, (name, day) in enumerate(asked)]
    found, answers = put(limits, rows)
    assert not answers
    for number, (name, _) in enumerate(asked):
        assert found[number]["ingredient"] == name
        assert found[number]["schedule"] is None


def test_these_are_all_the_dated_tables_that_rules_look_up():
    asked = {table for rule in CATALOGUE.values() for table in rule.references}
    assert {table for table in asked if "valid_from" in read(table)[0]} == {
        "schedules",
        "np_authority",
    }
