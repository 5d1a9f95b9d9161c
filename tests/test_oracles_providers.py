"""The oracle of R04 counts each tier as the text of the rule does by hand."""

from decimal import Decimal

import pytest

from .provider_fills import (
    ALPRAZOLAM,
    COUGH_SYRUP,
    KETAMINE,
    MOUD,
    PATCH,
    PREGABALIN,
    STIMULANT,
    born,
    fill,
    fills,
    judged,
    names,
    told,
    visit,
)

FOUR = (1, 60, 120, 180)
FIVE = (1, 20, 40, 60, 90)


@pytest.mark.parametrize(
    ("days", "whos", "wheres", "fires"),
    [
        (FIVE, "ABCDE", "abcde", True),
        ((1, 20, 40, 60, 91), "ABCDE", "abcde", False),
        (FIVE, "ABCDD", "abcde", False),
        (FIVE, "ABCDE", "abcdd", False),
        (FIVE, "ABCDE", "abcd.", False),
        (FIVE, "ABCD.", "abcde", False),
    ],
)
def test_ok_pmp_asks_five_and_five_in_ninety_days(days, whos, wheres, fires):
    verdict = judged(fills(days, whos, wheres))
    assert told(verdict, "ok_pmp") == ([(90, 90, 5, "critical")] if fires else [])


def test_ok_pmp_takes_every_schedule_and_treatment_of_addiction():
    drugs = [{}, ALPRAZOLAM, PREGABALIN, MOUD, COUGH_SYRUP]
    rows = [
        fill(day, who, who.lower(), **drug)
        for day, who, drug in zip(FIVE, "ABCDE", drugs, strict=True)
    ]
    assert told(judged(rows), "ok_pmp") == [(90, 90, 5, "critical")]
    unscheduled = rows[-1] | {"schedule": None}
    assert told(judged([*rows[:-1], unscheduled]), "ok_pmp") == []


HIGH = {"strength": Decimal(130), "quantity": Decimal(90), "days_supply": 90, "factor": Decimal(1)}


def shopping(days=(100, 200, 365), whos="BCD", wheres="bcd", **changes):
    """Return 130 MME for 90 days, whose averages end above 120 on days 84 to 96, and more."""
    return [fill(1, **HIGH | changes), *fills(days, whos, wheres, days_supply=1)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (shopping(), [(365, 365, 4, "high")]),
        (shopping((100, 200, 366)), []),  # the first is then a year and a day ago
        (shopping(whos="BCC"), []),
        (shopping(wheres="bcc"), []),
        (shopping(strength=Decimal(120)), []),  # exactly 120 on day 90, no more
        (shopping(strength=Decimal("120.01")), [(365, 365, 4, "high")]),  # day 90 alone
        (shopping((457, 458, 459, 460), "BCDE", "bcde"), [(460, 460, 4, "high")]),
        (shopping((458, 459, 460, 461), "BCDE", "bcde"), []),  # day 96 is out of the year
    ],
)
def test_oig_shopping_asks_four_and_four_and_a_high_average_in_the_year(rows, expected):
    assert told(judged(rows), "oig_shopping") == expected


@pytest.mark.parametrize(("last", "fires"), [(454, True), (455, False)])
def test_oig_shopping_sees_no_average_after_the_last_covered_day(last, fires):
    others = fills((last, last, last, last), "BCDE", "bcde", opioid=False, factor=None)
    verdict = judged([fill(1, **HIGH), *others])  # without more doses the averages end on day 90
    assert told(verdict, "oig_shopping") == ([(last, last, 4, "high")] if fires else [])


@pytest.mark.parametrize(
    ("day", "days", "severity"),
    [(0, 2, "critical"), (0, 1, "high"), (365, 1, "critical"), (366, 9, "high"), (9, None, "high")],
)
def test_oig_shopping_is_critical_with_a_benzodiazepine_day_in_the_year(day, days, severity):
    rows = [*shopping(), fill(day, "B", "b", **ALPRAZOLAM | {"days_supply": days})]
    assert told(judged(rows), "oig_shopping") == [(365, 365, 4, severity)]


def test_oig_shopping_leaves_out_averages_that_were_excluded_when_they_ended():
    verdict = judged([*shopping(), visit(0, diagnosis_codes=["C50.9"])])  # 365 days before 365
    assert told(verdict, "oig_shopping") == []
    assert told(verdict, "ncqa_uop") == [(365, 365, 4, "medium")]


NINETY = {"strength": Decimal(60)}  # 60 x 5 / 5 x 1.5
THOUSAND = {
    "strength": Decimal(1000),
    "quantity": Decimal(1),
    "days_supply": 1,
    "factor": Decimal(1),
}


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        (fills((1, 90, 183), "ABC", "abc", **NINETY), 3),
        (fills((1, 90, 184), "ABC", "abc", **NINETY), None),
        (fills((1, 90, 183), "ABC", "abc", strength=Decimal("59.999")), None),
        (fills((1, 90, 183), "ABC", "abc", strength=Decimal("59.9997")), 3),  # 89.99955 is 90.000
        (fills((1, 90, 183), "ABC", "abc", strength=Decimal("59.9996")), None),  # 89.9994: 89.999
        (fills((1, 90, 183), "ABB", "abc", **NINETY), None),
        (fills((1, 90, 183), "ABC", "abb", **NINETY), None),
        (fills((1, 50, 90, 130, 183), "ABCDE", "aaaaa", **NINETY), 5),
        (fills((1, 50, 90, 130, 183), "ABCDE", ".....", **NINETY), 5),  # orders name no pharmacy
        (fills((1, 50, 90, 183), "ABCD", "aaaa", **NINETY), None),
        (fills((1, 1, 183), "ABC", "abc", strength=Decimal(30)), 3),  # 45 + 45 on day 1
        (fills((1, 6, 183), "ABC", "abc", strength=Decimal(30)), None),  # no day is shared
        ([*fills((1, 90), "AB", "ab"), fill(183, "C", "c", **THOUSAND)], 3),
    ],
)
def test_cms_oms_asks_three_and_three_or_five_alone_and_ninety_mme(rows, value):
    expected = [] if value is None else [(183, 183, value, "high")]
    assert told(judged(rows), "cms_oms") == expected


@pytest.mark.parametrize(("last", "fires"), [(187, True), (188, False)])
def test_cms_oms_sees_days_in_the_window_of_a_fill_before_it(last, fires):
    rows = fills((1, 185, 186, last), "ABCD", "abcd")
    rows[0] |= NINETY  # covers days 1 to 5
    assert (told(judged(rows), "cms_oms") == [(last, last, 3, "high")]) == fires
    assert (told(judged(rows), "cms_oms") == []) != fires


@pytest.mark.parametrize(
    ("rows", "fires"),
    [
        (fills(FOUR, "ABCD", "abcd"), True),
        (fills((1, 60, 120, 181), "ABCD", "abcd"), False),
        (fills(FOUR, "ABCD", "abcc"), False),
        (fills(FOUR, "ABCC", "abcd"), False),
        (fills(FOUR, "ABCD", "abc."), False),
        (fills((180, 180, 180, 180), "ABCD", "abcd"), False),  # one date is one claim
        (fills((179, 180, 180, 180), "ABCD", "abcd"), True),
        (fills(FOUR, "ABCD", "abcd", **MOUD), False),
        (fills(FOUR, "ABCD", "abcd", **born(2007)), True),  # 18 or 19: adult all year
        (fills(FOUR, "ABCD", "abcd", **born(2008)), False),  # 17 or 18
        (fills(FOUR, "ABCD", "abcd", **born(2009)), False),
        (fills(FOUR, "ABCD", "abcd", **born(None)), False),
    ],
)
def test_pqa_omp_asks_four_and_four_in_180_days_of_adults(rows, fires):
    assert told(judged(rows), "pqa_omp") == ([(180, 180, 4, "medium")] if fires else [])


@pytest.mark.parametrize(
    ("days", "fires"),
    [
        ((4, 4, 4, 3), True),
        ((4, 4, 3, 3), False),
        ((180, None, 0, 181), True),
        ((14, 0, 0, 0), False),
    ],
)
def test_pqa_omp_asks_fifteen_days_supplied_in_the_window(days, fires):
    each = zip(FOUR, "ABCD", days, strict=True)
    rows = [fill(day, who, who.lower(), days_supply=supply) for day, who, supply in each]
    assert ("pqa_omp" in names(judged(rows))) == fires
    assert ("ncqa_uop" in names(judged(rows))) == fires


@pytest.mark.parametrize(("patches", "fires"), [(4, True), (3, False)])
def test_patches_last_three_days_each(patches, fires):
    rows = fills(FOUR, "ABCD", "abcd", days_supply=1)
    rows[0] |= PATCH | {"quantity": Decimal(patches)}  # 12 or 9 days, and three
    assert ("pqa_omp" in names(judged(rows))) == fires


@pytest.mark.parametrize(("days", "fires"), [((5, 5, 4), True), ((5, 5, 3), False)])
def test_a_part_of_a_patch_lasts_a_day(days, fires):
    each = zip(FOUR, "ABC", days, strict=False)
    rows = [fill(day, who, who.lower(), days_supply=supply) for day, who, supply in each]
    part = fill(180, "D", "d", **PATCH | {"quantity": Decimal("0.3")})
    assert ("pqa_omp" in names(judged([*rows, part]))) == fires


def test_where_records_differ_over_the_year_of_birth_the_youngest_counts():
    for years, fires in (((1990, 2007), True), ((1990, 2008), False), ((2007, 2007), True)):
        rows = fills(FOUR, "ABCD", "abcd", **born(*years))
        assert ("pqa_omp" in names(judged(rows))) == fires


@pytest.mark.parametrize(
    ("days", "whos", "wheres", "changes", "fires"),
    [
        (FOUR, "ABCD", "abcc", {}, True),
        ((1, 60, 120, 181), "ABCD", "abcc", {}, False),
        (FOUR, "ABCD", "aabb", {}, False),
        (FOUR, "ABCC", "abcd", {}, False),
        (FOUR, "ABCD", "abcc", {"schedule": "V"}, False),
        (FOUR, "ABCD", "abcc", {"schedule": None}, False),
        (FOUR, "ABCD", "abcc", MOUD, False),
        (FOUR, "ABCD", "abcc", COUGH_SYRUP, False),
        (FOUR, "ABCD", "abcc", KETAMINE, True),
        ((180, 180, 180, 180), "ABCD", "abcc", STIMULANT, True),
    ],
)
def test_all_controlled_asks_four_and_three_in_180_days(days, whos, wheres, changes, fires):
    verdict = judged(fills(days, whos, wheres, **changes))
    assert told(verdict, "all_controlled") == ([(180, 180, 4, "medium")] if fires else [])


def test_all_controlled_counts_different_drugs_together():
    drugs = [STIMULANT, ALPRAZOLAM, KETAMINE, {}]
    rows = [
        fill(day, who, where, **drug)
        for day, who, where, drug in zip(FOUR, "ABCD", "abcc", drugs, strict=True)
    ]
    verdict = judged(rows)
    assert told(verdict, "all_controlled") == [(180, 180, 4, "medium")]
    assert names(verdict) == {"all_controlled"}


YEAR = (1, 120, 240, 365)


@pytest.mark.parametrize(
    ("days", "whos", "wheres", "changes", "found"),
    [
        (YEAR, "ABCD", "aaaa", {}, (4, "low")),
        (YEAR, "AAAA", "abcd", {}, (4, "low")),
        (YEAR, "....", "abcd", {}, (4, "low")),
        (YEAR, "ABCD", "abcd", {}, (4, "medium")),
        ((1, 99, 120, 240, 365), "ABCCC", "abcde", {}, (5, "low")),
        ((1, 99, 120, 240, 365), "ABCDE", "abcdd", {}, (5, "medium")),
        ((1, 120, 240, 366), "ABCD", "abcd", {}, None),
        (YEAR, "ABCC", "abcc", {}, None),
        (YEAR, "ABCD", "abcd", {"days_supply": 3}, None),
        (YEAR, "ABCD", "abcd", {"days_supply": 4}, (4, "medium")),
        (YEAR, "ABCD", "abcd", STIMULANT, None),
        (YEAR, "ABCD", "abcd", born(2020), (4, "medium")),
    ],
)
def test_ncqa_uop_asks_four_of_either_in_a_year(days, whos, wheres, changes, found):
    verdict = judged(fills(days, whos, wheres, **changes))
    last = told(verdict, "ncqa_uop")[-1:]
    assert last == ([(last[0][0], 365, *found)] if found else [])
