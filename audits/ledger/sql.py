"""SQL text: how names, paths and lists are written in a statement."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection


def text(value: str | Path) -> str:
    """Return ``value`` as an SQL string."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[str | Path]) -> str:
    """Return ``values`` as an SQL list of strings."""
    return f"[{', '.join(map(text, values))}]"


def name(column: str) -> str:
    """Return ``column`` as an SQL name."""
    return '"' + column.replace('"', '""') + '"'


def names(columns: Iterable[str], of: str = "") -> str:
    """Return a list of columns; with ``of`` each belongs to that table."""
    return ", ".join(f"{of}.{name(c)}" if of else name(c) for c in columns)


def nothing(columns: Mapping[str, str]) -> str:
    """Return a query without rows whose columns have the given names and types."""
    cells = ", ".join(f"NULL::{sql_type} AS {name(c)}" for c, sql_type in columns.items())
    return f"SELECT {cells} WHERE false"


def parquet(path: Path) -> str:
    """Return the table of one Parquet file, or of a folder with a folder for each bucket."""
    if not path.is_dir():
        return f"read_parquet({text(path)})"
    types = "hive_types = {patient_bucket: INTEGER}"
    return f"read_parquet({text(inside(path))}, hive_partitioning = true, {types})"


def inside(path: Path) -> Path:
    """Return the pattern of the files of ``parquet``: itself, or all in a folder of buckets."""
    return path / "*" / "*.parquet" if path.is_dir() else path


def numbers(values: Iterable[int]) -> str:
    """Return whole numbers as an SQL list that is never empty (NULL equals nothing)."""
    return ", ".join(["NULL::BIGINT", *(str(int(v)) for v in sorted(values))])


@contextmanager
def scratch(connection: DuckDBPyConnection, tables: Iterable[str]) -> Iterator[None]:
    """Drop the temporary ``tables`` at the end, whatever happens."""
    try:
        yield
    finally:
        for table in tables:
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
