"""The engine that runs expressions: DuckDB in this process, within stated limits."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.operations import Relation
from ibis.expr.types import Table

SPILL, LOCK = "engine-", "lock"
KEPT = 2_000  # compiled expressions

# Selects that stand in one another stay so: to put them together takes a third of the time
# of compiling, and DuckDB does it by itself.
ibis.options.sql.fuse_selects = False


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


def sql_of(expression: Table | str) -> str:
    """Return the SQL of ``expression``; SQL is returned as it is.

    The same expression is compiled once a process: that takes much longer than its making.
    """
    return expression if isinstance(expression, str) else _compiled(expression.op())


@lru_cache(maxsize=KEPT)
def _compiled(expression: Relation) -> str:
    return Backend().compile(expression.to_expr())


def table(backend: Backend, name: str) -> Table:
    """Return a table of the engine by its name, as an expression that any engine can run."""
    described = backend.con.execute(f'DESCRIBE "{name}"').fetchall()
    return _declared(name, tuple(column[:3] for column in described))


@lru_cache(maxsize=KEPT)
def _declared(name: str, columns: tuple[tuple[str, str, str], ...]) -> Table:
    of_type = Backend.compiler.type_mapper.from_string
    return ibis.table({c: of_type(kind, nullable=null == "YES") for c, kind, null in columns}, name)


def store(backend: Backend, name: str, expression: Table | str) -> Table:
    """Compute ``expression`` (Ibis or SQL) once into a table of this name and return that table."""
    backend.con.execute(making(name, sql_of(expression)))
    return table(backend, name)


def making(name: str, sql: str) -> str:
    """Return the statement that computes the query ``sql`` into a table of this name."""
    return f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql}'


def widen(backend: Backend, rows: Table, column: str, values: Table) -> Table:
    """Add a column to a table of ``store`` and return it: rows are not written once more.

    ``column`` is its name, SQL type and DEFAULT (else null). ``values`` has upload, row and
    the value of the rows that have another one.
    """
    widened, name = rows.get_name(), column.split(maxsplit=1)[0]
    value = values.columns[-1]
    backend.con.execute(f'ALTER TABLE "{widened}" ADD COLUMN {column}')
    backend.con.execute(
        f'UPDATE "{widened}" AS r SET {name} = v."{value}" FROM ({sql_of(values)}) v '
        'WHERE r.upload = v.upload AND r."row" = v."row"'
    )
    return table(backend, widened)


def view(backend: Backend, name: str, sql: str) -> Table:
    """Give the query ``sql`` a name and return it as a table that is computed when asked."""
    backend.con.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {sql}')
    return table(backend, name)


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
    return table(backend, name)


def rows(backend: Backend, expression: Table | str) -> list[dict]:
    """Return the rows of ``expression`` (Ibis or SQL) as dicts."""
    cursor = backend.con.execute(sql_of(expression))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def write(backend: Backend, expression: Table | str, path: Path) -> None:
    """Write the rows of ``expression`` to a Parquet file that appears whole or not at all."""
    sql = sql_of(expression)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".partial")
    backend.con.execute(f"COPY ({sql}) TO '{partial}' (FORMAT parquet, COMPRESSION zstd)")
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
