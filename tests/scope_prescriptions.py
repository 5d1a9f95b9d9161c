"""A prescriber's prescriptions to put to the matrix of usual scope, and the verdict on them."""

from datetime import date, timedelta
from decimal import Decimal

from audits.oracles import prescriber_type_mismatch as oracle

NPI = "1234567893"
DAY_1 = date(2026, 1, 1)
LIMITS = {
    "as_of": date(2026, 12, 31),
    "patient_days": 90,
    "critical_patients": 1,
    "flag_patients": 3,
    "severe_patients": 10,
    "longest_days_supply": 180,
}


def cell(role_group, drug_class, verdict, days=None, **exceptions):
    row = {"role_group": role_group, "class": drug_class, "verdict": verdict}
    row |= {"more_than_days": days, "minors_ok": False, "facility_ok": False}
    return row | {"source": "x", "status": "house default"} | exceptions


MATRIX = [
    cell("dental", "opioid", "flag", 7),
    cell("dental", "benzodiazepine", "flag", 3),
    cell("optometry", "benzodiazepine", "flag", 30),
    cell("dental", "stimulant", "flag"),
    cell("pain", "opioid", "ok"),
    cell("psychiatry", "opioid", "review", 7),
    cell("primary_care", "ketamine", "review"),
    cell("pediatrics", "stimulant", "review", minors_ok=True),
    cell("emergency", "ketamine", "flag", facility_ok=True),
    cell("pharmacist", "opioid", "critical"),
]


def rx(number=1, **changes):
    """Return a dentist's opioid for 8 days, the patient's first, written on day ``number``."""
    written = DAY_1 + timedelta(number - 1)
    row = {
        "key": f"rx-{number}",
        "patient_key": f"p_{number}",
        "prescriber_key": NPI,
        "event_date": written,
        "written_on": written,
        "role_group": "dental",
        "scope_class": "opioid",
        "days_supply": 8,
        "quantity": Decimal(24),
        "fentanyl_patch": False,
        "born_from": 1980,
        "born_to": 1980,
        "patient_setting": None,
        "counts_as_prescription": True,
    }
    return row | changes


def judged(*rows, drug_class="opioid", matrix=MATRIX, **limits):
    subject = {"npi": NPI, "class": drug_class}
    records = {"subject": subject, "prescriptions": list(rows), "matrix": matrix}
    return oracle.judge(records, LIMITS | limits)


def said(verdict):
    """Return the answer with its reasons, or with definition, severity and value of the one."""
    if verdict["answer"] != "fired":
        assert (verdict["severity"], verdict["value"], verdict["occurrences"]) == (None, None, [])
        return (verdict["answer"], *verdict["reasons"])
    [occurrence] = verdict["occurrences"]
    assert (verdict["severity"], verdict["value"]) == (occurrence["severity"], occurrence["value"])
    assert (verdict["reasons"], occurrence["excluded_by"]) == ([], None)
    return occurrence["definition"], verdict["severity"], verdict["value"]


def to_patients(count, **changes):
    return [rx(number, **changes) for number in range(1, count + 1)]
