"""How far a share lies beyond the line of its peers, in whole prescriptions, without rounding.

A share is a whole number of a whole number; quartiles are interpolated between two shares
(type 7), so a line is a fraction of whole numbers again. They are kept as numerator and
denominator in 38 digits, room enough while nobody writes millions of controlled
prescriptions in one window. Source: rules.md 1.6, readings.md A-83 and A-106.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis import _
from ibis.expr.types import DecimalValue, IntegerValue, StringValue, Table

WIDE = "decimal(38, 0)"
GROUP = ("role_group", "scope_class", "place")
WHO = ("prescriber_key", "scope_class")
EVERYWHERE = ""
QUARTERS = 4
HUNDREDTHS = 10_000  # of a percent in one


@dataclass(frozen=True)
class Part:
    """A fraction of two columns of whole numbers, the lower above zero."""

    over: DecimalValue
    under: DecimalValue

    def of(self, number: IntegerValue) -> IntegerValue:
        """Return the greatest whole number that is at most this part of ``number``."""
        return _divided(self.over * number.cast(WIDE), self.under)

    def told(self) -> StringValue:
        """Return it as text in percent with two places, rounded half up."""
        under = self.under * 2
        places = _divided(self.over * (2 * HUNDREDTHS) + self.under, under)
        whole = (places - places % 100) / 100
        rest = (places % 100).cast("string").lpad(2, "0")
        return whole.round().cast("int64").cast("string") + "." + rest


def groups(shares: Table, *, least_members: int, least_controlled: int) -> Table:
    """Return the groups with whom somebody of ``shares`` is compared: see GROUP and ``members``.

    Members are those of a role group, in a state or (``place`` empty) in all, who have
    ``least_controlled`` controlled prescriptions and no doubtful one of the class; a group has
    at least ``least_members``. Of the shares at the places that make a line there are the key
    (``who_``), the numerator (``k_``) and the denominator (``n_``).
    """
    fits = (shares.controlled >= least_controlled) & (shares.doubtful == 0)
    asked = shares.filter(shares.reviewed + shares.doubtful > 0)
    members = shares.filter(fits).semi_join(asked, ["role_group", "scope_class"])
    there = members.filter(members.state.notnull())
    placed = there.mutate(place=there.state).union(members.mutate(place=ibis.literal(EVERYWHERE)))
    # Exact as an order: of shares below 90 million no two come out as the same double.
    order = [placed.reviewed / placed.controlled, placed.prescriber_key]
    at = ibis.row_number().over(ibis.window(group_by=GROUP, order_by=order))
    placed = placed.mutate(at=at, members=placed.count().over(ibis.window(group_by=GROUP)))
    placed = placed.filter(placed.members >= least_members)
    columns = {
        f"{what}_{name}": placed[column].max(where=placed.at == place)
        for name, place in _places(placed.members).items()
        for what, column in (("k", "reviewed"), ("n", "controlled"), ("who", "prescriber_key"))
    }
    return placed.group_by(*GROUP, "members").agg(**columns)


def lines(shares: Table, groups: Table, *, least_controlled: int, fence_halves: int) -> Table:
    """Return the line of their peers for those of ``shares`` that are compared with somebody.

    The group is that of the state, where it is among ``groups``, else that of all states. The
    line is the upper quartile and ``fence_halves`` halves of the distance between the
    quartiles; where that is zero, the highest share of the others (null where there is none).
    Columns: WHO, members, place, reviewed, controlled, ``is_fence`` (whether the quartiles
    differ), and as ``over`` and ``under`` of fractions the quartiles and the line.
    """
    reviewed = shares.filter(shares.reviewed + shares.doubtful > 0)
    found = _chosen(reviewed.filter(reviewed.controlled >= least_controlled), groups)
    last = found.members - 1
    low = _quartile(found, "lower", last % QUARTERS)
    high = _quartile(found, "upper", (last * 3) % QUARTERS)
    one, other = high.over * low.under, low.over * high.under
    is_fence, is_highest = one != other, found.who_highest == found.prescriber_key
    fence = Part(one * (2 + fence_halves) - other * fence_halves, low.under * high.under * 2)
    rest = Part(
        *(ibis.ifelse(is_highest, found[f"{x}_second"], found[f"{x}_highest"]) for x in "kn")
    )
    return found.select(
        *(*WHO, "members", "place", "reviewed", "controlled"),
        is_fence=is_fence,
        lower_over=low.over,
        lower_under=low.under,
        upper_over=high.over,
        upper_under=high.under,
        line_over=ibis.ifelse(is_fence, fence.over, rest.over.cast(WIDE)),
        line_under=ibis.ifelse(is_fence, fence.under, rest.under.cast(WIDE)),
    )


def told(lines: Table) -> Table:
    """Return ``lines`` with ``most``, how many prescriptions are within, and with texts.

    Columns: WHO, members, place, is_fence, most, and in percent ``share``,
    ``lower_quartile``, ``upper_quartile`` and ``line``.
    """
    line = Part(lines.line_over, lines.line_under)
    return lines.select(
        *(*WHO, "members", "place", "is_fence"),
        most=line.of(lines.controlled),
        share=Part(lines.reviewed.cast(WIDE), lines.controlled.cast(WIDE)).told(),
        lower_quartile=Part(lines.lower_over, lines.lower_under).told(),
        upper_quartile=Part(lines.upper_over, lines.upper_under).told(),
        line=line.told(),
    )


def _places(members: IntegerValue) -> Mapping[str, IntegerValue]:
    """Return which of the shares in ascending order, from zero on, a line is made of."""
    last = members - 1
    lower, upper = last // QUARTERS, (last * 3) // QUARTERS
    return {
        "lower": lower,
        "lower_next": ibis.least(lower + 1, last),
        "upper": upper,
        "upper_next": ibis.least(upper + 1, last),
        "highest": last,
        "second": last - 1,
    }


def _chosen(reviewed: Table, groups: Table) -> Table:
    """Return who is compared with the group: of the state where it is one, else of all."""
    asked = reviewed.select(*WHO, "role_group", "state", "reviewed", "controlled")
    at_home = asked.mutate(place=asked.state)
    both = at_home.union(asked.mutate(place=ibis.literal(EVERYWHERE))).join(groups, [*GROUP])
    nearest = ibis.window(group_by=WHO, order_by=both.place.desc())
    return both.mutate(near=ibis.row_number().over(nearest)).filter(_.near == 0)


def _quartile(found: Table, name: str, quarters: IntegerValue) -> Part:
    """Return the value ``quarters`` of the way from the share at a place to the next."""
    k, n = found[f"k_{name}"].cast(WIDE), found[f"n_{name}"].cast(WIDE)
    k_next, n_next = (found[f"{what}_{name}_next"].cast(WIDE) for what in "kn")
    over = k * n_next * (QUARTERS - quarters) + k_next * n * quarters
    return Part(over, n * n_next * QUARTERS)


def _divided(number: DecimalValue, by: DecimalValue) -> IntegerValue:
    """Return the whole part of a quotient that fits 53 bits."""
    return ((number - number % by) / by).round().cast("int64")
