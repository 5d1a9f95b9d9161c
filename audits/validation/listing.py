"""The lists of rejections and warnings: row, column and code, never a value."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from .reading import literal
from .staging import Mark

MOST_LINES = 100_000
ROW = ""  # the column of what concerns the whole row
RAGGED = "wrong_number_of_cells"

Counts = Mapping[tuple[str, str], int]
Lines = dict[str, list[tuple[str, str, int]]]


def counted(connection: duckdb.DuckDBPyConnection, staged: str, marks: Sequence[Mark]) -> list[int]:
    """Return for every mark how many rows of the SQL relation ``staged`` have it."""
    if not marks:
        return []
    columns = sorted({mark.column for mark in marks})
    ors = ", ".join(f"coalesce(bit_or({column}), 0)" for column in columns)
    bits = connection.execute(f"SELECT {ors} FROM {staged}").fetchone() or ()
    seen = dict(zip(columns, bits, strict=True))
    found = [mark for mark in marks if seen[mark.column] >> mark.bit & 1]
    if not found:
        return [0] * len(marks)
    counts = ", ".join(f"count(*) FILTER ({mark.condition})" for mark in found)
    totals = connection.execute(f"SELECT {counts} FROM {staged}").fetchone() or ()
    by_mark = dict(zip(found, totals, strict=True))
    return [by_mark.get(mark, 0) for mark in marks]


def write(
    connection: duckdb.DuckDBPyConnection,
    lines: Lines,
    path: Path,
) -> None:
    """Write ``row``, ``column`` and ``code`` to ``path``, in the order of the file.

    ``lines`` holds for each code (column as shown, SQL giving its rows, their number);
    beyond 100,000 lines of one code the first in the file are kept.
    """
    parts = [_of_code(code, found) for code, found in lines.items() if found]
    nothing = "SELECT 0::BIGINT AS row, '' AS \"column\", '' AS code WHERE false"
    union = " UNION ALL ".join(parts or [nothing])
    connection.execute(
        f'COPY (SELECT * FROM ({union}) ORDER BY row, "column", code) '
        f"TO {literal(str(path))} (FORMAT parquet)"
    )


def _of_code(code: str, found: Sequence[tuple[str, str, int]]) -> str:
    selects = " UNION ALL ".join(
        f'SELECT row, {literal(column)} AS "column", {literal(code)} AS code FROM ({rows})'
        for column, rows, _ in found
    )
    if sum(number for _, _, number in found) <= MOST_LINES:
        return selects
    return f'(SELECT * FROM ({selects}) ORDER BY row, "column" LIMIT {MOST_LINES})'
