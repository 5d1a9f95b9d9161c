"""How many prescribers and pharmacies a patient went to in the days up to each prescription."""

from collections.abc import Callable, Mapping

import ibis
from ibis.expr.types import BooleanValue, Column, IntegerValue, Table

from ..derived import Derived
from ..patients import Tier
from .days import date_of, day_number

Tiers = Mapping[str, Tier]
WHOM = {"prescribers": "prescriber_key", "pharmacies": "pharmacy_key"}
SUMS = ("here", *WHOM, "dates", "days", "short", "unmatched")


def provider_counts(derived: Derived, rows: Table, tiers: Tiers) -> Table:
    """Return what lies in the window of a tier that ends with each day that has a row of it.

    ``rows``: patient_key, event_date, prescriber_key, pharmacy_key, days (null where they
    cannot be used; those of unmatched rows are not), matched, and for each group of
    drugs a boolean column, false where unmatched. Columns:
    patient_key, tier, perhaps, length, event_date; the distinct prescribers, pharmacies
    and dates in the window (a key that is null counts for nothing); the sum of days; how
    many matched rows were ``short`` of usable days, how many were ``unmatched``. Where
    ``perhaps`` is true rows of unmatched drugs are taken for rows of the tier; only
    patients who have such rows have these windows. Who never has enough prescribers and
    pharmacies for a tier has none of its windows.
    """
    asked = derived.store("provider_rows", _asked(rows, tiers))
    totals = asked.group_by("span", "tier").agg(
        prescribers=asked.prescriber_key.nunique(), pharmacies=asked.pharmacy_key.nunique()
    )
    able = totals.filter(by_tier(totals, tiers, lambda tier: are_many(totals, tier)))
    asked = derived.store("provider_windows", asked.semi_join(able, "span"))
    spans = asked.select("span", "patient_key", "tier", "perhaps", "length").distinct()
    steps = ibis.union(_daily(asked), *(_stays(asked, what) for what in WHOM))
    steps = steps.group_by("span", "day").agg(**{name: steps[name].sum() for name in SUMS})
    ends = _summed(steps).join(spans, "span")
    return ends.mutate(event_date=date_of(ends.day)).drop("span", "day")


def are_many(counts: Table, tier: Tier) -> BooleanValue:
    """Return whether these are as many prescribers and pharmacies as the tier asks for."""
    enough = (counts.prescribers >= tier.prescribers) & (counts.pharmacies >= tier.pharmacies)
    if tier.prescribers_alone is not None:
        enough |= counts.prescribers >= tier.prescribers_alone
    if tier.pharmacies_alone is not None:
        enough |= counts.pharmacies >= tier.pharmacies_alone
    return enough


def by_tier(table: Table, tiers: Tiers, of: Callable[[Tier], object]) -> Column:
    """Return for each row what ``of`` gives for its tier."""
    return ibis.cases(*((table.tier == name, of(tier)) for name, tier in tiers.items()))


def _asked(rows: Table, tiers: Tiers) -> Table:
    """Return the rows of each tier; ``span`` is one number for patient, tier and ``perhaps``.

    Numbers are grouped and sorted several times faster than pseudonyms.
    """
    patients = rows.group_by("patient_key").agg(unsure=(~rows.matched).any())
    patients = patients.mutate(patient=ibis.row_number())
    rows = rows.mutate(day=day_number(rows.event_date)).join(patients, "patient_key")
    ways = [(tier, perhaps) for tier in tiers.items() for perhaps in (False, True)]
    parts = []
    for place, ((name, tier), perhaps) in enumerate(ways):
        fits = rows[tier.group]
        among = rows.unsure & (fits | ~rows.matched) if perhaps else fits
        parts.append(
            rows.filter(among).select(
                *("patient_key", "day", "prescriber_key", "pharmacy_key", "matched"),
                days=ibis.ifelse(rows.matched, rows.days, ibis.null("int64")),
                span=rows.patient * len(ways) + place,
                tier=ibis.literal(name),
                perhaps=ibis.literal(perhaps),
                length=ibis.literal(tier.days, "int64"),
            )
        )
    return ibis.union(*parts)


def _step(table: Table, day: IntegerValue, **sums: IntegerValue | int) -> Table:
    """Return steps on ``day`` that change ``sums`` and leave the other sums as they are.

    As floating numbers, which add up exactly here and faster than the engine's whole ones.
    """
    nothing = {name: ibis.literal(0.0) for name in SUMS}
    changed = {name: ibis.literal(0.0) + value for name, value in sums.items()}
    return table.select("span", **{"day": day, **nothing, **changed})


def _daily(asked: Table) -> Table:
    """Return what each day brings into the window, and what leaves it ``length`` days later."""
    days = asked.group_by("span", "day", "length").agg(
        lasting=ibis.coalesce(asked.days.sum(), 0),
        lacking=(asked.matched & asked.days.isnull()).sum(),
        strange=(~asked.matched).sum(),
    )
    sums = {"dates": 1, "days": days.lasting, "short": days.lacking, "unmatched": days.strange}
    gone = {name: -1 * value for name, value in sums.items()}
    return _step(days, days.day, here=1, **sums).union(_step(days, days.day + days.length, **gone))


def _stays(asked: Table, what: str) -> Table:
    """Return when each prescriber, or pharmacy, comes into the window and when it leaves.

    One who comes again before leaving stays: each stay is two steps, whatever its rows.
    """
    who = WHOM[what]
    met = asked.filter(asked[who].notnull()).select("span", "length", "day", who).distinct()
    order = ibis.window(group_by=["span", who], order_by="day")
    met = met.mutate(before=met.day.lag().over(order), after=met.day.lead().over(order))
    comes = met.filter(met.before.isnull() | (met.day - met.before >= met.length))
    goes = met.filter(met.after.isnull() | (met.after - met.day >= met.length))
    return _step(comes, comes.day, **{what: 1}).union(
        _step(goes, goes.day + goes.length, **{what: -1})
    )


def _summed(steps: Table) -> Table:
    """Return the running sums on the days that have a row of their own."""
    so_far = ibis.cumulative_window(group_by="span", order_by="day")
    sums = {n: steps[n].sum().over(so_far).cast("int64") for n in SUMS if n != "here"}
    ends = steps.mutate(**sums)
    return ends.filter(ends.here > 0).drop("here")
