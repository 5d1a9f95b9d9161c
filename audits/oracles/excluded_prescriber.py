"""Judges by hand whether a prescriber wrote while excluded from federal programmes (rule R46).

Written from the text of the rule and needs Python alone. Every prescription is asked on its own:
was its prescriber on the list that day, does a waiver reach it, and would it be known.
"""

from collections import Counter, defaultdict
from datetime import date
from re import fullmatch

DEFINITIONS = {"federal_payer": "critical", "payer_unknown": "high", "other_payer": "low"}
GRAVITY = ("low", "medium", "high", "critical")
FEDERAL = {"medicare", "medicaid", "military", "tribal"}
FREE, WAIVED, CLEAR = "excluded", "waived", "clear"
NO_NUMBER = "prescriber_npi_missing"
IN_DOUBT, NOT_HELD = "patient_state_missing", "exclusions_not_held"


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the one prescriber of ``records["subject"]``.

    ``value`` is the number of prescriptions written while excluded, or of those that a waiver
    reaches where there are no others; it and ``severity`` are None unless the answer is fired
    or suppressed.
    """
    rows = written(records["prescriptions"], parameters["as_of"])
    findings = [(row, finding(row, records)) for row in rows]
    first, last = parameters.get("judge_from") or date.min, parameters.get("judge_to") or date.max
    occurrences = occurrences_of(findings, parameters["prescriptions"])
    occurrences = [each for each in occurrences if first <= each["first_on"] <= last]
    free = [each for each in occurrences if each["excluded_by"] is None]
    unknown = sorted({found for _, found in findings} & {NO_NUMBER, IN_DOUBT, NOT_HELD})
    if free:
        answer, reasons = "fired", []
    elif occurrences:
        answer, reasons = "suppressed", ["waiver"]
    elif unknown:
        answer, reasons = "not_evaluable", unknown
    else:
        answer, reasons = "clear", []
    worst = max(free or occurrences, key=weight, default=None)
    return {
        "answer": answer,
        "severity": worst and worst["severity"],
        "value": worst and worst["value"],
        "reasons": reasons,
        "occurrences": occurrences,
        "arithmetic": arithmetic(findings, records),
    }


def population(rows: list, as_of: date | None = None) -> set:
    """Return the key of every prescriber who wrote a prescription up to ``as_of``."""
    keys = {row["prescriber_key"] for row in written(rows, as_of or date.max)}
    return keys - {None}


def written(rows: list, as_of: date) -> list:
    """Return the rows that stand for a prescription as it was written, whatever the drug."""
    return [row for row in rows if row["counts_as_prescription"] and row["event_date"] <= as_of]


def finding(row: dict, records: dict) -> str:
    """Return ``excluded``, ``waived``, ``clear``, or the reason why none of these can be said."""
    if not is_number(records["subject"]["npi"]):
        return NO_NUMBER
    day = row["written_on"]
    in_force = [each for each in records["exclusions"] if excludes(each, day)]
    if not in_force:
        return CLEAR if is_held(day, records["holdings"]) else NOT_HELD
    relief = [waiver(each, row) for each in in_force]
    if "none" in relief:
        return FREE
    return IN_DOUBT if "doubtful" in relief else WAIVED


def is_number(key: str) -> bool:
    """Return whether a list can be searched for the prescriber's key."""
    return fullmatch("[0-9]{10}", key) is not None and key != "0" * 10


def excludes(listed: dict, day: date) -> bool:
    """Return whether the exclusion holds on ``day``: from its first to before reinstatement."""
    back = listed["reinstated_on"]
    return listed["excluded_on"] <= day and (back is None or day < back)


def waiver(listed: dict, row: dict) -> str:
    """Return ``waived``, ``doubtful`` (the patient's state is not known) or ``none``."""
    state, since = listed["waiver_state"], listed["waivered_on"]
    if state is None or (since is not None and row["written_on"] < since):
        return "none"
    if row["patient_state"] is None:
        return "doubtful"
    return "waived" if row["patient_state"] == state else "none"


def is_held(day: date, holdings: list) -> bool:
    """Return whether a list for the whole country is held for ``day``."""
    return any(
        each["kind"] == "exclusions"
        and each["states"] is None
        and each["covers_from"] <= day <= each["covers_to"]
        for each in holdings
    )


def payer(row: dict) -> str:
    """Return the definition that who paid for the prescription puts it under."""
    paid = row["payment_type"]
    if paid is None:
        return "payer_unknown"
    return "federal_payer" if paid in FEDERAL else "other_payer"


def occurrences_of(findings: list, most: int) -> list:
    """Return one occurrence a day and definition; more than ``most`` prescriptions make any."""
    numbers = Counter(found for _, found in findings)
    days = defaultdict(lambda: {FREE: [], WAIVED: []})
    for row, found in findings:
        if found in (FREE, WAIVED) and numbers[found] > most:
            days[row["written_on"], payer(row)][found].append(row["key"])
    return [
        {
            "definition": definition,
            "first_on": day,
            "last_on": day,
            "value": numbers[FREE if keys[FREE] else WAIVED],
            "severity": DEFINITIONS[definition],
            "excluded_by": None if keys[FREE] else "waiver",
            "records": sorted(keys[FREE] or keys[WAIVED]),
        }
        for (day, definition), keys in sorted(days.items())
    ]


def weight(occurrence: dict) -> tuple:
    """Return what the worst occurrence has most of."""
    place = list(DEFINITIONS).index(occurrence["definition"])
    return GRAVITY.index(occurrence["severity"]), -place, occurrence["value"]


def arithmetic(findings: list, records: dict) -> list:
    """Return in words what the list says of the prescriber, and the counts of findings."""
    counts = Counter(found for _, found in findings)
    lines = [f"{counts[found]} prescriptions: {found.replace('_', ' ')}." for found in counts]
    for each in records["exclusions"]:
        until = each["reinstated_on"]
        line = f"Exclusion {each['key']} of NPI {each['npi']} ({each['exclusion_type']}) "
        line += f"from {each['excluded_on']} "
        line += f"to the day before {until}." if until else "on, without reinstatement."
        if each["waiver_state"]:
            line += f" Waived in {each['waiver_state']} from {each['waivered_on'] or 'its start'}."
        lines.append(line)
    paid = Counter(payer(row) for row, found in findings if found == FREE)
    lines += [f"{paid[name]} of those excluded: {name.replace('_', ' ')}." for name in paid]
    return sorted(lines[: len(counts)]) + lines[len(counts) :]
