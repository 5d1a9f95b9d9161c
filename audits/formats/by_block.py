"""Reads a block of plain records column by column, with Arrow: fast, and exact on these only."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from .decoding import UTF8_MARK
from .records import Records, Source
from .shape import LONGEST_CELL

FIRST = re.compile(rb" *[\r\n]")
AFTER_FEED = re.compile(rb"\n(?= *[\r\n])")
AFTER_RETURN = re.compile(rb"\r(?= +[\r\n]|\r)")
NO_TEXT = re.compile(r' *|" *"')


def parse(block: bytes, source: Source) -> Records | None:
    """Return the records of ``block``, or null where only reading row by row is exact.

    The block is as ``clean_length`` cuts it and valid UTF-8. Null is the answer for blank
    lines among quotation marks, a byte order mark, and a cell longer than the limit.
    """
    lines: Sequence[int] | None = None
    if _has_blank_line(block):
        # Arrow drops blank lines or makes records of them. Inside quotes they are text.
        if b'"' in block:
            return None
        every = block.splitlines(keepends=True)
        lines = [number for number, line in enumerate(every) if line.strip(b" \r\n")]
        block, span = b"".join(every[number] for number in lines), len(every)
    if block.startswith(UTF8_MARK):
        return None  # Arrow drops a byte order mark, but here it is the beginning of a cell
    odd: list[tuple[int, int, bool]] = []
    table = _arrow(block, source, odd) if block else source.schema.empty_table()
    columns = [column.combine_chunks() for column in table.columns]
    if any(_longest(column) > LONGEST_CELL for column in columns):
        return None
    places = range(len(table) + len(odd))
    if lines is None:
        lines, span = places, len(places)
    left_out = {place for place, _, _ in odd}
    return Records(
        cells=pa.table([_stripped(column) for column in columns], schema=source.schema),
        numbers=[lines[place] for place in places if place not in left_out],
        ragged=[(lines[place], cells) for place, cells, blank in odd if not blank],
        too_long=[],
        span=span,
    )


def _arrow(block: bytes, source: Source, odd: list[tuple[int, int, bool]]) -> pa.Table:
    """Return the whole records as text; ``odd`` gets (place, cells, blank) of the others."""

    def leave_out(row: csv.InvalidRow) -> str:
        blank = row.actual_columns == 1 and NO_TEXT.fullmatch(row.text) is not None
        odd.append((row.number - 1, row.actual_columns, blank))
        return "skip"

    return csv.read_csv(
        pa.BufferReader(block),
        # One thread and one block: else Arrow cannot number the rows it hands over.
        read_options=csv.ReadOptions(
            use_threads=False, column_names=list(source.header), block_size=len(block) + 1
        ),
        parse_options=csv.ParseOptions(
            delimiter=source.delimiter,
            newlines_in_values=b'"' in block,
            invalid_row_handler=leave_out,
        ),
        convert_options=csv.ConvertOptions(
            check_utf8=False,
            column_types=source.schema,
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _has_blank_line(block: bytes) -> bool:
    # Patterns that begin with a fixed byte, for these are searched fastest.
    return (
        FIRST.match(block) is not None
        or AFTER_FEED.search(block) is not None
        or (b"\r" in block and AFTER_RETURN.search(block) is not None)
    )


def _longest(column: pa.Array) -> int:
    return pc.max(pc.binary_length(column)).as_py() or 0


def _stripped(column: pa.Array) -> pa.Array:
    # Most columns hold codes and dates: no space at all.
    text = column.buffers()[2]
    if text is None or b" " not in text.to_pybytes():
        return column
    trimmed = pc.ascii_trim(column, " ")
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
