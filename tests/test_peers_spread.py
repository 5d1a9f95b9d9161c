"""Quartiles, fences, modified z and percentiles: against a plain second way, and at the edges."""

from fractions import Fraction
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import settings as generated
from hypothesis import strategies as st

from audits.peers import LEAST_MEMBERS, Standing, position_in, spread_of
from audits.peers.spread import quantile

LEAST = 30
WHOLE = st.integers(min_value=-3, max_value=50)
FRACTION = st.fractions(min_value=0, max_value=1000, max_denominator=60)
VALUES = st.lists(WHOLE | FRACTION, min_size=LEAST, max_size=80).map(
    lambda values: [Fraction(value) for value in values]
)


def few(distinct: int):
    """Lists with many ties."""
    values = st.integers(min_value=0, max_value=distinct).map(Fraction)
    return st.lists(values, min_size=LEAST, max_size=60)


def of(*values: int) -> list[Fraction]:
    return [Fraction(value) for value in values]


def plain_percentile(values: list, value: Fraction) -> Fraction:
    """Count one by one: who is below, and half of who is equal."""
    points = sum(2 if other < value else 1 if other == value else 0 for other in values)
    return Fraction(points, 2 * len(values))


@generated(max_examples=60)
@given(VALUES | few(1) | few(3))
def test_the_spread_is_that_of_the_standard_library(values):
    spread = spread_of(values)
    lower, middle, upper = quantiles(values, n=4, method="inclusive")
    assert (spread.lower, spread.median, spread.upper) == (lower, middle, upper)
    assert spread.median == median(values)
    assert spread.deviation == median([abs(value - middle) for value in values])
    assert spread.inner_fence == upper + Fraction(3, 2) * (upper - lower)
    assert spread.outer_fence == upper + 3 * (upper - lower)


@generated(max_examples=60)
@given(VALUES | few(1) | few(3))
def test_every_member_has_a_position_that_counting_one_by_one_confirms(values):
    spread = spread_of(values)
    iqr = spread.upper - spread.lower
    for place, value in enumerate(values):
        found = position_in(spread, value)
        assert found.percentile == plain_percentile(values, value)
        assert 0 < found.percentile < 1
        if spread.deviation == 0:
            assert found.z is None
        else:
            expected = Fraction(6745, 10000) * (value - spread.median) / spread.deviation
            assert found.z == expected
        others = values[:place] + values[place + 1 :]
        if iqr == 0:
            assert (found.standing is Standing.ABOVE_ALL) == (value > max(others))
        else:
            assert (found.standing is Standing.OUTER) == (value > spread.upper + 3 * iqr)
            assert found.standing is not Standing.ABOVE_ALL


@generated(max_examples=60)
@given(few(2))
def test_without_distance_between_the_quartiles_there_is_no_deviation_either(values):
    """So "zero distance, some deviation" needs no answer of its own."""
    spread = spread_of(values)
    if spread.upper == spread.lower:
        assert spread.deviation == 0


def test_the_least_number_is_the_stated_one():
    assert LEAST_MEMBERS == LEAST


@pytest.mark.parametrize("size", [0, 1, 2, LEAST - 1])
def test_a_small_group_has_no_spread_and_so_neither_rank_nor_percentile(size):
    assert spread_of(of(*range(size))) is None
    assert spread_of(of(*range(LEAST))) is not None


def test_where_all_are_equal_everybody_is_in_the_middle_and_nobody_stands_out():
    spread = spread_of(of(*[7] * LEAST))
    found = position_in(spread, Fraction(7))
    assert (found.percentile, found.z, found.standing) == (Fraction(1, 2), None, Standing.WITHIN)


def test_one_above_equal_others_is_above_all_and_two_are_not():
    one = spread_of(of(*[7] * 29, 8))
    assert (one.upper, one.outer_fence, one.deviation) == (7, 7, 0)
    assert position_in(one, Fraction(8)).standing is Standing.ABOVE_ALL
    assert position_in(one, Fraction(7)).standing is Standing.WITHIN
    two = spread_of(of(*[7] * 28, 8, 8))
    assert position_in(two, Fraction(8)).standing is Standing.WITHIN
    assert position_in(two, Fraction(8)).percentile == Fraction(29, 30)


def test_no_deviation_leaves_the_fences():
    """Sixteen equal and fourteen spread: the deviation is zero, the quartiles differ."""
    spread = spread_of(of(*[5] * 16, *range(6, 20)))
    assert spread.deviation == 0
    assert spread.upper > spread.lower
    far = spread_of(of(*[5] * 16, *range(6, 19), 100))
    found = position_in(far, Fraction(100))
    assert (found.z, found.standing) == (None, Standing.OUTER)


def test_on_a_fence_is_not_above_it():
    """Quartiles 0 and 4 of 0 x 15, 4 x 14 and the last: fences at 10 and 16."""
    for last, standing in ((10, "within"), (11, "inner"), (16, "inner"), (17, "outer")):
        spread = spread_of(of(*[0] * 15, *[4] * 14, last))
        assert (spread.lower, spread.upper) == (0, 4)
        assert position_in(spread, Fraction(last)).standing == standing


def test_ties_share_a_percentile_and_a_single_top_is_not_the_hundredth():
    values = of(*range(28), 40, 40)
    assert position_in(spread_of(values), Fraction(40)).percentile == Fraction(29, 30)
    top = position_in(spread_of(of(*range(30))), Fraction(29))
    assert top.percentile == Fraction(59, 60)


def test_only_a_member_has_a_position():
    with pytest.raises(ValueError, match="none of its group"):
        position_in(spread_of(of(*range(30))), Fraction(31))
    with pytest.raises(ValueError, match="nothing"):
        quantile([], Fraction(1, 2))
