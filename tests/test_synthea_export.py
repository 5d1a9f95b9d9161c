"""A whole export of Synthea, made by others: all of it loads, and nothing is made of it."""

import csv
import json
from collections import Counter
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command

from audits import evaluation, jobs, snapshots
from audits.catalogue import CATALOGUE
from audits.keys import patient_key
from audits.models import Evaluation, Flag, Job, Upload
from audits.verification import imports

from .paths import ADA
from .synthea_files import held

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "synthea_csv"
PARTS = ("medications", "encounters", "providers", "patients")
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.exists(), reason="no shared data"),
]


def ingest(capsys, *parts: str) -> list[dict]:
    paths = [str(FOLDER / f"{part}.csv") for part in parts]
    call_command("ingest", *paths, "--preset", "synthea", "--json")
    return json.loads(capsys.readouterr().out)["uploads"]


def rows_of(part: str) -> list[dict[str, str]]:
    with (FOLDER / f"{part}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_loads_and_what_is_lacking_is_counted(capsys):
    orders, visits = ingest(capsys, *PARTS)
    assert (orders["kind"], orders["status"], orders["new"]) == ("prescriptions", "promoted", 6124)
    assert (visits["kind"], visits["status"], visits["new"]) == ("encounters", "promoted", 7584)
    assert [each["read"] for each in (orders, visits)] == [6124, 7584]
    assert [each["rejected"] for each in (orders, visits)] == [0, 0]
    assert [each["warned"] for each in (orders, visits)] == [534, 803]
    lacks = {
        kind: {(line["column"], line["code"]): line["count"] for line in counts}
        for kind, counts in Upload.objects.values_list("kind", "warning_counts")
    }
    for column in ("quantity", "days_supply", "is_compound"):
        assert lacks["prescriptions"][column, "missing"] == 6124
    assert lacks["prescriptions"]["prescriber_npi", "no_prescriber"] == 6124
    assert lacks["encounters"]["provider_npi", "missing"] == 7584
    again = ingest(capsys, *reversed(PARTS))
    assert [each["status"] for each in again] == ["unchanged", "unchanged"]
    assert imports.verify()[0] == []


def test_what_no_file_says_is_empty_and_the_rest_is_as_it_stands(capsys):
    ingest(capsys, *PARTS, "conditions")
    orders, visits = held("prescriptions"), held("encounters")
    nowhere = (
        "quantity", "days_supply", "refills_authorized", "fill_number", "prescriber_npi",
        "prescriber_dea", "prescriber_type", "taxonomy", "ndc11", "diagnosis_codes", "written_date",
        "filled_date", "is_compound", "route",
    )  # fmt: skip
    assert not [column for column in nowhere if any(row[column] is not None for row in orders)]
    assert not [row for row in visits if row["provider_npi"] or row["vitals_recorded"]]
    assert Counter(row["modality"] for row in visits) == {"in_person": 7583, "unknown": 1}
    assert held("conditions") == []
    encounters = {row["Id"]: row for row in rows_of("encounters")}
    patients = {row["Id"]: row for row in rows_of("patients")}
    providers = {row["Id"]: row for row in rows_of("providers")}
    for number, (row, told) in enumerate(zip(orders, rows_of("medications"), strict=True), start=2):
        visit, patient = encounters[told["ENCOUNTER"]], patients[told["PATIENT"]]
        assert row["row"] == number
        assert (row["rxcui"], row["drug_name"]) == (told["CODE"], told["DESCRIPTION"])
        assert f"{row['written_at']:%Y-%m-%dT%H:%M:%SZ}" == told["START"]
        assert (row["patient_birth_year"], row["patient_sex"], row["patient_state"]) == (
            int(patient["BIRTHDATE"][:4]), patient["GENDER"], "NE",
        )  # fmt: skip
        assert row["prescriber_name"] == providers[visit["PROVIDER"]]["NAME"]
        assert (row["encounter_id"], row["encounter_modality"]) == (
            told["ENCOUNTER"],
            "unknown" if visit["ENCOUNTERCLASS"] == "virtual" else "in_person",
        )
    assert len({row["source_record_id"] for row in orders}) == 6124


def test_no_patient_s_number_or_name_is_in_the_ledger(capsys, settings):
    ingest(capsys, *PARTS)
    told = rows_of("medications")[0]["PATIENT"]
    key = patient_key(settings.PATIENT_SECRET, "synthea", told)
    assert held("prescriptions")[0]["patient_key"] == key
    people = rows_of("patients")
    secret = {each[column] for each in people for column in ("Id", "SSN", "LAST", "ADDRESS")}
    for path in (settings.LEDGER / "tables").rglob("*.parquet"):
        table = pq.read_table(path)
        texts = [column for column in table.columns if str(column.type) == "string"]
        assert not secret & {cell for text in texts for cell in pc.unique(text).to_pylist()}


def test_no_rule_fires_and_each_says_of_everybody_why_it_cannot(capsys):
    ingest(capsys, *PARTS)
    job = jobs.run_in_foreground(evaluation.ask(None, ADA, full=True))
    assert job.state == Job.State.SUCCEEDED, job.error
    published = Evaluation.objects.get(job=job.public_id)
    assert str(published.as_of) == "2023-10-17"
    assert Flag.objects.count() == 0
    for rule in CATALOGUE:
        path = snapshots.evidence_folder(published.pk, rule) / "answers.parquet"
        answers = pq.read_table(path, columns=["answer", "reason"]).to_pylist()
        assert {each["answer"] for each in answers} <= {"not_evaluable", "clear"}, rule
        assert all(each["reason"] for each in answers if each["answer"] == "not_evaluable"), rule
    dose = snapshots.evidence_folder(published.pk, "opioid_high_dose_90d") / "answers.parquet"
    reasons = Counter(pq.read_table(dose, columns=["reason"]).column("reason").to_pylist())
    assert reasons.total() == 41
    assert set(reasons) <= {"days_supply_unusable", "quantity_unusable", "drug_unmatched"}
