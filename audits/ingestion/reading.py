"""The stored files of an upload, one or several, read into one text by its plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from .. import formats, mapping
from ..formats import FormatError, Reading, Shape
from ..ledger.sql import parquet
from ..ledger.sql import text as quoted
from ..mapping import MappingError, Plan, Sorted
from ..models import Upload
from . import folders

TEXT = "text.parquet"
ALONE = ""  # the part that a file is which came by itself


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How an upload is read: its plan, and the shape of each of its files by part."""

    plan: Plan
    shapes: Mapping[str, Shape]

    @property
    def main(self) -> str:
        """Return the part whose rows are the records."""
        return self.plan.reads[0] if self.plan.reads else ALONE

    @property
    def shape(self) -> Shape:
        """Return the shape of the file whose rows are the records."""
        return self.shapes[self.main]


@dataclass(frozen=True, kw_only=True)
class Read:
    """The text of an upload, what of its own file is not in it, and notes on its other files."""

    text: Path
    reading: Reading
    notes: tuple[str, ...] = ()

    @property
    def left_out(self) -> dict[str, list[tuple]]:
        """Return the records that are not in the text, as validation takes them by name."""
        return {"ragged": _pairs(self.reading.ragged), "too_long": _pairs(self.reading.too_long)}


def planned(upload: Upload) -> Planned:
    """Return how a received upload is to be read; raises FormatError and MappingError."""
    if upload.files:
        return _planned_parts(upload)
    shape = formats.inspect(folders.original_of(upload))
    kind = upload.asked_kind or None
    plan = mapping.choose(shape.header, kind=kind, preset=upload.asked_preset)
    return Planned(plan=plan, shapes={ALONE: shape})


def planned_again(upload: Upload) -> Planned:
    """Return how an upload was checked; its headers decide, so it comes out the same."""
    if upload.files:
        return _planned_parts(upload)
    shape = formats.inspect(folders.original_of(upload), upload.encoding or None)
    plan = mapping.choose(shape.header, kind=upload.kind, preset=upload.preset)
    return Planned(plan=plan, shapes={ALONE: shape})


def sort_out(files: list[dict], preset: str, kind: str) -> Sorted:
    """Return the preset that reads ``files`` together and which part each is.

    Raises FormatError and MappingError, also where a ``kind`` is asked for.
    """
    headers = [(f["name"], shape.header) for f, shape in _inspected(files)]
    named = mapping.PRESETS.get(preset)
    found = [p for _, header in headers if (p := mapping.for_several(header))]
    chosen = named or next(iter(found), None)
    if chosen is None or not chosen.parts:
        raise MappingError("These files do not belong together. Upload each by itself.")
    if kind:
        raise MappingError(
            f"A {chosen.title} gives {' and '.join(chosen.kinds)} together. Leave the kind out."
        )
    return mapping.sort_out(headers, chosen)


def read(connection: DuckDBPyConnection, upload: Upload, how: Planned, folder: Path) -> Read:
    """Write the text of the upload into ``folder``; nothing else stays. Raises FormatError."""
    text = folder / TEXT
    if not upload.files:
        return Read(text=text, reading=formats.read(folders.original_of(upload), how.shape, text))
    files = {f["part"]: f for f in upload.files}
    texts = {part: folder / f"part-{part}.parquet" for part in how.plan.reads}
    try:
        readings = {
            part: _naming(files[part], formats.read, how.shapes[part], path)
            for part, path in texts.items()
        }
        tables = {part: parquet(path) for part, path in texts.items()}
        query = how.plan.joined(tables) if how.plan.joined else f"FROM {tables[how.main]}"
        connection.execute(f"COPY ({query}) TO {quoted(text)} (FORMAT parquet)")
    finally:
        for path in texts.values():
            path.unlink(missing_ok=True)
    own = readings.pop(how.main)
    notes = [_unread(files[part]["name"], other) for part, other in readings.items()]
    return Read(text=text, reading=own, notes=tuple(filter(None, notes)))


def _planned_parts(upload: Upload) -> Planned:
    if not upload.kind:
        sort_out(upload.files, upload.asked_preset, upload.asked_kind)
        raise MappingError("These files were not read when they came. Send them again.")
    shapes = {f["part"]: shape for f, shape in _inspected(upload.files)}
    headers = {part: shape.header for part, shape in shapes.items()}
    plan = mapping.PRESETS[upload.preset].plan_of(headers, upload.kind)
    return Planned(plan=plan, shapes=shapes)


def _inspected(files: list[dict]) -> list[tuple[dict, Shape]]:
    return [(f, _naming(f, formats.inspect)) for f in files]


def _naming(file: dict, do: Callable[..., Any], *more: object) -> Any:
    """Do something with one of several kept files; raises FormatError that names the file."""
    try:
        return do(folders.original(file["sha256"]), *more)
    except FormatError as error:
        said = f"{file['name']}: {error.message}"
        raise FormatError(error.code, said, line=error.line, column=error.column) from error


def _unread(name: str, reading: Reading) -> str:
    rows = len(reading.ragged) + len(reading.too_long)
    if not rows:
        return ""
    said = "1 row was" if rows == 1 else f"{rows:,} rows were"
    return f"{name}: {said} not read, having too many or too few cells, or one too long."


def _pairs(table: pa.Table) -> list[tuple]:
    """Return the rows of a table of two columns."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
