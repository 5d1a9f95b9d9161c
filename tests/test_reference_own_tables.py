"""Versions of shipped tables: the same columns, every cell and row looked at, all faults told."""

import csv
import io
from datetime import date

import pytest

from audits import reference
from audits.reference import TABLES, rows, shipped, using
from audits.reference.authority import authority
from audits.reference.cells import is_day, is_factor
from audits.reference.differences import differences, meant
from audits.reference.loaders import LOADERS
from audits.reference.own_table import OwnTable
from audits.reference.published import File, LoadError, rows_of
from tests.reference_files import own_csv

OWN = sorted(name for name in LOADERS if name in TABLES)


def changed(table, place=0, **cells):
    """Give the rows of a shipped table with other cells in one row."""
    found = [dict(row) for row in shipped(table)]
    found[place] |= cells
    return found


def faults(table, rows):
    with pytest.raises(LoadError) as error:
        LOADERS[table].load([own_csv(table, rows)])
    return [str(fault) for fault in error.value.faults]


def test_every_table_that_the_law_or_guidance_changes_can_be_loaded():
    drugs = {"substances", "schedules", "mme_factors", "icd10_sets", "taxonomy", "scope_matrix"}
    law = {"np_authority", "pa_authority", "legal_calendar", "pdmp_mandates", "state_telehealth"}
    assert set(OWN) == drugs | law
    assert all(isinstance(LOADERS[name], OwnTable) for name in OWN)


@pytest.mark.parametrize("table", OWN)
def test_a_table_as_it_ships_is_a_version_of_itself(table):
    loader = LOADERS[table]
    file = File(f"{table}.csv", (reference.FOLDER / f"{table}.csv").read_bytes())
    loaded = loader.load([file])
    assert list(loaded.rows) == [dict(row) for row in shipped(table)]
    assert rows_of(loaded.content()) == loaded.rows
    told = meant(loader, loaded.rows)
    assert len(told) == len(loaded.rows)
    assert differences(told, meant(loader, shipped(table)), loader.COMPARED) == []


@pytest.mark.parametrize("table", OWN)
@pytest.mark.parametrize("column", ["source", "status"])
def test_a_row_without_source_or_status_is_refused(table, column):
    (fault,) = faults(table, changed(table, **{column: ""}))
    assert fault.startswith(f"{table}.csv, line 2, column {column}: The cell is empty. Write ")


@pytest.mark.parametrize("table", OWN)
def test_a_row_that_stands_there_twice_is_refused(table):
    found = [dict(row) for row in shipped(table)]
    assert any("stands on line 2 already" in each for each in faults(table, [*found, found[0]]))


@pytest.mark.parametrize("table", OWN)
def test_a_missing_and_a_strange_column_are_refused(table):
    column = LOADERS[table].COLUMNS[-1]
    without = [{k: v for k, v in row.items() if k != column} for row in shipped(table)]
    head, *lines = own_csv(table).content.decode().splitlines()
    stranger = "\n".join([f"{head},extra", *(f"{line}," for line in lines)])
    text = io.StringIO()
    writer = csv.DictWriter(text, list(without[0]))
    writer.writeheader()
    writer.writerows(without)
    for content, says in ((text.getvalue(), "it has no column"), (stranger, "no such column")):
        with pytest.raises(LoadError, match=says):
            LOADERS[table].load([File("x.csv", content.encode())])


WRONG = [
    ("np_authority", {"state": "Alaska"}, "column state: 'Alaska' cannot stand here."),
    ("np_authority", {"category": "free"}, "Write one of: full, full_conditional, reduced"),
    ("np_authority", {"hours_required": "2 years"}, "Write a whole number, or nothing."),
    (
        "np_authority",
        {"valid_from": "31/12/2026"},
        "Write a day as YYYY-MM-DD, 1900 to 2199, or nothing",
    ),
    ("np_authority", {"valid_from": "2026-02-30"}, "'2026-02-30' cannot stand here."),
    (
        "np_authority",
        {"valid_from": "2026-02-01", "valid_to": "2026-01-01"},
        "out of order: perhaps from, from, to",
    ),
    ("schedules", {"schedule": "2"}, "Write one of: II, III, IV, V."),
    ("schedules", {"ingredient": "oxicodone"}, "an ingredient of the table of drug classes"),
    ("schedules", {"product": "pills"}, "'pills' cannot stand here."),
    ("mme_factors", {"default_factor": "0"}, "a number above 0"),
    ("mme_factors", {"default_factor": "1.0005"}, "at most three decimals"),
    ("mme_factors", {"default_factor": ""}, "The row counts and has no factor"),
    ("mme_factors", {"forms": "tablet;pill"}, "joined by a semicolon"),
    ("mme_factors", {"forms": "any;tablet"}, "joined by a semicolon"),
    ("np_authority", {"valid_to": "9999-12-31"}, "1900 to 2199, or nothing where it is open"),
    ("schedules", {"valid_from": "0001-01-01"}, "1900 to 2199, or nothing where it is open"),
    ("legal_calendar", {"topic": "pdmp_check"}, "'pdmp_check' cannot stand here."),
    ("legal_calendar", {"perhaps_from": "2009-01-01"}, "out of order: perhaps from, from, to"),
    ("mme_factors", {"strength_unit": "g"}, "Write one of: mg, mcg, mcg/hr."),
    ("icd10_sets", {"icd10_prefix": "cancer"}, "the beginning of a code"),
    ("icd10_sets", {"action": "add"}, "Write one of: include, exclude."),
    ("icd10_sets", {"sixth_character": "7"}, "gives the set other sixth characters"),
    ("substances", {"ingredient": "oxycontin"}, "It has no row for oxycodone, which"),
    ("substances", {"drug_class": "opiate"}, "'opiate' cannot stand here."),
    ("substances", {"counts_in_mme": ""}, "Write one of: yes, no."),
    ("taxonomy", {"taxonomy_code": "2084"}, "a code of nine digits or letters and an X"),
    ("taxonomy", {"prescriber_type": "doctor"}, "'doctor' cannot stand here."),
    ("taxonomy", {"role_group": "psychiatri"}, "a role group of this table"),
    ("scope_matrix", {"verdict": "maybe"}, "Write one of: ok, flag, review, critical."),
    ("scope_matrix", {"class": "opiate"}, "'opiate' cannot stand here."),
    ("scope_matrix", {"minors_ok": "no"}, "Write one of: yes, or nothing."),
    ("legal_calendar", {"topic": "taxes"}, "column topic: 'taxes' cannot stand here."),
    ("legal_calendar", {"jurisdiction": "USA"}, "US, or the two letters of a state"),
    ("legal_calendar", {"kind": "custom"}, "'custom' cannot stand here."),
    ("legal_calendar", {"status": "looks right"}, "VERIFIED or UNVERIFIED, then by what"),
    ("legal_calendar", {"perhaps_from": "soon"}, "a day as YYYY-MM-DD, open, or nothing"),
    ("legal_calendar", {"schedules": "II,III"}, "one or more of: II, III, IV, V"),
    ("legal_calendar", {"what": ""}, "column what: The cell is empty."),
    ("pa_authority", {"agreement": "yes"}, "Write one of: required, not required."),
    ("pdmp_mandates", {"mme_above": "ninety"}, "Write a whole number, or nothing."),
    ("state_telehealth", {"interval_months": "3 months"}, "Write a whole number, or nothing."),
]


@pytest.mark.parametrize(("table", "cells", "says"), WRONG)
def test_a_cell_that_cannot_stand_there_is_named_with_what_to_write(table, cells, says):
    found = faults(table, changed(table, **cells))
    assert any(says in each for each in found), found
    assert all(each.startswith(f"{table}.csv") for each in found)


def test_two_periods_of_one_place_may_not_overlap_nor_leave_days_out():
    wisconsin = [n for n, row in enumerate(shipped("np_authority")) if row["state"] == "WI"]
    early, late = (changed("np_authority", n) for n in wisconsin)
    assert late[wisconsin[1]]["valid_from"] == "2026-09-01"
    early[wisconsin[0]] |= {"valid_to": "2026-09-01"}
    assert "is not over when this one begins" in faults("np_authority", early)[0]
    late[wisconsin[1]] |= {"valid_from": "2026-09-02"}
    assert "days are left out" in faults("np_authority", late)[0]


def test_a_temporary_rule_may_not_run_beside_its_successor_but_a_proposal_may():
    flexibility = [
        n for n, r in enumerate(shipped("legal_calendar")) if r["valid_to"] == "2026-12-31"
    ]
    longer = changed("legal_calendar", flexibility[0], valid_to="2027-06-30")
    assert "is not over when this one begins" in faults("legal_calendar", longer)[0]
    both = [dict(row) for row in shipped("legal_calendar")]
    proposal = both[flexibility[0]] | {"kind": "proposal", "what": "One year more"}
    LOADERS["legal_calendar"].load([own_csv("legal_calendar", [*both, proposal])])


def test_a_set_that_rules_look_up_cannot_be_emptied():
    left = [row for row in shipped("icd10_sets") if row["set_id"] != "sickle_cell"]
    (fault,) = faults("icd10_sets", left)
    assert "The set sickle_cell, which rules look up, would have no code." in fault


def test_a_schedule_changes_on_one_day_at_most():
    rows = [dict(row) for row in shipped("schedules")]
    again = next(n for n, row in enumerate(rows) if row["valid_from"] == "2014-10-06")
    rows[again] |= {"valid_to": "2027-05-31"}
    rows.append(rows[again] | {"valid_from": "2027-06-01", "valid_to": "", "schedule": "III"})
    assert any("changes on more than one day" in each for each in faults("schedules", rows))


def test_several_files_or_none_are_refused():
    for files in ([], [own_csv("schedules")] * 2):
        with pytest.raises(LoadError, match=r"The table schedules is one file. Give schedules"):
            LOADERS["schedules"].load(files)


def test_what_was_read_reads_back_whatever_ends_its_lines():
    rows = changed("taxonomy", display_name="one\rtwo\r\nthree\nfour")
    text = own_csv("taxonomy", rows).content
    loaded = LOADERS["taxonomy"].load([File("taxonomy.csv", text)])
    assert loaded.rows[0]["display_name"] == "one\ntwo\nthree\nfour"
    assert rows_of(loaded.content()) == loaded.rows


def test_in_a_set_with_sixth_characters_rows_have_four_so_that_the_oracle_reads_the_same():
    place = next(n for n, row in enumerate(shipped("icd10_sets")) if row["sixth_character"])
    for prefix in ("T40", "T40.2X"):
        found = faults("icd10_sets", changed("icd10_sets", place, icd10_prefix=prefix))
        assert "every row has four characters" in found[0]


def test_a_beginning_stands_in_a_set_once_with_or_without_its_point():
    rows = [dict(row) for row in shipped("icd10_sets")]
    place = next(n for n, row in enumerate(rows) if "." in row["icd10_prefix"])
    again = rows[place] | {"icd10_prefix": rows[place]["icd10_prefix"].replace(".", "")}
    (fault,) = faults("icd10_sets", [*rows, again])
    assert f"The set has this beginning on line {place + 2} already." in fault


def test_two_factors_for_one_form_are_refused():
    rows = [dict(row) for row in shipped("mme_factors")]
    twice = rows[0] | {"formulation": "in other words", "default_factor": "9"}
    (fault,) = faults("mme_factors", [*rows, twice])
    assert "Line 2 gives codeine as tablet in mg a factor already." in fault


def test_a_row_that_perhaps_begins_may_follow_one_that_ends():
    rows = [dict(row) for row in shipped("state_telehealth")]
    rows[1] |= {"perhaps_from": "2020-01-01", "valid_from": "2020-01-01", "valid_to": "2022-12-31"}
    later = rows[1] | {"perhaps_from": "2023-01-01", "valid_from": "", "valid_to": ""}
    LOADERS["state_telehealth"].load([own_csv("state_telehealth", [*rows, later])])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026-12-31", True),
        ("9999-12-31", False),
        ("1899-12-31", False),
        ("20261231", False),
        ("2026-W01-1", False),
        ("2026-13-01", False),
    ],
)
def test_a_day_is_one_of_the_calendar(text, answer):
    assert is_day(text) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1.5", True),
        ("0.001", True),
        ("999.999", True),
        ("1000", False),
        ("0.0001", False),
        ("-1", False),
        ("NaN", False),
        ("Infinity", False),
        ("1e-9999999", False),
        ("one", False),
    ],
)
def test_a_factor_is_what_thousandths_hold(text, answer):
    assert is_factor(text) is answer


def test_what_is_in_use_ends_with_its_block_and_what_is_made_of_it_follows():
    rows_of_state = [r | {"category": "full"} for r in map(dict, shipped("np_authority"))]
    version = reference.Version("a" * 64, tuple(rows_of_state))
    day = date(2026, 3, 4)
    assert authority("TX", day).category == "restricted"
    with using({"np_authority": version}):
        assert authority("TX", day).category == "full"
        assert rows("np_authority") is version.rows
        assert reference.edition("np_authority") == "a" * 64
        with using({}):
            assert authority("TX", day).category == "restricted"
        assert authority("TX", day).category == "full"
    assert authority("TX", day).category == "restricted"
    assert reference.edition("np_authority") == reference.digest("np_authority")
