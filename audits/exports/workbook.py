"""Rows as an Excel workbook: typed cells, nothing that runs, and a sheet that says what it is."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .writing import Column, Row, disarmed

BLOCK = 1 << 20
MOST = 1_048_575  # rows below the header that a sheet can hold
LABEL, VALUE = 22, 60  # widths of the columns of the sheet About
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class CellTooLong(Exception):  # noqa: N818 - an answer, not a fault
    """A text is longer than a cell of a workbook can hold; cutting it would say something else."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What an export is: its title, its facts by label, and the moment it was made (UTC)."""

    title: str
    facts: tuple[tuple[str, str | int | date], ...]
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Styles:
    """The formats of cells."""

    head: Format
    day: Format


def workbook_blocks(
    columns: Sequence[Column], rows: Iterable[Row], about: About
) -> Iterator[bytes]:
    """Yield the bytes of a workbook: ``rows`` on as many sheets as they need, then About.

    Texts are written as texts, disarmed as in CSV; a number that a spreadsheet could not keep to
    its last digit is written as text too. Raises CellTooLong.
    """
    with tempfile.TemporaryFile() as file:
        # On leaving it closes its own files too, also where a row could not be written.
        with Workbook(file, OPTIONS) as book:
            _fill(book, columns, rows, about)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _fill(book: Workbook, columns: Sequence[Column], rows: Iterable[Row], about: About) -> None:
    """Write all sheets. Nothing of the machine or its user goes into the document's properties."""
    moment = about.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"created": moment})
    styles = _Styles(
        head=book.add_format({"bold": True, "bottom": 1}),
        day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
    )
    count = _write_rows(book, styles, columns, rows, about.title)
    _write_about(book, styles, about, count)


def _write_rows(
    book: Workbook, styles: _Styles, columns: Sequence[Column], rows: Iterable[Row], title: str
) -> int:
    """Write the rows, a sheet more wherever one is full, and return how many there were."""
    writers = [_writer(column, styles) for column in columns]
    sheet, count = _sheet(book, styles, columns, title), 0
    for row in rows:
        if count and count % MOST == 0:
            sheet = _sheet(book, styles, columns, f"{title} {count // MOST + 1}")
        place = count % MOST + 1
        for number, (write, cell) in enumerate(zip(writers, row, strict=True)):
            if cell is not None:
                write(sheet, place, number, cell)
        count += 1
    return count


def _sheet(book: Workbook, styles: _Styles, columns: Sequence[Column], title: str) -> Worksheet:
    """Return a new sheet with its header, which stays in sight."""
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, max(column.width, len(column.name) + 2))
        sheet.write_string(0, number, column.name, styles.head)
    return sheet


def _writer(column: Column, styles: _Styles) -> Callable[[Worksheet, int, int, str | int], None]:
    """Return what writes a cell of ``column``."""

    def day(sheet: Worksheet, row: int, place: int, cell: str | int) -> None:
        sheet.write_datetime(row, place, date.fromisoformat(str(cell)), styles.day)

    if column.day:
        return day
    return _number if column.number else _text


def _text(sheet: Worksheet, row: int, place: int, cell: str | int) -> None:
    if sheet.write_string(row, place, disarmed(str(cell))):
        raise CellTooLong(f"A text in row {row:,} is longer than a workbook's cell. Choose CSV.")


def _number(sheet: Worksheet, row: int, place: int, cell: str | int) -> None:
    exact = Decimal(str(cell))
    kept = int(exact) if exact == exact.to_integral_value() else float(exact)
    if f"{Decimal(f'{kept:.15g}'):f}" == f"{exact.normalize():f}":
        sheet.write_number(row, place, kept)
    else:
        sheet.write_string(row, place, str(cell))


def _write_about(book: Workbook, styles: _Styles, about: About, count: int) -> None:
    """Write what the workbook is, as labels and values."""
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, LABEL)
    sheet.set_column(1, 1, VALUE)
    for row, (label, value) in enumerate((*about.facts, ("Rows", count))):
        sheet.write_string(row, 0, label, styles.head)
        if isinstance(value, date):
            sheet.write_datetime(row, 1, value, styles.day)
        else:
            (_number if isinstance(value, int) else _text)(sheet, row, 1, value)
