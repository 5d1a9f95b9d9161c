"""The oracle of R12 takes the rows that the text of the rule names, and excuses and escalates."""

from decimal import Decimal

import pytest

from audits.oracles import early_refill_accumulation as oracle

from .provider_fills import condition, on
from .refill_fills import fill, fills, judged, said, told

CARE = {"patient_setting": "ltc"}


def test_a_fill_in_long_term_care_is_excused_and_still_fills_the_cupboard():
    verdict = judged([fill(1), fill(21, **CARE)])
    assert told(verdict) == [("early_once", 21, 10, "low")]
    assert (said(verdict), verdict["value"]) == (("suppressed", "ltc"), 10)
    later = judged([fill(1), fill(21, **CARE), fill(46)])
    assert told(later)[1:] == [("stockpile", 46, 15, "high"), ("early_once", 46, 5, "low")]
    assert [o["excluded_by"] for o in later["occurrences"]] == ["ltc", None, None]
    assert (said(later), later["value"]) == (("fired",), 15)
    assert said(judged([fill(1, **CARE), fill(21)])) == ("fired",)


def test_fills_of_one_day_follow_their_record_numbers():
    small = fill(1, 10, key="s|small", source_record_id="1b")
    large = fill(1, 30, key="s|large", source_record_id="1a")
    verdict = judged([small, large])
    assert told(verdict) == [("stockpile", 1, 30, "high"), ("early_once", 1, 30, "low")]
    verdict = judged([small | {"source_record_id": "0"}, large])
    assert told(verdict) == [("early_once", 1, 10, "low")]
    verdict = judged([small | {"source_system": "r", "source_record_id": "9"}, large])
    assert told(verdict) == [("early_once", 1, 10, "low")]


def test_fills_of_one_day_are_one_occurrence_of_the_higher_value():
    rows = [fill(16, key=f"s|16{n}", source_record_id=n) for n in "ab"]
    verdict = judged([fill(1), *rows])  # 15 days early, then 30; 15 on hand, then 45
    assert told(verdict) == [("stockpile", 16, 45, "high"), ("early_once", 16, 30, "low")]
    assert verdict["occurrences"][0]["records"] == ["s|1", "s|16a", "s|16b"]
    assert verdict["occurrences"][1]["records"] == ["s|1", "s|16a", "s|16b"]
    mixed = judged([fill(1), rows[0], rows[1] | CARE])
    assert [o["excluded_by"] for o in mixed["occurrences"]] == [None, None]
    excused = judged([fill(1), rows[0] | CARE, rows[1] | CARE])
    assert said(excused) == ("suppressed", "ltc")


@pytest.mark.parametrize("days", [None, 0, 181])
def test_a_fill_of_unusable_days_is_left_out_of_the_walk(days):
    odd = fill(16, days)
    assert said(judged([odd])) == ("clear",)
    assert said(judged([fill(1), odd])) == ("not_evaluable", "days_supply_unusable")
    assert said(judged([odd, fill(20, days)])) == ("not_evaluable", "days_supply_unusable")
    assert said(judged([fill(1), odd, fill(31)])) == ("not_evaluable", "days_supply_unusable")
    assert told(judged([fill(1), odd, fill(27)])) == [("early_once", 27, 4, "low")]
    assert said(judged([fill(1), odd, fill(27, **CARE)])) == ("suppressed", "ltc")


def test_patches_last_three_days_each():
    patch = {"fentanyl_patch": True, "quantity": Decimal(10)}
    assert told(judged([fill(1, 10, **patch), fill(27, 10, **patch)])) == [
        ("early_once", 27, 4, "low")
    ]
    assert said(judged([fill(1, 30, **patch), fill(28, **patch)])) == ("clear",)
    for none in (None, Decimal(0)):
        odd = fill(27, **patch | {"quantity": none})
        assert said(judged([fill(1), odd])) == ("not_evaluable", "days_supply_unusable")


def test_one_day_and_a_hundred_and_eighty_are_usable():
    assert told(judged([fill(1, 180), fill(177)])) == [("early_once", 177, 4, "low")]
    assert said(judged([fill(1), fill(31, 1)])) == ("clear",)


@pytest.mark.parametrize(
    "changes",
    [
        {"filled_date": None},
        {"counts_as_supply": False},
        {"schedule": None},
        {"matched": False},
        {"ingredient": "alprazolam"},
    ],
)
def test_orders_and_other_rows_are_left_out(changes):
    assert said(judged([fill(1), fill(1, key="s|x", **changes)])) == ("clear",)
    assert said(judged([fill(1), fill(9, None, **changes)])) == ("clear",)
    population = oracle.population([fill(1, **changes)])
    assert population == ({"p_1|alprazolam"} if "ingredient" in changes else set())


@pytest.mark.parametrize("schedule", ["II", "III", "IV", "V"])
def test_every_schedule_from_two_to_five_counts(schedule):
    assert said(judged(fills(1, 27, schedule=schedule))) == ("fired",)


def test_the_as_of_date_cuts():
    assert said(judged(fills(1, 27), as_of=on(27))) == ("fired",)
    assert said(judged(fills(1, 27), as_of=on(26))) == ("clear",)


@pytest.mark.parametrize(
    ("code", "recorded", "ended", "severity"),
    [
        ("T40.2X1A", -339, None, "low"),  # 366 days before day 27
        ("T40.2X1A", -338, None, "medium"),
        ("T40.2X1A", -700, -338, "medium"),
        ("F11.20", 27, None, "medium"),
        ("F11.20", 28, None, "low"),
        ("F17.210", 27, None, "low"),
        ("C50", 1, None, "low"),
    ],
)
def test_overdose_and_substance_use_raise_the_severity_one_step(code, recorded, ended, severity):
    assert judged(fills(1, 27), [condition(code, recorded, ended)])["severity"] == severity
    other = {"ingredient": "ibuprofen", "schedule": None, "counts_as_supply": False}
    if ended is None:
        row = fill(recorded, diagnosis_codes=[code], **other)
        assert judged([*fills(1, 27), row])["severity"] == severity


def test_stock_after_an_overdose_is_critical():
    assert judged(fills(1, 16), [condition("T40.2", 1)])["severity"] == "critical"


def test_patients_with_a_controlled_fill_are_the_population():
    rows = [
        fill(1),
        fill(2, ingredient="zolpidem", schedule="IV"),
        fill(3, None, patient_key="p_2"),
    ]
    late = fill(9, patient_key="p_3")
    assert oracle.population([*rows, late], on(8)) == {
        "p_1|oxycodone",
        "p_1|zolpidem",
        "p_2|oxycodone",
    }
