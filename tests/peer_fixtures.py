"""Groups of prescribers whose numbers are known by hand, put through the real path once.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections

from audits.keys import npi_is_valid

from .dossier_fixtures import named
from .flag_fixtures import House, evaluate, fill, ingest, standing_in

FAMILY, DENTISTS, FAMILY_DOCTOR = "363LF0000X", "1223G0001X", "207Q00000X"
AS_OF = "2026-03-31"
OXYCODONE, XANAX = "oxycodone 30 mg tablet", "alprazolam 1 mg tablet"


def npi(number: int) -> str:
    """Return a valid NPI for a small number."""
    stem = str(100_000_000 + number)
    return next(f"{stem}{d}" for d in range(10) if npi_is_valid(f"{stem}{d}"))


def wrote(who: int, number: int, opioids: int, day: str = "2026-03-01", **more: str) -> list[dict]:
    """Return ``number`` controlled prescriptions of a prescriber, some of them opioids.

    Each is for a patient of its own, for 30 days, and from one of two pharmacies.
    """
    return [
        fill(
            f"of-{who}-{day}-{n}",
            0,
            prescriber_npi=npi(who),
            prescriber_type="",
            drug_name=OXYCODONE if n < opioids else XANAX,
            quantity="30",
            written_date=day,
            filled_date=day,
            pharmacy_ncpdp=f"000000{1 + n % 2}",
        )
        | more
        for n in range(number)
    ]


# Florida's family nurses: thirty alike, then one who writes opioids only, and twice as much.
NURSES, OUTLIER, SELDOM, NOBODY = range(30), 30, 31, 33
# Arizona has four, too few: they are compared with all.
ARIZONANS = range(100, 104)
# Three dentists everywhere; one person of no specialty.
DENTAL, UNKNOWN = range(200, 203), 300
OLD = "2025-06-01"


def prescriptions() -> list[dict[str, str]]:
    """Return what each wrote; the last row makes the as-of date."""
    rows = [row for n in NURSES for row in wrote(n, 20, 4 + n % 3)]
    rows += wrote(OUTLIER, 40, 40)
    rows += wrote(SELDOM, 19, 19)
    rows += [row for n in ARIZONANS for row in wrote(n, 21, 5)]
    rows += [row for n in DENTAL for row in wrote(n, 25, 25)]
    rows += wrote(UNKNOWN, 22, 0)
    rows += wrote(0, 10, 10, OLD)
    troches = {"drug_name": "ketamine 100 mg troche", "is_compound": "true"}
    rows += wrote(1, 2, 0, OLD, **troches)
    rows += wrote(2, 1, 0, OLD, **troches, quantity="")
    rows += wrote(NOBODY, 1, 0, AS_OF, drug_name="lisinopril 10 mg tablet")
    columns = dict.fromkeys(name for row in rows for name in row)
    return [dict.fromkeys(columns, "") | row for row in rows]


def practitioners() -> list[dict[str, str]]:
    """Return everybody but the one of no specialty."""
    groups = ((FAMILY, "FL", (*NURSES, OUTLIER, SELDOM, NOBODY)), (FAMILY, "AZ", ARIZONANS))
    groups += ((DENTISTS, "FL", DENTAL),)
    return [
        named(f"p-{n}", npi=npi(n), dea="", taxonomy=taxonomy, state=state, practice_hours="900")
        for taxonomy, state, numbers in groups
        for n in numbers
    ]


def fill_practices(folder: Path) -> None:
    """Take the files in and evaluate, in whatever database and ledger are in use."""
    ingest(folder, "practitioners.csv", practitioners(), "--kind", "practitioners")
    ingest(folder, "rx.csv", prescriptions(), "--kind", "prescriptions")
    evaluate()


@pytest.fixture(scope="session")
def built_practices(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """Make a folder with the database and the ledger of these prescribers."""
    folder = tmp_path_factory.mktemp("practices")
    with django_db_blocker.unblock():
        connections["default"].ensure_connection()
        with closing(sqlite3.connect(folder / "oversight.db")) as file:
            connections["default"].connection.backup(file)
        with standing_in(folder):
            fill_practices(folder)
    return folder


@pytest.fixture
def practices(built_practices, tmp_path, db) -> Iterator[House]:
    """Yield a copy of them for one test."""
    folder = tmp_path / "practices"
    shutil.copytree(built_practices, folder)
    with standing_in(folder):
        yield House(folder=folder)
