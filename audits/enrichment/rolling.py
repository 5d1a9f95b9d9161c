"""The rolling dose: spans of days on which the sum over the days before lies above a floor."""

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table

from .days import EPOCH, date_of, day_number

FAR_DAY = 99_999
CIRCUMSTANCES = {
    "cancer": ("cancer", "cancer_treatment"),
    "hospice": ("hospice_palliative", "hospice_care"),
    "sickle_cell": ("sickle_cell",),
}
LIFELONG = ("sickle_cell",)


def dose_runs(
    prescriptions: Table,
    diagnoses: Table,
    *,
    window_days: int,
    floor: int,
    exclusion_days: int,
    among: Table | None = None,
    judged_from: date | None = None,
    judged_to: date | None = None,
) -> Table:
    """Return the spans of days at the end of windows whose opioid doses sum to more than ``floor``.

    The sum is over ``window_days`` days in thousandths of an MME; fills that overlap add
    up (mode SUM). Columns: patient_key, run, excluded_by (null, or the circumstance in
    force on those days), first_on, last_on, value (highest sum), peak_on (its first day).
    Windows end on or before the patient's last covered day and are not cut off at the
    first. A circumstance holds from its first day until ``exclusion_days`` after its last,
    sickle cell for life. ``among`` are the patients (patient_key) to ask about; None: all.
    Windows that end before ``judged_from`` or after ``judged_to`` are left out.
    """
    fills = _fills(prescriptions)
    if among is not None:
        fills = fills.semi_join(among, "patient_key")
    lines = _lines(fills, diagnoses, window_days, floor, exclusion_days)
    runs = _runs(_above(lines, floor, (judged_from, judged_to)))
    return runs.select(
        "patient_key",
        "run",
        "excluded_by",
        "value",
        first_on=date_of(runs.starts),
        last_on=date_of(runs.stops),
        peak_on=date_of(runs.peak),
    )


def _fills(relevant: Table) -> Table:
    """Return patient, first and last covered day, and dose of every usable opioid row."""
    countable = relevant.counts_as_supply & relevant.opioid & relevant.dose_problem.isnull()
    usable = relevant.filter(countable)
    return usable.select(
        "patient_key",
        "mme_day",
        begins=day_number(usable.event_date),
        ends=day_number(usable.last_covered),
    )


def _steps(fills: Table, window_days: int) -> Table:
    """Return the changes of slope of the rolling sum: four for each fill.

    The sum over the window ending today grows by today's dose less the dose of
    ``window_days`` ago, so a fill pushes its slope up when it begins, down when it
    ends, and the reverse ``window_days`` later.
    """
    moves = ((fills.begins, 1), (fills.ends + 1, -1))
    later = ((fills.begins + window_days, -1), (fills.ends + 1 + window_days, 1))
    parts = [
        fills.select("patient_key", day=day, slope=fills.mme_day * sign)
        for day, sign in (*moves, *later)
    ]
    return ibis.union(*parts)


def _excuses(diagnoses: Table, patients: Table, exclusion_days: int) -> Table:
    """Return when each circumstance begins (+1) and ends (-1) for the ``patients``."""
    parts = []
    for name, sets in CIRCUMSTANCES.items():
        told = diagnoses.filter(diagnoses.set_id.isin(sets)).semi_join(patients, "patient_key")
        told = told.mutate(day=day_number(told.on), last=day_number(told.until))
        parts.append(told.select("patient_key", "day", **_only(name, 1)))
        if name not in LIFELONG:
            ended = told.last + exclusion_days
            parts.append(told.select("patient_key", day=ended, **_only(name, -1)))
    return ibis.union(*parts)


def _only(name: str, step: int) -> dict:
    return {n: ibis.literal(step if n == name else 0, "int64") for n in CIRCUMSTANCES}


def _events(
    fills: Table, diagnoses: Table, able: Table, window_days: int, exclusion_days: int
) -> Table:
    """Return one row for each patient and day on which slope or circumstances change."""
    steps = _steps(fills.semi_join(able, "patient_key"), window_days)
    unchanged = {name: ibis.literal(0, "int64") for name in CIRCUMSTANCES}
    excuses = _excuses(diagnoses, able, exclusion_days).mutate(slope=ibis.literal(0, "int64"))
    both = steps.mutate(**unchanged).union(
        excuses.select("patient_key", "day", "slope", *CIRCUMSTANCES)
    )
    sums = {name: both[name].sum() for name in ("slope", *CIRCUMSTANCES)}
    return both.group_by("patient_key", "day").agg(**sums)


def _lines(
    fills: Table, diagnoses: Table, window_days: int, floor: int, exclusion_days: int
) -> Table:
    """Return the rolling sum as straight lines: from ``day`` until the day before ``until``.

    ``before`` is the sum on the day before, ``slope`` what each day adds. Patients whose
    whole supply is not above the floor cannot reach it and are left out first.
    """
    total = (fills.mme_day * (fills.ends - fills.begins + 1)).sum()
    supply = fills.group_by("patient_key").agg(total=total, last=fills.ends.max())
    able = supply.filter(supply.total > floor)
    days = _events(fills, diagnoses, able, window_days, exclusion_days)
    order = ibis.window(group_by="patient_key", order_by="day")
    so_far = ibis.cumulative_window(group_by="patient_key", order_by="day")
    sums = {n: days[n].sum().over(so_far).cast("int64") for n in ("slope", *CIRCUMSTANCES)}
    lines = days.mutate(until=days.day.lead().over(order), **sums)
    lines = lines.mutate(grown=lines.slope * (lines.until - lines.day))
    lines = lines.mutate(after=lines.grown.sum().over(so_far).cast("int64"))
    lines = lines.mutate(before=lines.after - lines.grown)
    return lines.join(able.select("patient_key", "last"), "patient_key")


def _above(lines: Table, floor: int, judged: tuple[date | None, date | None]) -> Table:
    """Return for each straight piece its first and last day above ``floor`` and the value there.

    Days outside ``judged`` are cut off before the highest is looked for.
    """
    missing, slope = floor - lines.before, lines.slope
    usable = ibis.least(lines.until - 1, lines.last) - lines.day + 1
    first = ibis.ifelse(
        slope > 0, ibis.greatest((missing / slope.nullif(0)).floor().cast("int64") + 1, 1), 1
    )
    last = ibis.ifelse(
        slope < 0,
        ibis.least((missing / slope.nullif(0)).ceil().cast("int64") - 1, usable),
        usable,
    )
    since, until = (day and (day - EPOCH).days for day in judged)
    first = first if since is None else ibis.greatest(first, since - lines.day + 1)
    last = last if until is None else ibis.least(last, until - lines.day + 1)
    spans = lines.mutate(
        first=first,
        final=last,
        excluded_by=ibis.cases(*((lines[n] > 0, n) for n in CIRCUMSTANCES)),
    )
    spans = spans.filter((spans.first <= spans.final) & ((slope != 0) | (spans.before > floor)))
    rising = spans.slope > 0
    at = ibis.ifelse(rising, spans.final, spans.first)
    return spans.select(
        "patient_key",
        "excluded_by",
        starts=spans.day + spans.first - 1,
        stops=spans.day + spans.final - 1,
        value=spans.before + spans.slope * at,
        peak=spans.day + at - 1,
    )


def _runs(ranges: Table) -> Table:
    """Return maximal runs of consecutive days with one and the same exclusion."""
    order = ibis.window(group_by="patient_key", order_by="starts")
    so_far = ibis.cumulative_window(group_by="patient_key", order_by="starts")
    marked = ranges.mutate(
        fresh=(ranges.starts != ranges.stops.lag().over(order) + 1).fill_null(True)
        | (ranges.excluded_by.fill_null("") != ranges.excluded_by.lag().over(order).fill_null(""))
    )
    runs = marked.mutate(run=marked.fresh.cast("int64").sum().over(so_far))
    return runs.group_by("patient_key", "run", "excluded_by").agg(
        starts=_.starts.min(),
        stops=_.stops.max(),
        value=_.value.max(),
        peak=_.peak.argmax(_.value * FAR_DAY - _.peak),
    )
