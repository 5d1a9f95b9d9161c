"""Small files put through mapping and validation: rows in, what became of them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audits.keys import patient_key
from audits.mapping import Plan, choose
from audits.validation import ACCEPTED, REJECTIONS, WARNINGS, Checked, Pseudonyms, check

NUMBERS = count()
RECEIVED = date(2026, 1, 31)
SECRET = b"a secret for tests"
PSEUDONYMS = Pseudonyms(secret=SECRET)
PRESCRIPTION = {
    "source_system": "clinic-ehr",
    "source_record_id": "rec-1",
    "record_type": "dispense",
    "record_status": "new",
    "written_date": "2026-01-02",
    "filled_date": "2026-01-03",
    "patient_id": "pat-1",
    "patient_birth_year": "1980",
    "patient_state": "AZ",
    "ndc11": "00406853001",
    "is_compound": "false",
    "quantity": "120",
    "days_supply": "30",
    "prescriber_npi": "1234567893",
    "pharmacy_ncpdp": "0312345",
}
LICENCE = {
    "source_system": "board",
    "source_record_id": "lic-1",
    "record_status": "new",
    "npi": "1245319599",
    "kind": "licence",
    "state": "FL",
    "schedules": "II;III",
    "valid_from": "1985-01-01",
    "valid_to": "2027-12-31",
}
PRACTITIONER = {
    "source_system": "hr",
    "source_record_id": "p-1",
    "record_status": "new",
    "npi": "1234567893",
    "dea": "AP5836727;FP1234563",
    "prescriber_type": "np",
}

CHECK = {
    "source_system": "clinic-ehr",
    "source_record_id": "check-1",
    "record_status": "new",
    "patient_id": "pat-1",
    "by_npi": "1234567893",
    "state": "AZ",
    "queried_at": "2026-01-02T15:20:00Z",
    "outcome": "reviewed",
}
RESULT = {
    "source_system": "laboratory",
    "source_record_id": "result-1",
    "record_status": "new",
    "patient_id": "pat-1",
    "code": "1742-6",
    "collected_on": "2026-01-02",
    "value": "31.5",
    "unit": "U/L",
}
EXCLUSION = {
    "source_system": "oig",
    "source_record_id": "excluded-1",
    "record_status": "new",
    "npi": "1234567893",
    "exclusion_type": "1128b4",
    "excluded_on": "2025-01-20",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a check wrote: accepted rows as dicts in file order, the lists as sets of lines."""

    checked: Checked
    accepted: list[dict[str, object]]
    rejections: set[tuple[int, str, str]]
    warnings: set[tuple[int, str, str]]


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """Return a connection configured as on a closed network."""
    closed = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(config={**closed, "threads": "1", "memory_limit": "512MB"})


def pseudonym(source: str, patient: str) -> str:
    return patient_key(SECRET, source, patient)


def write_text(
    rows: Sequence[Mapping[str, str | None]], path: Path, header: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Write ``rows`` as a reader does, first row 2, and return the header."""
    header = header or tuple(dict.fromkeys(name for row in rows for name in row))
    columns = {
        name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in header
    }
    numbers = pa.array(range(2, len(rows) + 2), pa.int64())
    pq.write_table(pa.table({"row": numbers, **columns}), path)
    return header


def run(
    folder: Path,
    rows: Sequence[Mapping[str, str | None]],
    *,
    kind: str | None = None,
    preset: str = "auto",
    plan: Plan | None = None,
    header: tuple[str, ...] = (),
    **how: object,
) -> Outcome:
    """Check ``rows`` in ``folder``; ``how`` goes to ``check``."""
    # A new name each time: the connection may remember a file of the same name.
    text = folder / f"text-{next(NUMBERS)}.parquet"
    header = write_text(rows, text, header)
    plan = plan or choose(header, kind=kind, preset=preset)
    how = {"source": None, "received_on": RECEIVED, "pseudonyms": PSEUDONYMS} | how
    checked = check(connection(), text, plan, into=folder, **how)
    return Outcome(
        checked=checked,
        accepted=sorted(pq.read_table(folder / ACCEPTED).to_pylist(), key=lambda row: row["row"]),
        rejections=_lines(folder / REJECTIONS),
        warnings=_lines(folder / WARNINGS),
    )


def _lines(path: Path) -> set[tuple[int, str, str]]:
    lines = pq.read_table(path).to_pylist()
    return {(line["row"], line["column"], line["code"]) for line in lines}
