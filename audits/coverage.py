"""Prescribers and pharmacies of the newest records that are not, or not wholly, identified."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import duckdb
import ibis
from django.conf import settings
from ibis import _
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from . import engine, snapshots
from .enrichment import identified
from .enrichment.identified import PHARMACIES, PRESCRIBERS
from .ledger import LedgerError
from .models import Snapshot

KEPT_SNAPSHOTS = 4
MOST = 500  # of each list; what is beyond it is in the totals
NAMED_IN = {PRESCRIBERS: ("prescriber_npi", "dea"), PHARMACIES: tuple(identified.NUMBERS)}
KEY_COLUMN = {PRESCRIBERS: "prescriber_key", PHARMACIES: "pharmacy_key"}
SHOWN = ("drug_name", "written_date", "filled_date", "source_system", "source_record_id")
KEPT = ("upload", "row", *SHOWN)
Place = tuple[int, int]  # upload and row


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """A prescriber or pharmacy by key (empty: rows that name none), why, and in how many rows."""

    key: str
    reason: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The most frequent unmatched ones, and by reason how many there are and in how many rows."""

    found: Sequence[Unmatched]
    totals: Sequence[tuple[str, int, int]]

    @property
    def left_off(self) -> int:
        """Return how many are not in the list."""
        return sum(number for _, number, _ in self.totals) - len(self.found)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of one key in the order they came in; ``next`` is the last place, None at the end."""

    rows: Sequence[dict]
    total: int
    next: Place | None


def unmatched(snapshot: Snapshot) -> dict[str, Listed]:
    """Return the unmatched prescribers and pharmacies. A snapshot never changes: counted once.

    Raises LedgerError where the ledger cannot be read; so does ``rows_of``.
    """
    return _unmatched(str(settings.LEDGER), snapshot.number, snapshot.made_at.isoformat())


@lru_cache(maxsize=KEPT_SNAPSHOTS)
def _unmatched(_ledger: str, number: int, _made_at: str) -> dict[str, Listed]:
    with _opened(Snapshot.objects.get(pk=number)) as (backend, rows, practitioners):
        lists = {
            PRESCRIBERS: identified.unmatched_prescribers(backend, rows, practitioners),
            PHARMACIES: identified.unmatched_pharmacies(rows),
        }
        return {whose: _listed(backend, whose, table) for whose, table in lists.items()}


@contextmanager
def _opened(snapshot: Snapshot) -> Iterator[tuple[Backend, Table, Table]]:
    """Yield an engine with the rows of prescriptions with their keys, and the practitioners."""
    views = snapshots.views(snapshot)
    try:
        with engine.connect(snapshots.web_limits()) as backend:
            held = engine.view(backend, "current_prescriptions", views["prescriptions"])
            practitioners = engine.view(backend, "current_practitioners", views["practitioners"])
            rows = identified.numbered(backend, held, practitioners, *KEPT)
            yield backend, rows, practitioners
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise LedgerError("a file of the ledger cannot be read") from error


def _listed(backend: Backend, whose: str, table: Table) -> Listed:
    found = engine.store(backend, f"unmatched_{whose}", table)
    first = found.order_by(_.rows.desc(), _.key.asc(nulls_first=True)).limit(MOST)
    totals = found.group_by("reason").agg(number=_.count(), rows=(_.rows.sum() / 1).cast("int64"))
    return Listed(
        found=[
            Unmatched(key=row["key"] or "", reason=row["reason"], rows=row["rows"])
            for row in engine.rows(backend, first.select("key", "reason", "rows"))
        ],
        totals=[
            (row["reason"], row["number"], row["rows"])
            for row in engine.rows(backend, totals.order_by(_.rows.desc(), _.reason))
        ],
    )


def rows_of(
    snapshot: Snapshot, whose: str, key: str, *, after: Place | None = None, limit: int = 100
) -> Rows:
    """Return the rows that name a prescriber or pharmacy by ``key``; empty: those that name none.

    For pharmacies fills alone count, as in ``unmatched``.
    """
    with _opened(snapshot) as (backend, rows, _practitioners):
        told = rows[KEY_COLUMN[whose]]
        mine = rows.filter(told == key if key else told.isnull())
        if whose == PHARMACIES:
            mine = mine.filter(_.dispensed)
        mine = engine.store(backend, "mine", mine.select("upload", "row", *SHOWN))
        total = engine.rows(backend, mine.count().as_table())[0].popitem()[1]
        upload, row = after or (-1, -1)
        ahead = mine.filter((_.upload > upload) | ((_.upload == upload) & (_.row > row)))
        found = engine.rows(backend, ahead.order_by("upload", "row").limit(limit + 1))
    shown = found[:limit]
    more = len(found) > limit
    return Rows(
        rows=shown, total=total, next=(shown[-1]["upload"], shown[-1]["row"]) if more else None
    )


def keys_beside(snapshot: Snapshot, whose: str, number: str) -> set[str]:
    """Return the keys of the rows that name a prescriber or pharmacy by ``number``, in any column.

    Its own where the rows name nothing that goes before it; empty where no row has it.
    """
    with _opened(snapshot) as (backend, rows, _practitioners):
        named = ibis.or_(*(rows[column] == number for column in NAMED_IN[whose]))
        found = rows.filter(named).select(key=rows[KEY_COLUMN[whose]]).distinct()
        return {row["key"] for row in engine.rows(backend, found)}


def is_listed(snapshot: Snapshot, npi: str) -> bool:
    """Return whether a practitioners' record in force has this NPI."""
    with _opened(snapshot) as (backend, _rows, practitioners):
        found = practitioners.filter(practitioners.npi == npi).limit(1)
        return bool(engine.rows(backend, found.select("npi")))
