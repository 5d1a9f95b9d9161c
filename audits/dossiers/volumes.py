"""How much a prescriber wrote: every count with what it is a part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ibis import _
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..vocabulary import CONTROLLED_SCHEDULES
from .wanted import SCHEDULES

INGREDIENTS = 40


@dataclass(frozen=True, kw_only=True)
class Share:
    """Prescriptions and patients of one kind among all of the period."""

    name: str
    prescriptions: int
    patients: int


@dataclass(frozen=True, kw_only=True)
class Month:
    """The prescriptions of a month by schedule; every schedule is there."""

    first: date
    prescriptions: int
    patients: int
    schedules: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """The counts of 24 months.

    ``rows`` is what is held; of these ``prescriptions`` are prescriptions as written and
    ``others`` are not, by why. ``further`` counts ingredients beyond those listed.
    """

    rows: int
    others: Mapping[str, int]
    everything: Share
    controlled: Share
    schedules: Sequence[Share]
    ingredients: Sequence[Share]
    further: int
    states: Sequence[Share]
    months: Sequence[Month]


def volumes_of(backend: Backend, mine: Table, months: Sequence[date]) -> Volumes:
    """Return the counts of the rows ``mine`` (see ``wanted.written_by``)."""
    written = mine.filter(mine.counts_as_prescription)
    controlled = written.filter(written.schedule_told.isin(CONTROLLED_SCHEDULES))
    others = mine.filter(mine.standing.notnull()).group_by("standing").agg(n=_.count())
    left_out = {row["standing"]: row["n"] for row in engine.rows(backend, others)}
    everything = _whole(backend, written, "all")
    schedules = {share.name: share for share in _shares(backend, written, "schedule_told")}
    ingredients = _shares(backend, written, "ingredient_told")
    return Volumes(
        rows=everything.prescriptions + sum(left_out.values()),
        others=left_out,
        everything=everything,
        controlled=_whole(backend, controlled, "controlled"),
        schedules=[schedules[name] for name in SCHEDULES if name in schedules],
        ingredients=ingredients[:INGREDIENTS],
        further=max(0, len(ingredients) - INGREDIENTS),
        states=_shares(backend, written, "state_told"),
        months=_months(backend, written, months),
    )


def _whole(backend: Backend, rows: Table, name: str) -> Share:
    counted = rows.agg(prescriptions=rows.count(), patients=rows.patient_key.nunique())
    return Share(name=name, **engine.rows(backend, counted)[0])


def _shares(backend: Backend, rows: Table, column: str) -> list[Share]:
    """Return a share for each value of ``column``, the largest first."""
    counted = rows.group_by(name=rows[column]).agg(
        prescriptions=_.count(), patients=_.patient_key.nunique()
    )
    ordered = counted.order_by(_.prescriptions.desc(), "name")
    return [Share(**row) for row in engine.rows(backend, ordered)]


def _months(backend: Backend, rows: Table, months: Sequence[date]) -> list[Month]:
    """Return every month, also those without a prescription."""
    people = rows.group_by("month").agg(patients=_.patient_key.nunique())
    patients = {row["month"]: row["patients"] for row in engine.rows(backend, people)}
    counted = rows.group_by("month", "schedule_told").agg(n=_.count())
    found = {(r["month"], r["schedule_told"]): r["n"] for r in engine.rows(backend, counted)}
    return [
        Month(
            first=month,
            prescriptions=sum(found.get((month, name), 0) for name in SCHEDULES),
            patients=patients.get(month, 0),
            schedules={name: found.get((month, name), 0) for name in SCHEDULES},
        )
        for month in months
    ]
