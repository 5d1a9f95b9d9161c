"""Fills written by hand for the oracle of early refills.

Days are numbers: day 1 is the first of January 2026. A fill is 60 tablets of 10 mg for 30 days
unless it says otherwise, so the first ends on day 30 and one on day 31 is on time.
"""

from datetime import date
from decimal import Decimal

from audits.oracles import early_refill_accumulation as oracle

from .provider_fills import LIMITS as OTHER_LIMITS
from .provider_fills import on

LIMITS = {
    "as_of": date(2028, 12, 31),
    "early_days": 4,
    "repeated_days": 3,
    "repeated_fills": 3,
    "repeated_window": 180,
    "stock_days": 15,
    "change_percent": 20,
    "longest_days_supply": 180,
    "diagnosis_sets": {name: OTHER_LIMITS["diagnosis_sets"][name] for name in ("overdose", "sud")},
}


def fill(day, days=30, **changes):
    row = {
        "key": f"s|{day}",
        "patient_key": "p_1",
        "event_date": on(day),
        "filled_date": on(day),
        "source_system": "s",
        "source_record_id": f"{day}",
        "ingredient": "oxycodone",
        "schedule": "II",
        "matched": True,
        "fentanyl_patch": False,
        "strength": Decimal(10),
        "quantity": Decimal(2 * days) if days else Decimal(60),
        "days_supply": days,
        "patient_setting": "home",
        "treatment_type": None,
        "diagnosis_codes": [],
        "counts_as_supply": True,
    }
    return row | changes


def fills(*days, **changes):
    return [fill(day, **changes) for day in days]


def judged(rows, conditions=(), **limits):
    subject = {"patient_key": "p_1", "ingredient": "oxycodone"}
    records = {"prescriptions": list(rows), "conditions": list(conditions), "subject": subject}
    return oracle.judge(records, LIMITS | limits)


def told(verdict):
    """Return definition, day, value and severity of each occurrence."""
    return [
        (o["definition"], (o["first_on"] - on(0)).days, o["value"], o["severity"])
        for o in verdict["occurrences"]
    ]


def said(verdict):
    """Return the answer with its reasons."""
    return (verdict["answer"], *verdict["reasons"])
