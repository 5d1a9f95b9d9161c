"""Judges by hand whether a prescriber wrote what that type of prescriber does not (rule R28).

Written from the rule's text, not from its program. Every prescription is put to the matrix
on its own; then the patients of every stretch of days are counted afresh.
"""

from collections import Counter
from datetime import date, timedelta
from itertools import groupby

from . import peer_shares

SEVERITIES = ("low", "medium", "high", "critical")
DEFINITIONS = {"never_in_scope": "critical", "outside_scope": "flag"}  # the verdict each counts
FACILITIES = ("hospital", "clinic")
ADULT = 18


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the one prescriber and class of ``records["subject"]``.

    ``value`` is the highest number of patients in one stretch of days, or of prescriptions
    beyond the line of peers. ``reasons`` say why it is not evaluable.
    """
    written = counted(records["prescriptions"], parameters["as_of"])
    rows = [row for row in written if row["scope_class"] == records["subject"]["class"]]
    findings = [(row, *finding(row, records, parameters)) for row in rows]
    reviews = [(row, doubt) for row, found, doubt in findings if found == "review"]
    beside = peer_shares.compared(written, reviews, records, parameters)
    occurrences = beside["occurrences"] + [
        each
        for definition, verdict in DEFINITIONS.items()
        for each in occurrences_of(definition, usable(findings, verdict), parameters)
    ]
    worst = max(occurrences, key=gravity, default=None)
    unknown = set() if worst else unknown_of(findings, parameters) | beside["reasons"]
    return {
        "answer": "fired" if worst else "not_evaluable" if unknown else "clear",
        "severity": worst and worst["severity"],
        "value": worst and worst["value"],
        "reasons": sorted(unknown),
        "occurrences": occurrences,
        "arithmetic": [*arithmetic(worst, findings, records, parameters), *beside["lines"]],
    }


def population(rows: list, as_of: date | None = None) -> set:
    """Return ``prescriber_key|class`` of every prescriber and class with a prescription."""
    named = [row for row in counted(rows, as_of) if row["prescriber_key"] is not None]
    return {f"{r['prescriber_key']}|{r['scope_class']}" for r in named if r["scope_class"]}


def counted(rows: list, as_of: date | None) -> list:
    """Return one row a prescription, of those known by ``as_of``."""
    known = [row for row in rows if as_of is None or row["event_date"] <= as_of]
    return [row for row in known if row["counts_as_prescription"]]


def finding(row: dict, records: dict, parameters: dict) -> tuple:
    """Return what the matrix says of the row and, where that is in doubt, the reason, else None.

    The verdict is ``ok``, ``flag``, ``review`` or ``critical``; ``unknown`` without a cell.
    """
    if row["role_group"] is None:
        return "unknown", "prescriber_role_unknown"
    cell = cell_of(row["role_group"], records)
    if cell is None:
        return "unknown", "no_matrix_row"
    verdict, bound, doubts = cell["verdict"], cell["more_than_days"], []
    if verdict == "ok" or (cell["facility_ok"] and row["patient_setting"] in FACILITIES):
        return "ok", None
    if bound not in (None, ""):
        days = days_of(row, parameters)
        if days is not None and days <= int(bound):
            return "ok", None
        doubts += ["days_supply_unusable"] if days is None else []
    if cell["minors_ok"]:
        if minor := is_minor(row):
            return "ok", None
        doubts += ["age_unknown"] if minor is None else []
    return verdict, doubts[0] if doubts else None


def cell_of(role_group: str, records: dict) -> dict | None:
    """Return the matrix's row for the role group and the subject's class, None without one."""
    named = (role_group, records["subject"]["class"])
    return next((c for c in records["matrix"] if (c["role_group"], c["class"]) == named), None)


def days_of(row: dict, parameters: dict) -> int | None:
    """Return the days supply, three a patch for fentanyl patches; None where it cannot be right."""
    days = row["days_supply"]
    if row["fentanyl_patch"]:
        days = max(1, int(row["quantity"] * 3)) if (row["quantity"] or 0) > 0 else None
    usable = days is not None and 1 <= days <= parameters["longest_days_supply"]
    return days if usable else None


def is_minor(row: dict) -> bool | None:
    """Return whether the patient was under 18 when it was written; the years may not say (None)."""
    if row["born_from"] is None:
        return None
    ages = [row["written_on"].year - row[name] for name in ("born_from", "born_to")]
    return True if max(ages) < ADULT else False if min(ages) > ADULT else None


def usable(findings: list, verdict: str) -> list:
    """Return the rows of the verdict that are in no doubt."""
    return [row for row, found, doubt in findings if found == verdict and doubt is None]


def window(day: date, rows: list, parameters: dict) -> list:
    """Return the rows written in the stretch of days that ends on ``day``, both ends included."""
    first = day - timedelta(parameters["patient_days"] - 1)
    return [row for row in rows if first <= row["written_on"] <= day]


def patients(rows: list) -> int:
    """Return the number of distinct patients."""
    return len({row["patient_key"] for row in rows})


def severity_of(definition: str, number: int, parameters: dict) -> str | None:
    """Return how grave ``number`` patients are, None where they are too few."""
    if definition == "never_in_scope":
        return "critical" if number >= parameters["critical_patients"] else None
    if number >= parameters["severe_patients"]:
        return "high"
    return "medium" if number >= parameters["flag_patients"] else None


def occurrences_of(definition: str, rows: list, parameters: dict) -> list:
    """Return the runs of consecutive written dates whose stretches are equally grave."""
    first, last = parameters.get("judge_from") or date.min, parameters.get("judge_to") or date.max
    days = sorted({row["written_on"] for row in rows if first <= row["written_on"] <= last})
    windows = [(day, window(day, rows, parameters)) for day in days]

    def severity(dated: tuple) -> str | None:
        return severity_of(definition, patients(dated[1]), parameters)

    runs = [(grave, list(run)) for grave, run in groupby(windows, severity) if grave]
    return [
        {
            "definition": definition,
            "first_on": run[0][0],
            "last_on": run[-1][0],
            "value": max(patients(within) for _, within in run),
            "severity": grave,
            "excluded_by": None,
            "records": sorted({row["key"] for _, within in run for row in within}),
        }
        for grave, run in runs
    ]


def unknown_of(findings: list, parameters: dict) -> set:
    """Return the reasons that could have changed the answer.

    A doubtful row counts where the stretch would fire if every row in doubt were as feared.
    """
    reasons = {doubt for _, found, doubt in findings if found == "unknown"}
    for definition, verdict in DEFINITIONS.items():
        feared = [(row, doubt) for row, found, doubt in findings if found == verdict]
        for each in occurrences_of(definition, [row for row, _ in feared], parameters):
            reasons |= {doubt for row, doubt in feared if row["key"] in each["records"]} - {None}
    return reasons


def gravity(each: dict) -> tuple:
    """Return what the worst has most of: severity, which no two definitions share, then value."""
    return SEVERITIES.index(each["severity"]), each["value"]


def arithmetic(worst: dict | None, findings: list, records: dict, parameters: dict) -> list:
    """Return in words the counts of findings and the patients of the fullest stretch of days."""
    counts = Counter(doubt or found for _, found, doubt in findings)
    lines = [f"{counts[said]} prescriptions: {said}." for said in sorted(counts)]
    rows = usable(findings, DEFINITIONS.get(worst["definition"]) if worst else "flag")
    first, last = (worst["first_on"], worst["last_on"]) if worst else (date.min, date.max)
    ends = sorted({row["written_on"] for row in rows if first <= row["written_on"] <= last})
    if not ends:
        return lines
    end = max(ends, key=lambda day: patients(window(day, rows, parameters)))
    within = sorted(window(end, rows, parameters), key=lambda r: (r["written_on"], r["key"]))
    for group in sorted({row["role_group"] for row in within}):
        c = cell_of(group, records)
        above = c["more_than_days"] or 0
        lines.append(f"{group}, {c['class']}: {c['verdict']} above {above} days ({c['status']}).")
    for number, patient in enumerate(dict.fromkeys(row["patient_key"] for row in within), 1):
        own = [row for row in within if row["patient_key"] == patient]
        told = (f"{r['key']} of {r['written_on']}, {days_of(r, parameters)} days" for r in own)
        lines.append(f"Patient {number}: {'; '.join(told)}.")
    start = end - timedelta(parameters["patient_days"] - 1)
    return [
        *lines,
        f"{patients(within)} patients from {start} to {end}; critical fires from "
        f"{parameters['critical_patients']}, flag from "
        f"{parameters['flag_patients']}, high from {parameters['severe_patients']}.",
    ]
