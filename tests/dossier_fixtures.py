"""A clinic whose numbers are known by hand: two prescribers, their papers, and one patient's care.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections

from audits.keys import patient_key
from audits.models import Source

from .flag_fixtures import House, evaluate, fill, ingest, standing_in

NURSE, NURSE_DEA, LONE_DEA = "1111111112", "MB1607677", "FS1234563"
DOCTOR = "1245319599"
PATIENT, OTHER = "kept", "other"
AS_OF = "2026-03-20"

NP = {"prescriber_npi": NURSE, "prescriber_type": "", "patient_state": "FL"}
XANAX = {"drug_name": "alprazolam 1 mg tablet", "quantity": "30"}


def on(patient: str, number: int, day: str, **changes: str) -> dict[str, str]:
    """Return a fill written and filled on ``day``."""
    more = {"prescription_id": "", "fill_number": "", "prescriber_dea": ""}
    return fill(patient, number, written_date=day, filled_date=day) | more | changes


def prescriptions() -> list[dict[str, str]]:
    """Return twelve rows of the nurse, eight of them prescriptions of the period, and others."""
    covered = on(PATIENT, 1, "2025-02-10", **NP, **XANAX)
    refill = {"prescription_id": "A-1", "fill_number": "1", "filled_date": "2025-07-01"}
    return [
        covered,
        on(PATIENT, 2, "2025-06-01", **NP, prescription_id="A-1", fill_number="0"),
        on(PATIENT, 3, "2025-06-01", **NP) | refill,
        on(OTHER, 4, "2025-06-01", **NP, **XANAX),
        on(OTHER, 5, "2025-06-02", **NP | {"patient_state": "AZ"}, **XANAX),
        on(OTHER, 6, "2025-06-03", **NP, drug_name="lisinopril 10 mg tablet", quantity="30"),
        on(OTHER, 7, "2025-06-04", **NP, drug_name="wonder weed 7 drops"),
        on(OTHER, 8, "2026-03-20", **NP | {"patient_state": ""}, **XANAX),
        covered | {"source_record_id": "kept-1-again"},
        on(OTHER, 9, "2026-03-20", **NP | {"patient_state": ""}, **XANAX)
        | {"record_type": "order", "filled_date": ""},
        on("past", 10, "2024-03-31", **NP, **XANAX),
        on(PATIENT, 11, "2025-06-15", days_supply="30"),
        on(PATIENT, 12, "2025-12-01", days_supply=""),
        on(OTHER, 14, "2026-02-15", **NP, **XANAX),
        on("lone", 13, "2025-12-01", prescriber_npi="", prescriber_dea=LONE_DEA),
    ]


def named(record: str, **facts: str) -> dict[str, str]:
    """Return a row of any kind with its number."""
    return {"source_system": "clinic", "source_record_id": record} | facts


PRACTITIONERS = [
    named("p-1", npi=NURSE, dea=NURSE_DEA, taxonomy="363LP0808X", state="FL", practice_hours="900"),
    named("p-2", npi=DOCTOR, dea="", taxonomy="207Q00000X", state="FL", practice_hours=""),
]
LICENCES = [
    named("l-1", npi=NURSE, kind="licence", state="FL", number="RN-77", valid_from="2024-01-01",
          valid_to="2026-12-31"),
    named("l-2", npi=NURSE, kind="dea", state="FL", number=NURSE_DEA, valid_from="2024-02-01",
          valid_to=""),
    named("l-3", npi=DOCTOR, kind="licence", state="FL", number="", valid_from="2024-01-01",
          valid_to=""),
    named("l-4", npi=DOCTOR, kind="dea", state="FL", number="", valid_from="2024-01-01",
          valid_to=""),
]  # fmt: skip
SUPERVISION = [
    named("s-1", supervisee_npi=NURSE, supervisor_npi=DOCTOR, state="FL", schedules="",
          valid_from="2025-01-01", valid_to="2025-05-31"),
]  # fmt: skip
ENCOUNTERS = [
    named("e-1", patient_id=PATIENT, provider_npi=NURSE, started_at="2025-06-01T10:00:00Z",
          modality="audio_video", setting="home", vitals_recorded="true"),
    named("e-2", patient_id=PATIENT, provider_npi=DOCTOR, started_at="2024-03-31T10:00:00Z",
          modality="in_person", setting="clinic", vitals_recorded=""),
]  # fmt: skip
DOSES = [
    named("d-1", patient_id=PATIENT, ingredient='<b title="x">brew</b>', dose_mg="35",
          route="intravenous", started_at="2025-08-02T10:00:00Z", observer_npi=DOCTOR,
          monitored_minutes="120"),
]  # fmt: skip

CHECKS = [
    named("c-1", patient_id=PATIENT, by_npi=NURSE, delegate="staff-17", state="fl",
          queried_at="2025-06-01T09:50:00-04:00", outcome="no_records"),
    named("c-2", patient_id=PATIENT, by_npi=NURSE, delegate="", state="FL",
          queried_at="2024-03-31T10:00:00Z", outcome="reviewed"),
]  # fmt: skip
RESULTS = [
    named("r-1", patient_id=PATIENT, code="1742-6", collected_on="2025-06-02", value="0.625",
          unit="U/L"),
]  # fmt: skip


def fill_clinic(folder: Path) -> None:
    """Take the files in and evaluate, in whatever database and ledger are in use."""
    ingest(folder, "practitioners.csv", PRACTITIONERS, "--kind", "practitioners")
    ingest(folder, "licences.csv", LICENCES, "--kind", "licences")
    held = ("--kind", "supervision", "--covers", "2024-01-01..2026-01-31")
    ingest(folder, "supervision.csv", SUPERVISION, *held)
    ingest(folder, "encounters.csv", ENCOUNTERS, "--kind", "encounters")
    ingest(folder, "administrations.csv", DOSES, "--kind", "administrations")
    ingest(folder, "checks.csv", CHECKS, "--kind", "pdmp_checks")
    ingest(folder, "results.csv", RESULTS, "--kind", "lab_results")
    ingest(folder, "rx.csv", prescriptions(), "--kind", "prescriptions")
    evaluate()


@pytest.fixture(scope="session")
def built_clinic(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """Make a folder with the database and the ledger of the clinic."""
    folder = tmp_path_factory.mktemp("clinic")
    with django_db_blocker.unblock():
        connections["default"].ensure_connection()
        with closing(sqlite3.connect(folder / "oversight.db")) as file:
            connections["default"].connection.backup(file)
        with standing_in(folder):
            fill_clinic(folder)
    return folder


@pytest.fixture
def clinic(built_clinic, tmp_path, db) -> Iterator[House]:
    """Yield a copy of the clinic for one test."""
    folder = tmp_path / "clinic"
    shutil.copytree(built_clinic, folder)
    with standing_in(folder):
        yield House(folder=folder)


def pseudonym(patient: str) -> str:
    """Return the key of a patient of the clinic."""
    domain = Source.objects.get(name="clinic").patient_domain
    return patient_key(django_settings.PATIENT_SECRET, domain, patient)
