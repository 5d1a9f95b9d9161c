"""Which shares differ from the group's by more than chance: exact limits for every size.

Source of the limits: Spiegelhalter 2005, Funnel plots for comparing institutional performance,
Statistics in Medicine 24:1185-1202, appendix A.1: the quantile of the binomial distribution,
interpolated between whole counts. Whether somebody is outside is not read off these lines but
judged by the whole count: below ``least`` or above ``most``, where the chance of as few or as
many is at most half of what the level leaves. So nobody is outside where all are equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import fsum

from .standards import ALARM, LEAST_CONTROLLED, WARNING

# Beyond these nothing is seen: a weight beside that of the likeliest count, and what adding up
# some thousand weights may be off by.
NEGLIGIBLE, ROUNDING = 1e-30, 1e-11


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Between which shares chance alone leaves a member of this denominator.

    ``lower`` and ``upper`` are interpolated, between 0 and 1. Counts from ``least`` to
    ``most`` are inside; ``chance`` is the probability of any other.
    """

    lower: float
    upper: float
    least: int
    most: int
    chance: float

    def leaves_out(self, count: int) -> bool:
        """Return whether a whole count is outside."""
        return not self.least <= count <= self.most


@dataclass(frozen=True, kw_only=True)
class Counted:
    """So many of so many prescriptions of one prescriber."""

    key: str
    count: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Point:
    """One member as drawn, with the limits at its denominator."""

    counted: Counted
    warning: Limits
    alarm: Limits

    @property
    def share(self) -> Fraction:
        """Return the member's own share."""
        return Fraction(self.counted.count, self.counted.of)


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """How many are outside at a level, and how many would be if all differed by chance only.

    ``nominal`` is members times what the level leaves; ``expected`` is the sum of the members'
    own chances, smaller because counts are whole.
    """

    found: int
    nominal: Fraction
    expected: float


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """The members of a group around their common share.

    ``points`` have at least the least denominator; ``undrawn`` have less and are nowhere in it.
    """

    share: Fraction
    points: Sequence[Point]
    undrawn: int
    warnings: Alarms
    alarms: Alarms


def funnel_of(counts: Iterable[Counted], least: int = LEAST_CONTROLLED) -> Funnel | None:
    """Return the funnel of a group; None where nobody reaches the denominator ``least``.

    ``least`` is at least 1. Raises ValueError where a count is not within its denominator.
    """
    every = list(counts)
    if any(not 0 <= each.count <= each.of for each in every):
        raise ValueError("a count is a part of its denominator")
    drawn = [each for each in every if each.of >= max(1, least)]
    if not drawn:
        return None
    share = Fraction(sum(each.count for each in drawn), sum(each.of for each in drawn))
    points = [
        Point(
            counted=each,
            warning=limits(each.of, share, WARNING),
            alarm=limits(each.of, share, ALARM),
        )
        for each in drawn
    ]
    return Funnel(
        share=share,
        points=points,
        undrawn=len(every) - len(drawn),
        warnings=_alarms([(p.counted, p.warning) for p in points], WARNING),
        alarms=_alarms([(p.counted, p.alarm) for p in points], ALARM),
    )


def _alarms(judged: Sequence[tuple[Counted, Limits]], level: Fraction) -> Alarms:
    return Alarms(
        found=sum(within.leaves_out(each.count) for each, within in judged),
        nominal=len(judged) * (1 - level),
        expected=fsum(within.chance for _, within in judged),
    )


@lru_cache(maxsize=10_000)
def limits(of: int, share: Fraction, level: Fraction) -> Limits:
    """Return the limits at ``level`` (a part of 1) for a denominator of at least 1."""
    first, chances = _chances(of, share)
    up_to = list(accumulate(chances))
    tail = (1 - level) / 2
    least, lower = _quantile(first, chances, up_to, float(tail))
    most, upper = _quantile(first, chances, up_to, float(1 - tail))
    outside = chances[: least - first] + chances[most - first + 1 :]
    return Limits(
        lower=min(max(lower / of, 0.0), 1.0),
        upper=min(max(upper / of, 0.0), 1.0),
        least=least,
        most=most,
        chance=fsum(outside),
    )


def _quantile(
    first: int, chances: Sequence[float], up_to: Sequence[float], part: float
) -> tuple[int, float]:
    """Return the least count up to which ``part`` of the chances lie, whole and interpolated."""
    place = next((n for n, sum_ in enumerate(up_to) if sum_ >= part - ROUNDING), len(up_to) - 1)
    return first + place, first + place - (up_to[place] - part) / chances[place]


def _chances(of: int, share: Fraction) -> tuple[int, list[float]]:
    """Return the binomial probabilities from the first count that is not negligible on.

    Each is that of its neighbour times a ratio, outwards from the likeliest count, so that
    none is a difference of large numbers; together they make 1.
    """
    if share in (0, 1):
        return int(of * share), [1.0]
    odds = float(share / (1 - share))
    mode = min(of, (of + 1) * share.numerator // share.denominator)
    above = _outwards((of - k) / (k + 1) * odds for k in range(mode, of))
    below = _outwards(k / ((of - k + 1) * odds) for k in range(mode, 0, -1))
    weights = [*reversed(below), 1.0, *above]
    total = fsum(weights)
    return mode - len(below), [weight / total for weight in weights]


def _outwards(ratios: Iterable[float]) -> list[float]:
    """Return the weights beside that of the likeliest count, until they are negligible."""
    weights, weight = [], 1.0
    for ratio in ratios:
        weight *= ratio
        if weight < NEGLIGIBLE:
            break
        weights.append(weight)
    return weights
