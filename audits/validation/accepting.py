"""The accepted rows: pseudonyms for patients, a hash of the content."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ..keys import bucket_of
from ..schema import KINDS, Kind, Type
from .reading import PARQUET, literal

if TYPE_CHECKING:
    from ..mapping import Plan

UNHASHED = ("source_system", "source_record_id", "record_status")
BETWEEN_COLUMNS, AFTER_NAME = 30, 31  # control characters, which no accepted cell can hold
PAIRS_AT_ONCE = 50_000
PATIENTS = pa.schema(
    [
        ("source_system", pa.string()),
        ("patient_id", pa.string()),
        ("patient_key", pa.string()),
        ("patient_bucket", pa.int32()),
    ]
)


def write_patients(
    connection: duckdb.DuckDBPyConnection,
    staged: str,
    path: Path,
    pseudonym: Callable[[str, str], str],
) -> None:
    """Write the pseudonym of every distinct patient of the accepted rows to ``path``."""
    connection.execute(
        f"SELECT DISTINCT source_system, patient_id FROM {staged} WHERE NOT _rejected"
    )
    with pq.ParquetWriter(path, PATIENTS) as writer:
        for pairs in _batches(connection):
            keys = [pseudonym(source, patient) for source, patient in pairs]
            sources, patients = zip(*pairs, strict=True)
            columns = [sources, patients, keys, [bucket_of(key) for key in keys]]
            writer.write_table(pa.table([list(c) for c in columns], schema=PATIENTS))


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[str, str]]]:
    while pairs := connection.fetchmany(PAIRS_AT_ONCE):
        yield pairs


def write_accepted(
    connection: duckdb.DuckDBPyConnection,
    plan: "Plan",
    staged: str,
    *,
    patients: str,
    path: Path,
) -> int:
    """Write ``row``, the ledger's columns, ``content_hash``, ``patient_bucket`` and ``warned``.

    Returns the number of rows written. A kind without patients has bucket 0. A blank
    record_status is new. The order of the rows is not settled: sorting 54 columns took more
    memory than all the rest.
    """
    kind = KINDS[plan.kind]
    if kind.about_patient:
        joined = f"{staged} AS s JOIN {patients} AS p USING (source_system, patient_id)"
        bucket = "patient_bucket"
    else:
        joined, bucket = staged, "0::INTEGER"
    columns = ", ".join(
        "coalesce(record_status, 'new') AS record_status" if c == "record_status" else f'"{c}"'
        for c in kind.ledger_columns
    )
    written = connection.execute(
        f"COPY (SELECT row, {columns}, {content_hash(kind, plan.absent)} AS content_hash, "
        f"{bucket} AS patient_bucket, _warned AS warned FROM {joined} "
        f"WHERE NOT _rejected) TO {literal(str(path))} ({PARQUET})"
    ).fetchone()
    return written[0] if written else 0


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
