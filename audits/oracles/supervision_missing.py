"""Judges by hand whether a prescriber lacked a required supervisor in one state (rule R26).

Written from the text of the rule, not from its program, and needs Python alone. Every prescription
is asked on its own: is a supervisor required, is there one, would it be known if there were.
"""

from collections import Counter
from datetime import date

SEVERITIES = ("medium", "high", "critical")
SUPERVISABLE = ("np", "pa", "cns", "crna")
KETAMINE = ("ketamine", "esketamine")


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the one prescriber and patient state of ``records["subject"]``.

    ``value``, of the verdict and of each occurrence, is the number of uncovered prescriptions; it
    and ``severity`` are None unless the answer is fired. ``reasons`` say why it is not evaluable.
    """
    rows = relevant(records["prescriptions"], parameters["as_of"])
    findings = [(row, finding(row, records)) for row in rows]
    uncovered = [row for row, found in findings if found == "uncovered"]
    total, enough = len(uncovered), len(uncovered) > parameters["prescriptions"]
    judged = {f"valid_{end}": parameters.get(f"judge_{end}") for end in ("from", "to")}
    uncovered = [row for row in uncovered if enough and is_within(row["written_on"], judged)]
    unknown = {found for _, found in findings} - {"not required", "covered", "uncovered"}
    occurrences = [occurrence(row, total) for row in uncovered]
    occurrences.sort(key=lambda each: (each["first_on"], each["records"]))
    worst = max(occurrences, key=lambda each: SEVERITIES.index(each["severity"]), default=None)
    return {
        "answer": "fired" if uncovered else "not_evaluable" if unknown else "clear",
        "severity": worst and worst["severity"],
        "value": worst and worst["value"],
        "reasons": [] if uncovered else sorted(unknown),
        "occurrences": occurrences,
        "arithmetic": arithmetic(worst, findings, records),
    }


def population(rows: list, as_of: date | None = None) -> set:
    """Return ``npi|state`` of every prescriber and patient state with a relevant row.

    These rows also carry ``npi`` (None: nobody to name, left out) and ``state`` (None: unknown).
    """
    named = [row for row in relevant(rows, as_of) if row["npi"]]
    return {f"{row['npi']}|{row['state'] or 'unknown'}" for row in named}


def relevant(rows: list, as_of: date | None) -> list:
    """Return the rows to ask: possibly controlled, possibly by one who needs a supervisor."""
    return [
        row
        for row in rows
        if (as_of is None or row["written_on"] <= as_of)
        and (not row["matched"] or row["schedule"] is not None)
        and (row["prescriber_type"] is None or row["prescriber_type"] in SUPERVISABLE)
    ]


def finding(row: dict, records: dict) -> str:
    """Return ``not required``, ``covered``, ``uncovered``, or the reason why none can be said.

    What is not known of a row matters only where no agreement covers it whatever it is.
    """
    state = records["subject"]["state"]
    if any(gap(agreement, row, records) is None for agreement in records["supervision"]):
        return "covered"
    if row["prescriber_type"] is None:
        return "prescriber_type_unknown"
    if state == "unknown":
        return "patient_state_missing"
    needed = requirement(row, state, records["authority"])
    if needed != "not required" and not row["matched"]:
        return "drug_unmatched"
    if needed != "required":
        return needed
    known = is_held("supervision", row["written_on"], state, records)
    return "uncovered" if known else "supervision_not_held"


def requirement(row: dict, state: str, authority: list) -> str:
    """Return ``required``, ``not required``, or the reason why the table cannot say."""
    if row["prescriber_type"] == "pa":
        return "required"
    line = in_force(state, row["written_on"], authority)
    if line is None:
        return "state_not_in_table"
    if line["category"] in ("restricted", "reduced"):
        return "required"
    hours, needed = row["practice_hours"], line["hours_required"]
    if line["category"] == "full_conditional" and hours is None:
        return "practice_hours_unknown"
    known = hours is not None and needed is not None
    return "required" if known and hours < needed else "not required"


def in_force(state: str, day: date, authority: list) -> dict | None:
    """Return the state's line of the authority table on ``day``, None where there is none."""
    lines = (line for line in authority if line["state"] == state and is_within(day, line))
    return next(lines, None)


def gap(agreement: dict, row: dict, records: dict) -> str | None:
    """Return the first reason why the agreement does not cover the row, None when it does."""
    subject, day = records["subject"], row["written_on"]
    checks = (
        ("is of another prescriber", agreement["supervisee_npi"] == subject["npi"]),
        ("is for another state", agreement["state"] == subject["state"]),
        ("was not in force", is_within(day, agreement)),
        ("does not list the schedule", lists(agreement, row["schedule"])),
    )
    failed = [reason for reason, passed in checks if not passed]
    if failed or (agreement["exempt_reason"] or "").strip():
        return failed[0] if failed else None
    return unfitness(agreement["supervisor_npi"], day, records)


def lists(agreement: dict, schedule: str | None) -> bool:
    """Return whether the agreement is for drugs of the schedule; a blank list means all."""
    named = [part.strip() for part in (agreement["schedules"] or "").split(";") if part.strip()]
    return not named or schedule in named


def unfitness(npi: str | None, day: date, records: dict) -> str | None:
    """Return why the supervisor could not supervise on ``day``, None when nothing speaks against.

    Licences are asked only where a holding says that they would be known.
    """
    state = records["subject"]["state"]
    if not npi:
        return "names no supervisor"
    known = [practitioner["npi"] for practitioner in records["practitioners"]]
    if known and npi not in known:
        return "names a supervisor who is not among the practitioners"
    if not is_held("licences", day, state, records):
        return None
    valid = [each for each in records["licences"] if each["npi"] == npi and is_within(day, each)]
    if not any(each["kind"] == "licence" and each["state"] == state for each in valid):
        return "names a supervisor without a licence in the state"
    if not any(each["kind"] == "dea" for each in valid):
        return "names a supervisor without a DEA registration"
    return None


def is_held(kind: str, day: date, state: str, records: dict) -> bool:
    """Return whether rows of the kind are complete for the day and state, so absence counts."""
    return any(
        holding["kind"] == kind
        and holding["covers_from"] <= day <= holding["covers_to"]
        and (holding["states"] is None or state in holding["states"])
        for holding in records["holdings"]
    )


def is_within(day: date, line: dict) -> bool:
    """Return whether the line is valid on ``day``, both ends included, an empty end being open."""
    return (line["valid_from"] or date.min) <= day <= (line["valid_to"] or date.max)


def occurrence(row: dict, uncovered: int) -> dict:
    """Return what is said of one uncovered prescription."""
    at_home = row["at_home"] and row["ingredient"] in KETAMINE
    if row["schedule"] == "II" or at_home:
        definition, severity = "schedule_ii_or_home_ketamine", "critical"
    elif row["prescriber_type"] == "pa":
        definition, severity = "physician_assistant", "medium"
    else:
        definition, severity = "required_by_state", "high"
    return {
        "definition": definition,
        "first_on": row["written_on"],
        "last_on": row["written_on"],
        "value": uncovered,
        "severity": severity,
        "excluded_by": None,
        "records": [row["key"]],
    }


def arithmetic(worst: dict | None, findings: list, records: dict) -> list:
    """Return in words the counts of findings, and what became of each agreement of the worst."""
    counts = Counter(found for _, found in findings)
    lines = [f"{counts[found]} prescriptions: {found}." for found in sorted(counts)]
    for row in (row for row, _ in findings if worst and [row["key"]] == worst["records"]):
        state, day, role = records["subject"]["state"], row["written_on"], row["prescriber_type"]
        basis = "in every state"
        if role != "pa":
            basis = "under " + in_force(state, day, records["authority"])["category"] + " practice"
        lines.append(f"{row['key']}: schedule {row['schedule']}, {day}, {state}, by {role}.")
        lines.append(f"A supervisor is required of {role} {basis}.")
        own = [
            a for a in records["supervision"] if a["supervisee_npi"] == records["subject"]["npi"]
        ]
        lines += [f"Agreement {a['key']} {gap(a, row, records)}." for a in own]
        lines += [] if own else ["No agreement of this prescriber is on record."]
    return lines
