"""Comparison with peers in words and figures, each with the way to the rows behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from urllib.parse import urlencode

from django.urls import reverse

from ..dossiers import Compared, Line, PeerGroup, Window
from ..peers import (
    LEAST_CONTROLLED,
    LEAST_MEMBERS,
    MEASURES,
    Funnel,
    Ground,
    Limits,
    Measure,
    Point,
    Spread,
    Standing,
)
from .people import spelled

EVERYWHERE = "all"
STANDING_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Standing.WITHIN: "",
        Standing.ABOVE_ALL: "Above all the others",
        Standing.INNER: "Above the inner fence",
        Standing.OUTER: "Above the outer fence",
    }
)
NOT_DEFINED = "not defined"
NOT_KNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class SpreadLine:
    """What the members of a group have in common on one measure; ``valued`` have a value."""

    measure: Measure
    valued: int
    median: str = ""
    quartiles: str = ""
    inner: str = ""
    outer: str = ""


@dataclass(frozen=True, kw_only=True)
class PeerLine:
    """One measure of a prescriber beside the spread of his group; ``query`` leads to its rows."""

    spread: SpreadLine
    value: str
    part: str
    query: str
    z: str
    percentile: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class PeerWindow:
    """One window on a prescriber's page: who the peers are, in a sentence, and the lines."""

    window: Window
    name: str
    address: str
    sentence: str
    unknown: int
    lines: Sequence[PeerLine]


@dataclass(frozen=True, kw_only=True)
class PointLine:
    """One member as the funnel draws it."""

    key: str
    count: int
    of: int
    query: str
    share: str
    warning: str
    alarm: str
    verdict: str


def group_name(role_group: str, state: str) -> str:
    """Return a peer group as a heading names it."""
    words = spelled(role_group)
    return f"{words[:1].upper()}{words[1:]}, {state or 'all states'}"


def group_address(role_group: str, state: str, days: int) -> str:
    """Return the address of a group's page."""
    place = reverse("peer_group", args=[role_group, state or EVERYWHERE])
    return f"{place}?{urlencode({'days': days})}"


def rounded(value: Fraction, places: int = 1) -> str:
    """Return ``value`` to so many places, half away from zero, with separators, no idle zeros."""
    scale = 10**places
    tenths = (2 * abs(value.numerator) * scale + value.denominator) // (2 * value.denominator)
    whole, part = divmod(tenths, scale)
    decimals = f"{part:0{places}d}".rstrip("0") if places else ""
    sign = "-" if value < 0 and tenths else ""
    return f"{sign}{whole:,}" + (f".{decimals}" if decimals else "")


def figure(measure: Measure, value: Fraction | None) -> str:
    """Return a value of a measure, a share in per cent; other units stand in its title."""
    if value is None:
        return NOT_KNOWN
    if measure.is_share:
        return f"{rounded(100 * value)} %"
    return rounded(value)


def part_of(measure: Measure, counts: Mapping[str, int]) -> str:
    """Return numerator and denominator in words, empty where the value says both."""
    if not measure.denominator or not counts[measure.denominator]:
        return ""
    above = rounded(Fraction(counts[measure.numerator], measure.divisor))
    below = counts[measure.denominator]
    if measure.is_share:
        return f"{above} of {below:,}"
    unit = f" {measure.unit}" if measure.unit else ""
    return f"{above}{unit} for {below:,} patient{'' if below == 1 else 's'}"


def rows_query(measure: Measure, first: date) -> str:
    """Return the query by which a prescriber's page of rows shows what a value counts."""
    return urlencode([*measure.rows, ("since", first.isoformat())])


def peer_windows(compared: Sequence[Compared]) -> list[PeerWindow]:
    """Return what a prescriber's page says of each window."""
    return [_window(each) for each in compared]


def _window(each: Compared) -> PeerWindow:
    group = each.choice.group
    place = (group.role_group, group.state) if group else None
    return PeerWindow(
        window=each.window,
        name=group_name(*place) if place else "",
        address=group_address(*place, each.window.days) if place else "",
        sentence=chosen(each),
        unknown=each.counts["unknown"],
        lines=[_line(line, each) for line in each.lines],
    )


def chosen(each: Compared) -> str:
    """Return with whom somebody is compared and why, or why with nobody."""
    person, choice = each.person, each.choice
    wrote = f"wrote at least {LEAST_CONTROLLED} controlled prescriptions in these days"
    if choice.ground is Ground.TOO_FEW:
        return (
            f"No comparison: {person.controlled:,} controlled prescriptions in these days, and "
            f"{LEAST_CONTROLLED} are needed."
        )
    if choice.ground is Ground.ROLE_UNKNOWN:
        return "No comparison: no specialty on record puts this prescriber in a role group."
    role, state = spelled(person.role_group), person.state
    near = f"{choice.in_state:,} in {state}" if state else "the state of practice is not on record"
    if choice.ground is Ground.TOO_SMALL:
        return (
            f"No comparison: of role group {role}, {near}"
            f"{' and' if state else '; only'} {choice.everywhere:,} in all states {wrote}, and "
            f"{LEAST_MEMBERS} are needed. Neither rank nor percentile is given for fewer."
        )
    if choice.ground is Ground.STATE:
        return (
            f"Compared with all {choice.in_state:,} of role group {role} who practise in {state} "
            f"and {wrote}, this prescriber among them."
        )
    why = f"only {near}, fewer than {LEAST_MEMBERS}" if state else near
    return (
        f"Compared with all {choice.everywhere:,} of role group {role} in every state who {wrote}, "
        f"this prescriber among them: {why}."
    )


def _line(line: Line, each: Compared) -> PeerLine:
    position, known = line.position, line.value is not None
    z = position.z if position else None
    return PeerLine(
        spread=spread_line(line.measure, line.spread, line.valued),
        value=figure(line.measure, line.value) if known else f"{NOT_KNOWN}: {line.measure.unknown}",
        part=part_of(line.measure, each.counts) if known else "",
        query=rows_query(line.measure, each.window.first),
        z="" if position is None else NOT_DEFINED if z is None else rounded(z),
        percentile=rounded(100 * position.percentile) if position else "",
        standing=STANDING_WORDS[position.standing] if position else "",
    )


def spread_line(measure: Measure, spread: Spread | None, valued: int) -> SpreadLine:
    """Return median, quartiles and fences; empty where too few members have a value."""
    if spread is None:
        return SpreadLine(measure=measure, valued=valued)
    has_fences = spread.upper != spread.lower
    return SpreadLine(
        measure=measure,
        valued=valued,
        median=figure(measure, spread.median),
        quartiles=f"{figure(measure, spread.lower)} to {figure(measure, spread.upper)}",
        inner=figure(measure, spread.inner_fence) if has_fences else NOT_DEFINED,
        outer=figure(measure, spread.outer_fence) if has_fences else NOT_DEFINED,
    )


def spread_lines(found: PeerGroup) -> list[SpreadLine]:
    """Return the spread of every measure of a group."""
    return [
        spread_line(measure, found.spreads[name], len(found.values(name)))
        for name, measure in MEASURES.items()
    ]


def point_lines(funnel: Funnel, measure: Measure, first: date) -> list[PointLine]:
    """Return the members as drawn, the largest share first: the table that says what is drawn."""
    query = rows_query(measure, first)
    ordered = sorted(funnel.points, key=lambda p: (-p.share, -p.counted.of, p.counted.key))
    return [_point(point, query) for point in ordered]


def _point(point: Point, query: str) -> PointLine:
    return PointLine(
        key=point.counted.key,
        count=point.counted.count,
        of=point.counted.of,
        query=query,
        share=f"{rounded(100 * point.share)} %",
        warning=_between(point.warning),
        alarm=_between(point.alarm),
        verdict=_verdict(point),
    )


def _between(limits: Limits) -> str:
    lower, upper = (rounded(100 * Fraction(edge)) for edge in (limits.lower, limits.upper))
    return f"{lower} to {upper} %"


def _verdict(point: Point) -> str:
    for limits, level in ((point.alarm, "99.8 %"), (point.warning, "95 %")):
        if limits.leaves_out(point.counted.count):
            side = "above" if point.counted.count > limits.most else "below"
            return f"{side} {level}"
    return ""
