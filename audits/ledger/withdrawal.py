"""Taking a promoted upload back: lines only, nothing is deleted.

Each record that the upload had a part in comes to what the uploads that still stand said of
it last: content they brought, content they restated as unchanged, or a void. So what the
upload revised or voided is in force again, unless a later upload superseded it too, and that
holds in whatever order uploads are withdrawn. Content that is in force already stays, on
whichever row it stands.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from . import sql
from .columns import IDENTITY, SUPERSEDED, SUPERSEDED_COLUMNS
from .current import SAME_RECORD, Files, held_files, lines_sql, rows_sql

SCRATCH = ("ledger_touched", "ledger_rows", "ledger_lines", "ledger_changes")
ENDED = f"{SAME_RECORD} AND l.content_hash = r.content_hash AND l.seq > r.accepted_seq"
RESTATED = dict.fromkeys((*IDENTITY, "content_hash"), "VARCHAR") | {"seq": "BIGINT"}


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """How many rows went out of force, how many lines were lifted, the next sequence number."""

    superseded: int
    lifted: int
    next_seq: int


@dataclass(frozen=True, kw_only=True)
class _Task:
    """One call of ``withdraw``, passed on whole."""

    connection: DuckDBPyConnection
    upload: int
    kind: str
    ledger: Files
    versions: Mapping[str, int]
    sequence: int
    gone: frozenset[int]
    first_seq: int
    restated: Path | None
    into: Path


def withdraw(
    connection: DuckDBPyConnection,
    upload: int,
    *,
    kind: str,
    ledger: Files,
    versions: Mapping[str, int],
    sequence: int,
    withdrawn_uploads: Collection[int],
    first_seq: int,
    restated: Path | None,
    into: Path,
) -> Withdrawal:
    """Write ``into``/lines.parquet, the superseded lines that take ``upload`` back.

    ``withdrawn_uploads`` are those withdrawn before. ``restated`` is a Parquet list
    (source_system, source_record_id, content_hash, seq) of the rows with the outcome
    *unchanged* in other uploads that stand, as in their ``outcomes.parquet``; without seq
    a content counts as restated right after its row. None: nothing was restated.
    """
    task = _Task(
        connection=connection,
        upload=upload,
        kind=kind,
        ledger=ledger,
        versions=versions,
        sequence=sequence,
        gone=frozenset({upload, *withdrawn_uploads}),
        first_seq=first_seq,
        restated=restated,
        into=into,
    )
    into.mkdir(parents=True, exist_ok=True)
    with sql.scratch(connection, SCRATCH):
        _find_touched(task)
        _gather(task)
        _find_changes(task)
        return _write(task)


def _queries(task: _Task) -> tuple[str, str, str]:
    """Return the queries for the kind's rows, all its lines, and those in effect."""
    wanted = (*IDENTITY, "content_hash", "accepted_seq", "upload")
    rows = rows_sql(task.kind, held_files(task.ledger, task.kind, task.versions), wanted)
    lines = rows_sql(SUPERSEDED, held_files(task.ledger, SUPERSEDED, task.versions))
    return (
        f"FROM ({rows}) WHERE accepted_seq <= {int(task.sequence)}",
        f"FROM ({lines}) WHERE kind = {sql.text(task.kind)} AND seq <= {int(task.sequence)}",
        lines_sql(task.ledger, task.kind, task.versions, task.sequence),
    )


def _find_touched(task: _Task) -> None:
    """Find the records whose state may change.

    They are those of the upload's rows and lines, and those that still stand as an upload
    withdrawn earlier left them, which may have rested on this upload's word: in force on
    its row, or out of force by its line.
    """
    rows, lines, effective = _queries(task)
    gone = sql.numbers(task.gone)
    task.connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ledger_touched AS
        SELECT source_system, source_record_id FROM ({rows}) r
        WHERE upload = {int(task.upload)} OR (
            upload IN ({gone}) AND NOT EXISTS (FROM ({effective}) l WHERE {ENDED})
        )
        UNION
        SELECT source_system, source_record_id FROM ({lines}) WHERE by_upload = {int(task.upload)}
        UNION
        SELECT source_system, source_record_id FROM ({effective})
        SEMI JOIN (
            FROM ({rows}) WHERE coalesce(upload NOT IN ({gone}), true)
        ) USING (source_system, source_record_id, content_hash)
        WHERE by_upload IN ({gone})
        """
    )


def _gather(task: _Task) -> None:
    """Gather every row and line of the touched records, with whether they still have effect."""
    rows, lines, effective = _queries(task)
    touched = f"SEMI JOIN ledger_touched l ON {SAME_RECORD}"
    task.connection.execute(
        "CREATE OR REPLACE TEMP TABLE ledger_lines AS SELECT r.*, EXISTS ("
        f"FROM ({lines}) l WHERE {SAME_RECORD} AND l.lifts = r.seq) AS lifted "
        f"FROM ({lines}) r {touched}"
    )
    task.connection.execute(
        "CREATE OR REPLACE TEMP TABLE ledger_rows AS SELECT r.*, "
        f"NOT EXISTS (FROM ({effective}) l WHERE {ENDED}) AS in_force FROM ({rows}) r {touched}"
    )


def _restated(task: _Task) -> str:
    """Return the query for what other uploads restated of the touched records ('' is a void)."""
    given = sql.nothing(RESTATED)
    if task.restated:
        given = f"{given} UNION ALL BY NAME FROM {sql.parquet(task.restated)}"
    return f"""
        SELECT source_system, source_record_id, content_hash,
            coalesce(max(g.seq), max(r.accepted_seq)) AS seq
        FROM ledger_rows r JOIN ({given}) g
        USING (source_system, source_record_id, content_hash) GROUP BY ALL
        UNION ALL
        SELECT g.source_system, g.source_record_id, '' AS content_hash, g.seq
        FROM ({given}) g SEMI JOIN ledger_touched USING (source_system, source_record_id)
        WHERE g.content_hash IS NULL AND g.seq IS NOT NULL
    """


def _find_changes(task: _Task) -> None:
    """Find the records whose content in force is not what the standing uploads said last."""
    gone = sql.numbers(task.gone)
    task.connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ledger_changes AS
        WITH said AS (
            -- A row or a void takes its number after a restatement that saw it free.
            SELECT source_system, source_record_id, content_hash, accepted_seq * 2 + 1 AS moment
            FROM ledger_rows WHERE coalesce(upload NOT IN ({gone}), true)
            UNION ALL
            SELECT source_system, source_record_id, content_hash, seq * 2 AS moment
            FROM ({_restated(task)})
            UNION ALL
            SELECT l.source_system, l.source_record_id, '' AS content_hash, seq * 2 + 1 AS moment
            FROM ledger_lines l WHERE lifts IS NULL AND coalesce(by_upload NOT IN ({gone}), true)
            AND NOT EXISTS (FROM ledger_rows r WHERE {SAME_RECORD} AND r.accepted_seq = l.seq)
        ),
        last AS (
            SELECT source_system, source_record_id, nullif(arg_max(content_hash, moment), '') AS due
            FROM said GROUP BY ALL
        ),
        held AS (
            SELECT source_system, source_record_id, max(content_hash) AS held
            FROM ledger_rows WHERE in_force GROUP BY ALL
        )
        SELECT source_system, source_record_id, held, due FROM ledger_touched
        LEFT JOIN last USING (source_system, source_record_id)
        LEFT JOIN held USING (source_system, source_record_id)
        WHERE held IS DISTINCT FROM due
        """
    )


def _write(task: _Task) -> Withdrawal:
    """Write the lines that end what is held and lift those that stand before what is due."""
    path = sql.text(task.into / "lines.parquet")
    task.connection.execute(
        f"""
        COPY (
            SELECT {sql.names(SUPERSEDED_COLUMNS)} FROM (
                SELECT
                    {sql.text(task.kind)} AS kind, *, {int(task.upload)}::BIGINT AS by_upload,
                    {int(task.first_seq)} - 1 + row_number() OVER (
                        ORDER BY source_system, source_record_id, lifts NULLS FIRST
                    ) AS seq
                FROM (
                    SELECT
                        source_system, source_record_id, held AS content_hash,
                        NULL::BIGINT AS lifts
                    FROM ledger_changes WHERE held IS NOT NULL
                    UNION ALL
                    SELECT l.source_system, l.source_record_id, l.content_hash, l.seq AS lifts
                    FROM ledger_lines l JOIN (
                        SELECT source_system, source_record_id, content_hash,
                            max(accepted_seq) AS accepted_seq
                        FROM ledger_changes JOIN ledger_rows
                        USING (source_system, source_record_id)
                        WHERE content_hash = due GROUP BY ALL
                    ) r USING (source_system, source_record_id, content_hash)
                    WHERE l.lifts IS NULL AND NOT l.lifted AND l.seq > r.accepted_seq
                )
            ) ORDER BY seq
        ) TO {path} (FORMAT parquet)
        """
    )
    superseded, lifted = task.connection.execute(
        f"SELECT count(*) - count(lifts), count(lifts) FROM read_parquet({path})"
    ).fetchone()
    return Withdrawal(
        superseded=superseded, lifted=lifted, next_seq=task.first_seq + superseded + lifted
    )
