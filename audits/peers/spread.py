"""Where a value stands among those of its peers: exact, and with an answer where all are equal."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from .standards import INNER_FENCE, LEAST_MEMBERS, OUTER_FENCE, Z_SCALE

QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


class Standing(StrEnum):
    """How far above its peers a value is; the order of the members is that of distance."""

    WITHIN = "within"
    ABOVE_ALL = "above_all"
    INNER = "inner"
    OUTER = "outer"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The values of a group in order, and what they have in common.

    ``deviation`` is the median of the distances from the median; it and the distance between
    the quartiles may be zero.
    """

    values: Sequence[Fraction]
    lower: Fraction
    median: Fraction
    upper: Fraction
    deviation: Fraction

    @property
    def inner_fence(self) -> Fraction:
        """Return the value above which another stands out."""
        return self.upper + INNER_FENCE * (self.upper - self.lower)

    @property
    def outer_fence(self) -> Fraction:
        """Return the value above which another stands far out."""
        return self.upper + OUTER_FENCE * (self.upper - self.lower)


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where one member of the group stands.

    ``percentile`` is the part of the group below plus half of the part equal to it, itself
    among these, between 0 and 1: equal values share one, and where all are equal it is one
    half. ``z`` is the modified z, None where the deviation is zero.
    """

    percentile: Fraction
    z: Fraction | None
    standing: Standing


def quantile(ordered: Sequence[Fraction], part: Fraction) -> Fraction:
    """Return the quantile of values in ascending order, interpolated linearly (type 7).

    Raises ValueError where there is none. Source: Hyndman and Fan 1996, definition 7.
    """
    if not ordered:
        raise ValueError("nothing has no quantile")
    place = (len(ordered) - 1) * part
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def spread_of(values: Iterable[Fraction]) -> Spread | None:
    """Return the spread of a group's values; None below the least number of members."""
    ordered = sorted(values)
    if len(ordered) < LEAST_MEMBERS:
        return None
    median = quantile(ordered, HALF)
    return Spread(
        values=ordered,
        lower=quantile(ordered, QUARTER),
        median=median,
        upper=quantile(ordered, 3 * QUARTER),
        deviation=quantile(sorted(abs(value - median) for value in ordered), HALF),
    )


def position_in(spread: Spread, value: Fraction) -> Position:
    """Return where ``value``, one of the group's own, stands.

    Raises ValueError where it is none of them: each is a member of the group it is held against.
    """
    below = bisect_left(spread.values, value)
    equal = bisect_right(spread.values, value) - below
    if not equal:
        raise ValueError("the value is none of its group's")
    off = value - spread.median
    return Position(
        percentile=Fraction(2 * below + equal, 2 * len(spread.values)),
        z=Z_SCALE * off / spread.deviation if spread.deviation else None,
        standing=_standing(spread, value, is_alone=equal == 1),
    )


def _standing(spread: Spread, value: Fraction, *, is_alone: bool) -> Standing:
    """Return the fence a value is above; where the quartiles are equal there is no fence.

    There it counts only whether it is above all the others. Source: readings.md A-106.
    """
    if spread.upper == spread.lower:
        is_above_all = is_alone and value == spread.values[-1]
        return Standing.ABOVE_ALL if is_above_all else Standing.WITHIN
    if value > spread.outer_fence:
        return Standing.OUTER
    return Standing.INNER if value > spread.inner_fence else Standing.WITHIN
