"""What the ledger holds: how much of each kind, and its rows in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from django.conf import settings
from ibis.backends.duckdb import Backend

from .. import engine, snapshots
from ..ledger import sql
from ..models import Snapshot
from ..schema import KINDS, Kind
from . import splits

KEPT_SNAPSHOTS = 8
PLACES = ("patient_state", "state")
# The column by whose words the rows of a kind are told apart.
GROUPED = MappingProxyType({"practitioners": "prescriber_type", "prescriptions": "record_type"})
Place = tuple[int, int]  # upload and row, which tell a row of a kind from all others


@dataclass(frozen=True, kw_only=True)
class KindHeld:
    """The current rows of one kind: their number, first and last day, states, and groups.

    Days are None where the kind has none; ``groups`` are rows by the word in the kind's
    column of ``GROUPED`` ('' where it says nothing), none for a kind without one.
    """

    kind: Kind
    rows: int
    first: date | None
    last: date | None
    states: tuple[str, ...]
    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class RecordPage:
    """Some current rows of a kind in the order they came in, and where the pages beside begin."""

    columns: Sequence[str]
    rows: list[dict]
    count: int
    next: Place | None
    previous: Place | None


def kinds_held(snapshot: Snapshot) -> tuple[KindHeld, ...]:
    """Return what ``snapshot`` holds of each kind. A snapshot never changes: counted once.

    Raises LedgerError where the ledger cannot be read.
    """
    with splits.readable():
        return _kinds_held(str(settings.LEDGER), snapshot.number)


@lru_cache(maxsize=KEPT_SNAPSHOTS)
def _kinds_held(_ledger: str, number: int) -> tuple[KindHeld, ...]:
    views = snapshots.views(Snapshot.objects.get(pk=number))
    with engine.connect(snapshots.web_limits()) as backend:
        return tuple(_held(backend.con, kind, views[kind.name]) for kind in KINDS.values())


def _held(connection, kind: Kind, view: str) -> KindHeld:
    days = [sql.name(column) for column in kind.dates]
    first = f"least({', '.join(f'min({day})::DATE' for day in days)})" if days else "NULL::DATE"
    last = f"greatest({', '.join(f'max({day})::DATE' for day in days)})" if days else "NULL::DATE"
    place = next((name for name in PLACES if name in kind.columns), None)
    states = f"list_sort(list(DISTINCT {place}))" if place else "[]"
    rows, begins, ends, found = connection.execute(
        f"SELECT count(*), {first}, {last}, {states} FROM ({view})"
    ).fetchone()
    return KindHeld(
        kind=kind,
        rows=rows,
        first=begins,
        last=ends,
        states=tuple(state for state in found or () if state),
        groups=_groups(connection, kind, view) if kind.name in GROUPED else (),
    )


def _groups(connection, kind: Kind, view: str) -> tuple[tuple[str, int], ...]:
    counted = connection.execute(
        f"SELECT coalesce({GROUPED[kind.name]}, '') AS word, count(*) FROM ({view}) "
        "GROUP BY word ORDER BY count(*) DESC, word"
    )
    return tuple(counted.fetchall())


def record_page(
    snapshot: Snapshot,
    kind: Kind,
    *,
    group: str | None = None,
    split: tuple[str, str] | None = None,
    after: Place | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> RecordPage:
    """Return the current rows of ``kind`` after a place, or the last ones before one.

    ``group`` narrows kinds that have a column in ``GROUPED``; '' means rows that say nothing.
    ``split`` narrows prescriptions to a column and word of ``splits.words()``.
    ``columns`` are those in which one of the rows has a value. Raises LedgerError where the
    ledger cannot be read.
    """
    with splits.readable():
        edge = _edge(after, before)
        count, found = _fetched(snapshot, kind, (group, split), edge, limit + 1)
    if before is not None:
        rows = found[:limit][::-1]
        behind, ahead = len(found) > limit, True
    else:
        rows = found[:limit]
        behind, ahead = after is not None, len(found) > limit
    return RecordPage(
        columns=_filled(kind, rows),
        rows=rows,
        count=count,
        next=_place(rows[-1]) if rows and ahead else None,
        previous=_place(rows[0]) if rows and behind else None,
    )


def _fetched(
    snapshot: Snapshot,
    kind: Kind,
    narrowing: tuple[str | None, tuple[str, str] | None],
    edge: tuple[str, str],
    limit: int,
) -> tuple[int, list[dict]]:
    """Return how many rows there are, and the first ``limit`` beyond the edge."""
    group, split = narrowing
    wanted = f"FROM ({snapshots.views(snapshot)[kind.name]})"
    narrowed = "true" if group is None else f"coalesce({GROUPED[kind.name]}, '') = $word"
    given = {} if group is None else {"word": group}
    beyond, order = edge
    ordered = f'ORDER BY upload {order}, "row" {order}'
    columns = ("upload", "row", *kind.ledger_columns)
    with engine.connect(snapshots.web_limits()) as backend:
        run = backend.con.execute
        if split:
            _keep_split(backend, snapshot, *split)
            wanted += ' SEMI JOIN split USING (upload, "row")'
        count = run(f"SELECT count(*) {wanted} WHERE {narrowed}", given).fetchall()[0][0]
        # The places first: to sort ten million rows with all their columns takes long.
        places = run(
            f'SELECT upload, "row" {wanted} WHERE {narrowed} AND {beyond} {ordered} LIMIT {limit}',
            given,
        ).fetchall()
        rows = run(f"SELECT {sql.names(columns)} {wanted} WHERE {_among(places)} {ordered}")
        return count, [dict(zip(columns, row, strict=True)) for row in rows.fetchall()]


def _keep_split(backend: Backend, snapshot: Snapshot, column: str, word: str) -> None:
    """Put upload and row of the prescriptions that a count of the split counts into ``split``."""
    last = splits.last_evaluation()
    rows = splits.told(backend, snapshot, last.pk if last else None)
    engine.store(backend, "split", rows.filter(rows[column] == word).select("upload", "row"))


def _filled(kind: Kind, rows: Sequence[dict]) -> list[str]:
    """Return the columns of ``kind`` in which one of ``rows`` has a value."""
    filled = {name for row in rows for name, value in row.items() if value is not None}
    return [name for name in kind.ledger_columns if name in filled]


def _among(places: Sequence[Place]) -> str:
    """Return the condition that a row stands at one of ``places``."""
    rows: dict[int, list[int]] = {}
    for upload, row in places:
        rows.setdefault(upload, []).append(row)
    each = (f'(upload = {u} AND "row" IN ({sql.numbers(r)}))' for u, r in rows.items())
    return f"({' OR '.join(each)})" if rows else "false"


def _edge(after: Place | None, before: Place | None) -> tuple[str, str]:
    """Return the condition of a page and the direction in which it is read."""
    place, sign, order = (after, ">", "ASC") if before is None else (before, "<", "DESC")
    if place is None:
        return "true", order
    upload, row = (int(part) for part in place)
    return f'(upload {sign} {upload} OR (upload = {upload} AND "row" {sign} {row}))', order


def _place(row: dict) -> Place:
    return row["upload"], row["row"]
