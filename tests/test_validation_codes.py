"""Every code: a row that earns it, and nothing else said against that row."""

from dataclasses import replace

import pytest

from audits.keys import dea_is_valid, npi_is_valid
from audits.mapping import choose
from audits.schema import KINDS
from audits.validation import CODES, explain

from .checked_files import (
    CHECK,
    EXCLUSION,
    LICENCE,
    PRACTITIONER,
    PRESCRIPTION,
    RESULT,
    connection,
    run,
)

from audits.validation import identifiers  # isort: skip

REJECTED = [
    (PRESCRIPTION, {"source_system": None}, "source_system", "no_source"),
    (PRESCRIPTION, {"source_record_id": None}, "source_record_id", "no_record_id"),
    (PRESCRIPTION, {"patient_id": "  "}, "patient_id", "no_patient"),
    (PRESCRIPTION, {"ndc11": None}, "ndc11", "no_drug"),
    (PRESCRIPTION, {"written_date": None, "filled_date": None}, "filled_date", "no_date"),
    (LICENCE, {"valid_from": None}, "valid_from", "no_date"),
    (LICENCE, {"npi": None}, "npi", "no_practitioner"),
    (PRACTITIONER, {"npi": None, "dea": None}, "npi", "no_practitioner"),
    (EXCLUSION, {"excluded_on": None}, "excluded_on", "no_date"),
    (RESULT, {"value": "positive"}, "value", "not_a_number"),
    (RESULT, {"value": "<5"}, "value", "not_a_number"),
    (RESULT, {"collected_on": None}, "collected_on", "no_date"),
    (CHECK, {"queried_at": None}, "queried_at", "no_date"),
    (CHECK, {"outcome": "fine"}, "outcome", "not_in_list"),
    (CHECK, {"patient_id": None}, "patient_id", "no_patient"),
    (PRESCRIPTION, {"filled_date": "31/02/2025"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "2025-02-31"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "2025-2-3"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "20250203"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "45000"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "0000-01-01"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "infinity"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"filled_date": "2025-02-03T00:00:00Z"}, "filled_date", "not_a_date"),
    (PRESCRIPTION, {"written_at": "2026-01-02"}, "written_at", "not_a_datetime"),
    (PRESCRIPTION, {"written_at": "2026-01-02T24:00:00Z"}, "written_at", "not_a_datetime"),
    (PRESCRIPTION, {"written_at": "2026-02-30T10:00:00Z"}, "written_at", "not_a_datetime"),
    (PRESCRIPTION, {"written_at": "2026-01-02T10:00:00 EST"}, "written_at", "not_a_datetime"),
    (PRESCRIPTION, {"written_at": "0001-01-01T00:00:00+05:00"}, "written_at", "not_a_datetime"),
    (PRESCRIPTION, {"quantity": "1,200"}, "quantity", "not_a_number"),
    (PRESCRIPTION, {"quantity": "1e3"}, "quantity", "not_a_number"),
    (PRESCRIPTION, {"quantity": "1_000"}, "quantity", "not_a_number"),
    (PRESCRIPTION, {"quantity": "NaN"}, "quantity", "not_a_number"),
    (PRESCRIPTION, {"quantity": "1000000000000"}, "quantity", "not_a_number"),
    (PRESCRIPTION, {"strength_value": "10 mg"}, "strength_value", "not_a_number"),
    (PRESCRIPTION, {"days_supply": "30.5"}, "days_supply", "not_a_whole_number"),
    (PRESCRIPTION, {"days_supply": "thirty"}, "days_supply", "not_a_whole_number"),
    (PRESCRIPTION, {"days_supply": "99999999999"}, "days_supply", "not_a_whole_number"),
    (PRESCRIPTION, {"is_compound": "maybe"}, "is_compound", "not_true_or_false"),
    (PRESCRIPTION, {"patient_sex": "female"}, "patient_sex", "not_in_list"),
    (LICENCE, {"kind": None}, "kind", "not_in_list"),
    (PRESCRIPTION, {"ingredients": "[1"}, "ingredients", "not_json"),
    (PRESCRIPTION, {"ingredients": '{"name": "x"}'}, "ingredients", "not_json"),
    (PRESCRIPTION, {"patient_state": "Ariz"}, "patient_state", "too_long"),
    (PRESCRIPTION, {"prescription_id": "é" * 41}, "prescription_id", "too_long"),
    (PRESCRIPTION, {"prescription_id": "a\0b"}, "prescription_id", "control_character"),
    (PRESCRIPTION, {"sig": "one\ntwo"}, "sig", "control_character"),
    (PRESCRIPTION, {"sig": "one\x85two"}, "sig", "control_character"),
]
WARNED = [
    (PRESCRIPTION, {"quantity": None}, "quantity", "missing"),
    (PRESCRIPTION, {"days_supply": None}, "days_supply", "missing"),
    (PRESCRIPTION, {"record_type": None}, "record_type", "missing"),
    (PRESCRIPTION, {"filled_date": None}, "filled_date", "missing"),
    (PRESCRIPTION, {"record_type": "order", "written_date": None}, "written_date", "missing"),
    (
        PRESCRIPTION,
        {"prescriber_npi": None, "prescriber_dea": "AP5836727"},
        "prescriber_npi",
        "missing",
    ),
    (PRESCRIPTION, {"prescriber_npi": None}, "prescriber_npi", "no_prescriber"),
    (PRESCRIPTION, {"pharmacy_ncpdp": None}, "pharmacy_ncpdp", "no_pharmacy"),
    (EXCLUSION, {"npi": None}, "npi", "no_npi_to_match"),
    (RESULT, {"value": None}, "value", "missing"),
    (RESULT, {"collected_on": "2027-01-01"}, "collected_on", "date_in_future"),
    (CHECK, {"outcome": None}, "outcome", "missing"),
    (CHECK, {"by_npi": "1234567890"}, "by_npi", "npi_check_digit"),
    (EXCLUSION, {"reinstated_on": "2024-12-31"}, "reinstated_on", "ends_before_it_begins"),
    (PRESCRIPTION, {"prescriber_npi": "123456789"}, "prescriber_npi", "npi_malformed"),
    (PRESCRIPTION, {"prescriber_npi": "1234567890"}, "prescriber_npi", "npi_check_digit"),
    (PRESCRIPTION, {"prescriber_npi": "9999928309"}, "prescriber_npi", "npi_synthetic"),
    (PRESCRIPTION, {"prescriber_dea": "AP583672"}, "prescriber_dea", "dea_malformed"),
    (PRESCRIPTION, {"prescriber_dea": "AP5836720"}, "prescriber_dea", "dea_check_digit"),
    (PRACTITIONER, {"dea": "AP5836727; AP5836720"}, "dea", "dea_check_digit"),
    (PRESCRIPTION, {"quantity": "0"}, "quantity", "quantity_not_positive"),
    (PRESCRIPTION, {"quantity": "-.5"}, "quantity", "quantity_not_positive"),
    (PRESCRIPTION, {"days_supply": "0"}, "days_supply", "days_supply_below_one"),
    (PRESCRIPTION, {"days_supply": "181"}, "days_supply", "days_supply_above_180"),
    (PRESCRIPTION, {"filled_date": "2026-01-01"}, "filled_date", "filled_before_written"),
    (LICENCE, {"valid_to": "1984-12-31"}, "valid_to", "ends_before_it_begins"),
    (
        PRESCRIPTION,
        {"last_in_person_date": "1989-12-31"},
        "last_in_person_date",
        "date_before_1990",
    ),
    (PRESCRIPTION, {"filled_date": "2026-02-01"}, "filled_date", "date_in_future"),
    (PRESCRIPTION, {"pdmp_checked_at": "2026-02-01T00:00Z"}, "pdmp_checked_at", "date_in_future"),
    (PRESCRIPTION, {"patient_birth_year": "1899"}, "patient_birth_year", "birth_year_implausible"),
    (PRESCRIPTION, {"patient_birth_year": "2027"}, "patient_birth_year", "birth_year_implausible"),
    (PRESCRIPTION, {"patient_state": "ZZ"}, "patient_state", "unknown_state"),
    (PRESCRIPTION, {"patient_state": "A"}, "patient_state", "unknown_state"),
    (LICENCE, {"schedules": "II;2N"}, "schedules", "unknown_schedule"),
    (PRESCRIPTION, {"quantity": "1.0005"}, "quantity", "rounded"),
    (PRESCRIPTION, {"written_at": "2026-01-02T10:00"}, "written_at", "no_time_zone"),
]
UNBLEMISHED = [
    (PRESCRIPTION, {}),
    (PRESCRIPTION, {"days_supply": "30.0", "quantity": "120.000000", "fill_number": "00"}),
    (PRESCRIPTION, {"is_compound": "Yes", "record_type": "DISPENSE", "patient_sex": "f"}),
    (PRESCRIPTION, {"patient_state": "az", "prescriber_dea": "ap5836727"}),
    (PRESCRIPTION, {"days_supply": "1"}),
    (PRESCRIPTION, {"days_supply": "180"}),
    (PRESCRIPTION, {"filled_date": "2026-01-31", "last_in_person_date": "1990-01-01"}),
    (PRESCRIPTION, {"sig": "prenez 1 comprimé\u00a0par jour"}),
    (PRESCRIPTION, {"ndc11": None, "ingredients": '[{"name": "ketamine"}]'}),
    (LICENCE, {"valid_from": "2026-06-01"}),
    (PRACTITIONER, {}),
]


def lists(folder, row, changes, **how):
    return run(folder, [{**row, **changes}], **how)


@pytest.mark.parametrize(("row", "changes", "column", "code"), REJECTED)
def test_the_row_is_rejected_for_this_and_nothing_else(tmp_path, row, changes, column, code):
    outcome = lists(tmp_path, row, changes)
    assert outcome.rejections == {(2, column, code)}
    assert outcome.checked.rejection_counts == {(column, code): 1}
    assert (outcome.checked.accepted, outcome.accepted) == (0, [])
    assert outcome.warnings == set()


@pytest.mark.parametrize(("row", "changes", "column", "code"), WARNED)
def test_the_row_loads_with_this_warning_and_no_other(tmp_path, row, changes, column, code):
    outcome = lists(tmp_path, row, changes)
    assert outcome.warnings == {(2, column, code)}
    assert outcome.checked.warning_counts == {(column, code): 1}
    assert (outcome.checked.accepted, outcome.checked.warned) == (1, 1)
    assert outcome.accepted[0]["_warned"]


@pytest.mark.parametrize(("row", "changes"), UNBLEMISHED)
def test_nothing_is_said_against_a_good_row(tmp_path, row, changes):
    outcome = lists(tmp_path, row, changes)
    assert (outcome.rejections, outcome.warnings) == (set(), set())
    assert outcome.checked.accepted == 1
    assert not outcome.accepted[0]["_warned"]


def test_a_row_with_another_number_of_cells_is_rejected_as_a_whole(tmp_path):
    rows = [PRESCRIPTION, {**PRESCRIPTION, "quantity": "shifted"}]
    outcome = run(tmp_path, rows, ragged=[(3, 9), (7, 2)])
    assert outcome.rejections == {(row, "", "wrong_number_of_cells") for row in (3, 7)}
    assert (outcome.checked.read, outcome.checked.rejected) == (3, 2)


def test_a_row_that_refers_to_nothing_in_another_file_loads_with_a_warning(tmp_path):
    plan = choose(tuple(PRESCRIPTION), kind="prescriptions")
    plan = replace(plan, unjoined={"patient_id": "patient_id = 'gone'"})
    rows = [PRESCRIPTION, PRESCRIPTION | {"patient_id": "gone"}]
    outcome = run(tmp_path, rows, plan=plan)
    assert outcome.warnings == {(3, "patient_id", "not_among_the_files")}
    assert (outcome.checked.accepted, outcome.checked.warned) == (2, 1)


def test_every_code_is_shown_here():
    shown = {code for *_, code in REJECTED + WARNED}
    assert shown | {"wrong_number_of_cells", "not_among_the_files"} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_is_wrong_and_what_to_do(code):
    for text in (CODES[code].sentence, CODES[code].remedy):
        assert text[0].isupper()
        assert text.endswith(".")
    assert explain(code, "quantity").startswith("quantity: ")
    assert explain(code, "") == f"{CODES[code].sentence} {CODES[code].remedy}"


def test_codes_reject_and_warn_as_the_cases_expect():
    assert {CODES[code].level for *_, code in REJECTED} == {"rejected"}
    assert {CODES[code].level for *_, code in WARNED} == {"warned"}


def test_every_error_of_a_row_is_listed(tmp_path):
    wrong = {"filled_date": "soon", "days_supply": "x", "patient_id": None, "quantity": "1\t2"}
    outcome = lists(tmp_path, PRESCRIPTION, wrong)
    assert outcome.rejections == {
        (2, "filled_date", "not_a_date"),
        (2, "days_supply", "not_a_whole_number"),
        (2, "patient_id", "no_patient"),
        (2, "quantity", "not_a_number"),
        (2, "quantity", "control_character"),
    }


def test_closed_lists_are_written_in_one_case():
    for kind in KINDS.values():
        for field in kind.fields:
            assert len({word.isupper() for word in field.choices}) <= 1, field.name


def test_check_digits_agree_with_the_ones_of_keys():
    npis = [f"{number:010d}" for number in range(1234567800, 1234567900)]
    deas = [f"AP{number:07d}" for number in range(5836700, 5836800)]
    npi_fails = identifiers.npi_fails_check(identifiers.npi_number("text"))
    assert asked(npi_fails, npis) == [not npi_is_valid(npi) for npi in npis]
    assert asked(identifiers.dea_fails_check("text"), deas) == [not dea_is_valid(d) for d in deas]


def asked(condition, texts):
    query = f"SELECT {condition} FROM (SELECT unnest(?::VARCHAR[]) AS text)"
    return [row[0] for row in connection().execute(query, [texts]).fetchall()]
