"""Patients of R19 whom a depressant, a diagnosis or a second prescription makes graver, by hand."""

from .boundaries_ketamine import (
    AFTER,
    CLEAR,
    FIRST,
    LAST,
    NOT_HELD,
    OTHER,
    OUTSIDE,
    PLAIN,
    Case,
    alone,
    fired,
    troches,
    visit,
)


def other(name="alprazolam 1 mg tablet", on="2025-03-10", days="10", **more):
    return troches(on, days, drug_name=name, is_compound="", prescriber_npi=OTHER, **more)


def told(code, on, until=""):
    return {"code": code, "recorded_on": on, "ended_on": until}


def beside(*others, row=None, **more):
    return Case(rows=(row or troches(), *others), **more)


def sedated(days):
    return fired("with_cns_depressant", days, "critical")


def diagnosed(code, on, until="", row=None, **more):
    return Case(rows=(row or troches(),), conditions=(told(code, on, until),), **more)


SEDATED = {
    "alprazolam from the last day": beside(other(on=LAST), **sedated(1)),
    "alprazolam from the day after": beside(other(on=AFTER), **PLAIN),
    "alprazolam up to the first day": beside(other(on="2025-02-20"), **sedated(1)),
    "alprazolam up to the day before": beside(other(on="2025-02-19"), **PLAIN),
    "two on the same days": beside(other(), other("oxycodone 5 mg tablet"), **sedated(10)),
    "two that overlap": beside(
        other(), other("oxycodone 5 mg tablet", "2025-03-15"), **sedated(15)
    ),
    "one within another": beside(
        other(days="20"),
        other("oxycodone 5 mg tablet", "2025-03-12", "2"),
        other("zolpidem 5 mg tablet", "2025-03-29", "5"),
        **sedated(21),
    ),
    "two with a gap": beside(
        other(days="2"), other("oxycodone 5 mg tablet", "2025-03-20", "2"), **sedated(4)
    ),
    "zolpidem": beside(other("zolpidem 10 mg tablet"), **sedated(10)),
    "phenobarbital": beside(other("phenobarbital 30 mg tablet"), **sedated(10)),
    "oxybate": beside(other("sodium oxybate 500 mg/ml solution"), **sedated(10)),
    "gabapentin": beside(other("gabapentin 300 mg capsule"), **PLAIN),
    "buprenorphine for pain": beside(other("buprenorphine 10 mcg/hr patch"), **sedated(10)),
    "buprenorphine against addiction": beside(other("buprenorphine-naloxone 8/2 mg film"), **PLAIN),
    "alprazolam of unknown days": beside(other(days=""), **PLAIN),
    "alprazolam ordered for longer than dispensed": beside(
        other(days="25", record_type="order", written_date="2025-03-10", filled_date=""),
        other(record_type="dispense", written_date="2025-03-10"),
        **sedated(10),
    ),
    "alprazolam beyond the as-of day": beside(
        other(on="2025-12-25", days="30"), row=troches("2025-12-20"), **sedated(25)
    ),
    "sedation speaks before the days": beside(other(), row=troches(days="60"), **sedated(10)),
    "sedated but seen": Case(rows=(troches(), other()), visits=(visit(FIRST),), **CLEAR),
}
GRAVER = fired("unmonitored", 30)
DIAGNOSED = {
    "overdose on the day": diagnosed("T40.2X1A", FIRST, **GRAVER),
    "overdose the day after": diagnosed("T40.2X1A", "2025-03-02", **PLAIN),
    "overdose 365 days before": diagnosed("T40.2X1A", "2024-03-01", **GRAVER),
    "overdose 366 days before": diagnosed("T40.2X1A", "2024-02-29", **PLAIN),
    "addiction that ended 365 days before": diagnosed(
        "F11.20", "2023-01-01", "2024-03-01", **GRAVER
    ),
    "addiction that ended 366 days before": diagnosed(
        "F11.20", "2023-01-01", "2024-02-29", **PLAIN
    ),
    "nicotine": diagnosed("F17.210", FIRST, **PLAIN),
    "addiction, and by the nose": diagnosed(
        "F11.20",
        FIRST,
        row=troches(route="nasal"),
        **fired("nasal_or_injected", 30, "critical"),
    ),
    "overdose on the prescription": alone(troches(diagnosis_codes="F11.20"), **GRAVER),
}
PAIRS = {
    "by another prescriber": alone(troches(prescriber_npi=OTHER), npi=OTHER, **PLAIN),
    "by nobody known": alone(troches(prescriber_npi=""), **OUTSIDE),
    "one watched, one not": Case(
        rows=(troches(), troches("2025-05-01", "14")),
        visits=(visit(FIRST),),
        **fired("unmonitored", 14, "medium"),
    ),
    "one not known, one unmonitored": alone(troches(), troches("2024-12-01"), **PLAIN),
    "one not known, one watched": Case(
        rows=(troches(), troches("2024-12-01")), visits=(visit(FIRST),), **NOT_HELD
    ),
    "two of one day": alone(
        troches(quantity="8"),
        troches(quantity="7", days="29"),
        last_on=LAST,
        **fired("over_doses", 8),
    ),
    "two of one day, one sedative": alone(
        troches(quantity="8"), troches(quantity="7", days="29"), other(), **sedated(10)
    ),
    "an order and its fill": alone(
        troches(record_type="order", prescription_id="9", written_date=FIRST, filled_date=""),
        troches(record_type="dispense", prescription_id="9", days="29"),
        **fired("unmonitored", 29, "medium"),
    ),
}
CASES = {**SEDATED, **DIAGNOSED, **PAIRS}
