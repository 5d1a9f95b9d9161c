"""Whether each controlled prescription had the supervisor that its day and state asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import ibis
from ibis import _
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..rule import Records
from ..vocabulary import CONTROLLED_SCHEDULES, SUPERVISABLE_TYPES, Reason

MISSING, COVERED, NOT_REQUIRED, NOT_HELD, UNCLEAR = (
    "missing",
    "covered",
    "not_required",
    "not_held",
    "unclear",
)
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        MISSING: "Required, not covered",
        COVERED: "Covered by an agreement",
        NOT_REQUIRED: "Not required there",
        NOT_HELD: "Required, no supervision records held",
        UNCLEAR: "Cannot be said",
    }
)
DAYS = 40


@dataclass(frozen=True, kw_only=True)
class Day:
    """The prescriptions of one day and state that share an answer; ``reason`` where none is."""

    written_on: date
    state: str
    verdict: str
    required: bool
    agreement: str
    covered_by: str
    reason: str
    prescriptions: int


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """The answers of 24 months: how many of each, and day by day, the newest first.

    ``asked`` is the number of prescriptions looked at, ``unasked`` that of controlled ones by
    a profession that needs no supervisor. ``older`` is the day before which there are more.
    """

    asked: int
    unasked: int
    counts: Mapping[str, int]
    days: Sequence[Day]
    older: date | None = None


def asked_of(written: Table) -> Table:
    """Return the controlled of ``written`` by those who may need a supervisor.

    Rows whose drug is not known may be controlled and are there too.
    """
    w = written.filter(written.schedule.isin(CONTROLLED_SCHEDULES) | ~written.matched)
    return w.filter(w.prescriber_type.isnull() | w.prescriber_type.isin(SUPERVISABLE_TYPES))


def judged(records: Records, written: Table) -> Table:
    """Return ``asked_of`` the prescriptions ``written`` with ``verdict``. Source: rules.md R26."""
    rows = asked_of(written)
    rows = records.supervised(records, rows.mutate(state=rows.patient_state))
    verdict = ibis.cases(
        ((rows.reason == Reason.SUPERVISION_NOT_HELD.value).fill_null(False), NOT_HELD),
        (rows.reason.notnull(), UNCLEAR),
        (rows.covered, COVERED),
        (rows.requires, MISSING),
        else_=NOT_REQUIRED,
    )
    return rows.mutate(verdict=verdict)


def supervision_of(
    backend: Backend, records: Records, written: Table, before: date | None
) -> Supervision:
    """Return the supervision of the prescriptions ``written``; days only from ``before`` back."""
    controlled = written.filter(written.schedule.isin(CONTROLLED_SCHEDULES))
    asked = _count(backend, asked_of(written))
    unasked = _count(backend, controlled.anti_join(asked_of(written), ["upload", "row"]))
    if not asked:
        return Supervision(asked=0, unasked=unasked, counts=dict.fromkeys(VERDICTS, 0), days=())
    rows = engine.store(backend, "judged", judged(records, written))
    counted = rows.group_by("verdict").agg(n=rows.count())
    found = {row["verdict"]: row["n"] for row in engine.rows(backend, counted)}
    days, older = _days(backend, rows, before)
    counts = {verdict: found.get(verdict, 0) for verdict in VERDICTS}
    return Supervision(asked=asked, unasked=unasked, counts=counts, days=days, older=older)


def _count(backend: Backend, table: Table) -> int:
    return engine.rows(backend, table.count().as_table())[0].popitem()[1]


def _days(backend: Backend, rows: Table, before: date | None) -> tuple[Sequence[Day], date | None]:
    """Return the lines of whole days, the newest first, and the day before which more follow."""
    if before:
        rows = rows.filter(rows.written_on < before)
    newest = rows.select("written_on").distinct().order_by(_.written_on.desc()).limit(DAYS + 1)
    days = [row["written_on"] for row in engine.rows(backend, newest)]
    if not days:
        return [], None
    older = days[DAYS - 1] if len(days) > DAYS else None
    lines = _lines(rows.filter(rows.written_on >= (older or days[-1])))
    found = engine.rows(backend, lines)
    return [Day(**{**row, "reason": _told(row["reason"])}) for row in found], older


def _lines(rows: Table) -> Table:
    """Return one row for each day, state and answer, with the number of prescriptions."""
    told = {name: rows[name].fill_null("") for name in ("agreement", "covered_by", "reason")}
    keys = ("written_on", "state", "verdict", "required", *told)
    rows = rows.mutate(
        **told, state=rows.state_told, required=rows.requires | (rows.verdict == NOT_HELD)
    )
    counted = rows.group_by(*keys).agg(prescriptions=_.count())
    return counted.order_by(_.written_on.desc(), *keys[1:])


def _told(reason: str) -> str:
    return Reason(reason).sentence if reason else ""
