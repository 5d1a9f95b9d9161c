"""Judges by hand whether ketamine went home and nobody looked after the patient (rule R19).

Written from the text of the rule, not from its program, and needs Python alone. Every prescription
is asked on its own, day by day: does it go home, did anybody look, would it be known if so.
"""

from datetime import date, timedelta

SEVERITIES = ("medium", "high", "critical")
DEFINITIONS = ("with_cns_depressant", "over_days", "over_doses", "nasal_or_injected", "unmonitored")
GRAVE_ROUTES = ("nasal", "injection", "intramuscular", "subcutaneous")
HOME_ROUTES = ("oral", "sublingual", "buccal", "rectal", *GRAVE_ROUTES)
TALKING = ("in_person", "audio_video", "audio_only")
DEPRESSANT_CLASSES = ("benzodiazepine", "z-drug", "barbiturate")
ESCALATION = timedelta(365)


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the one patient and prescriber of ``records["subject"]``.

    ``value`` is in days or doses, as its definition says, and None like ``severity`` unless fired;
    ``reasons`` say why it is not evaluable. Other rows are read for other drugs and diagnoses.
    """
    rows = relevant(records["prescriptions"], parameters["as_of"])
    own = [row for row in rows if row["prescriber_key"] == records["subject"]["npi"]]
    findings = [(row, finding(row, records, parameters)) for row in own]
    begins, ends = parameters.get("judge_from") or date.min, parameters.get("judge_to") or date.max
    unmonitored = [row for row, found in findings if found == "unmonitored"]
    unmonitored = [row for row in unmonitored if begins <= row["event_date"] <= ends]
    unknown = {found for _, found in findings} - {"unmonitored", "monitored"}
    occurrences = merged([o for row in unmonitored if (o := occurrence(row, records, parameters))])
    worst = max(occurrences, key=gravity, default=None)
    return {
        "answer": "fired" if worst else "not_evaluable" if unknown else "clear",
        "severity": worst and worst["severity"],
        "value": worst and worst["value"],
        "reasons": [] if worst else sorted(unknown),
        "occurrences": occurrences,
        "arithmetic": arithmetic(worst, findings, records, parameters),
    }


def population(rows: list, as_of: date | None = None) -> set:
    """Return ``patient_key|prescriber_key`` of every pair with a relevant row."""
    named = [row for row in relevant(rows, as_of) if row["prescriber_key"] is not None]
    return {f"{row['patient_key']}|{row['prescriber_key']}" for row in named}


def supplied(rows: list, as_of: date | None) -> list:
    """Return the rows up to ``as_of`` that count as supply."""
    return [r for r in rows if r["counts_as_supply"] and r["event_date"] <= (as_of or date.max)]


def relevant(rows: list, as_of: date | None) -> list:
    """Return the ketamine that goes home, or may: compounded, by a home route, or by an unknown."""
    taken = [row for row in supplied(rows, as_of) if row["ingredient"] == "ketamine"]
    home = [row for row in taken if row["patient_setting"] not in ("hospital", "clinic")]
    return [row for row in home if row["is_compound"] or row["route"] in (None, *HOME_ROUTES)]


def finding(row: dict, records: dict, parameters: dict) -> str:
    """Return ``monitored``, ``unmonitored``, or the first reason why neither can be said."""
    days = covered(row, parameters)
    certain = days or [row["event_date"]]  # whatever the days supply, the first day is covered
    past = [day for day in certain if day <= (parameters["as_of"] or date.max)]
    if any(monitoring(day, records) for day in past):
        return "monitored"
    if row["route"] is None and not row["is_compound"]:
        return "route_unknown"
    if not days:
        return "days_supply_unusable"
    return "unmonitored" if held_kind(row, past, records) else "monitoring_not_held"


def covered(row: dict, parameters: dict) -> list:
    """Return the days a row covers, the event date the first; none where they cannot be right."""
    length = row["days_supply"]
    if row["fentanyl_patch"]:
        length = max(1, int(row["quantity"] * 3)) if (row["quantity"] or 0) > 0 else None
    usable = length is not None and 1 <= length <= parameters["longest_days_supply"]
    return [row["event_date"] + timedelta(n) for n in range(length)] if usable else []


def monitoring(day: date, records: dict) -> list:
    """Return what shows that somebody looked after the patient on ``day``: records' keys."""
    doses = [a for a in records["administrations"] if a["started_on"] == day]
    observed = [a for a in doses if a["ingredient"] == "ketamine" and a["observer_npi"]]
    visits = [e for e in records["encounters"] if e["started_on"] == day]
    checked = [e for e in visits if e["modality"] in TALKING and e["vitals_recorded"]]
    return [each["key"] for each in observed + checked]


def held_kind(row: dict, days: list, records: dict) -> str | None:
    """Return the kind of records that is whole for all ``days`` and the row's state, or None."""
    state, holdings = row["patient_state"], records["holdings"]
    fitting = [h for h in holdings if h["states"] is None or state in h["states"]]
    for kind in ("encounters", "administrations"):
        spans = [(h["covers_from"], h["covers_to"]) for h in fitting if h["kind"] == kind]
        if all(any(first <= day <= last for first, last in spans) for day in days):
            return kind
    return None


def sedated(row: dict, records: dict, parameters: dict) -> dict:
    """Return the days of the row that a depressant of the patient covers too, with its keys."""
    found = {day: [] for day in covered(row, parameters)}
    for other in supplied(records["prescriptions"], parameters["as_of"]):
        named = other["drug_class"] in DEPRESSANT_CLASSES or other["ingredient"] == "oxybate"
        if other["analgesic"] or named:
            for day in set(covered(other, parameters)) & set(found):
                found[day].append(other["key"])
    return {day: sorted(keys) for day, keys in found.items() if keys}


def occurrence(row: dict, records: dict, parameters: dict) -> dict | None:
    """Return what is said of one unmonitored row by the gravest definition that fits, if any."""
    days, others = covered(row, parameters), sedated(row, records, parameters)
    together, enough = len(others), len(days) >= parameters["min_unmonitored_days"]
    doses = row["quantity"] if row["quantity_unit"] == "each" and row["quantity"] else 0
    fitting = (
        ("critical", together, together >= parameters["min_overlap_days"]),
        ("high", len(days), len(days) > parameters["max_days_supply"]),
        ("high", int(doses), doses > parameters["max_doses"]),
        ("high", len(days), row["route"] in GRAVE_ROUTES and enough),
        ("medium", len(days), enough),
    )
    place = next((n for n, (_, _, fits) in enumerate(fitting) if fits), None)
    if place is None:
        return None
    step = SEVERITIES.index(fitting[place][0]) + was_harmed(days[0], records, parameters)
    return {
        "definition": DEFINITIONS[place],
        "first_on": days[0],
        "last_on": days[-1],
        "value": fitting[place][1],
        "severity": SEVERITIES[min(step, len(SEVERITIES) - 1)],
        "excluded_by": None,
        "records": [row["key"], *(k for keys in others.values() for k in keys if place == 0)],
    }


def merged(found: list) -> list:
    """Return the occurrences, those of one day and definition as one with the highest value."""
    alike = {}
    for each in found:
        alike.setdefault((each["first_on"], each["definition"]), []).append(each)
    return [
        these[0]
        | {name: max(each[name] for each in these) for name in ("last_on", "value")}
        | {"records": sorted({key for each in these for key in each["records"]})}
        for _, these in sorted(alike.items())
    ]


def gravity(each: dict) -> tuple:
    """Return what the worst occurrence has most of: severity, place of definition, value."""
    place = DEFINITIONS.index(each["definition"])
    return SEVERITIES.index(each["severity"]), -place, each["value"]


def was_harmed(day: date, records: dict, parameters: dict) -> bool:
    """Return whether an overdose or substance use was on record in the 365 days to ``day``."""
    told = [(row["event_date"], None, row["diagnosis_codes"]) for row in records["prescriptions"]]
    told += [(c["recorded_on"], c["ended_on"], [c["code"]]) for c in records["conditions"]]
    codes = [
        "".join(code.upper().replace(".", "").split())
        for first, last, codes in told
        if first <= day and max(first, last or first) >= day - ESCALATION
        for code in codes or ()
    ]
    sets = [parameters["diagnosis_sets"][name] for name in ("overdose", "sud")]
    return any(longest(c, s["include"]) > longest(c, s["exclude"]) for c in codes for s in sets)


def longest(code: str, prefixes: list) -> int:
    """Return the length of the longest prefix, points aside, with which the code begins."""
    plain = [prefix.upper().replace(".", "") for prefix in prefixes]
    return max((len(prefix) for prefix in plain if code.startswith(prefix)), default=0)


def arithmetic(worst: dict | None, findings: list, records: dict, parameters: dict) -> list:
    """Return in words the sums on each row, on those of the worst occurrence if there is one."""
    lines = []
    for row, found in (f for f in findings if not worst or f[0]["key"] in worst["records"]):
        days, together = covered(row, parameters), sedated(row, records, parameters)
        last = days[-1] if days else "an unknown day"
        seen = [key for day in days or [row["event_date"]] for key in monitoring(day, records)]
        drugs = sorted({key for keys in together.values() for key in keys})
        lines += [
            f"{row['key']}: {row['event_date']} + {row['days_supply']} days - 1 = {last}; "
            f"{row['quantity']} {row['quantity_unit']}, route {row['route']}.",
            f"{row['key']}: monitored in these days by {', '.join(seen) or 'no record'}"
            f" (looked for up to {parameters['as_of'] or last}): {found}.",
            f"{row['key']}: {len(together)} days shared with depressants"
            f" ({', '.join(drugs) or 'none'}); graver from {parameters['min_overlap_days']}"
            f" such days, above {parameters['max_days_supply']} days, above"
            f" {parameters['max_doses']} doses, nasal or injected.",
        ]
    return lines
