"""The oracle of R19 gives each row its gravest definition, and the patient's past its step."""

from datetime import date
from decimal import Decimal

import pytest

from .ketamine_home import FIRST, judged, month, other, said, troches, visit


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"days_supply": 30}, ("unmonitored", "medium", 30)),
        ({"days_supply": 31}, ("over_days", "high", 31)),
        ({"days_supply": 180}, ("over_days", "high", 180)),
        ({"quantity_unit": "each", "quantity": Decimal(6)}, ("unmonitored", "medium", 30)),
        ({"quantity_unit": "each", "quantity": Decimal(7)}, ("over_doses", "high", 7)),
        ({"quantity_unit": "each", "quantity": Decimal("6.5")}, ("over_doses", "high", 6)),
        ({"quantity_unit": "each", "quantity": None}, ("unmonitored", "medium", 30)),
        ({"quantity_unit": "ml", "quantity": Decimal(7)}, ("unmonitored", "medium", 30)),
        ({"quantity_unit": None, "quantity": Decimal(7)}, ("unmonitored", "medium", 30)),
        ({"route": "nasal"}, ("nasal_or_injected", "high", 30)),
        ({"route": "injection"}, ("nasal_or_injected", "high", 30)),
        ({"route": "intramuscular"}, ("nasal_or_injected", "high", 30)),
        ({"route": "subcutaneous"}, ("nasal_or_injected", "high", 30)),
        ({"route": "rectal"}, ("unmonitored", "medium", 30)),
        ({"route": None}, ("unmonitored", "medium", 30)),
        ({"route": "intravenous"}, ("unmonitored", "medium", 30)),
        ({"route": "nasal", "days_supply": 31}, ("over_days", "high", 31)),
    ],
)
def test_length_number_of_doses_and_route_decide_the_definition(changes, answer):
    assert said(judged(month(**changes))) == answer


def test_the_number_of_doses_comes_before_the_route_and_after_the_length():
    seven = {"quantity_unit": "each", "quantity": Decimal(7), "route": "nasal"}
    assert said(judged(month(**seven))) == ("over_doses", "high", 7)
    assert said(judged(troches(**seven))) == ("over_days", "high", 31)


ALPRAZOLAM = ("alprazolam", "benzodiazepine")


@pytest.mark.parametrize(
    ("starts", "answer"),
    [
        (date(2025, 12, 22), ("unmonitored", "medium", 30)),  # its last day is 31 December
        (date(2025, 12, 23), ("with_cns_depressant", "critical", 1)),
        (date(2026, 1, 5), ("with_cns_depressant", "critical", 10)),
        (date(2026, 1, 30), ("with_cns_depressant", "critical", 1)),
        (date(2026, 1, 31), ("unmonitored", "medium", 30)),
    ],
)
def test_a_depressant_on_a_covered_day_is_critical_and_the_day_after_is_not(starts, answer):
    assert said(judged(month(), other(*ALPRAZOLAM, event_date=starts))) == answer


@pytest.mark.parametrize(
    ("drug", "changes", "together"),
    [
        (("oxycodone", "opioid"), {"analgesic": True}, 10),
        (("loperamide", "opioid"), {"analgesic": False}, 0),
        (("zolpidem", "z-drug"), {}, 10),
        (("phenobarbital", "barbiturate"), {}, 10),
        (("oxybate", "sedative"), {}, 10),
        (("meprobamate", "sedative"), {}, 0),
        (("gabapentin", "gabapentinoid"), {}, 0),
        (("carisoprodol", "muscle relaxant"), {}, 0),
        (ALPRAZOLAM, {"counts_as_supply": False}, 0),
        (ALPRAZOLAM, {"days_supply": None}, 0),
        (ALPRAZOLAM, {"days_supply": 181}, 0),
        (
            ("fentanyl", "opioid"),
            {"analgesic": True, "fentanyl_patch": True, "quantity": Decimal(4)},
            12,
        ),
    ],
)
def test_opioids_and_sedatives_are_depressants_and_gabapentin_alone_is_not(drug, changes, together):
    verdict = judged(month(), other(*drug, **changes))
    grave = ("with_cns_depressant", "critical", together)
    assert said(verdict) == (grave if together else ("unmonitored", "medium", 30))
    shared = f"rx-1: {together} days shared with depressants ({'other' if together else 'none'});"
    assert verdict["arithmetic"][2].startswith(shared)


def test_days_that_two_depressants_cover_count_once_and_monitored_rows_stay_clear():
    both = [other(*ALPRAZOLAM), other("zolpidem", "z-drug", key="third", event_date=FIRST)]
    assert said(judged(month(), *both)) == ("with_cns_depressant", "critical", 10)
    assert said(judged(month(), *both, encounters=[visit(FIRST)])) == ("clear",)


YEAR_BEFORE = date(2025, 1, 1)  # 365 days before the first of January 2026


def condition(code, recorded_on, ended_on=None):
    return {"code": code, "recorded_on": recorded_on, "ended_on": ended_on}


@pytest.mark.parametrize(
    ("diagnosis", "severity"),
    [
        (condition("T40.2X1A", date(2024, 12, 31)), "medium"),
        (condition("t402x1a", YEAR_BEFORE), "high"),
        (condition("F11.20", FIRST), "high"),
        (condition("F11.20", date(2026, 1, 2)), "medium"),
        (condition("F17.210", FIRST), "medium"),
        (condition("F11.20", date(2020, 5, 1), YEAR_BEFORE), "high"),
        (condition("F11.20", date(2020, 5, 1), date(2024, 12, 31)), "medium"),
        (condition("F11.20", date(2020, 5, 1)), "medium"),
    ],
)
def test_overdose_and_substance_use_in_the_year_before_raise_the_severity(diagnosis, severity):
    verdict = judged(month(), conditions=[diagnosis])
    assert said(verdict) == ("unmonitored", severity, 30)


def test_a_diagnosis_speaks_from_any_row_of_the_patient_and_critical_is_the_gravest():
    order = other("sertraline", "antidepressant", diagnosis_codes=["M54.5", "T40.2X1A"])
    row = order | {"counts_as_supply": False, "event_date": YEAR_BEFORE}
    assert said(judged(month(), row)) == ("unmonitored", "high", 30)
    assert said(judged(troches(), row)) == ("over_days", "critical", 31)
    together = judged(troches(), row, other(*ALPRAZOLAM, key="third"))
    assert said(together) == ("with_cns_depressant", "critical", 10)


def test_each_row_is_an_occurrence_and_the_worst_leads():
    rows = [
        month(key="a"),
        troches(key="b", event_date=date(2026, 2, 1), days_supply=45),
        troches(key="c", event_date=date(2026, 4, 1), days_supply=60),
        month(key="d", event_date=date(2026, 6, 1), route="nasal"),
    ]
    verdict = judged(*rows)
    found = [(o["definition"], o["value"], o["records"]) for o in verdict["occurrences"]]
    assert found == [
        ("unmonitored", 30, ["a"]),
        ("over_days", 45, ["b"]),
        ("over_days", 60, ["c"]),
        ("nasal_or_injected", 30, ["d"]),
    ]
    assert (verdict["severity"], verdict["value"]) == ("high", 60)
    assert verdict["arithmetic"][0].startswith("c: 2026-04-01 + 60 days - 1 = 2026-05-30;")


def test_rows_of_one_day_and_definition_are_one_occurrence():
    rows = [troches(key="b"), troches(key="a", days_supply=40), month(key="c")]
    verdict = judged(*rows)
    long, short = verdict["occurrences"]
    assert (long["definition"], long["value"], long["records"]) == ("over_days", 40, ["a", "b"])
    assert (long["first_on"], long["last_on"]) == (FIRST, date(2026, 2, 9))
    assert (short["definition"], short["records"]) == ("unmonitored", ["c"])
