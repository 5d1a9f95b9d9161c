"""Funnel limits against exact whole-number arithmetic, and who is outside at the edges."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import settings as generated
from hypothesis import strategies as st

from audits.peers import ALARM, WARNING, Counted, funnel_of, limits

TIGHT = 1e-9
SHARES = [
    Fraction(*pair) for pair in ((0, 1), (1, 1), (1, 2), (1, 40), (1, 1000), (3, 7), (97, 100))
]
SIZES = [1, 2, 3, 7, 20, 21, 50, 137, 400]
LEVELS = [WARNING, ALARM]


def exact(of: int, share: Fraction) -> list[Fraction]:
    """Return the probability of every count, term by term from the formula."""
    return [comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(of + 1)]


def plain_limit(chances: list[Fraction], part: Fraction) -> tuple[int, Fraction]:
    """Return count and interpolated limit: Spiegelhalter 2005, appendix A.1, in fractions."""
    total = Fraction(0)
    for count, chance in enumerate(chances):
        total += chance
        if total >= part:
            return count, count - (total - part) / chance
    raise AssertionError("the chances make one")


def assert_as_exact(of: int, share: Fraction, level: Fraction) -> None:
    found, chances = limits(of, share, level), exact(of, share)
    tail = (1 - level) / 2
    least, lower = plain_limit(chances, tail)
    most, upper = plain_limit(chances, 1 - tail)
    assert (found.least, found.most) == (least, most)
    assert found.lower == pytest.approx(float(max(0, lower / of)), abs=TIGHT)
    assert found.upper == pytest.approx(float(max(0, upper / of)), abs=TIGHT)
    outside = sum(chances[:least]) + sum(chances[most + 1 :])
    assert found.chance == pytest.approx(float(outside), abs=TIGHT)
    assert sum(chances[:least]) <= tail
    assert sum(chances[most + 1 :]) <= tail


def test_the_levels_are_those_of_the_article():
    assert (Fraction(95, 100), Fraction(998, 1000)) == (WARNING, ALARM)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("share", SHARES)
def test_the_limits_are_exact_over_a_table_of_sizes_and_shares(share, level):
    for of in SIZES:
        assert_as_exact(of, share, level)


@generated(max_examples=40)
@given(
    of=st.integers(min_value=1, max_value=250),
    parts=st.tuples(st.integers(0, 300), st.integers(1, 300)).map(sorted),
    level=st.sampled_from(LEVELS),
)
def test_the_limits_are_exact_for_any_size_and_share(of, parts, level):
    assert_as_exact(of, Fraction(*parts), level)


def whole(of: int, share: Fraction, part: Fraction) -> Fraction:
    """Return the interpolated limit by whole numbers alone, for sizes too large for fractions."""
    top, bottom = share.numerator, share.denominator
    term, total, every = (bottom - top) ** of, 0, bottom**of
    for count in range(of + 1):
        total += term
        if total * part.denominator >= part.numerator * every:
            return Fraction(count) - (Fraction(total) - part * every) / term
        term = term * (of - count) * top // ((count + 1) * (bottom - top))
    raise AssertionError("the chances make one")


@pytest.mark.parametrize("of", [2_000, 10_000])
def test_the_limits_are_exact_for_thousands(of):
    share = Fraction(317, 1000)
    for level in LEVELS:
        found, tail = limits(of, share, level), (1 - level) / 2
        assert found.lower == pytest.approx(float(whole(of, share, tail) / of), abs=TIGHT)
        assert found.upper == pytest.approx(float(whole(of, share, 1 - tail) / of), abs=TIGHT)


def counted(*pairs: tuple[int, int]) -> list[Counted]:
    return [Counted(key=f"n{n}", count=count, of=of) for n, (count, of) in enumerate(pairs)]


def test_nothing_below_the_least_denominator_is_drawn_and_what_is_left_out_is_counted():
    funnel = funnel_of(counted((10, 20), (19, 19), (0, 0), (15, 40)), 20)
    assert [point.counted.key for point in funnel.points] == ["n0", "n3"]
    assert funnel.undrawn == 2
    assert funnel.share == Fraction(25, 60)


@pytest.mark.parametrize("counts", [(), ((3, 19),), ((0, 0),)])
def test_of_nobody_there_is_no_funnel(counts):
    assert funnel_of(counted(*counts), 20) is None
    assert funnel_of(counted((0, 0)), 0) is None


@pytest.mark.parametrize("count", [0, 20])
def test_where_all_are_equal_at_an_end_nobody_is_outside(count):
    funnel = funnel_of(counted(*[(count, 20)] * 30), 20)
    assert (funnel.warnings.found, funnel.alarms.found) == (0, 0)
    assert (funnel.warnings.expected, funnel.alarms.expected) == (0, 0)


def test_one_prescriber_is_his_own_share_and_inside():
    funnel = funnel_of(counted((7, 25)), 20)
    assert funnel.share == Fraction(7, 25)
    assert not funnel.warnings.found


def test_expected_false_alarms_are_stated_both_ways():
    funnel = funnel_of(counted(*[(10, 40)] * 30, (30, 40)), 20)
    assert funnel.warnings.nominal == Fraction(31, 20)
    assert funnel.alarms.nominal == Fraction(31, 500)
    own = exact(40, funnel.share)
    within = limits(40, funnel.share, WARNING)
    chance = 1 - sum(own[within.least : within.most + 1])
    assert funnel.warnings.expected == pytest.approx(float(31 * chance), abs=TIGHT)
    assert funnel.warnings.expected <= funnel.warnings.nominal
    assert (funnel.warnings.found, funnel.alarms.found) == (1, 1)


def test_a_count_beyond_its_denominator_is_refused():
    with pytest.raises(ValueError, match="part of its denominator"):
        funnel_of(counted((21, 20)), 20)
