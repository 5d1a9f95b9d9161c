"""Synthea's files: what they say comes out as it is, and what they do not say stays empty."""

import random
from datetime import UTC, date, datetime

import pytest

from audits.ingestion import listing
from audits.mapping import PRESETS, MappingError, choose, sort_out
from audits.mapping.states import NAMES
from audits.schema import KINDS
from audits.validation.problems import STATES

from .paths import counts
from .synthea_files import (
    ENCOUNTERS,
    MEDICATIONS,
    PATIENTS,
    PROVIDERS,
    export,
    held,
    ingest,
    medication,
    stage,
)

pytestmark = pytest.mark.django_db
SYNTHEA = PRESETS["synthea"]
HEADERS = [
    ("one.csv", tuple(MEDICATIONS[0])),
    ("two.csv", tuple(ENCOUNTERS[0])),
    ("three.csv", tuple(PROVIDERS[0])),
    ("four.csv", tuple(PATIENTS[0])),
]
CONDITIONS = ("START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION")


def filled(row: dict) -> dict:
    """Give what a row of the ledger says, without the ledger's own columns."""
    own = {
        "upload", "row", "content_hash", "accepted_seq", "patient_bucket", "patient_key",
        "source_record_id",
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None and name not in own}


def warned(upload) -> set[tuple[int, str]]:
    lines = listing.problems(upload, "warned", column=None, code=None, after=0, limit=99)
    return {(line["row"], line["column"]) for line in lines if line["code"] != "missing"}


def test_an_order_says_what_the_four_files_say_of_it_and_nothing_else():
    ingest(export())
    assert filled(held("prescriptions")[0]) == {
        "source_system": "synthea",
        "record_type": "order",
        "record_status": "new",
        "written_at": datetime(2025, 1, 2, 3, 30, tzinfo=UTC).replace(tzinfo=None),
        "patient_birth_year": 1980,
        "patient_sex": "F",
        "patient_state": "NE",
        "patient_zip3": "685",
        "rxcui": "1049683",
        "drug_name": "Oxycodone Hydrochloride 10 MG Oral Tablet",
        "prescriber_name": "Johna806 Klein929",
        "prescriber_state": "NE",
        "encounter_id": "e1",
        "encounter_modality": "in_person",
    }


def test_a_visit_says_how_it_was_only_where_its_class_does():
    ingest(export())
    visits = held("encounters")
    assert [visit["modality"] for visit in visits] == [
        "in_person", "unknown", "in_person", "unknown",
    ]  # fmt: skip
    assert [visit["setting"] for visit in visits] == [None, None, "hospital", None]
    assert filled(visits[1]) == {
        "source_system": "synthea",
        "record_status": "new",
        "encounter_id": "e2",
        "started_at": datetime(2025, 1, 2, 15, 0),  # noqa: DTZ001 - the ledger's are UTC
        "ended_at": datetime(2025, 1, 2, 15, 15),  # noqa: DTZ001
        "modality": "unknown",
    }


def test_a_day_is_taken_as_the_day_and_a_moment_as_no_day():
    ingest(export())
    rows = held("prescriptions")
    assert [row["written_date"] for row in rows] == [None] * 3 + [date(2025, 1, 5)] + [None] * 2
    assert [row["written_at"] is None for row in rows] == [False] * 3 + [True] + [False] * 2


def test_a_join_that_finds_nothing_loads_what_is_known_and_is_warned_of():
    orders, _ = ingest(export())
    virtual, inpatient, unknown, mistaken = held("prescriptions")[2:]
    assert virtual["encounter_modality"] == "unknown"
    assert (inpatient["patient_setting"], inpatient["prescriber_name"]) == ("hospital", None)
    assert (inpatient["patient_state"], inpatient["patient_zip3"]) == (None, None)
    assert (unknown["encounter_id"], unknown["drug_name"]) == ("e9", MEDICATIONS[4]["DESCRIPTION"])
    assert (unknown["patient_birth_year"], unknown["encounter_modality"]) == (None, None)
    assert (mistaken["patient_birth_year"], mistaken["prescriber_name"]) == (1980, None)
    assert warned(orders) == {
        (5, "NAME (providers)"),
        (6, "PATIENT"),
        (6, "ENCOUNTER"),
        (7, "ENCOUNTER"),
    }
    assert counts(orders) == {"new": 6}


def test_an_id_whose_rows_differ_stands_for_nobody():
    twice = [*PATIENTS, PATIENTS[0] | {"GENDER": "M"}, PATIENTS[1]]
    orders, _ = ingest(export(patients=twice))
    rows = held("prescriptions")
    assert [row["patient_sex"] for row in rows] == [None, None, None, "M", None, None]
    assert {(row, "PATIENT") for row in (2, 3, 4, 6, 7)} <= warned(orders)


def test_the_number_of_a_row_is_the_same_in_every_order_of_the_file():
    first, again = (
        stage(export(medications=rows))[0]
        for rows in (MEDICATIONS, random.Random(5).sample(MEDICATIONS, 6))
    )
    numbers = [
        {line["source_record_id"] for line in listing.outcomes(each, "new", after=0, limit=9)}
        for each in (first, again)
    ]
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) == 6
    assert all(len(number) <= 64 for number in numbers[0])
    assert sum(number.endswith("-2") for number in numbers[0]) == 1


def test_a_long_name_of_a_drug_is_cut_and_not_rejected():
    ingest(export(medications=[medication("A", "e1", DESCRIPTION="x" * 900)]))
    assert held("prescriptions")[0]["drug_name"] == "x" * 200


def test_a_cell_of_another_file_that_cannot_be_read_is_named_with_that_file():
    wrong = [PATIENTS[0] | {"BIRTHDATE": "May"}, PATIENTS[1]]
    orders, _ = stage(export(patients=wrong))
    assert (orders.rejected, orders.read) == (4, 6)
    assert orders.rejection_counts == [
        {"column": "BIRTHDATE (patients)", "code": "not_a_whole_number", "count": 4}
    ]


def test_files_are_known_by_their_columns_in_any_order_and_case():
    for seed in range(5):
        files = random.Random(seed).sample(HEADERS, 4)
        folded = [(name, tuple(c.lower() for c in header)) for name, header in files]
        parts = dict(zip((name for name, _ in files), sort_out(folded, SYNTHEA).parts, strict=True))
        assert parts == {
            "one.csv": "medications",
            "two.csv": "encounters",
            "three.csv": "providers",
            "four.csv": "patients",
        }


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (HEADERS[:2] + HEADERS[3:], ["no file of providers", "NAME, ORGANIZATION, STATE"]),
        ([*HEADERS, ("five.csv", HEADERS[0][1])], ["one.csv, five.csv are 2 files of medications"]),
        ([*HEADERS, ("notes.csv", ("a", "b"))], ["notes.csv is none of the files", "Leave it out"]),
    ],
)
def test_what_is_missing_doubled_or_foreign_is_said_in_one_line(files, words):
    with pytest.raises(MappingError) as error:
        sort_out(files, SYNTHEA)
    for said in words:
        assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("header", [header for _, header in HEADERS])
@pytest.mark.parametrize("preset", ["auto", "synthea"])
def test_a_file_alone_is_told_what_it_is_read_with(header, preset):
    with pytest.raises(MappingError, match="are read together"):
        choose(header, preset=preset)


def test_diagnoses_in_another_code_are_kept_and_not_read_and_it_is_said():
    files = export() | {"conditions.csv": ",".join(CONDITIONS).encode() + b"\nd,,A,e1,1,x\n"}
    for upload in ingest(files):
        assert any("SNOMED" in note for note in upload.notes)
        assert len(upload.files) == 5
    assert held("conditions") == []


def test_other_files_of_synthea_are_not_taken_for_conditions():
    procedures = (*CONDITIONS, "BASE_COST")
    assert not SYNTHEA.recognises(procedures)
    assert SYNTHEA.recognises((*CONDITIONS, "SYSTEM"))


def test_every_state_has_a_name_and_every_name_a_state():
    armed_forces = {"AA", "AE", "AP"}
    assert set(NAMES.values()) == set(STATES.split()) - armed_forces


def test_every_kind_that_comes_out_is_a_kind():
    assert set(SYNTHEA.kinds) <= set(KINDS)
    assert set(SYNTHEA.rows_of.values()) <= {part.name for part in SYNTHEA.parts}
