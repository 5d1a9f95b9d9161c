"""How many prescribers and pharmacies a patient went to in the days up to each prescription."""

from collections.abc import Mapping

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import IntegerValue, Table

from .. import engine
from .days import date_of, day_number

WINDOW = ("patient_key", "tier", "perhaps")
WHOM = {"prescribers": "prescriber_key", "pharmacies": "pharmacy_key"}
SUMS = ("here", *WHOM, "dates", "days", "short", "unmatched")


def provider_counts(backend: Backend, rows: Table, windows: Mapping[str, tuple[str, int]]) -> Table:
    """Return what lies in the window that ends with each day on which a patient has a row.

    ``rows``: patient_key, event_date, prescriber_key, pharmacy_key, days (null where they
    cannot be used), matched, and a boolean column for each group of drugs. ``windows`` are
    the group and the length in days of each tier. Columns: patient_key, tier, perhaps,
    length, event_date; the distinct prescribers, pharmacies and dates in the window
    (a key that is null counts for nothing); the sum of days; how many matched rows were
    ``short`` of usable days, how many were ``unmatched``. Where ``perhaps`` is true rows
    of unmatched drugs are taken for rows of the tier; only patients who have such rows
    have these windows. A day counts as the end of a window where it has a row itself.
    """
    known = engine.store(backend, "provider_rows", _numbered(rows))
    unsure = known.filter(~known.matched).select("patient_key").distinct()
    doubtful = engine.store(backend, "provider_doubts", known.semi_join(unsure, "patient_key"))
    asked = ibis.union(
        *(_of_tier(known.filter(known.matched), tier, *how) for tier, how in windows.items()),
        *(_of_tier(doubtful, tier, *how, perhaps=True) for tier, how in windows.items()),
    )
    asked = engine.store(backend, "provider_windows", asked)
    steps = ibis.union(_daily(asked), *(_stays(asked, what) for what in WHOM))
    return _summed(steps.group_by(*WINDOW, "length", "day").agg(**_added(steps)))


def _numbered(rows: Table) -> Table:
    return rows.mutate(day=day_number(rows.event_date)).drop("event_date")


def _of_tier(rows: Table, tier: str, group: str, length: int, perhaps: bool = False) -> Table:
    """Return the rows of a tier: of its group of drugs, or ``perhaps`` of it."""
    among = rows.filter(rows[group] | ~rows.matched) if perhaps else rows.filter(rows[group])
    return among.select(
        "patient_key",
        "day",
        *WHOM.values(),
        "days",
        "matched",
        tier=ibis.literal(tier),
        perhaps=ibis.literal(perhaps),
        length=ibis.literal(length, "int64"),
    )


def _added(steps: Table) -> dict[str, IntegerValue]:
    return {name: engine.whole(steps[name].sum()) for name in SUMS}


def _step(table: Table, day: IntegerValue, **sums: IntegerValue) -> Table:
    """Return steps on ``day`` that change ``sums`` and leave the other sums as they are."""
    nothing = {name: ibis.literal(0, "int64") for name in SUMS}
    changed = {name: value.cast("int64") for name, value in sums.items()}
    return table.select(*WINDOW, "length", **{"day": day, **nothing, **changed})


def _daily(asked: Table) -> Table:
    """Return what each day brings into the window, and what leaves it ``length`` days later."""
    days = asked.group_by(*WINDOW, "length", "day").agg(
        sum_of_days=engine.whole(ibis.coalesce(asked.days.sum(), 0)),
        lacking=engine.whole((asked.matched & asked.days.isnull()).sum()),
        strange=engine.whole((~asked.matched).sum()),
    )
    one = ibis.literal(1, "int64")
    comes = _step(
        days,
        days.day,
        here=one,
        dates=one,
        days=days.sum_of_days,
        short=days.lacking,
        unmatched=days.strange,
    )
    goes = _step(
        days,
        days.day + days.length,
        dates=-one,
        days=-days.sum_of_days,
        short=-days.lacking,
        unmatched=-days.strange,
    )
    return comes.union(goes)


def _stays(asked: Table, what: str) -> Table:
    """Return when each prescriber, or pharmacy, comes into the window and when it leaves.

    One who comes again before leaving stays: each stay is two steps, whatever its rows.
    """
    who = WHOM[what]
    met = asked.filter(asked[who].notnull()).select(*WINDOW, "length", "day", who).distinct()
    order = ibis.window(group_by=[*WINDOW, who], order_by="day")
    met = met.mutate(before=met.day.lag().over(order), after=met.day.lead().over(order))
    comes = met.filter(met.before.isnull() | (met.day - met.before >= met.length))
    goes = met.filter(met.after.isnull() | (met.after - met.day >= met.length))
    one = ibis.literal(1, "int64")
    return _step(comes, comes.day, **{what: one}).union(
        _step(goes, goes.day + goes.length, **{what: -one})
    )


def _summed(steps: Table) -> Table:
    """Return the running sums on the days that have a row of their own."""
    so_far = ibis.cumulative_window(group_by=list(WINDOW), order_by="day")
    sums = {n: engine.whole(steps[n].sum().over(so_far)) for n in SUMS if n != "here"}
    ends = steps.mutate(**sums)
    ends = ends.filter(ends.here > 0).drop("here")
    return ends.mutate(event_date=date_of(ends.day)).drop("day")
