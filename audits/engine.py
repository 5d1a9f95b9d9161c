"""The engine that runs expressions: DuckDB in this process, within stated limits."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

SPILL, LOCK = "engine-", "lock"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of the machine one connection may take; ``scratch`` is where it spills."""

    memory: str
    threads: int
    scratch: Path


@contextmanager
def connect(limits: Limits) -> Iterator[Backend]:
    """Yield an empty engine in memory, closed and its spill folder removed afterwards.

    Nothing is loaded from outside: extensions are neither installed nor loaded by
    themselves. The raw connection is ``backend.con``; interrupt it from another thread
    to stop a running query. What killed processes spilled is taken away first.
    """
    limits.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear_away(limits.scratch)
    with TemporaryDirectory(dir=limits.scratch, prefix=SPILL) as spill, _marked(Path(spill)):
        backend = ibis.duckdb.connect(
            memory_limit=limits.memory,
            threads=limits.threads,
            temp_directory=spill,
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
            preserve_insertion_order=False,
            # Files are written again under their names; the cache has answered with the old ones.
            enable_external_file_cache=False,
        )
        backend.con.execute("SET TimeZone = 'UTC'")
        try:
            yield backend
        finally:
            backend.disconnect()


@contextmanager
def _marked(spill: Path) -> Iterator[None]:
    """Hold the lock by which others see that a process works in this folder."""
    with (spill / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _clear_away(scratch: Path) -> None:
    """Remove the folders of processes that died: nobody holds their lock."""
    for lock in scratch.glob(f"{SPILL}*/{LOCK}"):
        with suppress(OSError), lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def store(backend: Backend, name: str, expression: Table | str) -> Table:
    """Compute ``expression`` (Ibis or SQL) once into a table of this name and return that table."""
    sql = expression if isinstance(expression, str) else backend.compile(expression)
    backend.con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql}')
    return backend.table(name)


def widen(backend: Backend, rows: Table, column: str, values: Table) -> Table:
    """Add a column to a table of ``store`` and return it: rows are not written once more.

    ``column`` is its name, SQL type and DEFAULT (else null). ``values`` has upload, row and
    the value of the rows that have another one.
    """
    table, name = rows.get_name(), column.split(maxsplit=1)[0]
    value = values.columns[-1]
    backend.con.execute(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    backend.con.execute(
        f'UPDATE "{table}" AS r SET {name} = v."{value}" FROM ({backend.compile(values)}) v '
        'WHERE r.upload = v.upload AND r."row" = v."row"'
    )
    return backend.table(table)


def view(backend: Backend, name: str, sql: str) -> Table:
    """Give the query ``sql`` a name and return it as a table that is computed when asked."""
    backend.con.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {sql}')
    return backend.table(name)


def load(backend: Backend, name: str, rows: Sequence[Mapping], columns: Mapping[str, str]) -> Table:
    """Put plain rows into a table with these columns (name to SQL type) and return it."""
    declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    backend.con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" ({declared})')
    return append(backend, name, rows, columns)


def append(
    backend: Backend, name: str, rows: Sequence[Mapping], columns: Mapping[str, str]
) -> Table:
    """Put plain rows at the end of a table that ``load`` made and return it."""
    if rows:
        arrow = pa.table({c: [row.get(c) for row in rows] for c in columns})
        backend.con.register("arriving", arrow)
        listed = ", ".join(f'"{c}"' for c in columns)
        backend.con.execute(f'INSERT INTO "{name}" SELECT {listed} FROM arriving')
        backend.con.unregister("arriving")
    return backend.table(name)


def rows(backend: Backend, expression: Table | str) -> list[dict]:
    """Return the rows of ``expression`` (Ibis or SQL) as dicts."""
    sql = expression if isinstance(expression, str) else backend.compile(expression)
    cursor = backend.con.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def write(backend: Backend, expression: Table | str, path: Path) -> None:
    """Write the rows of ``expression`` to a Parquet file that appears whole or not at all."""
    sql = expression if isinstance(expression, str) else backend.compile(expression)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".partial")
    backend.con.execute(f"COPY ({sql}) TO '{partial}' (FORMAT parquet, COMPRESSION zstd)")
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
