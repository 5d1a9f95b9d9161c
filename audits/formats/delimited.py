"""Reads a delimited file whole into one Parquet file: quickly where it is plain, exactly always."""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from . import by_block, by_row
from .boundaries import clean_length
from .decoding import UTF8_MARK, as_utf8, line_at, undecodable
from .faults import record_too_long, unreadable
from .lines import Lines, RecordTooLongError
from .records import Records, Source
from .shape import (
    LONGEST_RECORD,
    RAGGED,
    ROW,
    TOO_LONG,
    FormatError,
    Reading,
    Shape,
    header_names,
    is_blank,
)

BLOCK = LONGEST_RECORD  # so that a record fits a block exactly if it is not too long
WORKERS = 2

Parsed = tuple[int, Records]  # the byte after the last one read, and what was read


def read(
    path: Path,
    shape: Shape,
    into: Path,
    progress: Callable[[int], None] | None = None,
    *,
    block: int = BLOCK,
) -> Reading:
    """Write the records of ``path`` to the Parquet file ``into`` and return their count.

    Its columns are ``row`` (int64) and one text column for each name of the header. Rows are
    numbered as in a spreadsheet: the header is 1 (further down if blank lines stand above
    it), blank lines take a number and are no records, a line end inside a cell takes none.
    Cells lose the spaces around them, empty ones are null, nothing else changes. Records that
    are ragged or too long are not in the Parquet file but in the Reading.

    ``progress`` gets the bytes of ``path`` read so far; what it raises stops the reading.
    ``block`` is the number of bytes read at a time. Raises FormatError, naming the line,
    and then leaves no file.
    """
    try:
        with as_utf8(path, shape.encoding, into) as text:
            source = Source(path=text, delimiter=shape.delimiter, header=shape.header)
            whole, read_whole = path.stat().st_size, text.stat().st_size
            told = progress and (lambda size: progress(size * whole // read_whole))
            return _write(source, into, told, block)
    except BaseException:
        into.unlink(missing_ok=True)
        raise


def _write(
    source: Source, into: Path, progress: Callable[[int], None] | None, block: int
) -> Reading:
    start, number = _first_record(source)
    schema = source.schema.insert(0, pa.field(ROW, pa.int64()))
    rows, ragged, too_long = 0, [RAGGED.empty_table()], [TOO_LONG.empty_table()]
    # It is read once and deleted: cheap to write matters, an index does not.
    options = {"compression": "lz4", "write_statistics": False}
    with parquet.ParquetWriter(into, schema, **options) as writer:
        for offset, found in _parsed(source, start, block):
            numbers = pa.array(found.numbers, pa.int64())
            if found.numbers:
                numbered = [pc.add(numbers, number), *found.cells.columns]
                writer.write_table(pa.table(numbered, schema=schema))
            ragged.append(_listed(found.ragged, number, RAGGED))
            too_long.append(_listed(found.too_long, number, TOO_LONG))
            rows += len(found.numbers) + len(found.ragged) + len(found.too_long)
            number += found.span
            if progress:
                progress(offset)
    return Reading(rows=rows, ragged=pa.concat_tables(ragged), too_long=pa.concat_tables(too_long))


def _first_record(source: Source) -> tuple[int, int]:
    """Return the byte and the row number after the header."""
    with source.path.open("rb") as file:
        start = len(UTF8_MARK) if file.read(len(UTF8_MARK)) == UTF8_MARK else 0
        file.seek(start)
        lines = Lines(file)
        with _refusals(source, lines, start):
            records = enumerate(by_row.records(lines, source.delimiter), start=2)
            number, cells = next((r for r in records if not is_blank(r[1])), (2, []))
    if header_names(cells) != source.header:
        raise FormatError(
            "changed", "The column names are not those found before. Upload the file again."
        )
    return start + lines.taken, number


def _parsed(source: Source, start: int, block: int) -> Iterator[Parsed]:
    """Yield what was read, block after block in the order of the file."""
    size = source.path.stat().st_size
    waiting: deque[Future[Parsed]] = deque()
    with source.path.open("rb") as file, ThreadPoolExecutor(WORKERS) as pool:
        while start < size:
            file.seek(start)
            data = file.read(block)
            length = clean_length(data, source.delimiter, last=start + len(data) >= size)
            if length:
                waiting.append(pool.submit(_block, source, data[:length], start))
                start += length
            else:
                # What stands before is answered for first, so the first fault is the one told.
                yield from _drained(waiting, 0)
                file.seek(start)
                start, found = _stretch(source, Lines(file), start, block)
                yield start, found
            yield from _drained(waiting, WORKERS)
        yield from _drained(waiting, 0)


def _drained(waiting: deque[Future[Parsed]], left: int) -> Iterator[Parsed]:
    while len(waiting) > left:
        yield waiting.popleft().result()


def _block(source: Source, data: bytes, start: int) -> Parsed:
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise undecodable("utf-8", line_at(source.path, start + error.start)) from error
    if found := by_block.parse(data, source):
        return start + len(data), found
    return _stretch(source, Lines(BytesIO(data)), start, len(data))


def _stretch(source: Source, lines: Lines, start: int, enough: int) -> Parsed:
    with _refusals(source, lines, start):
        found = by_row.parse(lines, source, enough)
    return start + lines.taken, found


@contextmanager
def _refusals(source: Source, lines: Lines, start: int) -> Iterator[None]:
    """Turn what can go wrong in ``lines``, which begin at byte ``start``, into words."""
    try:
        yield
    except csv.Error as error:
        raise unreadable(source, start + lines.record) from error
    except RecordTooLongError as error:
        raise record_too_long(source.path, start + lines.record) from error
    except UnicodeDecodeError as error:
        raise undecodable("utf-8", line_at(source.path, start + lines.taken)) from error


def _listed(pairs: list[tuple[int, object]], number: int, schema: pa.Schema) -> pa.Table:
    rows = [number + place for place, _ in pairs]
    values = [value for _, value in pairs]
    return pa.table([rows, values], schema=schema)
