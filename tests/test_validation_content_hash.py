"""The hash by which a row is known to say the same as before."""

import hashlib
import random

import pytest

from audits.schema import KINDS

from .checked_files import PRESCRIPTION, pseudonym, run

KIND = KINDS["prescriptions"]


def hash_of(folder, row):
    outcome = run(folder, [row], kind="prescriptions")
    return outcome.accepted[0]["content_hash"]


def test_the_hash_can_be_made_without_this_product(tmp_path):
    row = {
        **PRESCRIPTION,
        "quantity": "120.50",
        "strength_value": "10",
        "written_at": "2026-01-02T10:30:00-05:00",
        "pdmp_checked_at": "2026-01-02T10:30:00.120Z",
        "diagnosis_codes": "M54.5 ; F33.2",
    }
    said = {
        "days_supply": "30",
        "diagnosis_codes": "M54.5;F33.2",
        "filled_date": "2026-01-03",
        "is_compound": "false",
        "ndc11": "00406853001",
        "patient_birth_year": "1980",
        "patient_key": pseudonym("clinic-ehr", "pat-1"),
        "patient_state": "AZ",
        "pdmp_checked_at": "2026-01-02T10:30:00.12Z",
        "pharmacy_ncpdp": "0312345",
        "prescriber_npi": "1234567893",
        "quantity": "120.5",
        "record_type": "dispense",
        "strength_value": "10",
        "written_at": "2026-01-02T15:30:00Z",
        "written_date": "2026-01-02",
    }
    assert sorted(said) == list(said)
    text = "\x1e".join(f"{name}\x1f{value}" for name, value in said.items())
    assert hash_of(tmp_path, row) == hashlib.sha256(text.encode()).hexdigest()


def test_the_order_of_the_columns_and_empty_ones_do_not_matter(tmp_path):
    plain = hash_of(tmp_path, PRESCRIPTION)
    every = {column: PRESCRIPTION.get(column) for column in KIND.columns}
    shuffled = list(every)
    random.Random(7).shuffle(shuffled)
    assert hash_of(tmp_path, every) == plain
    assert hash_of(tmp_path, {column: every[column] for column in shuffled}) == plain


@pytest.mark.parametrize(
    "changes",
    [
        {"source_record_id": "rec-2"},
        {"record_status": "revise"},
        {"quantity": "120.000"},
        {"days_supply": "30.0"},
        {"is_compound": "N"},
        {"patient_state": "az"},
        {"record_type": " DISPENSE "},
    ],
)
def test_another_number_status_or_spelling_is_the_same_content(tmp_path, changes):
    assert hash_of(tmp_path, {**PRESCRIPTION, **changes}) == hash_of(tmp_path, PRESCRIPTION)


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": "121"},
        {"quantity": "0"},
        {"patient_id": "pat-2"},
        {"filled_date": "2026-01-04"},
        {"is_compound": "true"},
        {"days_supply": None},
        {"drug_name": "oxycodone"},
        {"ndc11": None, "rxcui": "00406853001"},
    ],
)
def test_another_content_has_another_hash(tmp_path, changes):
    assert hash_of(tmp_path, {**PRESCRIPTION, **changes}) != hash_of(tmp_path, PRESCRIPTION)


def test_the_source_is_no_part_of_the_content(tmp_path):
    row = {"npi": "1234567893", "source_record_id": "p", "record_status": "new"}
    first = run(tmp_path, [row], kind="practitioners", source="a").accepted[0]
    other = run(tmp_path, [row], kind="practitioners", source="b").accepted[0]
    assert first["content_hash"] == other["content_hash"]
