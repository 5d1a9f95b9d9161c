"""Files of prescriptions as a clinic would send them, for the tests of pages."""

import csv
import io

from audits import ingestion, jobs, trail
from audits.models import Upload
from audits.schema import KINDS

FIELDS = KINDS["prescriptions"].fields


def prescriptions(rows: int, **changes: dict[int, str]) -> bytes:
    """Return a canonical file of ``rows`` rows; ``changes`` sets cells: column -> {row: text}."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in FIELDS])
    writer.writeheader()
    for number in range(1, rows + 1):
        row = {field.name: field.example for field in FIELDS} | {"source_record_id": str(number)}
        row |= {column: cells[number] for column, cells in changes.items() if number in cells}
        writer.writerow(row)
    return text.getvalue().encode()


def checked(data: bytes, name: str = "clinic.csv", actor: trail.Actor | None = None) -> Upload:
    """Take a file in and check it; return the upload as it is then."""
    asked = ingestion.Asked(file_name=name)
    by = actor or trail.Actor.command("tester")
    upload, job = ingestion.receive([data], asked, by, announced=True)
    done = jobs.run_in_foreground(job)
    assert done.state == done.State.SUCCEEDED, done.error
    upload.refresh_from_db()
    return upload


def promoted(upload: Upload) -> Upload:
    """Promote a staged upload and return it as it is then."""
    by = trail.Actor.command("tester")
    job = ingestion.ask_for_promotion(upload, by, then_evaluate=False)
    done = jobs.run_in_foreground(job)
    assert done.state == done.State.SUCCEEDED, done.error
    upload.refresh_from_db()
    return upload
