"""A small invented export as Synthea lays it out: four files that only together say something."""

import csv
import io
from collections.abc import Iterable, Mapping

import duckdb

from audits import ingestion, snapshots
from audits.ingestion import Asked, Sent
from audits.ledger import current_sql
from audits.models import Job, Upload

from .paths import ADA, adds_up, done

PATIENTS = (
    {"Id": "A", "BIRTHDATE": "1980-05-17", "GENDER": "F", "STATE": "Nebraska", "ZIP": "68504"},
    {"Id": "B", "BIRTHDATE": "1950-01-01", "GENDER": "M", "STATE": "Ontario", "ZIP": "00000"},
)
PROVIDERS = ({"Id": "doc", "ORGANIZATION": "o", "NAME": "Johna806 Klein929", "STATE": "NE"},)
ENCOUNTERS = tuple(
    {
        "Id": number,
        "START": f"2025-01-0{day}T15:00:00Z",
        "STOP": f"2025-01-0{day}T15:15:00Z",
        "PATIENT": patient,
        "PROVIDER": provider,
        "ENCOUNTERCLASS": how,
    }
    for day, (number, patient, provider, how) in enumerate(
        [
            ("e1", "A", "doc", "ambulatory"),
            ("e2", "A", "doc", "virtual"),
            ("e3", "B", "nobody", "inpatient"),
            ("e4", "A", "doc", "hovercraft"),
        ],
        start=1,
    )
)


def medication(patient: str, encounter: str, **cells: str) -> dict[str, str]:
    row = {
        "START": "2025-01-02T03:30:00Z",
        "STOP": "",
        "PATIENT": patient,
        "ENCOUNTER": encounter,
        "CODE": "1049683",
        "DESCRIPTION": "Oxycodone Hydrochloride 10 MG Oral Tablet",
        "DISPENSES": "1",
    }
    return row | cells


MEDICATIONS = (
    medication("A", "e1"),
    medication("A", "e1", STOP="2025-01-09T03:30:00Z"),
    medication("A", "e2"),
    medication("B", "e3", START="2025-01-05"),
    medication("C", "e9"),
    medication("A", "e3"),
)


def text(rows: Iterable[Mapping[str, str]]) -> bytes:
    rows = list(rows)
    made = io.StringIO()
    writer = csv.DictWriter(made, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode()


def export(**parts: Iterable[Mapping[str, str]]) -> dict[str, bytes]:
    """Give the bytes of the four files by name; ``parts`` replaces rows."""
    whole = {
        "medications": MEDICATIONS,
        "encounters": ENCOUNTERS,
        "providers": PROVIDERS,
        "patients": PATIENTS,
    }
    return {f"{part}.csv": text(rows) for part, rows in (whole | parts).items()}


def stage(files: Mapping[str, bytes], **asked: object) -> list[Upload]:
    """Receive and check files as one upload; return what came of them, staged or refused."""
    sent = [Sent(name=name, blocks=[content]) for name, content in files.items()]
    uploads, job = ingestion.receive_together(
        sent, Asked(file_name="", **asked), ADA, announced=False
    )
    done(job)
    return refreshed(uploads)


def promote(uploads: list[Upload]) -> list[Upload]:
    """Promote all uploads of a receipt, each by the job that the one before it asked for."""
    done(ingestion.ask_for_promotion(uploads[0], ADA, then_evaluate=False))
    while waiting := Job.objects.filter(state=Job.State.QUEUED).first():
        done(waiting)
    return refreshed(uploads)


def ingest(files: Mapping[str, bytes], **asked: object) -> list[Upload]:
    uploads = stage(files, **asked)
    if uploads[0].status == Upload.Status.STAGED:
        uploads = promote(uploads)
    for upload in uploads:
        adds_up(upload)
    return uploads


def refreshed(uploads: list[Upload]) -> list[Upload]:
    for upload in uploads:
        upload.refresh_from_db()
    return uploads


def held(kind: str) -> list[dict]:
    """Give the rows in force of a kind, in the order of uploads and their files."""
    snapshot = snapshots.latest()
    sql = current_sql(snapshots.ledger(), kind, snapshot.versions, snapshot.sequence)
    with duckdb.connect() as connection:
        cursor = connection.execute(f"FROM ({sql}) ORDER BY upload, row")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
