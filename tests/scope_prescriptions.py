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
    "peer_days": 90,
    "least_members": 30,
    "least_controlled": 20,
    "fence_halves": 3,
    "beyond_line": 1,
}
AS_OF = LIMITS["as_of"]


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
        "schedule": "II",
        "matched": True,
        "days_supply": 8,
        "quantity": Decimal(24),
        "fentanyl_patch": False,
        "born_from": 1980,
        "born_to": 1980,
        "patient_setting": None,
        "counts_as_prescription": True,
    }
    return row | changes


def late(number=1, **changes):
    """Return the same by a psychiatrist, written on the as-of day."""
    return rx(number, event_date=AS_OF, written_on=AS_OF, **{"role_group": "psychiatry"} | changes)


def others(number, **changes):
    """Return other controlled prescriptions of that day, of a class that is usual."""
    usual = {"scope_class": "benzodiazepine", "schedule": "IV"} | changes
    return [late(500 + n, **usual) for n in range(number)]


def peer(number, reviewed, controlled=20, **changes):
    """Return what is told of a psychiatrist in Florida."""
    row = {"prescriber_key": f"peer-{number}", "scope_class": "opioid", "days": 90}
    row |= {"role_group": "psychiatry", "state": "FL", "doubtful": 0}
    return row | {"reviewed": reviewed, "controlled": controlled} | changes


def judged(*rows, drug_class="opioid", matrix=MATRIX, peers=(), himself=None, **limits):
    subject = {"npi": NPI, "class": drug_class}
    records = {"subject": subject, "prescriptions": list(rows), "matrix": matrix}
    own = himself or peer(0, 0, prescriber_key=NPI, scope_class=drug_class, state=None)
    records["peers"] = [own, *peers]
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
