"""Reads records one by one with the csv module's strict reader: exact on any text, and slow."""

import csv
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from .lines import Lines
from .records import Records, Source
from .shape import LONGEST_CELL, is_blank


def records(lines: Lines, delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each record; a blank line is a record without text.

    Raises csv.Error for a quotation mark out of place and for a cell of more than 131,072
    characters, and what ``Lines`` raises. ``lines.record`` is then where the record began.
    """
    for cells in csv.reader(lines, delimiter=delimiter, strict=True):
        yield cells
        lines.record = lines.taken


def parse(lines: Lines, source: Source, enough: int) -> Records:
    """Return the records of the lines up to the first record end at or past ``enough`` bytes."""
    whole: list[list[str | None]] = []
    numbers: list[int] = []
    ragged: list[tuple[int, int]] = []
    too_long: list[tuple[int, str]] = []
    number = -1
    for number, cells in enumerate(records(lines, source.delimiter)):
        if len(cells) != len(source.header):
            if not is_blank(cells):
                ragged.append((number, len(cells)))
        elif column := _too_long(cells, source.header):
            too_long.append((number, column))
        else:
            numbers.append(number)
            whole.append([cell.strip(" ") or None for cell in cells])
        if lines.taken >= enough:
            break
    return Records(
        cells=_table(whole, source),
        numbers=numbers,
        ragged=ragged,
        too_long=too_long,
        span=number + 1,
    )


def _too_long(cells: Sequence[str], header: Sequence[str]) -> str | None:
    if max(map(len, cells)) <= LONGEST_CELL:
        return None
    pairs = zip(header, cells, strict=True)
    return next((name for name, cell in pairs if len(cell.strip(" ")) > LONGEST_CELL), None)


def _table(rows: Sequence[Sequence[str | None]], source: Source) -> pa.Table:
    columns: Iterable[Sequence[str | None]] = (
        zip(*rows, strict=True) if rows else [()] * len(source.header)
    )
    return pa.table([pa.array(c, pa.string()) for c in columns], schema=source.schema)
