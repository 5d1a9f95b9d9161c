"""Making the file of an export, whole or not at all, and telling the trail before it is had."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from django.db import transaction

from .. import trail
from .workbook import About, workbook_blocks
from .writing import Column, Row, csv_chunks, json_chunks

Chunks = Callable[[Sequence[Column], Iterable[Row]], Iterator[str]]
Layout = Callable[[Sequence[Column], Iterable[Row], About], Iterator[bytes]]


class NotWritable(Exception):  # noqa: N818 - an answer, not a fault
    """The file cannot be written where it is asked for; the message names the place and why."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was exported: the number of rows, the size and SHA-256 of the bytes."""

    rows: int
    size: int
    sha256: str


@dataclass(kw_only=True)
class _Counted:
    """Rows passing by, counted."""

    rows: Iterable[Row]
    count: int = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.count += 1
            yield row


def _text(chunks: Chunks) -> Layout:
    """Return the layout of a text file: it has no place to say what it is about."""
    return lambda columns, rows, _about: (text.encode() for text in chunks(columns, rows))


FORMATS: Mapping[str, Layout] = MappingProxyType(
    {"csv": _text(csv_chunks), "json": _text(json_chunks), "xlsx": workbook_blocks}
)


def make(
    stream: BinaryIO, layout: str, columns: Sequence[Column], rows: Iterable[Row], about: About
) -> Made:
    """Write ``rows`` in ``layout`` (a name in FORMATS) to ``stream`` and return what was made.

    ``about`` goes into layouts that have a place for it. The trail is not told; whoever
    gives the bytes away does that first (``tell``).
    """
    counted, digest, size = _Counted(rows=rows), sha256(), 0
    for data in FORMATS[layout](columns, counted, about):
        digest.update(data)
        size += stream.write(data)
    return Made(rows=counted.count, size=size, sha256=digest.hexdigest())


def tell(made: Made, what: str, actor: trail.Actor, **facts: str) -> None:
    """Write the event of an export, with what it was narrowed to as ``facts``."""
    with transaction.atomic():
        trail.record(
            actor=actor,
            action=trail.Action.EXPORT_MADE,
            object_type="export",
            object_id=made.sha256,
            after={"what": what, "rows": made.rows, "bytes": made.size, **facts},
        )


def deliver(
    path: Path,
    layout: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    about: About,
    tell_of: Callable[[Made], None],
) -> Made:
    """Write the export to ``path``, whole or not at all; ``tell_of`` is called with it before.

    Only its owner can read the file. Raises NotWritable, naming the place.
    """
    try:
        with _partial_of(path) as file:
            made = make(file, layout, columns, rows, about)
            file.flush()
            os.fsync(file.fileno())
            tell_of(made)
            Path(file.name).replace(path)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}.") from error
    return made


def deliver_made(path: Path, write: Callable[[Path], int], tell_of: Callable[[Made], None]) -> Made:
    """The same for a file of another kind: ``write`` makes it where it is told, counts its rows."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
            file = Path(beside) / "partial"
            rows = write(file)
            file.chmod(0o600)
            with file.open("rb") as written:
                digest = file_digest(written, "sha256").hexdigest()
                os.fsync(written.fileno())
            made = Made(rows=rows, size=file.stat().st_size, sha256=digest)
            tell_of(made)
            file.replace(path)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}.") from error
    return made


@contextmanager
def _partial_of(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file beside ``path`` that is gone afterwards unless it was renamed."""
    options = {"dir": path.parent, "prefix": f".{path.name}.", "suffix": ".partial"}
    with tempfile.NamedTemporaryFile(delete=False, **options) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)
