"""What would clear a dose flag, where more than one spell fires."""

from datetime import date
from decimal import Decimal

from audits.catalogue import CATALOGUE, oracle

RULE = CATALOGUE["opioid_high_dose_90d"]
PARAMETERS = {**RULE.oracle_parameters(RULE.settled()), "as_of": None}


def fill(key, day):
    return {
        "key": key,
        "event_date": day,
        "record_type": "dispense",
        "ingredient": "oxycodone",
        "opioid": True,
        "moud": False,
        "matched": True,
        "strength": Decimal(30),
        "quantity": Decimal(720),
        "days_supply": 90,
        "factor": Decimal("1.5"),
        "fentanyl_patch": False,
        "counts_as_supply": True,
        "diagnosis_codes": [],
        "patient_setting": None,
        "treatment_type": None,
    }


def test_two_spells_are_cleared_together():
    judge = oracle(RULE).judge
    records = {
        "prescriptions": [fill("a", date(2025, 1, 1)), fill("b", date(2026, 1, 1))],
        "conditions": [],
    }
    assert len(judge(records, PARAMETERS)["occurrences"]) == 2
    (change,) = RULE.clearing(records, PARAMETERS, judge)
    assert change.sentence.startswith("All 2 prescriptions of these periods at 33 %")
    assert judge(change.apply(records), PARAMETERS)["answer"] == "clear"


def test_one_spell_is_cleared_by_the_largest_quantity_that_does_not_fire():
    judge = oracle(RULE).judge
    records = {"prescriptions": [fill("clinic|a", date(2025, 1, 1))], "conditions": []}
    (change,) = RULE.clearing(records, PARAMETERS, judge)
    assert change.sentence == "Prescription clinic a with at most 240 units instead of 720."
    assert judge(change.apply(records), PARAMETERS)["value"] is None
