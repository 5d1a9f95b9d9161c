"""The Parquet files of one commit: written by DuckDB, sorted, and safely on the disk."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deltalake.transaction import AddAction, RemoveAction
from duckdb import DuckDBPyConnection

from . import sql
from .columns import BUCKET, IDENTITY, OWN, SUPERSEDED, bucket_column, columns, order
from .errors import LedgerError

ROWS_IN_GROUP = 122_880


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file: its path within the table's folder, bucket (None: not partitioned), rows, bytes."""

    path: str
    bucket: int | None
    rows: int
    size: int

    def added(self, *, data_change: bool) -> AddAction:
        """Return the Delta action that adds this file to the table."""
        return AddAction(
            path=self.path,
            size=self.size,
            partition_values=partition(self.bucket),
            modification_time=time.time_ns() // 1_000_000,
            data_change=data_change,
            stats=json.dumps({"numRecords": self.rows}),
        )


def partition(bucket: int | None) -> dict[str, str | None]:
    """Return the Delta partition values of ``bucket``; none where there is none."""
    return {} if bucket is None else {BUCKET: str(bucket)}


def removed(folder: Path, bucket: int | None, path: str) -> RemoveAction:
    """Return the Delta action that takes a file out of the newest version only."""
    return RemoveAction(
        path=path,
        data_change=False,
        deletion_timestamp=time.time_ns() // 1_000_000,
        partition_values=partition(bucket),
        size=(folder / path).stat().st_size,
    )


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where rows go: the table, its folder, and the stem of the file names."""

    table: str
    folder: Path
    stem: str

    def path(self, bucket: int | None) -> str:
        """Return the path of a bucket's file within the folder."""
        if bucket is None:
            return f"{self.stem}.parquet"
        return f"{bucket_column(self.table)}={bucket}/{self.stem}.parquet"


def filled(connection: DuckDBPyConnection, files: Sequence[str | Path]) -> set[str]:
    """Return the columns of Parquet ``files`` that have a value in some row.

    It is read from the files' own statistics; a column without them counts as filled.
    """
    rows = connection.execute(
        f"SELECT path_in_schema FROM parquet_metadata({sql.texts(files)}) GROUP BY ALL "
        "HAVING coalesce(sum(stats_null_count), 0) < sum(num_values)"
    ).fetchall()
    return {column for (column,) in rows}


def write(
    connection: DuckDBPyConnection,
    files: Sequence[str | Path],
    target: Target,
    *,
    of: Path | None = None,
    from_table: bool = False,
) -> list[Part]:
    """Write the rows of Parquet ``files``, one file a bucket, and bring it onto the disk.

    The names follow from the stem and the bucket alone, so a second try overwrites the
    first. Buckets are written one after the other: each is sorted by itself, which keeps
    the order exact and the memory to a sixteenth; to sort them all together, for one pass
    instead of sixteen, took twice as long. Columns that no row fills are left out. ``of`` is
    the Parquet file, or the folder of buckets, with the columns from the record, where
    ``files`` have the ledger's own only. ``from_table`` says that the files are the table's
    own, with the bucket in their path.
    """
    bucketed = bucket_column(target.table)
    hive = f"true, hive_types = {{{bucketed}: INTEGER}}" if from_table and bucketed else "false"
    rows = f"read_parquet({sql.texts(files)}, union_by_name = true, hive_partitioning = {hive})"
    buckets: list[int | None] = [None]
    if bucketed:
        found = connection.execute(f"SELECT DISTINCT {bucketed} FROM {rows} ORDER BY ALL")
        buckets = [bucket for (bucket,) in found.fetchall()]
    always = columns(SUPERSEDED) if bucketed is None else (*OWN, *IDENTITY)
    kept = filled(connection, files).union(always)
    if of:
        kept |= filled(connection, [sql.inside(of)])
        said = f"{sql.parquet(of)} AS said"
        rows = (
            f'(SELECT own.*, said.* EXCLUDE ("row", content_hash, {BUCKET}) '
            f'FROM {rows} AS own JOIN {said} USING ("row", {BUCKET}))'
        )
    written = [_write_one(connection, rows, kept, target, bucket) for bucket in buckets]
    if of and sum(part.rows for part in written) != (wanted := _count(connection, files)):
        raise LedgerError(f"{of.name} has not all the {wanted:,} rows that are to be written")
    for place in {target.folder, *_folders(target.folder, written)}:
        sync(place)
    return [part for part in written if part.rows]


def _count(connection: DuckDBPyConnection, files: Sequence[str | Path]) -> int:
    (rows,) = connection.execute(
        f"SELECT sum(num_rows) FROM parquet_file_metadata({sql.texts(files)})"
    ).fetchone()
    return rows


def _write_one(
    connection: DuckDBPyConnection,
    rows: str,
    kept: set[str],
    target: Target,
    bucket: int | None,
) -> Part:
    """Write and sync the rows of one bucket, with the columns in ``kept``."""
    bucketed = bucket_column(target.table)
    inside = target.path(bucket)
    path = target.folder / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    here = "" if bucket is None else f"WHERE {bucketed} = {int(bucket)}"
    cells = ", ".join(
        f"CAST({sql.name(c)} AS {sql_type}) AS {sql.name(c)}"
        for c, sql_type in columns(target.table).items()
        if c in kept and c != bucketed
    )
    by = sql.names(c for c in order(target.table) if c in kept)
    (count,) = connection.execute(
        f"COPY (SELECT {cells} FROM {rows} {here} ORDER BY {by}) TO {sql.text(path)} "
        f"(FORMAT parquet, ROW_GROUP_SIZE {ROWS_IN_GROUP})"
    ).fetchone()
    sync(path)
    return Part(path=inside, bucket=bucket, rows=count, size=path.stat().st_size)


def _folders(folder: Path, written: Iterable[Part]) -> set[Path]:
    """Return the folders that got new names."""
    return {(folder / part.path).parent for part in written}


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
