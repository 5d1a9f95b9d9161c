"""Spells in which a patient went to more prescribers and pharmacies than a criterion allows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import ibis
from ibis import _
from ibis.expr.types import Table

from ..derived import Derived
from ..rule import Records
from ..vocabulary import Reason
from .days import day_number
from .prescriptions import LONGEST_DAYS_SUPPLY
from .providers import Tiers, are_many, by_tier, provider_counts

KEY = ("patient_key", "tier", "event_date")
READ = (
    *("patient_key", "event_date", "prescriber_key", "pharmacy_key", "days", "matched"),
    *("born_from", "born_to", "dose_problem"),
)
ADULT, EXCUSED_DAYS, FAR_DAY = 18, 365, 100_000


@dataclass(frozen=True, kw_only=True)
class Episodes:
    """What was ``found``, and the ``doubts``: patient_key and reason why more could be.

    ``found``: patient_key, tier, first_on and last_on (the first and last window end),
    length (days of a window), severity before escalation, excluded_by, and of the fullest
    window its end ``peak_on``, ``prescribers`` and ``pharmacies``.
    """

    found: Table
    doubts: Table


def provider_episodes(derived: Derived, records: Records, rows: Table, tiers: Tiers) -> Episodes:
    """Return the maximal runs of judged window ends at which a tier fires under one exclusion.

    ``rows`` are those of ``providers.provider_counts`` with born_from, born_to and
    dose_problem; tiers that differ in severity or excuse from one end to the next are two
    runs. A doubt is a reason why a tier could fire at some end if rows of unmatched drugs,
    unusable days or doses, or an unknown age were as bad as can be.
    """
    groups = sorted({tier.group for tier in tiers.values()})
    mine = rows.semi_join(_frequenting(rows, tiers), "patient_key").select(*READ, *groups)
    mine = derived.store("episode_rows", mine)
    counts = records.judged(provider_counts(derived, mine, tiers), "event_date")
    counts = derived.store("episode_counts", counts)
    judged = derived.store("episode_windows", _judged(records, mine, counts, tiers))
    found = _runs(_graded(records, judged.filter(~judged.perhaps), tiers))
    return Episodes(
        found=derived.store("episodes", found),
        doubts=derived.store("episode_doubts", _doubts(judged, mine)),
    )


def _frequenting(rows: Table, tiers: Tiers) -> Table:
    """Return the patients with so many providers that some tier could fire, ever."""
    totals = rows.group_by("patient_key").agg(
        prescribers=rows.prescriber_key.nunique(), pharmacies=rows.pharmacy_key.nunique()
    )
    return totals.filter(ibis.or_(*(are_many(totals, tier) for tier in tiers.values())))


def _judged(records: Records, rows: Table, counts: Table, tiers: Tiers) -> Table:
    """Return the windows with what each test says: met, and possible where it is not."""
    w = counts.mutate(
        many=by_tier(counts, tiers, lambda t: are_many(counts, t) & (counts.dates >= t.dates)),
        needs_age=by_tier(counts, tiers, lambda t: t.adult),
        needs_dose=by_tier(counts, tiers, lambda t: bool(t.dose_days)),
        supply=by_tier(counts, tiers, lambda t: t.supply),
    )
    high = _met(w.filter(w.many & w.needs_dose), partial(_dosed, records, tiers))
    w = w.left_join(high.mutate(dosed=True), KEY).drop(*(f"{name}_right" for name in KEY))
    w = w.left_join(_facts(rows), "patient_key").drop("patient_key_right")
    year = w.event_date.year()
    tests = {
        "dose_met": ~w.needs_dose | w.dosed.fill_null(False),
        "age_met": ~w.needs_age | (year - w.born_to > ADULT).fill_null(False),
        "days_met": w.days >= w.supply,
    }
    w = w.mutate(minor=(year - w.born_from < ADULT).fill_null(False), **tests)
    most = w.days + LONGEST_DAYS_SUPPLY * (w.short + w.unmatched)
    dose = w.dose_met | (w.lacks_since <= w.event_date).fill_null(False)
    return w.mutate(
        fires=w.many & w.dose_met & w.age_met & w.days_met,
        possible=w.many & dose & (w.age_met | ~w.minor) & (most >= w.supply),
    )


def _facts(rows: Table) -> Table:
    """Return of each patient the years of birth told and the first day with an unusable dose."""
    return rows.group_by("patient_key").agg(
        born_from=rows.born_from.min(),
        born_to=rows.born_to.max(),
        lacks_since=rows.event_date.min(where=rows.dose_problem.notnull()),
    )


def _dosed(records: Records, tiers: Tiers, patients: Table) -> Table:
    """Return the spans of days whose doses lie above the floors of the tiers that ask for one."""
    parts = []
    for name, tier in tiers.items():
        if tier.dose_days:
            asked = {"window_days": tier.dose_days, "floor": tier.dose_floor}
            # Runs that count only where nothing excuses are those of rule R01: made once for both.
            asked |= {"exclusion_days": EXCUSED_DAYS} | (
                {"among": patients} if tier.any_dose else {}
            )
            runs = records.dose_runs(**asked)
            runs = runs if tier.any_dose else runs.filter(runs.excluded_by.isnull())
            parts.append(runs.select("patient_key", "first_on", "last_on", tier=ibis.literal(name)))
    return ibis.union(*parts)


def _met(windows: Table, spans_of: Callable[[Table], Table]) -> Table:
    """Return the KEY of those ``windows`` that a span of days of their tier reaches into."""
    spans = spans_of(windows.select("patient_key").distinct())
    near = windows.select(*KEY, "length").join(spans, ["patient_key", "tier"])
    since = near.event_date.delta(near.last_on, unit="day")
    near = near.filter((near.first_on <= near.event_date) & (since < near.length))
    return near.select(*KEY).distinct()


def _graded(records: Records, windows: Table, tiers: Tiers) -> Table:
    """Return the windows with severity and excuse, both null where a window does not fire."""
    fired = windows.filter(windows.fires)
    asks = [name for name, tier in tiers.items() if tier.when == "sedated"]
    spans = partial(_sedated, records.prescriptions, asks)
    calm = _met(fired.filter(fired.tier.isin(asks)), spans).mutate(sedated=True)
    excused = records.excuses(fired, exclusion_days=EXCUSED_DAYS)
    w = windows.left_join(calm, KEY).drop(*(f"{name}_right" for name in KEY))
    w = w.left_join(excused, ["patient_key", "event_date"])
    both = by_tier(
        w,
        tiers,
        lambda t: (w.prescribers >= t.prescribers) & (w.pharmacies >= t.pharmacies),
    )
    graver = by_tier(w, tiers, lambda t: ibis.literal(t.when))
    is_graver = ((graver == "sedated") & w.sedated.fill_null(False)) | ((graver == "both") & both)
    severity = ibis.ifelse(
        is_graver,
        by_tier(w, tiers, lambda t: t.graver),
        by_tier(w, tiers, lambda t: t.severity),
    )
    return w.select(
        *KEY,
        "length",
        "prescribers",
        "pharmacies",
        "excluded_by",
        severity=ibis.ifelse(w.fires, severity, ibis.null("string")),
        either=by_tier(w, tiers, lambda t: t.pharmacies_alone is not None),
    )


def _sedated(prescriptions: Table, asks: list[str], patients: Table) -> Table:
    """Return the days covered by a benzodiazepine, as spans of the tiers that ask for them."""
    p = prescriptions.filter(prescriptions.drug_class == "benzodiazepine")
    p = p.filter(p.counts_as_supply).semi_join(patients, "patient_key")
    return p.select(
        "patient_key",
        first_on="event_date",
        last_on="last_covered",
        tier=ibis.array(asks or [""]).unnest(),
    )


def _runs(windows: Table) -> Table:
    """Return maximal runs of window ends of one severity and excuse, with their fullest window."""
    order = ibis.window(group_by=["patient_key", "tier"], order_by="event_date")
    so_far = ibis.cumulative_window(group_by=["patient_key", "tier"], order_by="event_date")
    w = windows.mutate(said=windows.severity + "|" + windows.excluded_by.fill_null(""))
    w = w.mutate(fresh=w.said.fill_null("") != w.said.lag().over(order).fill_null(""))
    w = w.mutate(run=w.fresh.cast("int64").sum().over(so_far))
    w = w.filter(w.said.notnull())
    more = ibis.greatest(w.prescribers, w.pharmacies)
    w = w.mutate(value=ibis.ifelse(w.either, more, w.prescribers))
    w = w.mutate(fullest=w.value * FAR_DAY - day_number(w.event_date))
    runs = w.group_by("patient_key", "tier", "run", "length", "severity", "excluded_by")
    return runs.agg(
        first_on=_.event_date.min(),
        last_on=_.event_date.max(),
        value=_.value.max(),
        peak_on=_.event_date.argmax(_.fullest),
        prescribers=_.prescribers.argmax(_.fullest),
        pharmacies=_.pharmacies.argmax(_.fullest),
    )


def _doubts(judged: Table, rows: Table) -> Table:
    """Return patients and reasons why a tier could fire that does not."""
    w = judged.filter(judged.possible)
    known = judged.filter(judged.many & ~judged.perhaps).select(*KEY)
    strange = w.filter(w.perhaps).anti_join(known, KEY)
    lacking = rows.filter(rows.dose_problem.notnull())
    undosed = w.filter(~w.dose_met).select("patient_key", "event_date")
    undosed = undosed.group_by("patient_key").agg(last=undosed.event_date.max())
    undosed = lacking.join(undosed, "patient_key").filter(_.event_date <= _.last)
    few = w.filter(~w.days_met)
    return ibis.union(
        undosed.select("patient_key", reason="dose_problem"),
        _because(strange, Reason.DRUG_UNMATCHED),
        _because(w.filter(~w.age_met), Reason.AGE_UNKNOWN),
        _because(few.filter(few.short > 0), Reason.DAYS_SUPPLY_UNUSABLE),
        _because(few.filter(few.unmatched > 0), Reason.DRUG_UNMATCHED),
        distinct=True,
    )


def _because(windows: Table, reason: Reason) -> Table:
    return windows.select("patient_key", reason=ibis.literal(reason.value))
