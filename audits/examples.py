"""Worked examples of a rule: read from its card, put through the real path, compared by tests."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from . import engine, keys, mapping, validation
from .enrichment import enrich
from .ledger import rows_sql, sql
from .reference.factors import MME_SET
from .rule import Records, Rule
from .schema import KINDS

SOURCE = "example"
SECRET = b"examples are not secret"
EXPECTED = "expected"
RECEIVED = date(2026, 11, 1)

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """The tables of a card: rows of each kind as files have them, and the answers expected."""

    records: Mapping[str, Rows]
    expected: Rows


def read(rule: Rule) -> Example:
    """Return the worked example of ``rule``, cells as text, empty cells left out."""
    tables = {}
    for block in textwrap.dedent(rule.examples).strip().split("\n\n"):
        name, header, *lines = [line.rstrip() for line in block.splitlines()]
        columns = _cells(header)
        tables[name] = [
            {c: v for c, v in zip(columns, _cells(line), strict=True) if v} for line in lines
        ]
    return Example(expected=tables.pop(EXPECTED), records=tables)


def _cells(line: str) -> list[str]:
    """Return the cells of a line; a bar without spaces around it belongs to a cell."""
    return [cell.strip() for cell in f"{line} ".split(" | ")]


def subject_id(rule: Rule, written: str) -> str:
    """Return the subject's id in the ledger for a subject as the example writes it."""
    if not rule.subject.startswith("patient"):
        return written
    patient, *rest = written.split("|")
    return "|".join([key_of(patient), *rest])


def key_of(patient: str) -> str:
    """Return the pseudonym of a patient of the examples."""
    return keys.patient_key(SECRET, SOURCE, patient)


@contextmanager
def put(
    limits: engine.Limits, records: Mapping[str, Rows], as_of: date, *, mme_set: str = MME_SET
) -> Iterator[tuple[Backend, Records]]:
    """Yield an engine with ``records`` as rules see them, by mapping, validation and enrichment.

    Rows need no number of their own. Every kind that is given is held for all its dates.
    """
    with engine.connect(limits) as backend, TemporaryDirectory() as folder:
        views, holdings = {}, []
        for place, kind in enumerate(KINDS, start=1):
            rows = records.get(kind, ())
            if not rows:
                views[kind] = rows_sql(kind, [])
                continue
            into = Path(folder) / kind
            into.mkdir()
            checked = _validated(backend, kind, rows, into)
            views[kind] = _view(into / validation.ACCEPTED, place)
            if checked.first_date:
                ends = RECEIVED if KINDS[kind].open_ended else checked.last_date
                holdings.append(
                    {
                        "holding": place,
                        "kind": kind,
                        "covers_from": checked.first_date,
                        "covers_to": ends,
                        "state": None,
                    }
                )
        yield backend, enrich(backend, views, holdings, as_of, mme_set=mme_set)


def _validated(backend: Backend, kind: str, rows: Rows, into: Path) -> validation.Checked:
    given = [{"source_record_id": f"{kind}-{n}", **row} for n, row in enumerate(rows, start=1)]
    header = tuple(dict.fromkeys(column for row in given for column in row))
    columns = {c: pa.array([row.get(c) for row in given], pa.string()) for c in header}
    numbers = pa.array(range(2, len(given) + 2), pa.int64())
    pq.write_table(pa.table({"row": numbers, **columns}), into / "text.parquet")
    return validation.check(
        backend.con,
        into / "text.parquet",
        mapping.choose(header, kind=kind, preset="canonical"),
        into=into,
        source=None if "source_system" in header else SOURCE,
        received_on=RECEIVED,
        pseudonyms=validation.Pseudonyms(secret=SECRET),
    )


def _view(accepted: Path, upload: int) -> str:
    return (
        f"SELECT COLUMNS('^[^_]'), {upload}::BIGINT AS upload, row::BIGINT AS accepted_seq "
        f"FROM {sql.parquet(accepted)}"
    )
