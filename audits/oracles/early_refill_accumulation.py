"""Judges by hand whether a patient filled one drug early or piled it up (rule R12).

Written from the text of the rule, not from its program, and needs Python alone. The fills are
walked through in order, with two days kept in mind: when the former fill runs out, and when all
that is on hand runs out, each fill starting when the one before it is used up.
"""

from datetime import date, timedelta
from fractions import Fraction

SEVERITIES = ("low", "medium", "high", "critical")
DEFINITIONS = {"stockpile": "high", "repeated_early": "medium", "early_once": "low"}
CONTROLLED = ("II", "III", "IV", "V")
ESCALATION = timedelta(365)


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the patient and ingredient of ``records["subject"]``.

    ``value`` is days on hand, early fills or days early, by the definition of the worst
    occurrence; it and ``severity`` are None unless the answer is fired or suppressed.
    """
    rows = [row for row in records["prescriptions"] if row["event_date"] <= parameters["as_of"]]
    ingredient = records["subject"]["ingredient"]
    fills = [row for row in rows if row["ingredient"] == ingredient and is_fill(row)]
    usable = [row for row in fills if days_of(row, parameters) is not None]
    steps = walk(usable, parameters)
    harmed = harmful_spans(rows, records["conditions"], parameters["diagnosis_sets"])
    occurrences = occurrences_of(steps, harmed, parameters)
    free = [each for each in occurrences if each["excluded_by"] is None]
    answer, reasons = "clear", []
    if free:
        answer = "fired"
    elif occurrences:
        answer, reasons = "suppressed", ["ltc"]
    elif len(usable) < len(fills) and len(fills) > 1:
        answer, reasons = "not_evaluable", ["days_supply_unusable"]
    worst = max(free or occurrences, key=gravity, default=None)
    return {
        "answer": answer,
        "severity": worst and worst["severity"],
        "value": worst and worst["value"],
        "reasons": reasons,
        "occurrences": occurrences,
        "arithmetic": arithmetic(worst, steps, parameters),
    }


def population(rows: list, as_of: date | None = None) -> set:
    """Return ``patient_key|ingredient`` of every patient with a fill of a controlled ingredient."""
    fills = [row for row in rows if is_fill(row) and row["event_date"] <= (as_of or date.max)]
    return {f"{row['patient_key']}|{row['ingredient']}" for row in fills}


def is_fill(row: dict) -> bool:
    """Return whether the row is a fill, not an order, of a drug in schedules II to V."""
    supplied = row["counts_as_supply"] and row["filled_date"] is not None
    return supplied and row["matched"] and row["schedule"] in CONTROLLED


def days_of(row: dict, parameters: dict) -> int | None:
    """Return how many days the fill lasts, three a fentanyl patch; None where it cannot be used."""
    days = row["days_supply"]
    if row["fentanyl_patch"]:
        has_patches = row["quantity"] is not None and row["quantity"] > 0
        days = max(1, int(row["quantity"] * 3)) if has_patches else None
    return days if days is not None and 1 <= days <= parameters["longest_days_supply"] else None


def walk(fills: list, parameters: dict) -> list:
    """Return each fill with its days early and days on hand, in the order of the walk.

    ``since`` numbers the fill at which the count last started anew.
    """
    steps, since, used_up, run_out = [], 0, date.min, date.min
    ordered = sorted(
        fills, key=lambda r: (r["event_date"], r["source_system"], r["source_record_id"])
    )
    for number, row in enumerate(ordered):
        on, days = row["event_date"], days_of(row, parameters)
        former = ordered[number - 1] if number else None
        change = former and change_of(former, row, parameters)
        if change is not None and change > Fraction(parameters["change_percent"]):
            since, used_up, run_out = number, date.min, date.min
        early, stock = max(0, (used_up - on).days), max(0, (run_out - on).days)
        used_up, run_out = on + timedelta(days), max(run_out, on) + timedelta(days)
        steps.append(
            {"number": number, "row": row, "early": early, "stock": stock}
            | {"since": since, "change": change, "run_out": run_out, "days": days}
        )
    return steps


def change_of(former: dict, row: dict, parameters: dict) -> Fraction | None:
    """Return by how many percent the amount a day differs from the former fill's, None unknown."""
    for each in (former, row):
        if not all(each[part] is not None and each[part] > 0 for part in ("strength", "quantity")):
            return None
    before, now = (
        Fraction(each["strength"]) * Fraction(each["quantity"]) / days_of(each, parameters)
        for each in (former, row)
    )
    return abs(now - before) / before * 100


def findings(step: dict, steps: list, parameters: dict) -> list:
    """Return each definition that holds at one fill, with its value and the steps behind it."""
    number, found = step["number"], []
    earliest = step["row"]["event_date"] - timedelta(parameters["repeated_window"] - 1)
    early = [s for s in steps[: number + 1] if s["early"] >= parameters["repeated_days"]]
    recent = [s for s in early if s["row"]["event_date"] >= earliest]
    if step["stock"] >= parameters["stock_days"]:
        found.append(("stockpile", step["stock"], steps[step["since"] : number + 1]))
    if step in recent and len(recent) >= parameters["repeated_fills"]:
        found.append(("repeated_early", len(recent), recent))
    if step["early"] >= parameters["early_days"]:
        found.append(("early_once", step["early"], steps[max(0, number - 1) : number + 1]))
    return [{"definition": n, "at": step, "value": v, "behind": behind} for n, v, behind in found]


def occurrences_of(steps: list, harmed: list, parameters: dict) -> list:
    """Return what was found, one occurrence for each definition and day.

    Fills in long-term care come in short cycles: they are excused, not those beside them.
    """
    by_day, begins = {}, parameters.get("judge_from") or date.min
    ends = parameters.get("judge_to") or date.max
    for found in (each for step in steps for each in findings(step, steps, parameters)):
        day = found["at"]["row"]["event_date"]
        if not begins <= day <= ends:
            continue
        by_day.setdefault((day, list(DEFINITIONS).index(found["definition"])), []).append(found)
    occurrences = []
    for (day, place), together in sorted(by_day.items(), key=lambda item: item[0]):
        definition = list(DEFINITIONS)[place]
        in_care = all(each["at"]["row"]["patient_setting"] == "ltc" for each in together)
        escalated = any(first <= day and last >= day - ESCALATION for first, last in harmed)
        severity = SEVERITIES.index(DEFINITIONS[definition]) + escalated
        keys = {step["row"]["key"] for each in together for step in each["behind"]}
        occurrences.append(
            {"definition": definition, "first_on": day, "last_on": day}
            | {"value": max(each["value"] for each in together)}
            | {"severity": SEVERITIES[severity], "excluded_by": "ltc" if in_care else None}
            | {"records": sorted(keys)}
        )
    return occurrences


def harmful_spans(rows: list, conditions: list, sets: dict) -> list:
    """Return the first and last day of every diagnosis of overdose or substance use disorder."""
    spoken = [(c["recorded_on"], c["ended_on"] or c["recorded_on"], c["code"]) for c in conditions]
    for row in rows:
        day = row["event_date"]
        spoken += [(day, day, code) for code in row["diagnosis_codes"] or ()]
    harmful = (sets["overdose"], sets["sud"])
    return [
        (first, max(first, last))
        for first, last, code in spoken
        if any(is_in(code, codes) for codes in harmful)
    ]


def is_in(diagnosis: str, codes: dict) -> bool:
    """Return whether the diagnosis is in the set; the longest fitting prefix decides."""

    def longest(prefixes: list) -> int:
        whole, *parts = (c.replace(".", "").strip().upper() for c in (diagnosis, *prefixes))
        return max((len(part) for part in parts if whole.startswith(part)), default=0)

    return longest(codes["include"]) > longest(codes["exclude"])


def gravity(each: dict) -> tuple:
    """Return what the worst occurrence has most of: severity, then precedence, then value."""
    precedence = -list(DEFINITIONS).index(each["definition"])
    return SEVERITIES.index(each["severity"]), precedence, each["value"]


def arithmetic(worst: dict | None, steps: list, parameters: dict) -> list:
    """Return in words the walk through the fills, up to the worst occurrence if there is one."""
    lines, until = [], worst["first_on"] if worst else date.max
    for step in (step for step in steps if step["row"]["event_date"] <= until):
        said = f"{step['early']} days early, {step['stock']} days on hand"
        if step["number"] == step["since"] > 0:
            said = f"dose changed by {float(step['change']):.1f} percent, so the count starts anew"
        lasts = (
            f"{step['row']['event_date']} for {step['days']} days, all used by {step['run_out']}"
        )
        lines.append(f"{step['row']['key']}: {lasts}; {said}.")
    if worst:
        asked = {"stockpile": "stock_days", "repeated_early": "repeated_fills"}
        asked = parameters[asked.get(worst["definition"], "early_days")]
        lines.append(f"{worst['definition']}: {worst['value']} on {until}; fires at {asked}.")
    return lines or ["No fill has usable days."]
