"""The rows behind a number on a prescriber's page, a page at a time by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, Table

from .. import engine, snapshots
from .basis import Basis
from .supervision import judged
from .wanted import Wanted, narrowed, written_by

PAGE = 50
IDENTITY = ("source_system", "source_record_id", "upload", "row")
COLUMNS = (
    "written_on",
    "event_date",
    "record_type",
    "patient_key",
    "ingredient_told",
    "strength",
    "strength_unit_used",
    "quantity",
    "quantity_unit",
    "effective_days",
    "schedule_told",
    "state_told",
    "standing",
    "verdict",
    "agreement",
    *IDENTITY,
)
Cursor = tuple[date, str, str, int, int]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows, the newest first; ``total`` of all; ``next`` begins the next page, None at the end."""

    rows: Sequence[dict]
    total: int
    next: Cursor | None


def rows_of(
    basis: Basis, key: str, wanted: Wanted, after: Cursor | None = None, size: int = PAGE
) -> Page:
    """Return a page of a prescriber's rows of 24 months; raises UnreadableError."""
    with basis.opened(prescriber=key) as opened:
        rows = engine.store(opened.backend, "wanted", _wanted(opened, basis, key, wanted))
        total = engine.rows(opened.backend, rows.count().as_table())[0].popitem()[1]
        shown = rows.filter(_beyond(rows, after)) if after else rows
        ordered = shown.order_by(_.written_on.desc(), *IDENTITY).limit(size + 1)
        found = engine.rows(opened.backend, ordered.select(*COLUMNS))
    more, found = len(found) > size, found[:size]
    last = found[-1] if more else None
    return Page(
        rows=found,
        total=total,
        next=tuple(last[name] for name in ("written_on", *IDENTITY)) if last else None,
    )


def _wanted(opened: snapshots.Opened, basis: Basis, key: str, wanted: Wanted) -> Table:
    """Return the wanted rows; verdict and agreement only where supervision is asked for."""
    mine = written_by(opened.records.prescriptions, key, basis)
    mine = engine.store(opened.backend, "mine", mine)
    rows = narrowed(mine, wanted)
    if not wanted.supervision:
        return rows.mutate(verdict=ibis.null("string"), agreement=ibis.null("string"))
    written = mine.filter(mine.counts_as_prescription)
    answers = judged(opened.records, written).select("upload", "row", "verdict", "agreement")
    rows = rows.join(answers, ["upload", "row"])
    return rows.filter(rows.verdict == wanted.supervision)


def _beyond(rows: Table, after: Cursor) -> BooleanValue:
    """Return the condition that a row comes after the one that ``after`` names."""
    written_on, *identity = after
    beyond = ibis.literal(False)
    for name, value in reversed(list(zip(IDENTITY, identity, strict=True))):
        beyond = (rows[name] > value) | ((rows[name] == value) & beyond)
    day = ibis.literal(written_on)
    return (rows.written_on < day) | ((rows.written_on == day) & beyond)
