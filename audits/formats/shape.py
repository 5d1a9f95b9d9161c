"""What a format, a recognised file and a finished reading are, and how a refusal speaks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

MOST_COLUMNS = 500
LONGEST_CELL = 65_536  # characters
LONGEST_RECORD = 8 << 20  # bytes
SHOWN = 60
ROW = "row"
RENAMED = " (in file)"
RAGGED = pa.schema([(ROW, pa.int64()), ("cells", pa.int64())])
TOO_LONG = pa.schema([(ROW, pa.int64()), ("column", pa.string())])


class FormatError(Exception):
    """The file cannot be read exactly; the message says what is wrong, where and what to do.

    ``code`` is a fixed word for programs, ``message`` one printable line. ``line`` counts the
    lines of the file as a text editor does, from 1; ``column`` is a name of the header. Both
    are null where the fault belongs to the whole file.
    """

    def __init__(
        self, code: str, message: str, *, line: int | None = None, column: str | None = None
    ) -> None:
        """Keep the four facts; the message becomes one line of printable characters."""
        self.code = code
        self.message = printable(message)
        self.line = line
        self.column = column
        super().__init__(self.message)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A way to write a table as text: one record a line, quoted as in RFC 4180.

    ``said`` is the delimiter's name in a sentence. The suffixes are for file choosers; a file
    is recognised by counting the delimiter in its header, whatever it is called.
    """

    name: str
    title: str
    delimiter: str
    said: str
    suffixes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a file is to be read.

    ``format`` is the name of a Format, ``encoding`` one of utf-8, utf-8-sig, utf-16 and
    cp1252, ``header`` the names of the columns as written, without spaces around them.
    ``notes`` are sentences for the person who uploads.
    """

    format: str
    delimiter: str
    encoding: str
    header: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read: ``rows`` = rows in the Parquet file + ``ragged`` + ``too_long``.

    ``ragged`` (row, cells) lists every record with more or fewer cells than the header,
    ``too_long`` (row, column) every other one with a cell of more than 65,536 characters,
    each by its first such column. Both are in the order of the file and without nulls.
    """

    rows: int
    ragged: pa.Table
    too_long: pa.Table


def header_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a header record, without the space and marks around them.

    A column called like the row number that every reading adds gets another name, so that
    both can stand in one table.
    """
    names = (cell.strip().strip("\ufeff").strip() for cell in cells)
    return tuple(name + RENAMED if name.lower() == ROW else name for name in names)


def is_blank(cells: Sequence[str]) -> bool:
    """Return whether a record is a line without text: no cell, or a single one of spaces."""
    return not cells or (len(cells) == 1 and not cells[0].strip(" "))


def printable(text: str) -> str:
    """Return ``text`` on one line, with ? for what cannot be printed."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def shown(name: str) -> str:
    """Return a column's name in quotation marks, cut to a length that fits a message."""
    return f"'{name}'" if len(name) <= SHOWN else f"'{name[:SHOWN]}...'"
