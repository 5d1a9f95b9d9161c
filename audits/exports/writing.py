"""Rows as CSV that no spreadsheet runs, or as one JSON array."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# What makes a spreadsheet take a cell for a formula or a command, full-width forms too.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001

# What may stand before it without making it harmless: some programs trim these first.
OVERLOOKED = "\ufeff\x00 "

Row = Sequence[str | int | None]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of an export; a number travels as a number (an exact one as its digits).

    A ``day`` comes as YYYY-MM-DD. ``width`` is that of a workbook's column, in characters.
    """

    name: str
    number: bool = False
    day: bool = False
    width: int = 14


def disarmed(text: str) -> str:
    """Return ``text`` with an apostrophe in front where a spreadsheet would run it."""
    return f"'{text}" if text.lstrip(OVERLOOKED).startswith(DANGEROUS) else text


class _Line:
    """A file that keeps what was written last, for the CSV writer to write into."""

    def write(self, text: str) -> None:
        self.text = text


def csv_chunks(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """Yield CSV (RFC 4180) with a header line; text cells are disarmed, nulls are empty."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([column.name for column in columns])
    yield line.text
    for row in rows:
        writer.writerow(
            [
                cell if column.number or cell is None else disarmed(str(cell))
                for column, cell in zip(columns, row, strict=True)
            ]
        )
        yield line.text


def json_chunks(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """Yield one JSON array of objects; numbers keep exactly the digits they have."""
    yield "["
    separator = "\n"
    for row in rows:
        cells = (
            f"{json.dumps(column.name)}: {_json(column, cell)}"
            for column, cell in zip(columns, row, strict=True)
        )
        yield f"{separator}{{{', '.join(cells)}}}"
        separator = ",\n"
    yield "\n]\n"


def _json(column: Column, cell: str | int | None) -> str:
    if cell is None:
        return "null"
    return str(cell) if column.number else json.dumps(cell, ensure_ascii=False)
