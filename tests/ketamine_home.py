"""Ketamine sent home: 31 days of troches, what may have watched over them, and the verdict."""

from datetime import date
from decimal import Decimal

from audits.oracles import ketamine_unmonitored_home_use as oracle

NPI = "1234567893"
# Thirty-one days of troches: 1 January to 31 January 2026.
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
NEW_YEARS_EVE, DAY_AFTER = date(2025, 12, 31), date(2026, 2, 1)
LIMITS = {
    "as_of": date(2026, 6, 30),
    "max_days_supply": 30,
    "max_doses": 6,
    "min_overlap_days": 1,
    "min_unmonitored_days": 1,
    "longest_days_supply": 180,
    "diagnosis_sets": {
        "overdose": {"include": ["T40.2", "T41.2"], "exclude": []},
        "sud": {"include": ["F11", "F17"], "exclude": ["F17"]},
    },
}


def troches(**changes):
    """Return 31 days of compounded troches, one tube, for a patient in Florida at home."""
    row = {
        "key": "rx-1",
        "patient_key": "p_1",
        "prescriber_key": NPI,
        "event_date": FIRST,
        "ingredient": "ketamine",
        "drug_class": "dissociative",
        "analgesic": False,
        "route": "sublingual",
        "is_compound": True,
        "quantity": Decimal(1),
        "quantity_unit": "tube",
        "days_supply": 31,
        "fentanyl_patch": False,
        "patient_setting": "home",
        "patient_state": "FL",
        "counts_as_supply": True,
        "diagnosis_codes": [],
    }
    return row | changes


def month(**changes):
    """Return the same for 30 days, which breaks no limit: 1 to 30 January."""
    return troches(**{"days_supply": 30} | changes)


def other(ingredient, drug_class, **changes):
    """Return ten days of another drug of the patient, by another prescriber."""
    row = troches(key="other", prescriber_key="9", ingredient=ingredient, drug_class=drug_class)
    return row | {"days_supply": 10, "route": "oral", "is_compound": False} | changes


def visit(day, **changes):
    row = {
        "key": "visit",
        "encounter_id": "e1",
        "provider_npi": "1",
        "started_on": day,
        "modality": "audio_video",
        "setting": "home",
        "vitals_recorded": True,
    }
    return row | changes


def session(day, **changes):
    row = {
        "key": "session",
        "ingredient": "ketamine",
        "dose_mg": Decimal(50),
        "route": "intramuscular",
        "started_on": day,
        "ended_on": day,
        "observer_npi": "1245319599",
        "monitored_minutes": 120,
        "site_id": "s1",
    }
    return row | changes


def held(kind="encounters", covers_from=date(2025, 1, 1), covers_to=date(2026, 12, 31), **changes):
    days = {"covers_from": covers_from, "covers_to": covers_to}
    return {"kind": kind, "states": None} | days | changes


def judged(*rows, as_of=LIMITS["as_of"], **kinds):
    records = {
        "subject": {"patient_key": "p_1", "npi": NPI},
        "prescriptions": list(rows),
        "encounters": [],
        "administrations": [],
        "holdings": [held()],
        "conditions": [],
    }
    return oracle.judge(records | kinds, LIMITS | {"as_of": as_of})


def said(verdict):
    """Return the answer with its reasons, or with definition, severity and value of the worst."""
    if verdict["answer"] != "fired":
        assert (verdict["severity"], verdict["value"], verdict["occurrences"]) == (None, None, [])
        return (verdict["answer"], *verdict["reasons"])
    [occurrence] = verdict["occurrences"]
    assert (verdict["severity"], verdict["value"]) == (occurrence["severity"], occurrence["value"])
    return occurrence["definition"], verdict["severity"], verdict["value"]
