"""Which prescriptions of a prescriber are asked for, and what each is counted under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import ibis
from ibis.expr.types import StringValue, Table

from ..vocabulary import CONTROLLED_SCHEDULES
from .basis import Basis

CONTROLLED, MILDER, NONE, UNKNOWN = "controlled", "III-V", "none", "unknown"
SCHEDULES = (*CONTROLLED_SCHEDULES, NONE, UNKNOWN)
# What may be asked for, and the schedules that it takes.
SCHEDULE_GROUPS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        CONTROLLED: CONTROLLED_SCHEDULES,
        **{name: (name,) for name in SCHEDULES},
        MILDER: ("III", "IV", "V"),
    }
)
SCHEDULE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        CONTROLLED: "Controlled, II to V",
        **{name: f"Schedule {name}" for name in CONTROLLED_SCHEDULES},
        NONE: "Not controlled",
        UNKNOWN: "Drug not known",
        MILDER: "Schedules III to V",
    }
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A narrowing of a prescriber's rows; empty and None leave open.

    ``schedule`` is one of SCHEDULE_GROUPS, ``ingredient`` and ``state`` may be UNKNOWN,
    ``month`` is its first day, ``since`` the first written day, ``supervision`` a verdict,
    ``opioid`` takes only what is taken for pain. ``every`` takes the rows that are no
    prescription of their own as well: later fills, dispensed orders, duplicates.
    """

    schedule: str = ""
    ingredient: str = ""
    state: str = ""
    month: date | None = None
    day: date | None = None
    since: date | None = None
    opioid: bool = False
    supervision: str = ""
    every: bool = False


def written_by(prescriptions: Table, key: str, basis: Basis) -> Table:
    """Return the rows a prescriber wrote in the 24 months, with what each is counted under.

    Added: ``schedule_told``, ``ingredient_told``, ``state_told`` (texts, never null), ``month``
    (its first day) and ``standing`` (null for a prescription of its own, else why it is none).
    """
    p = prescriptions.filter(prescriptions.prescriber_key == key)
    p = p.filter(p.written_on.between(basis.first, basis.as_of))
    return p.mutate(
        schedule_told=schedule_told(p),
        ingredient_told=ibis.ifelse(p.matched, p.ingredient, UNKNOWN),
        state_told=p.patient_state.fill_null(UNKNOWN),
        # By way of a timestamp: the engine makes one of a date, and Ibis takes it for a date.
        month=p.written_on.cast("timestamp").truncate("M").cast("date"),
        standing=ibis.coalesce(
            p.left_out, ibis.ifelse(p.counts_as_prescription, ibis.null("string"), "later_fill")
        ),
    )


def schedule_told(p: Table) -> StringValue:
    """Return one of SCHEDULES for each row, never null."""
    return ibis.cases(
        (~p.matched, UNKNOWN),
        (p.schedule.isin(CONTROLLED_SCHEDULES), p.schedule),
        else_=NONE,
    )


def narrowed(rows: Table, wanted: Wanted) -> Table:
    """Return those of ``written_by`` that are wanted; supervision is not looked at here."""
    if not wanted.every:
        rows = rows.filter(rows.counts_as_prescription)
    if wanted.schedule:
        rows = rows.filter(rows.schedule_told.isin(SCHEDULE_GROUPS[wanted.schedule]))
    if wanted.ingredient:
        rows = rows.filter(rows.ingredient_told == wanted.ingredient)
    if wanted.state:
        rows = rows.filter(rows.state_told == wanted.state)
    if wanted.month:
        rows = rows.filter(rows.month == wanted.month)
    if wanted.day:
        rows = rows.filter(rows.written_on == wanted.day)
    if wanted.since:
        rows = rows.filter(rows.written_on >= wanted.since)
    if wanted.opioid:
        rows = rows.filter(rows.analgesic.fill_null(False))
    return rows
