"""Fills written by hand for the oracles that count prescribers and days.

Days are numbers: day 1 is the first of January 2026. Prescribers are capital letters, pharmacies
small ones; a fill is 7.5 MME a day for five days unless it says otherwise.
"""

from datetime import date, timedelta
from decimal import Decimal

from audits.oracles import multiple_provider_episode as oracle

LIMITS = {
    "as_of": date(2028, 12, 31),
    "ok_days": 90,
    "ok_prescribers": 5,
    "ok_pharmacies": 5,
    "year_days": 365,
    "providers": 4,
    "dose_threshold_mme": 120,
    "half_year_days": 183,
    "oms_prescribers": 3,
    "oms_pharmacies": 3,
    "oms_prescribers_alone": 5,
    "oms_mme": 90,
    "pqa_days": 180,
    "min_claims": 2,
    "min_days_supply": 15,
    "controlled_pharmacies": 3,
    "implausible_mme": 1000,
    "longest_days_supply": 180,
    "diagnosis_sets": {
        "cancer": {"include": ["C50", "G89.3"], "exclude": []},
        "sickle_cell": {"include": ["D57"], "exclude": ["D57.3"]},
        "hospice_palliative": {"include": ["Z51.5"], "exclude": []},
        "overdose": {"include": ["T40.2"], "exclude": []},
        "sud": {"include": ["F11", "F17"], "exclude": ["F17"]},
    },
}
OXYCODONE = {
    "ingredient": "oxycodone",
    "drug_class": "opioid",
    "schedule": "II",
    "opioid": True,
    "analgesic": True,
    "moud": False,
    "fentanyl_patch": False,
    "matched": True,
    "factor": Decimal("1.5"),
}
NO_OPIOID = {"opioid": False, "analgesic": False, "factor": None}
STIMULANT = NO_OPIOID | {"ingredient": "amphetamine", "drug_class": "stimulant"}
ALPRAZOLAM = NO_OPIOID | {"drug_class": "benzodiazepine", "schedule": "IV"}
KETAMINE = NO_OPIOID | {"ingredient": "ketamine", "drug_class": "dissociative", "schedule": "III"}
PREGABALIN = NO_OPIOID | {"drug_class": "gabapentinoid", "schedule": "V"}
MOUD = {"ingredient": "buprenorphine", "moud": True, "analgesic": False, "schedule": "III"}
COUGH_SYRUP = {"ingredient": "codeine", "opioid": False, "analgesic": False, "schedule": "III"}
UNKNOWN = NO_OPIOID | {"drug_class": None, "schedule": None, "matched": False, "ingredient": None}
PATCH = {"ingredient": "fentanyl", "fentanyl_patch": True, "factor": Decimal("7.2")}


def on(day):
    return date(2025, 12, 31) + timedelta(day)


def born(first, last=None):
    """Return the years of birth told of a patient, the earliest and the latest."""
    return {"born_from": first, "born_to": last or first}


def fill(day, who="A", where="a", **changes):
    row = {
        "key": f"s|{day}{who or ''}",
        "patient_key": "p_1",
        "event_date": on(day),
        "source_system": "s",
        "source_record_id": f"{day}{who or ''}",
        "strength": Decimal(5),
        "quantity": Decimal(5),
        "days_supply": 5,
        "prescriber_key": who,
        "pharmacy_key": where,
        "born_from": 1980,
        "born_to": 1980,
        "patient_setting": "home",
        "treatment_type": None,
        "diagnosis_codes": [],
        "counts_as_supply": True,
    }
    return row | OXYCODONE | changes


def fills(days, whos, wheres, **changes):
    """Return a fill for each day, prescriber and pharmacy; a point is a blank."""
    each = zip(days, whos.replace(".", "\0"), wheres, strict=True)
    return [fill(d, w.strip("\0") or None, None if p == "." else p, **changes) for d, w, p in each]


def judged(rows, conditions=(), **limits):
    records = {"prescriptions": list(rows), "conditions": list(conditions)}
    return oracle.judge(records, LIMITS | limits)


def told(verdict, definition):
    """Return first day, last day, value and severity of each occurrence of a definition."""
    first = date(2025, 12, 31)
    return [
        ((o["first_on"] - first).days, (o["last_on"] - first).days, o["value"], o["severity"])
        for o in verdict["occurrences"]
        if o["definition"] == definition
    ]


def names(verdict):
    return {occurrence["definition"] for occurrence in verdict["occurrences"]}


def visit(day, **changes):
    """Return a row of no interest but for its diagnosis or setting; it is not even a supply."""
    return fill(day, counts_as_supply=False, **changes)


def condition(code, recorded, ended=None):
    return {"code": code, "recorded_on": on(recorded), "ended_on": ended and on(ended)}
