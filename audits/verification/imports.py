"""Whether each stored file, read a second time, is what the ledger and the counts say of it."""

import csv
import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from hashlib import file_digest
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

import duckdb
from django.conf import settings
from duckdb import DuckDBPyConnection

from .. import engine, snapshots
from ..ingestion.folders import folder_of, original_of, originals_of
from ..ledger import LedgerError, rows_sql
from ..ledger.sql import numbers, parquet
from ..models import Snapshot, Upload
from ..schema import KINDS
from ..validation.accepting import content_hash
from ..vocabulary import Outcome
from . import settlements
from .originals import Original

STANDING = (Upload.Status.PROMOTED, Upload.Status.WITHDRAWN)
KEPT = (Outcome.NEW, Outcome.REVISED)
AT_ONCE = 10_000
THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that does not agree; ``code`` says what, never with a value.

    ``upload`` and ``row`` are None where it is about no one upload or row; ``name`` is that
    of a file, a column or a count.
    """

    code: str
    upload: int | None = None
    row: int | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How much was looked at: uploads and records of their files."""

    uploads: int
    records: int


def _text(cell: str) -> str | None:
    return cell.strip(" ") or None


def _thousandths(cell: str) -> str | None:
    """Return a quantity as the ledger writes it; text that is no number stays as it is."""
    written = cell.strip(" ")
    try:
        number = Decimal(written).quantize(THOUSANDTH, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return written or None
    return str(number)


COMPARED: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "source_record_id": _text,
        "quantity": _thousandths,
        "written_date": _text,
        "filled_date": _text,
        "drug_name": _text,
        "rxcui": _text,
        "encounter_id": _text,
        "prescription_id": _text,
        "valid_from": _text,
        "valid_to": _text,
    }
)
# Column and header of what other layouts take as it stands, by preset and kind.
AS_IT_STANDS: Mapping[tuple[str, str], Mapping[str, str]] = MappingProxyType(
    {
        ("synthea", "prescriptions"): {"rxcui": "code", "encounter_id": "encounter"},
        ("synthea", "encounters"): {"source_record_id": "id", "encounter_id": "id"},
    }
)


def verify() -> tuple[list[Problem], Tally]:
    """Return every disagreement, and how much was looked at."""
    uploads = Upload.objects.filter(status__in=STANDING).order_by("pk")
    snapshot = snapshots.latest()
    problems, records = [*_of_folder(), *_of_logs(snapshot)], 0
    with engine.connect(snapshots.worker_limits()) as backend:
        for upload in uploads.iterator():
            found = _Upload(upload=upload, connection=backend.con, snapshot=snapshot)
            problems += found.problems()
            records += upload.read
        problems += _of_tables(backend.con, snapshot)
    return problems, Tally(uploads=len(uploads), records=records)


def _of_folder() -> Iterator[Problem]:
    """Yield files among the originals that no upload names, and names without a file."""
    folder = Path(settings.LEDGER) / "originals"
    there = {path for path in folder.rglob("*") if path.is_file()}
    every = Upload.objects.order_by("-pk")
    uploads = {path: upload.pk for upload in every for path in originals_of(upload)}
    for path in sorted(there - uploads.keys()):
        yield Problem(code="extra_original", name=path.name)
    for path, upload in uploads.items():
        if path not in there:
            yield Problem(code="missing_original", upload=upload)
        elif not _is_named(path):
            yield Problem(code="altered_original", upload=upload)


def _of_logs(snapshot: Snapshot | None) -> Iterator[Problem]:
    """Yield the first commit that the newest ledger version needs and that is torn or missing."""
    try:
        snapshots.ledger().confirm(snapshot.versions if snapshot else {})
    except LedgerError as error:
        yield Problem(code="torn_log", name=str(error))


def _is_named(path: Path) -> bool:
    """Return whether the file's bytes have the SHA-256 that it is named by."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == path.name


@dataclass(frozen=True, kw_only=True)
class _Upload:
    """One upload that stands or stood in the ledger, to be read again."""

    upload: Upload
    connection: DuckDBPyConnection
    snapshot: Snapshot | None

    def problems(self) -> Iterator[Problem]:
        yield from self._of_counts()
        try:
            yield from self._of_records()
            yield from self._of_settlements()
        except (OSError, UnicodeError, csv.Error, ValueError, StopIteration):
            yield self._problem("unreadable_original")
        except (duckdb.Error, LedgerError):
            yield self._problem("unreadable_ledger")

    def _problem(self, code: str, row: int | None = None, name: str = "") -> Problem:
        return Problem(code=code, upload=self.upload.pk, row=row, name=name)

    def _of_counts(self) -> Iterator[Problem]:
        """Yield the counts that are not those of the list of outcomes, or do not add up."""
        told = {outcome: getattr(self.upload, outcome.value) for outcome in Outcome}
        if self.upload.read != sum(told.values()):
            yield self._problem("sum_of_outcomes")
        listed = f"SELECT outcome, count(*) FROM {parquet(self._outcomes)} GROUP BY outcome"
        try:
            found = dict(self.connection.execute(listed).fetchall())
        except duckdb.Error:
            yield self._problem("unreadable_outcomes")
            return
        for outcome, count in told.items():
            if outcome != Outcome.REJECTED and count != found.get(outcome.value, 0):
                yield self._problem("count_of_outcome", name=outcome.value)

    def _of_records(self) -> Iterator[Problem]:
        """Walk file, outcomes and ledger side by side and yield where they disagree."""
        original = Original(original_of(self.upload), self.upload.encoding)
        compared = self._compared(original)
        sides = (original.records(), self._due(), self._stored(tuple(compared)))
        records = 0
        for number, (cells, due, stored) in _aligned(sides):
            records += len(cells)
            if not cells:
                yield self._problem("row_not_in_file", number)
            elif len(stored) != len(due):
                yield self._problem("row_not_stored_once" if due else "row_not_due", number)
            for values in stored if cells else ():
                for column, value in zip(compared, values, strict=True):
                    if value != compared[column](cells[0]):
                        yield self._problem("value", number, column)
        if records != self.upload.read:
            yield self._problem("number_of_records")
        for number in self._misnamed():
            yield self._problem("content_hash", number)

    def _of_settlements(self) -> Iterator[Problem]:
        """Yield the choices of people that list, ledger and trail do not bear out."""
        found = settlements.disagreeing(
            self.connection, self.upload, outcomes=self._outcomes, rows=self._rows
        )
        return (self._problem(code, row) for code, row in found)

    def _compared(self, original: Original) -> dict[str, Callable[[list[str]], str | None]]:
        """Return how the stored value of each column is read off a record's cells."""
        headers = AS_IT_STANDS.get((self.upload.preset, self.upload.kind), {})
        if self.upload.preset == "canonical":
            declared = KINDS[self.upload.kind].columns
            headers = {name: name for name in original.header if name in declared}
        places = {column: original.header.index(name) for column, name in headers.items()}
        return {
            column: lambda cells, place=place, read=COMPARED[column]: read(cells[place])
            for column, place in places.items()
            if column in COMPARED
        }

    @property
    def _outcomes(self) -> Path:
        return folder_of(self.upload) / "outcomes.parquet"

    def _due(self) -> Iterator[tuple[int, None]]:
        """Yield the rows that went into the ledger, by the list of outcomes and by choice."""
        words = ", ".join(f"'{outcome}'" for outcome in KEPT)
        chosen = numbers(settlements.accepted(self.upload))
        query = (
            f"FROM {parquet(self._outcomes)} SELECT row "
            f"WHERE outcome IN ({words}) OR row IN ({chosen}) ORDER BY row"
        )
        return ((row, None) for (row,) in self._asked(query))

    def _stored(self, columns: tuple[str, ...]) -> Iterator[tuple[int, tuple]]:
        """Yield row and values, as text, of what the ledger holds of the upload."""
        texts = "".join(f', CAST("{column}" AS VARCHAR)' for column in columns)
        query = f"SELECT row{texts} FROM ({self._rows}) ORDER BY row"
        return ((row, values) for row, *values in self._asked(query))

    def _misnamed(self) -> list[int]:
        """Return the rows whose content is not what their hash was made of."""
        hashed = content_hash(KINDS[self.upload.kind])
        query = f"SELECT row FROM ({self._rows}) WHERE content_hash IS DISTINCT FROM {hashed}"
        return [row for (row,) in self._asked(f"{query} ORDER BY row")]

    @property
    def _rows(self) -> str:
        """Return the query for the rows of the upload, in force or not."""
        return (
            f"FROM ({_all_rows(self.upload.kind, self.snapshot)}) WHERE upload = {self.upload.pk}"
        )

    def _asked(self, query: str) -> Iterator[tuple]:
        cursor = self.connection.cursor().execute(query)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows


def _aligned(sides: Sequence[Iterator[tuple[int, object]]]) -> Iterator[tuple[int, list[list]]]:
    """Yield each number that any side has, with what each side has of it, all in order."""
    tagged = [_tagged(tag, side) for tag, side in enumerate(sides)]
    merged = heapq.merge(*tagged, key=itemgetter(0, 1))
    for number, group in groupby(merged, key=itemgetter(0)):
        found: list[list] = [[] for _ in sides]
        for _, tag, each in group:
            found[tag].append(each)
        yield number, found


def _tagged(tag: int, side: Iterator[tuple[int, object]]) -> Iterator[tuple[int, int, object]]:
    return ((number, tag, each) for number, each in side)


def _all_rows(kind: str, snapshot: Snapshot | None) -> str:
    """Return the query for every row of a kind at the newest snapshot."""
    version = snapshot.versions.get(kind) if snapshot else None
    return rows_sql(kind, [] if version is None else snapshots.ledger().files(kind, version))


def _of_tables(connection: DuckDBPyConnection, snapshot: Snapshot | None) -> Iterator[Problem]:
    """Yield uploads that do not stand and have rows in the ledger all the same."""
    standing = set(Upload.objects.filter(status__in=STANDING).values_list("pk", flat=True))
    for kind in KINDS:
        try:
            query = f"SELECT DISTINCT upload FROM ({_all_rows(kind, snapshot)}) ORDER BY upload"
            found = connection.execute(query).fetchall()
        except (duckdb.Error, LedgerError):
            yield Problem(code="unreadable_ledger", name=kind)
            continue
        for (upload,) in found:
            if upload not in standing:
                yield Problem(code="stray_rows", upload=upload, name=kind)
