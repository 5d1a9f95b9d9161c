"""What became of the rows of an upload, read off the lists beside it."""

import csv
import re
import tempfile
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from .. import engine, formats, snapshots, trail
from ..formats.by_row import records
from ..formats.decoding import as_utf8
from ..formats.lines import Lines
from ..formats.shape import is_blank
from ..models import Upload
from ..validation import REJECTIONS, WARNINGS, explain
from . import folders
from .receiving import record

OUTCOMES = "outcomes.parquet"
LISTS = {"rejected": REJECTIONS, "warned": WARNINGS}
MARK = b"\xef\xbb\xbf"
# What a spreadsheet would run: OWASP's list, with the full-width forms Excel folds to it.
RUNS = re.compile(r"^[\s\ufeff]*[=+\-@\t\r\x00\uff1d\uff0b\uff0d\uff20]")
A_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def problems(
    upload: Upload, level: str, *, column: str | None, code: str | None, after: int, limit: int
) -> list[dict]:
    """Return row, column and code of at most ``limit`` problems past row ``after``.

    ``level`` is rejected or warned; ``column`` and ``code`` narrow where they are not None.
    A row with several problems comes whole: the limit counts rows. Empty where the list is gone.
    """
    path = folders.folder_of(upload) / LISTS[level]
    wanted = {"column": column, "code": code}
    given = {name: value for name, value in wanted.items() if value is not None}
    narrow = "".join(f' AND "{name}" = ?' for name in given)
    query = (
        f'WITH found AS (SELECT row, "column", code FROM read_parquet(?) WHERE row > ?{narrow}) '
        "SELECT * FROM found WHERE row IN (SELECT DISTINCT row FROM found ORDER BY row LIMIT ?) "
        'ORDER BY row, "column", code'
    )
    return _asked(path, query, [str(path), after, *given.values(), limit])


def outcomes(upload: Upload, outcome: str, *, after: int, limit: int) -> list[dict]:
    """Return at most ``limit`` rows with ``outcome`` past row ``after``, in file order."""
    path = folders.folder_of(upload) / OUTCOMES
    query = (
        "SELECT row, outcome, source_system, source_record_id, note FROM read_parquet(?) "
        "WHERE row > ? AND outcome = ? ORDER BY row LIMIT ?"
    )
    return _asked(path, query, [str(path), after, outcome, limit])


def write_rejected(upload: Upload, stream: BinaryIO, actor: trail.Actor) -> int:
    """Write the rejected rows as they stood in the file, to be corrected; return their number.

    Two columns follow those of the file: the row's number and what is wrong. A cell that a
    spreadsheet would run gets a leading apostrophe. One event of the trail a download.
    Raises FormatError where the original cannot be read any more.
    """
    reasons = _reasons(upload)
    text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    written = 0
    for place, (row, cells) in enumerate(_original(upload)):
        if place == 0:
            writer.writerow([*map(disarmed, cells), "row", "reason"])
        elif row in reasons:
            writer.writerow([*map(disarmed, cells), row, reasons[row]])
            written += 1
    text.detach()
    with transaction.atomic():
        record(upload, trail.Action.REJECTS_DOWNLOADED, actor, rows=written)
    return written


def disarmed(cell: str) -> str:
    """Return a cell that no spreadsheet runs; numbers stay as they are."""
    return f"'{cell}" if RUNS.match(cell) and not A_NUMBER.match(cell) else cell


def _reasons(upload: Upload) -> dict[int, str]:
    """Return what is wrong with each listed row, in words."""
    found: dict[int, list[str]] = {}
    path = folders.folder_of(upload) / REJECTIONS
    query = 'SELECT row, "column", code FROM read_parquet(?) ORDER BY row, "column", code'
    for line in _asked(path, query, [str(path)]):
        found.setdefault(line["row"], []).append(explain(line["code"], line["column"]))
    return {row: " ".join(sentences) for row, sentences in found.items()}


def _original(upload: Upload) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield number and cells of the records of the stored file, the header first."""
    path = folders.original_of(upload)
    shape = formats.inspect(path, upload.encoding or None)
    with (
        tempfile.TemporaryDirectory(dir=folders.folder_of(upload)) as scratch,
        as_utf8(path, shape.encoding, Path(scratch) / "text") as readable,
        readable.open("rb") as file,
    ):
        if file.read(len(MARK)) != MARK:
            file.seek(0)
        lines = Lines(file)
        for row, cells in enumerate(records(lines, shape.delimiter), start=1):
            if not is_blank(cells):
                yield row, cells


def _asked(path: Path, query: str, values: list) -> list[dict]:
    """Return the rows of a query over one of the lists, none where the list is not there."""
    if not path.exists():
        return []
    with engine.connect(snapshots.web_limits()) as backend:
        cursor = backend.con.execute(query, values)
        names = [description[0] for description in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
