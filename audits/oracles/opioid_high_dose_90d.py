"""Judges by hand whether a patient's opioid dose averaged too high over any 90 days (rule R01).

Written from the text of the rule, not from its program, and needs Python alone. Every fill is laid
out day by day, every window is added up afresh; days are ordinals (day numbers), sums are exact.
"""

from datetime import date
from fractions import Fraction

SEVERITIES = ("medium", "high", "critical")
ESCALATION_DAYS = 365


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the one patient whose rows are in ``records["prescriptions"]``.

    ``value`` is the highest average in MME a day; it and ``severity`` are None unless the answer
    is fired or suppressed. ``reasons`` say why it is suppressed or not evaluable.
    """
    rows = counted(records["prescriptions"], parameters["as_of"])
    defects = {defect_of(row, parameters) for row in rows if is_relevant(row)} - {None}
    fills = [row for row in rows if is_relevant(row) and not defect_of(row, parameters)]
    averages = rolling_averages(fills, parameters["window_days"])
    first, last = parameters.get("judge_from") or date.min, parameters.get("judge_to") or date.max
    averages = {d: a for d, a in averages.items() if first <= date.fromordinal(d) <= last}
    told = counted(records["prescriptions"] + lasting(records), parameters["as_of"], True)
    occurrences = occurrences_of(averages, fills, recorded_days(told, parameters), parameters)
    free = [each for each in occurrences if each["excluded_by"] is None]
    answer = "suppressed" if occurrences else "not_evaluable" if defects else "clear"
    graver = max((SEVERITIES.index(o["severity"]) for o in free or occurrences), default=0)
    alike = [o for o in free or occurrences if o["severity"] == SEVERITIES[graver]]
    worst = max(alike, key=lambda each: each["value"], default=None)
    return {
        "answer": "fired" if free else answer,
        "severity": worst and worst["severity"],
        "value": worst and worst["value"],
        "reasons": sorted(() if free else {o["excluded_by"] for o in occurrences} or defects),
        "occurrences": occurrences,
        "arithmetic": arithmetic(worst, averages, fills, parameters),
    }


def population(rows: list, as_of: date | None = None) -> set:
    """Return the ``patient_key`` of every patient with at least one relevant row."""
    return {row["patient_key"] for row in counted(rows, as_of) if is_relevant(row)}


def counted(rows: list, as_of: date | None, all_speak: bool = False) -> list:
    """Return the rows up to ``as_of`` that count as supply; for diagnoses ``all_speak``."""
    dated = [row for row in rows if as_of is None or row["event_date"] <= as_of]
    return [row for row in dated if all_speak or row["counts_as_supply"]]


def lasting(records: dict) -> list:
    """Return conditions as rows: one for its day, or for every day up to its known end."""
    nothing, found = {"treatment_type": None, "patient_setting": None}, []
    for each in records["conditions"]:
        last = max(each["recorded_on"], each["ended_on"] or each["recorded_on"])
        days = map(date.fromordinal, range(each["recorded_on"].toordinal(), last.toordinal() + 1))
        found += [nothing | {"event_date": d, "diagnosis_codes": [each["code"]]} for d in days]
    return found


def is_relevant(row: dict) -> bool:
    """Return whether the row is an opioid that counts in a dose, or could be one."""
    return not row["matched"] or (row["opioid"] and not row["moud"])


def defect_of(row: dict, parameters: dict) -> str | None:
    """Return the first reason why the row's dose cannot be used, None when it can."""
    has_quantity = row["quantity"] is not None and row["quantity"] > 0
    if not row["matched"]:
        return "drug_unmatched"
    if has_quantity or not row["fentanyl_patch"]:  # patches without a quantity have no days either
        days = days_of(row)
        if days is None or not 1 <= days <= parameters["longest_days_supply"]:
            return "days_supply_unusable"
    if not has_quantity:
        return "quantity_unusable"
    if row["strength"] is None or row["factor"] is None:
        return "strength_unknown" if row["strength"] is None else "factor_unknown"
    return "dose_implausible" if dose_of(row) > parameters["implausible_mme"] * 1000 else None


def days_of(row: dict) -> int | None:
    """Return the days a fill lasts: as reported, but three a patch for fentanyl patches."""
    return max(1, int(row["quantity"] * 3)) if row["fentanyl_patch"] else row["days_supply"]


def dose_of(row: dict) -> int:
    """Return the fill's dose in thousandths of an MME a day, rounded half up."""
    mme = Fraction(row["strength"]) * Fraction(row["quantity"]) * Fraction(row["factor"])
    return int(mme / days_of(row) * 1000 + Fraction(1, 2))


def covered(row: dict) -> range:
    """Return the days the fill covers, its event date being the first."""
    return range(row["event_date"].toordinal(), row["event_date"].toordinal() + days_of(row))


def rolling_averages(fills: list, window: int) -> dict:
    """Return the average of the ``window`` days ending on each day, by that day.

    Days without an opioid are 0; the divisor is always ``window``. Left out are days after the
    last covered day and windows without any covered day (their average is 0).
    """
    daily = {}
    for row in fills:
        for day in covered(row):
            daily[day] = daily.get(day, 0) + dose_of(row)
    last, ends = max(daily, default=0), {day + later for day in daily for later in range(window)}
    return {
        end: Fraction(sum(daily.get(end - back, 0) for back in range(window)), 1000 * window)
        for end in sorted(ends)
        if end <= last
    }


def recorded_days(rows: list, parameters: dict) -> dict:
    """Return the days on which each diagnosis set, or what stands for it, was recorded."""
    dated = [(row["event_date"].toordinal(), row) for row in rows]
    sets = parameters["diagnosis_sets"]
    found = {name: {day for day, row in dated if has(row, sets[name])} for name in sets}
    found["cancer"] |= {day for day, row in dated if row["treatment_type"] == "03"}
    hospice = [day for day, row in dated if row["treatment_type"] in ("04", "05")]
    hospice += [day for day, row in dated if row["patient_setting"] == "hospice"]
    return found | {"hospice": found["hospice_palliative"].union(hospice)}


def has(row: dict, codes: dict) -> bool:
    """Return whether a diagnosis of the row is in the set; the longest fitting prefix decides."""

    def plain(code: str) -> str:
        return code.replace(".", "").strip().upper()

    def longest(code: str, prefixes: list) -> int:
        return max((len(plain(p)) for p in prefixes if code.startswith(plain(p))), default=0)

    diagnoses = [plain(code) for code in row["diagnosis_codes"] or ()]
    return any(longest(c, codes["include"]) > longest(c, codes["exclude"]) for c in diagnoses)


def exclusion_on(end: int, recorded: dict, days: int) -> str | None:
    """Return the first exclusion that holds for the window ending on ``end``, or None."""
    first_days = {"cancer": end - days + 1, "hospice": end - days + 1, "sickle_cell": 0}
    holding = (n for n in first_days if any(first_days[n] <= d <= end for d in recorded[n]))
    return next(holding, None)


def occurrences_of(averages: dict, fills: list, recorded: dict, parameters: dict) -> list:
    """Return the maximal runs of consecutive days above the threshold under one exclusion."""
    runs = []
    for end in (e for e in averages if averages[e] > Fraction(parameters["threshold_mme"])):
        excluded_by = exclusion_on(end, recorded, parameters["exclusion_days"])
        if not runs or runs[-1][0] != excluded_by or runs[-1][-1] != end - 1:
            runs.append([excluded_by])
        runs[-1].append(end)
    return [occurrence(run, averages, fills, recorded, parameters) for run in runs]


def occurrence(run: list, averages: dict, fills: list, recorded: dict, parameters: dict) -> dict:
    """Return what is said of one run, given as its exclusion and then its days."""
    excluded_by, first, last = run[0], run[1], run[-1]
    value = max(averages[end] for end in run[1:])
    harmed = recorded["overdose"] | recorded["sud"]
    escalated = any(first - ESCALATION_DAYS <= day <= first for day in harmed)
    windows = set(range(first - parameters["window_days"] + 1, last + 1))
    return {
        "definition": "rolling_90_day_average",
        "first_on": date.fromordinal(first),
        "last_on": date.fromordinal(last),
        "value": value,
        "severity": SEVERITIES[(value > Fraction(parameters["severe_mme"])) + escalated],
        "excluded_by": excluded_by,
        "records": sorted(row["key"] for row in fills if windows & set(covered(row))),
    }


def arithmetic(worst: dict | None, averages: dict, fills: list, parameters: dict) -> list:
    """Return in words the highest average, of the worst occurrence where there is one."""
    if not averages:
        return ["No fill has a usable opioid dose."]
    first, last = (worst["first_on"], worst["last_on"]) if worst else (date.min, date.max)
    end = max((e for e in averages if first.toordinal() <= e <= last.toordinal()), key=averages.get)
    window, lines = set(range(end - parameters["window_days"] + 1, end + 1)), []
    touching = [row for row in fills if window & set(covered(row))]
    for row in sorted(touching, key=lambda row: (row["event_date"], row["key"])):
        days, dose = len(window & set(covered(row))), dose_of(row)
        lines.append(
            f"{row['key']}: {row['strength']} x {row['quantity']} / {days_of(row)} days x "
            f"{row['factor']} = {dose / 1000:.3f} MME a day, on {days} days of the window "
            f"{days * dose / 1000:.3f} MME."
        )
    lines.append(
        f"Sum of the {len(window)} days to {date.fromordinal(end)}: "
        f"{float(averages[end] * len(window)):.3f} MME; / {len(window)} = "
        f"{float(averages[end]):.6f} MME a day; fires above {parameters['threshold_mme']}."
    )
    return lines
