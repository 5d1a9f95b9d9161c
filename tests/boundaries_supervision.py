"""Prescribers on either side of every boundary of R26, with the answers worked out by hand."""

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 10, 31)
DAY = "2025-03-01"
BOSS, BRIEF, UNLICENSED, UNREGISTERED, ELSEWHERE, STRANGER = (f"199000000{n}" for n in range(1, 7))
HOLDINGS = [
    {"holding": n, "kind": kind, "covers_from": begins, "covers_to": ends, "state": state}
    for n, (kind, begins, ends, state) in enumerate(
        (
            ("supervision", date(2024, 1, 1), date(2026, 6, 30), None),
            ("supervision", date(2026, 8, 1), date(2026, 10, 31), "WI"),
            ("supervision", date(2014, 1, 1), date(2014, 12, 31), "TX"),
            ("licences", date(2024, 6, 1), date(2025, 12, 31), "FL"),
        ),
        start=1,
    )
]
PEOPLE = [
    {"npi": npi, "prescriber_type": "physician"}
    for npi in (BOSS, BRIEF, UNLICENSED, UNREGISTERED, ELSEWHERE)
]


def paper(npi, kind, state="FL", begins="2020-01-01", ends=""):
    return {"npi": npi, "kind": kind, "state": state, "valid_from": begins, "valid_to": ends}


PAPERS = [
    paper(BOSS, "licence"),
    paper(BOSS, "dea", "GA"),
    paper(BRIEF, "licence", begins=DAY, ends=DAY),
    paper(BRIEF, "dea", begins=DAY, ends=DAY),
    paper(UNLICENSED, "dea"),
    paper(UNREGISTERED, "licence"),
    paper(ELSEWHERE, "licence", "GA"),
    paper(ELSEWHERE, "dea", "GA"),
    paper(STRANGER, "licence"),
    paper(STRANGER, "dea"),
]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One prescriber in one state: what he wrote, his agreements, and the answer expected."""

    rows: list
    expected: tuple | None
    agreements: tuple = ()
    state: str = "FL"
    person: dict | None = None
    agreement: str | None = None


def rx(drug="alprazolam 1 mg tablet", on=DAY, role="np", **more):
    return {"drug_name": drug, "written_date": on, "prescriber_type": role, **more}


def pact(begins="2024-01-01", ends="", boss=BOSS, **more):
    return {"supervisor_npi": boss, "valid_from": begins, "valid_to": ends, **more}


def fired(severity="high", value=1):
    return ("fired", severity, None, value)


def unknown(reason):
    return ("not_evaluable", None, reason, None)


CLEAR = ("clear", None, None, None)
FIRED = fired()


def alone(*rows, expected=FIRED, **more):
    """Return the case of somebody without any agreement."""
    return Case(rows=list(rows), expected=expected, **more)


def under(*pacts, row=None, expected=CLEAR, **more):
    """Return the case of somebody with ``pacts``, by default of one ordinary prescription."""
    return Case(rows=[row or rx()], agreements=pacts, expected=expected, **more)


STATES = {
    "restricted": alone(rx()),
    "full": alone(rx(), state="AZ", expected=CLEAR),
    "reduced on its last day": alone(rx(on="2026-08-31"), state="WI"),
    "conditional from its first day": alone(
        rx(on="2026-09-01"), state="WI", expected=unknown("practice_hours_unknown")
    ),
    "hours one below": alone(rx(on="2026-09-01"), state="WI", person={"practice_hours": "3839"}),
    "hours reached": alone(
        rx(on="2026-09-01"), state="WI", person={"practice_hours": "3840"}, expected=CLEAR
    ),
    "hours reached before they counted": alone(
        rx(on="2026-08-31"), state="WI", person={"practice_hours": "3840"}
    ),
    "full but for hours, one below": alone(rx(), state="CT", person={"practice_hours": "1999"}),
    "full but for hours, reached": alone(
        rx(), state="CT", person={"practice_hours": "2000"}, expected=CLEAR
    ),
    "full, hours unknown": alone(rx(), state="CT", expected=CLEAR),
    "few hours in a full state": alone(
        rx(), state="AZ", person={"practice_hours": "1"}, expected=CLEAR
    ),
    "not in the table": alone(rx(), state="PR", expected=unknown("state_not_in_table")),
    "no state": alone(rx(), state="", expected=unknown("patient_state_missing")),
}
ROLES = {
    "assistant in a full state": alone(rx(role="pa"), state="AZ", expected=fired("medium")),
    "assistant in a state not in the table": alone(
        rx(role="pa"), state="PR", expected=fired("medium")
    ),
    "assistant, conditional": alone(
        rx(role="pa", on="2026-09-01"), state="WI", expected=fired("medium")
    ),
    "assistant, schedule II": alone(
        rx("oxycodone 5 mg tablet", role="pa"), expected=fired("critical")
    ),
    "clinical nurse specialist": alone(rx(role="cns")),
    "nurse anaesthetist": alone(rx(role="crna")),
    "physician": alone(rx(role="physician"), expected=None),
    "no role": alone(rx(role=""), expected=unknown("prescriber_type_unknown")),
    "no role in a full state": alone(
        rx(role=""), state="AZ", expected=unknown("prescriber_type_unknown")
    ),
    "no role but covered": under(pact(), row=rx(role="")),
    "role of the person before that of the row": alone(
        rx(role="physician"), person={"prescriber_type": "np"}
    ),
    "a physician whom the row calls a nurse": alone(
        rx(), person={"prescriber_type": "physician"}, expected=None
    ),
}
DRUGS = {
    "uncontrolled": alone(rx("sertraline 50 mg tablet"), expected=None),
    "schedule II": alone(rx("oxycodone 5 mg tablet"), expected=fired("critical")),
    "schedule III": alone(rx("testosterone gel")),
    "schedule V": alone(rx("pregabalin 50 mg capsule")),
    "hydrocodone on its last day in III": alone(
        rx("hydrocodone-acetaminophen 5/325 mg tablet", "2014-10-05"), state="TX"
    ),
    "hydrocodone on its first day in II": alone(
        rx("hydrocodone-acetaminophen 5/325 mg tablet", "2014-10-06"),
        state="TX",
        expected=fired("critical"),
    ),
    "ketamine, place not said": alone(rx("ketamine 100 mg troche"), expected=fired("critical")),
    "ketamine at home": alone(
        rx("ketamine 100 mg troche", patient_setting="home"), expected=fired("critical")
    ),
    "ketamine in a clinic": alone(rx("ketamine 100 mg troche", patient_setting="clinic")),
    "ketamine in a hospital": alone(rx("ketamine 100 mg troche", patient_setting="hospital")),
    "esketamine": alone(rx("esketamine 56 mg nasal spray"), expected=fired("critical")),
    "drug unknown": alone(rx("gibberish 5 mg"), expected=unknown("drug_unmatched")),
    "drug unknown in a full state": alone(rx("gibberish 5 mg"), state="AZ", expected=CLEAR),
    "drug unknown but covered": under(pact(), row=rx("gibberish 5 mg")),
    "drug unknown, some schedules covered": under(
        pact(schedules="II"), row=rx("gibberish 5 mg"), expected=unknown("drug_unmatched")
    ),
}
DATES = {
    "in force": under(pact()),
    "ends that day": under(pact(ends=DAY)),
    "ended the day before": under(
        pact(ends="2025-02-28"), expected=FIRED, agreement="ended before"
    ),
    "ended between writing and filling": under(
        pact(ends="2025-02-28"), row=rx(on="2025-02-28", filled_date="2025-03-05")
    ),
    "begins that day": under(pact(begins=DAY)),
    "begins the day after": under(
        pact(begins="2025-03-02"), expected=FIRED, agreement="begins later"
    ),
    "one lapsed, one in force": under(pact(ends="2025-02-28"), pact()),
    "no agreement": alone(rx(), agreement="none on record"),
    "held from that day": alone(rx(on="2024-01-01")),
    "held from the day after": alone(rx(on="2023-12-31"), expected=unknown("supervision_not_held")),
    "held to that day": alone(rx(on="2026-06-30")),
    "held to the day before": alone(rx(on="2026-07-01"), expected=unknown("supervision_not_held")),
    "held for another state": alone(
        rx(on="2014-06-01"), state="GA", expected=unknown("supervision_not_held")
    ),
    "held for that state": alone(rx(on="2014-06-01"), state="TX"),
    "not held but covered": under(pact(begins="2023-01-01"), row=rx(on="2023-12-31")),
    "on the as-of day": alone(rx(on="2026-10-31", role="pa"), state="WI", expected=fired("medium")),
    "after the as-of day": alone(rx(on="2026-11-01", role="pa"), state="WI", expected=None),
}
SCOPES = {
    "another state": under(pact(state="GA"), expected=FIRED, agreement="none on record"),
    "that schedule": under(pact(schedules="IV")),
    "among schedules, written loosely": under(pact(schedules="II; iv ;V")),
    "other schedules": under(
        pact(schedules="II;III"), expected=FIRED, agreement="does not cover the schedule"
    ),
    "II is not III": under(
        pact(schedules="III"), row=rx("oxycodone 5 mg tablet"), expected=fired("critical")
    ),
    "exempt, without a supervisor": under(pact(boss="", exempt_reason="federal facility")),
    "exempt, but not that schedule": under(
        pact(boss="", exempt_reason="federal facility", schedules="II"), expected=FIRED
    ),
    "exempt, but blank": under(pact(boss="", exempt_reason=" "), expected=FIRED),
    "names nobody": under(pact(boss=""), expected=FIRED),
    "names a stranger": under(
        pact(boss=STRANGER),
        expected=FIRED,
        agreement="supervisor not among the practitioners",
    ),
}
PAPERWORK = {
    "papers of one day": under(pact(boss=BRIEF)),
    "papers from the day after": under(pact(boss=BRIEF), row=rx(on="2025-02-28"), expected=FIRED),
    "papers to the day before": under(pact(boss=BRIEF), row=rx(on="2025-03-02"), expected=FIRED),
    "no licence": under(
        pact(boss=UNLICENSED),
        expected=FIRED,
        agreement="supervisor without a licence on that day",
    ),
    "no DEA registration": under(
        pact(boss=UNREGISTERED),
        expected=FIRED,
        agreement="supervisor without a DEA registration",
    ),
    "licence of another state": under(pact(boss=ELSEWHERE), expected=FIRED),
    "licences held from that day": under(
        pact(boss=UNLICENSED), row=rx(on="2024-06-01"), expected=FIRED
    ),
    "licences held from the day after": under(pact(boss=UNLICENSED), row=rx(on="2024-05-31")),
    "licences held to that day": under(
        pact(boss=UNLICENSED), row=rx(on="2025-12-31"), expected=FIRED
    ),
    "licences held to the day before": under(pact(boss=UNLICENSED), row=rx(on="2026-01-01")),
    "licences held for another state": under(pact(boss=UNLICENSED), state="TX"),
}
COUNTS = {
    "two uncovered": alone(rx(), rx(on="2025-03-02"), expected=fired(value=2)),
    "the gravest speaks": alone(
        rx(), rx("oxycodone 5 mg tablet"), expected=fired("critical", value=2)
    ),
    "fired although another is not evaluable": alone(rx(), rx(on="2023-12-31")),
    "one covered, one not": Case(
        rows=[rx(), rx(on="2024-12-31")], agreements=(pact(begins="2025-01-01"),), expected=FIRED
    ),
    "an order and its fill are one": alone(
        rx(record_type="order", prescription_id="9"),
        rx(record_type="dispense", prescription_id="9", filled_date="2025-03-03"),
        expected=fired(value=1),
    ),
    "one exactly twice": alone(rx(quantity="30"), rx(quantity="30"), expected=fired(value=1)),
}
CASES = {**STATES, **ROLES, **DRUGS, **DATES, **SCOPES, **PAPERWORK, **COUNTS}


def npi_of(place: int) -> str:
    """Return the number of the prescriber of the case at a place."""
    return f"1{place:09d}"


def files() -> dict[str, list[dict]]:
    """Return the files of all cases together."""
    rows, pacts, people = [], [], list(PEOPLE)
    for place, case in enumerate(CASES.values()):
        npi = npi_of(place)
        same = {"prescriber_npi": npi, "patient_state": case.state, "patient_id": f"of {npi}"}
        rows += [{**same, **row} for row in case.rows]
        pacts += [{"supervisee_npi": npi, "state": case.state, **p} for p in case.agreements]
        people += [{"npi": npi, **case.person}] if case.person else []
    return {
        "prescriptions": rows,
        "supervision": pacts,
        "practitioners": people,
        "licences": PAPERS,
    }
