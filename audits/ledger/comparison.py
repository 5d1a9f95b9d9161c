"""An upload held against the ledger: whose rows they are, and what becomes of each."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from . import sql
from .columns import record_columns
from .current import SAME_RECORD, Files, current_sql, former_sql
from .decisions import REVISE_WITHOUT_RECORD, VOID_WITHOUT_RECORD, decide_in_order

ROWS_AT_ONCE = 20_000
SCRATCH = ("ledger_repeated", "ledger_current", "ledger_former", "ledger_decided")
DECIDED = pa.schema(
    {"row": pa.int64(), "outcome": pa.string(), "replaced": pa.string(), "note": pa.string()}
)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of accepted rows, and the snapshot of the ledger it is compared with.

    ``as_revisions`` has every row count as one that says *revise*, whatever it says.
    """

    connection: DuckDBPyConnection
    accepted: Path
    kind: str
    ledger: Files
    versions: Mapping[str, int]
    sequence: int
    latest_wins: tuple[str, ...]
    withdrawn_uploads: Collection[int]
    upload: int
    first_seq: int
    into: Path
    as_revisions: bool

    @property
    def stated(self) -> str:
        """Return the query for what the rows say of which record, without the other columns."""
        status = "record_status" if "record_status" in record_columns(self.kind) else "NULL"
        if self.as_revisions:
            status = "'revise'"
        favoured = ", ".join(["NULL", *map(sql.text, self.latest_wins)])
        return (
            f'SELECT "row", source_system, source_record_id, content_hash, {status} AS status, '
            f"coalesce(source_system IN ({favoured}), false) AS latest_wins, "
            "hash(source_system, source_record_id) AS record_hash "
            f"FROM {sql.parquet(self.accepted)}"
        )


def decide_all(task: Upload) -> None:
    """Decide every row of the upload: the temporary table ``ledger_decided`` has the answers.

    It has row, outcome, replaced (the content superseded, or null) and note (or null).
    """
    _find_repeated(task)
    _find_known(task)
    _decide_single(task)
    _decide_repeated(task)


def _find_repeated(task: Upload) -> None:
    """Find the hashes of records that occur more than once; a collision only costs time."""
    task.connection.execute(
        "CREATE OR REPLACE TEMP TABLE ledger_repeated AS "
        f"SELECT record_hash FROM ({task.stated}) GROUP BY ALL HAVING count(*) > 1"
    )


def _find_known(task: Upload) -> None:
    """Find what the ledger holds of the file's records: the content in force and former ones."""
    wanted = ("source_system", "source_record_id", "content_hash", "upload")
    place = (task.ledger, task.kind, task.versions, task.sequence, wanted)
    named = f"SEMI JOIN ({task.stated}) l ON {SAME_RECORD}"
    task.connection.execute(
        "CREATE OR REPLACE TEMP TABLE ledger_current AS "
        'SELECT r.source_system, r.source_record_id, r.content_hash AS "current" '
        f"FROM ({current_sql(*place)}) r {named}"
    )
    task.connection.execute(
        "CREATE OR REPLACE TEMP TABLE ledger_former AS SELECT DISTINCT r.* EXCLUDE (upload) "
        f"FROM ({former_sql(*place)}) r {named} "
        f"WHERE coalesce(r.upload NOT IN ({sql.numbers(task.withdrawn_uploads)}), true)"
    )


def _known_rows(task: Upload) -> str:
    """Return the query for the rows of records that occur once, with what is known of each."""
    return f"""
        SELECT
            r.*, c."current", f.former IS NOT NULL AS was_former,
            c."current" IS NOT NULL OR s.had IS NOT NULL AS seen
        FROM (FROM ({task.stated}) ANTI JOIN ledger_repeated USING (record_hash)) r
        LEFT JOIN ledger_current c USING (source_system, source_record_id)
        LEFT JOIN (
            SELECT source_system, source_record_id, content_hash AS former FROM ledger_former
        ) f ON f.source_system = r.source_system
            AND f.source_record_id = r.source_record_id AND f.former = r.content_hash
        LEFT JOIN (
            SELECT DISTINCT source_system, source_record_id, true AS had FROM ledger_former
        ) s USING (source_system, source_record_id)
    """


def _decide_single(task: Upload) -> None:
    """Decide the records that occur once, all together; the words are those of ``decide``."""
    task.connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ledger_decided AS
        SELECT
            "row", outcome,
            CASE WHEN outcome IN ('revised', 'voided') THEN "current" END AS replaced,
            CASE
                WHEN seen THEN NULL
                WHEN status = 'void' THEN '{VOID_WITHOUT_RECORD}'
                WHEN status = 'revise' THEN '{REVISE_WITHOUT_RECORD}'
            END AS note
        FROM (
            SELECT *, CASE
                WHEN status = 'void'
                    THEN CASE WHEN "current" IS NULL THEN 'unchanged' ELSE 'voided' END
                WHEN content_hash = "current" THEN 'unchanged'
                WHEN status = 'revise' THEN CASE WHEN seen THEN 'revised' ELSE 'new' END
                WHEN was_former THEN 'stale'
                WHEN "current" IS NULL THEN 'new'
                WHEN latest_wins THEN 'revised'
                ELSE 'conflict'
            END AS outcome
            FROM ({_known_rows(task)})
        )
        """
    )


def _repeated_rows(task: Upload) -> Iterator[Mapping[str, object]]:
    """Yield the rows of records that occur more than once, by record and row, with their state."""
    answer = task.connection.execute(
        f"""
        SELECT
            r.* EXCLUDE (record_hash), c."current", coalesce(f.contents, []) AS former,
            c."current" IS NOT NULL OR f.contents IS NOT NULL AS seen
        FROM (FROM ({task.stated}) SEMI JOIN ledger_repeated USING (record_hash)) r
        LEFT JOIN ledger_current c USING (source_system, source_record_id)
        LEFT JOIN (
            SELECT source_system, source_record_id, list(content_hash) AS contents
            FROM ledger_former GROUP BY ALL
        ) f USING (source_system, source_record_id)
        ORDER BY r.source_system, r.source_record_id, r."row"
        """
    )
    names = [column[0] for column in answer.description]
    while rows := answer.fetchmany(ROWS_AT_ONCE):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _decide_repeated(task: Upload) -> None:
    """Decide the records that occur several times, row after row, by way of a file."""
    path = task.into / "repeated.parquet"
    decided = decide_in_order(_repeated_rows(task))
    with pq.ParquetWriter(path, DECIDED) as file:
        while some := list(islice(decided, ROWS_AT_ONCE)):
            columns = [
                pa.array(c, t) for c, t in zip(zip(*some, strict=True), DECIDED.types, strict=True)
            ]
            file.write_table(pa.Table.from_arrays(columns, schema=DECIDED))
    task.connection.execute(f"INSERT INTO ledger_decided FROM {sql.parquet(path)}")
    path.unlink()
