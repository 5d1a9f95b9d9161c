"""The rows as they are kept: pseudonyms for patients, a hash of the content, by bucket."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from ..schema import KINDS, Kind, Type
from .patients import Pseudonyms, bucket
from .reading import PARQUET, literal

if TYPE_CHECKING:
    from ..mapping import Plan

UNHASHED = ("source_system", "source_record_id", "record_status")
BETWEEN_COLUMNS, AFTER_NAME = 30, 31  # control characters, which no accepted cell can hold
BUCKET = "patient_bucket"
REJECTED = -1  # the bucket of rows that are not accepted
ROWS_WAITING = 131_072


def write_accepted(
    connection: duckdb.DuckDBPyConnection,
    plan: "Plan",
    staged: str,
    *,
    pseudonyms: Pseudonyms,
    into: Path,
) -> int:
    """Write the rows of the query ``staged`` into the folder ``into``, by bucket.

    The columns are ``row``, the ledger's, ``content_hash`` and what ``staged`` says of the row;
    ``patient_bucket`` is in the path. A kind without patients has bucket 0; rejected rows have
    one of their own. A blank record_status is new. Returns the number of rows written; their
    order is not settled.
    """
    kind = KINDS[plan.kind]
    keyed, place = f"({staged})", "0"
    if kind.about_patient:
        pseudonyms.tell(connection)
        key = pseudonyms.sql("source_system", "patient_id")
        keyed, place = f"(SELECT *, {key} AS patient_key FROM {keyed})", bucket("patient_key")
    columns = ", ".join(
        "coalesce(record_status, 'new') AS record_status" if c == "record_status" else f'"{c}"'
        for c in kind.ledger_columns
    )
    query = (
        f"SELECT row, {columns}, {content_hash(kind, plan.absent)} AS content_hash, "
        f"COLUMNS('^_'), CASE WHEN _rejected THEN {REJECTED} ELSE {place} END AS {BUCKET} "
        f"FROM {keyed}"
    )
    # What waits to be written beside the other buckets is to fit the memory.
    connection.execute(f"SET partitioned_write_flush_threshold = {ROWS_WAITING}")
    (written,) = connection.execute(
        f"COPY ({query}) TO {literal(str(into))} ({PARQUET}, PARTITION_BY ({BUCKET}))"
    ).fetchone()
    if not written:
        write_none(connection, query, into)
    return written


def write_none(connection: duckdb.DuckDBPyConnection, query: str, into: Path) -> None:
    """Write a file without rows into ``into``, for there must be one that tells the columns."""
    folder = into / f"{BUCKET}=0"
    folder.mkdir(parents=True)
    none = f"SELECT * EXCLUDE ({BUCKET}) FROM ({query}) LIMIT 0"
    connection.execute(f"COPY ({none}) TO {literal(str(folder / 'none.parquet'))} ({PARQUET})")


def content_hash(kind: Kind, absent: Collection[str] = ()) -> str:
    """Return SQL for the SHA-256, in hex, of what an accepted row says.

    Hashed is ``name`` US ``value`` for every column that is not null, joined by RS, in
    alphabetical order of the ledger's names, in UTF-8, without the record's source, number
    and status. A value is its text: dates and moments in ISO 8601 (moments with Z), numbers
    without trailing zeros, true or false. A column added later does not change the hash of
    rows that lack it; ``absent`` columns, null in every row, only cost time.
    """
    types = {**{f.name: f.type for f in kind.fields}, "patient_key": Type.TEXT}
    named = ", ".join(
        f"'{column}' || chr({AFTER_NAME}) || {_spelled(column, types[column])}"
        for column in sorted(kind.ledger_columns)
        if column not in UNHASHED and column not in absent
    )
    return f"sha256(concat_ws(chr({BETWEEN_COLUMNS}), {named}))"


def _spelled(column: str, kind_of_value: Type) -> str:
    spelled = f'CAST("{column}" AS VARCHAR)'
    if kind_of_value in (Type.QUANTITY, Type.STRENGTH):
        return f"rtrim(rtrim({spelled}, '0'), '.')"
    if kind_of_value is Type.DATETIME:
        return f"replace({spelled}, ' ', 'T') || 'Z'"
    return spelled
