"""Flags raised by the real path: files ingested and evaluated once, a copy for each test.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections

from audits import trail
from audits.models import Flag, FlagState, User

DOSE, SUPERVISION = "opioid_high_dose_90d", "supervision_missing"
LONE_NURSE, BUSY_NURSE, SUPERVISOR = "1111111112", "1333333334", "1245319599"
MANY = 205
FIRST = date(2025, 1, 1)


def fill(patient: str, number: int, **changes: str) -> dict[str, str]:
    """Return a month of oxycodone for ``patient``: 270 MME a day unless changed."""
    day = (FIRST + timedelta(30 * number)).isoformat()
    row = {
        "source_system": "clinic",
        "source_record_id": f"{patient}-{number}",
        "record_type": "dispense",
        "patient_id": patient,
        "drug_name": "oxycodone 30 mg tablet",
        "quantity": "180",
        "days_supply": "30",
        "written_date": day,
        "filled_date": day,
        "diagnosis_codes": "",
        "patient_state": "AZ",
        "prescriber_npi": SUPERVISOR,
        "prescriber_type": "physician",
    }
    return row | changes


def month(patient: str, **changes: str) -> list[dict[str, str]]:
    """Return three such fills in a row."""
    return [fill(patient, number, **changes) for number in range(3)]


def prescriptions() -> list[dict[str, str]]:
    """Return the fills: four patients of R01 and two nurses of R26."""
    rows = month("severe") + month("middling", quantity="90") + month("clear", quantity="30")
    rows += month("excused", diagnosis_codes="C50.911")
    nurse = {"patient_state": "FL", "prescriber_npi": LONE_NURSE, "prescriber_type": "np"}
    rows += [fill("lonely", 0, quantity="20", **nurse)]
    rows += [fill("lonely", 1, drug_name="alprazolam 1 mg tablet", quantity="30", **nurse)]
    busy = nurse | {"prescriber_npi": BUSY_NURSE, "drug_name": "alprazolam 1 mg tablet"}
    rows += [fill(f"many{n:03}", n % 5, quantity="30", **busy) for n in range(MANY)]
    return rows


SUPERVISION_ROWS = [
    {
        "source_system": "board",
        "source_record_id": "agreement-1",
        "supervisee_npi": "1222222228",
        "supervisor_npi": SUPERVISOR,
        "state": "FL",
        "valid_from": "2024-01-01",
        "valid_to": "2026-12-31",
    }
]


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write ``rows`` as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue())
    return path


def ingest(folder: Path, name: str, rows: list[dict[str, str]], *options: str) -> None:
    """Take ``rows`` through the whole path."""
    call_command("ingest", str(write(folder / name, rows)), *options, stdout=io.StringIO())


def evaluate() -> None:
    """Put the rules to the newest records."""
    call_command("evaluate", stdout=io.StringIO())


def fill_house(folder: Path) -> None:
    """Ingest the files and evaluate, in whatever database and ledger are in use."""
    ingest(folder, "rx.csv", prescriptions(), "--kind", "prescriptions")
    held = ("--kind", "supervision", "--covers", "2024-01-01..2026-12-31")
    ingest(folder, "supervision.csv", SUPERVISION_ROWS, *held)
    evaluate()


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    """Make the database and the ledger in ``folder`` the ones in use."""
    memory, kept = connections["default"], (django_settings.VAR, django_settings.LEDGER)
    name = memory.settings_dict["NAME"]
    memory.settings_dict["NAME"] = str(folder / "oversight.db")
    connections["default"] = connections.create_connection("default")
    django_settings.VAR, django_settings.LEDGER = folder, folder / "ledger"
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = memory
        memory.settings_dict["NAME"] = name
        django_settings.VAR, django_settings.LEDGER = kept


@pytest.fixture(scope="session")
def built(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """Make a folder with a database and a ledger in which both rules have raised flags."""
    folder = tmp_path_factory.mktemp("house")
    with django_db_blocker.unblock():
        connections["default"].ensure_connection()
        with closing(sqlite3.connect(folder / "oversight.db")) as file:
            connections["default"].connection.backup(file)
        with standing_in(folder):
            fill_house(folder)
    return folder


@dataclass(frozen=True, kw_only=True)
class House:
    """A copy of the folder, in use, with people in it."""

    folder: Path

    def person(self, name: str, role: str = "compliance officer", **facts: str) -> User:
        """Return an account with a role, made on first use."""
        user, made = User.objects.get_or_create(username=name, defaults=facts)
        if made:
            user.groups.add(user.groups.model.objects.get(name=role))
        return user

    def state(self, rule: str = DOSE, **narrowed: object) -> FlagState:
        """Return the one state people see of a rule's flags, narrowed where several."""
        states = FlagState.objects.seen().filter(flag__rule=rule, **narrowed)
        return states.select_related("flag", "since__snapshot").get()

    def severe(self) -> FlagState:
        """Return the flag of 270 MME a day: high."""
        return self.state(severity="high", verdict="fired")

    def middling(self) -> FlagState:
        """Return the flag of 135 MME a day: medium."""
        return self.state(severity="medium")

    def critical(self) -> FlagState:
        """Return the nurse without a supervisor: critical."""
        return self.state(SUPERVISION, severity="critical")


@pytest.fixture
def house(built, tmp_path, db) -> Iterator[House]:
    """Yield a copy of the house for one test."""
    folder = tmp_path / "house"
    shutil.copytree(built, folder)
    with standing_in(folder):
        yield House(folder=folder)


def actor(user: User) -> trail.Actor:
    """Return the actor that a request of ``user`` has."""
    return trail.Actor.of_user(user)


def undecided() -> set[str]:
    """Return the rules and subjects of the flags that wait for a decision."""
    return {str(flag) for flag in Flag.objects.filter(handling__in=Flag.UNDECIDED)}
