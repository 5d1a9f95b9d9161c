"""What becomes of every row of an upload: decided set-wise, numbered in file order.

Three files say it. ``append.parquet`` has upload, row, content_hash, accepted_seq and
patient_bucket of the rows for the kind's table, whose other columns stay where they are, in the
accepted file; ``lines.parquet`` the lines for ``superseded``; ``outcomes.parquet`` row,
outcome, source_system, source_record_id, content_hash, note and seq of every row. There seq is
the number the row took, or for a row without effect the next one then free, and the content of
a void that found nothing to void is null.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from ..vocabulary import Outcome
from . import sql
from .columns import record_columns
from .comparison import SCRATCH, Upload, decide_all
from .current import Files
from .decisions import APPENDED, EFFECTIVE, LATEST_WINS


class OutcomeError(Exception):
    """The outcomes do not add up to the rows of the file; the message gives both counts."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many rows had each outcome, how many each note, and the next free sequence number.

    Every Outcome but ``rejected`` is a key; a note that no row has is absent.
    """

    outcomes: Mapping[Outcome, int]
    notes: Mapping[str, int]
    next_seq: int


def classify(
    connection: DuckDBPyConnection,
    accepted: Path,
    *,
    kind: str,
    ledger: Files,
    versions: Mapping[str, int],
    sequence: int,
    policies: Mapping[str, str],
    withdrawn_uploads: Collection[int],
    upload: int,
    first_seq: int,
    into: Path,
    as_revisions: bool = False,
) -> Counts:
    """Decide every row of ``accepted`` against the ledger and write what follows into ``into``.

    ``accepted`` has row, the kind's ledger columns, content_hash and patient_bucket. The
    snapshot compared with is ``versions`` and ``sequence``. ``policies`` maps a source to
    by_status or latest_wins; one that is not named is by_status, so that a person decides.
    ``as_revisions`` takes every row for a revision, as a person chose. The three files are
    overwritten. Raises OutcomeError when the rows do not add up.
    """
    task = Upload(
        connection=connection,
        accepted=accepted,
        kind=kind,
        ledger=ledger,
        versions=versions,
        sequence=sequence,
        latest_wins=tuple(s for s, policy in policies.items() if policy == LATEST_WINS),
        withdrawn_uploads=withdrawn_uploads,
        upload=upload,
        first_seq=first_seq,
        into=into,
        as_revisions=as_revisions,
    )
    return _carried_out(task)


def _carried_out(task: Upload) -> Counts:
    task.into.mkdir(parents=True, exist_ok=True)
    with sql.scratch(task.connection, (*SCRATCH, "ledger_numbered")):
        decide_all(task)
        _number(task)
        _write(task)
        return _count(task)


def _words(outcomes: Collection[Outcome]) -> str:
    """Return outcomes as an SQL list."""
    return ", ".join(sql.text(outcome) for outcome in outcomes)


def _number(task: Upload) -> None:
    """Give every row with an effect its sequence number, in file order."""
    task.connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ledger_numbered AS
        SELECT * EXCLUDE (counts), {int(task.first_seq)} + (sum(counts) OVER (
            ORDER BY "row" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) - counts)::BIGINT AS seq
        FROM (
            SELECT *, (outcome IN ({_words(EFFECTIVE)}))::INTEGER AS counts FROM ledger_decided
        )
        """
    )


def _write(task: Upload) -> None:
    """Write which rows to append, the superseded lines and the outcome of every row."""
    rows = sql.parquet(task.accepted)
    _copy(
        task,
        "append.parquet",
        f'SELECT {int(task.upload)}::BIGINT AS upload, a."row", a.content_hash, '
        f"n.seq AS accepted_seq, a.patient_bucket FROM {rows} a JOIN (FROM ledger_numbered "
        f'WHERE outcome IN ({_words(APPENDED)})) n USING ("row")',
    )
    _copy(
        task,
        "lines.parquet",
        f"SELECT {sql.text(task.kind)} AS kind, a.source_system, a.source_record_id, "
        f"n.replaced AS content_hash, {int(task.upload)}::BIGINT AS by_upload, n.seq, "
        f"NULL::BIGINT AS lifts FROM {rows} a JOIN (FROM ledger_numbered "
        'WHERE replaced IS NOT NULL) n USING ("row") ORDER BY n.seq',
    )
    _copy(
        task,
        "outcomes.parquet",
        f'SELECT "row", n.outcome, a.source_system, a.source_record_id, {_stands_for(task)}, '
        f'n.note, n.seq FROM {rows} a JOIN ledger_numbered n USING ("row")',
    )


def _stands_for(task: Upload) -> str:
    """Return the content a row stands for: none where it repeats that there is none."""
    if "record_status" not in record_columns(task.kind):
        return "a.content_hash"
    return (
        "CASE WHEN a.record_status = 'void' AND n.outcome = 'unchanged' THEN NULL "
        "ELSE a.content_hash END AS content_hash"
    )


def _copy(task: Upload, file: str, query: str) -> None:
    """Write the result of ``query`` to ``file``; these files are read once, so quickly."""
    path = sql.text(task.into / file)
    task.connection.execute(
        f"COPY ({query}) TO {path} (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 30720)"
    )


def _count(task: Upload) -> Counts:
    """Return the counts; raises OutcomeError unless every row has exactly one outcome."""
    connection = task.connection
    found, notes = (_numbers_of(connection, word) for word in ("outcome", "note"))
    (read,) = connection.execute(f"SELECT count(*) FROM {sql.parquet(task.accepted)}").fetchone()
    if read != sum(found.values()):
        raise OutcomeError(f"{read:,} rows were read, {sum(found.values()):,} have an outcome")
    outcomes = {o: found.get(o.value, 0) for o in Outcome if o is not Outcome.REJECTED}
    return Counts(
        outcomes=outcomes,
        notes=notes,
        next_seq=task.first_seq + sum(outcomes[o] for o in EFFECTIVE),
    )


def _numbers_of(connection: DuckDBPyConnection, column: str) -> dict[str, int]:
    """Return how many rows have each value of ``column``, nulls left out."""
    values = f"FROM ledger_numbered WHERE {column} IS NOT NULL GROUP BY ALL"
    return dict(connection.execute(f"SELECT {column}, count(*) {values}").fetchall())
