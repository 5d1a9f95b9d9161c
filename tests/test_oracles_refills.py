"""The oracle of R12 counts early fills and stock as the text of the rule does by hand."""

from decimal import Decimal

import pytest

from .provider_fills import on
from .refill_fills import fill, fills, judged, said, told


@pytest.mark.parametrize(
    ("second", "occurrences"),
    [
        (26, [("early_once", 26, 5, "low")]),
        (27, [("early_once", 27, 4, "low")]),
        (28, []),  # three days before the former end, once
        (31, []),
        (99, []),
    ],
)
def test_four_days_early_fire_and_three_do_not(second, occurrences):
    verdict = judged(fills(1, second))
    assert told(verdict) == occurrences
    assert said(verdict) == (("fired",) if occurrences else ("clear",))


def test_an_occurrence_names_the_fill_and_the_one_before_it():
    verdict = judged(fills(1, 31, 57))
    [occurrence] = verdict["occurrences"]
    assert occurrence == {
        "definition": "early_once",
        "first_on": on(57),
        "last_on": on(57),
        "value": 4,
        "severity": "low",
        "excluded_by": None,
        "records": ["s|31", "s|57"],
    }
    assert (verdict["severity"], verdict["value"]) == ("low", 4)
    assert verdict["arithmetic"] == [
        "s|1: 2026-01-01 for 30 days, all used by 2026-01-31; 0 days early, 0 days on hand.",
        "s|31: 2026-01-31 for 30 days, all used by 2026-03-02; 0 days early, 0 days on hand.",
        "s|57: 2026-02-26 for 30 days, all used by 2026-04-01; 4 days early, 4 days on hand.",
        "early_once: 4 on 2026-02-26; fires at 4.",
    ]


THRICE = (1, 28, 55, 82)  # three fills, each three days early


def test_three_days_early_three_times_fire():
    verdict = judged(fills(*THRICE))
    assert told(verdict) == [("repeated_early", 82, 3, "medium")]
    assert verdict["occurrences"][0]["records"] == ["s|28", "s|55", "s|82"]
    assert verdict["arithmetic"][-1] == "repeated_early: 3 on 2026-03-23; fires at 3."


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        (fills(1, 28, 55), []),
        (fills(1, 29, 56, 83), []),  # the first of the three only two days early
        (fills(1, 28, 100, 127, 180, 207), [(207, 3)]),  # day 28 to day 207 are 179 apart
        (fills(1, 28, 100, 127, 181, 208), []),  # 180 apart
        (fills(*THRICE, 109), [(82, 3), (109, 4)]),
        (fills(*THRICE, 112), [(82, 3)]),  # on time: not one of the fills that count
        (fills(*THRICE, 200, 227, 254), [(82, 3), (227, 3), (254, 3)]),  # 55, 82, 227; 82, 227, 254
    ],
)
def test_three_fills_count_within_180_days_with_both_ends(rows, repeated):
    found = [(day, value) for name, day, value, _ in told(judged(rows)) if name == "repeated_early"]
    assert found == repeated


@pytest.mark.parametrize(
    ("rows", "stock"),
    [
        (fills(1, 16), [(16, 15)]),
        (fills(1, 17), []),  # 14 days on hand
        (fills(1, 24, 47), []),  # 7 days, then 14
        (fills(1, 24, 46), [(46, 15)]),
        (fills(1, 28, 55, 82, 109, 136), [(136, 15)]),  # 3, 6, 9, 12, 15
        (fills(1, 24, 61, 83), []),  # 7 days, all used up before day 61, then 8
        (fills(1, 24, 57, 79), []),  # 7; on 57 4 are left; on 79 12
        ([fill(1, 90), fill(50, 30)], [(50, 41)]),
    ],
)
def test_fifteen_days_on_hand_fire(rows, stock):
    found = [each[1:3] for each in told(judged(rows)) if each[0] == "stockpile"]
    assert found == stock


def test_stock_leads_and_names_every_fill_since_the_count_began():
    verdict = judged(fills(1, 24, 46))
    assert told(verdict) == [
        ("early_once", 24, 7, "low"),
        ("stockpile", 46, 15, "high"),
        ("early_once", 46, 8, "low"),
    ]
    assert verdict["occurrences"][1]["records"] == ["s|1", "s|24", "s|46"]
    assert (verdict["severity"], verdict["value"]) == ("high", 15)


def test_later_fills_are_no_records_of_an_occurrence():
    found = judged(fills(1, 24, 46, 300))["occurrences"]
    assert [o["records"] for o in found] == [
        ["s|1", "s|24"],
        ["s|1", "s|24", "s|46"],
        ["s|24", "s|46"],
    ]


def test_the_higher_value_leads_among_equals():
    assert judged(fills(1, 26, 99, 123))["value"] == 6
    assert judged(fills(1, 25, 99, 124))["value"] == 6
    assert judged(fills(1, 27, 54, 81))["value"] == 3  # repeated_early before four days once


@pytest.mark.parametrize(
    ("quantity", "answer"),
    [
        (73, ("clear",)),  # 24.3 mg a day after 20
        (72, ("fired",)),  # 24 after 20: exactly 20 percent
        (48, ("fired",)),  # 16 after 20: exactly 20 percent
        (47, ("clear",)),
        (None, ("fired",)),
        (0, ("fired",)),
    ],
)
def test_a_dose_changed_by_more_than_a_fifth_starts_the_count_anew(quantity, answer):
    rows = [fill(1), fill(16, quantity=quantity and Decimal(quantity))]
    assert said(judged(rows)) == answer
    rows = [fill(1), fill(16, strength=quantity and Decimal(quantity) / 6)]
    assert said(judged(rows)) == answer


def test_the_days_of_the_fill_are_part_of_its_dose():
    assert said(judged([fill(1), fill(16, 15, quantity=Decimal(60))])) == ("clear",)  # 40 after 20
    assert said(judged([fill(1), fill(16, 15)])) == ("fired",)


def test_after_a_new_dose_both_ends_are_those_of_the_new_fill():
    double = {"strength": Decimal(20)}
    rows = [fill(1), fill(11, **double), fill(38, **double), fill(64, **double)]
    verdict = judged(rows)  # early 0, 3, 4; on hand 0, 3, 7; without the change 20 more
    assert told(verdict) == [("early_once", 64, 4, "low")]
    assert verdict["arithmetic"][1] == (
        "s|11: 2026-01-11 for 30 days, all used by 2026-02-10; dose changed by 100.0 percent, "
        "so the count starts anew."
    )
    late = judged([*rows, fill(86, **double)])
    assert told(late)[1:] == [
        ("stockpile", 86, 15, "high"),
        ("repeated_early", 86, 3, "medium"),
        ("early_once", 86, 8, "low"),
    ]
    assert late["occurrences"][1]["records"] == ["s|11", "s|38", "s|64", "s|86"]


def test_a_dose_is_compared_with_the_fill_just_before():
    rows = [fill(1), fill(16, quantity=Decimal(70)), fill(36, quantity=Decimal(80))]
    assert [each[:3] for each in told(judged(rows))] == [
        ("stockpile", 16, 15),
        ("early_once", 16, 15),
        ("stockpile", 36, 25),
        ("early_once", 36, 10),
    ]  # 80 after 60 would be a third more
    unknown = [fill(1), fill(16, strength=None), fill(36, strength=Decimal(50))]
    assert [each[2] for each in told(judged(unknown))] == [15, 15, 25, 10]
