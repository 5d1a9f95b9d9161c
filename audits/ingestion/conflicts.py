"""The conflicts of an upload: which wait for a person, and what each would change."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from ibis.backends.duckdb import Backend

from .. import engine, jobs, snapshots, validation
from ..ledger import open_conflicts_sql, rows_sql
from ..ledger.sql import names, numbers, parquet
from ..models import SettledConflict, Settlement, Snapshot, Upload
from ..schema import KINDS
from ..validation.accepting import UNHASHED
from . import folders
from .comparing import withdrawn
from .listing import OUTCOMES

REMEMBERED = 256  # counts
KEY = 16  # digits of a digest that tell contents of one record apart


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One column: what is held now and what the file says; None where there is nothing."""

    column: str
    held: object
    said: object


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A row that waits for a person.

    ``held_hash`` is empty and ``held_seq`` None where nothing is held of its record.
    """

    row: int
    source_system: str
    source_record_id: str
    content_hash: str
    held_hash: str
    held_seq: int | None
    differences: tuple[Difference, ...] = ()

    @property
    def seen(self) -> tuple[int, str]:
        """Return the row and what was held when it was looked at, as a choice names it."""
        return self.row, self.held_hash[:KEY]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many conflicts of an upload wait, were settled, and were overtaken by later changes."""

    waiting: int
    settled: int
    overtaken: int


def are_due(upload: Upload) -> bool:
    """Return whether a person can choose: the upload stands in the ledger and has conflicts."""
    standing = (Upload.Status.PROMOTED, Upload.Status.PROMOTING)
    return bool(upload.conflict) and upload.status in standing and upload.snapshots.exists()


def tally(upload: Upload) -> Tally:
    """Return the counts, all 0 for an upload that is not in the ledger; raises Refused."""
    if not are_due(upload):
        return Tally(waiting=0, settled=0, overtaken=0)
    settled = upload.settled_conflicts.count()
    _there(upload, OUTCOMES)
    waiting = _count_open(str(settings.LEDGER), upload.pk, snapshots.latest().number, settled)
    return Tally(waiting=waiting, settled=settled, overtaken=upload.conflict - settled - waiting)


@lru_cache(maxsize=REMEMBERED)
def _count_open(_ledger: str, upload: int, snapshot: int, _settled: int) -> int:
    """Count the open conflicts; nothing but these four can change the number.

    Over ten million records it takes three seconds, and the upload's page shows it each time.
    """
    query = _open(Upload.objects.get(pk=upload), Snapshot.objects.get(pk=snapshot))
    with engine.connect(snapshots.web_limits()) as backend:
        return backend.con.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]


def open_among(backend: Backend, upload: Upload, rows: Collection[int]) -> list[Conflict]:
    """Return those of ``rows`` that wait for a person, in file order; raises Refused."""
    return _found(backend, upload, f'WHERE "row" IN ({numbers(rows)})')


def waiting(
    upload: Upload, *, after: int = 0, limit: int, record: str | None = None, last: bool = False
) -> list[Conflict]:
    """Return at most ``limit`` conflicts that wait past row ``after``, in file order.

    ``record`` names one, as ID or SOURCE/ID; ``last`` leaves of several rows of a record only
    the last in the file. Raises Refused where the list is lost.
    """
    if not are_due(upload):
        return []
    condition = f'WHERE "row" > {int(after)}'
    if record is not None:
        condition += " AND $record IN (source_record_id, source_system || '/' || source_record_id)"
    if last:
        condition += (
            ' QUALIFY "row" = max("row") OVER (PARTITION BY source_system, source_record_id)'
        )
    given = {} if record is None else {"record": record}
    with engine.connect(snapshots.web_limits()) as backend:
        return _found(backend, upload, condition, limit, given)


def with_differences(upload: Upload, conflicts: list[Conflict]) -> list[Conflict]:
    """Return ``conflicts`` with the columns in which the file says something else."""
    if not conflicts:
        return []
    rows = [conflict.row for conflict in conflicts]
    columns = [c for c in KINDS[upload.kind].ledger_columns if c not in UNHASHED]
    with engine.connect(snapshots.web_limits()) as backend:
        said = _by(backend, f'SELECT "row", {names(columns)} FROM {_accepted(upload, rows)}', "row")
        seqs = [each.held_seq for each in conflicts if each.held_seq is not None]
        found = _by(backend, _held(upload, seqs, columns), "accepted_seq")
    held = {each.row: found.get(each.held_seq, {}) for each in conflicts}
    return [
        replace(each, differences=tuple(_differing(columns, held[each.row], said[each.row])))
        for each in conflicts
    ]


def decided(upload: Upload) -> QuerySet[SettledConflict]:
    """Return the conflicts of an upload that a person settled."""
    return SettledConflict.objects.filter(upload=upload).select_related("settlement")


def accepted_of(upload: Upload) -> Path:
    """Return the file of the upload's accepted rows; raises Refused where it is lost."""
    return _there(upload, validation.ACCEPTED)


def _there(upload: Upload, name: str) -> Path:
    path = folders.folder_of(upload) / name
    if not path.exists():
        raise jobs.Refused(
            f"The file {name} of upload {upload.pk} is missing on the disk. Restore it from the "
            "backup."
        )
    return path


def _open(upload: Upload, snapshot: Snapshot) -> str:
    return open_conflicts_sql(
        _there(upload, OUTCOMES),
        kind=upload.kind,
        ledger=snapshots.ledger(),
        versions=snapshot.versions,
        sequence=snapshot.sequence,
        withdrawn_uploads=withdrawn(),
        settled=list(upload.settled_conflicts.values_list("row", flat=True)),
    )


def _found(
    backend: Backend,
    upload: Upload,
    condition: str,
    limit: int = Settlement.MOST,
    given: Mapping[str, str] | None = None,
) -> list[Conflict]:
    query = f'FROM ({_open(upload, snapshots.latest())}) {condition} ORDER BY "row" LIMIT {limit}'
    return [
        Conflict(
            row=row,
            source_system=source,
            source_record_id=record,
            content_hash=content,
            held_hash=held or "",
            held_seq=seq,
        )
        for row, source, record, content, held, seq in backend.con.execute(
            query, given or {}
        ).fetchall()
    ]


def _accepted(upload: Upload, rows: Collection[int]) -> str:
    return f'{parquet(accepted_of(upload))} WHERE "row" IN ({numbers(rows)})'


def _held(upload: Upload, seqs: Collection[int], columns: list[str]) -> str:
    """Return the query for rows of the ledger by their numbers, quick to find among millions."""
    version = snapshots.latest().versions.get(upload.kind)
    files = [] if version is None else snapshots.ledger().files(upload.kind, version)
    rows = rows_sql(upload.kind, files, ("accepted_seq", *columns))
    return f"FROM ({rows}) WHERE accepted_seq IN ({numbers(seqs)})"


def _by(backend: Backend, query: str, key: str) -> dict[int, dict]:
    """Return the rows of a query by the values of one column."""
    cursor = backend.con.execute(query)
    called = [description[0] for description in cursor.description]
    found = (dict(zip(called, row, strict=True)) for row in cursor.fetchall())
    return {each[key]: each for each in found}


def _differing(columns: list[str], held: dict, said: dict) -> Iterator[Difference]:
    for column in columns:
        if held.get(column) != said[column]:
            yield Difference(column=column, held=held.get(column), said=said[column])
