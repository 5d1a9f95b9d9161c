"""A funnel: the share of each member over its denominator, between limits of chance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..peers import ALARM, WARNING, Funnel, Limits, limits
from .drawing import INK, PAPER, QUIET, Picture, picture

if TYPE_CHECKING:
    import altair

HEIGHT = 300
AXIS = 44
STEPS = 120  # places along a line at most; between them it is straight
OUTSIDE_ALARM, OUTSIDE_WARNING, WITHIN = range(3)  # places in the series, the gravest first
FUNNEL_SERIES = (
    ("Outside 99.8 %", "var(--series-1)"),
    ("Outside 95 %", "var(--series-2)"),
    ("Within 95 %", "var(--series-3)"),
)
LINES = ((WARNING, [4, 3]), (ALARM, [1, 0]))


def funnel_of_members(funnel: Funnel, title: str, over: str) -> Picture:
    """Return the chart of a funnel; members alike in both numbers are one mark.

    ``title`` names the share and ``over`` its denominator; a table beside it has the same.
    """
    return picture(lambda width: _chart(funnel, over, width), _said(funnel, title))


def _said(funnel: Funnel, title: str) -> str:
    """Return the chart in a sentence or two."""
    return (
        f"Funnel plot: {title}, {len(funnel.points):,} prescribers around a common share of "
        f"{float(100 * funnel.share):.1f} per cent; {funnel.warnings.found:,} outside the limits "
        f"of 95 per cent, of these {funnel.alarms.found:,} outside those of 99.8. "
        "The table below has every figure."
    )


def _sizes(funnel: Funnel) -> Sequence[int]:
    """Return the denominators at which the lines are computed, ends included."""
    sizes = [point.counted.of for point in funnel.points]
    first, last = min(sizes), max(sizes)
    step = max(1, (last - first) // STEPS)
    return [*range(first, last, step), last]


def _marks(funnel: Funnel) -> list[dict]:
    kinds = {}
    for point in funnel.points:
        count, of = point.counted.count, point.counted.of
        kind = OUTSIDE_WARNING if point.warning.leaves_out(count) else WITHIN
        kinds[of, count] = OUTSIDE_ALARM if point.alarm.leaves_out(count) else kind
    return [{"of": of, "share": count / of, "kind": kind} for (of, count), kind in kinds.items()]


def _edges(funnel: Funnel) -> list[dict]:
    """Return the corners of the four lines."""
    rows = []
    for size in _sizes(funnel):
        for level, (part, _) in enumerate(LINES):
            within: Limits = limits(size, funnel.share, part)
            rows += [{"of": size, "share": within.lower, "line": f"{level}-lower", "level": level}]
            rows += [{"of": size, "share": within.upper, "line": f"{level}-upper", "level": level}]
    return rows


def _chart(funnel: Funnel, over: str, width: int) -> "altair.LayerChart":
    """Return points over lines, the common share across."""
    import altair as alt  # noqa: PLC0415 - see drawing

    sizes = [point.counted.of for point in funnel.points]
    ends = [min(sizes), max(*sizes, min(sizes) + 1)]
    x = alt.X(
        "of:Q",
        scale=alt.Scale(domain=ends, nice=True, zero=False),
        axis=alt.Axis(title=over.capitalize(), format=",d", tickMinStep=1, tickCount=6, grid=False),
    )
    axis = alt.Axis(title=None, format=".0%", tickCount=6, minExtent=AXIS, maxExtent=AXIS)
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    share = alt.Data(values=[{"share": float(funnel.share)}])
    return alt.layer(
        alt.Chart(share).mark_rule(color=QUIET, strokeWidth=1).encode(y=y),
        _lines(funnel, x, y),
        _points(funnel, x, y),
    ).properties(width=width - AXIS - 28, height=HEIGHT)


def _lines(funnel: Funnel, x: "altair.X", y: "altair.Y") -> "altair.Chart":
    import altair as alt  # noqa: PLC0415 - see drawing

    dashes = alt.Scale(domain=[0, 1], range=[dash for _, dash in LINES])
    lines = alt.Chart(alt.Data(values=_edges(funnel))).mark_line(color=INK, strokeWidth=1)
    dash = alt.StrokeDash("level:O", scale=dashes, legend=None)
    return lines.encode(x=x, y=y, detail="line:N", strokeDash=dash)


def _points(funnel: Funnel, x: "altair.X", y: "altair.Y") -> "altair.Chart":
    import altair as alt  # noqa: PLC0415 - see drawing

    kinds = [OUTSIDE_ALARM, OUTSIDE_WARNING, WITHIN]
    colours = alt.Scale(domain=kinds, range=[colour for _, colour in FUNNEL_SERIES])
    shapes = alt.Scale(domain=kinds, range=["square", "diamond", "circle"])
    marks = alt.Chart(alt.Data(values=_marks(funnel))).mark_point(
        filled=True, size=44, opacity=1, stroke=PAPER, strokeWidth=1
    )
    return marks.encode(
        x=x,
        y=y,
        color=alt.Color("kind:O", scale=colours, legend=None),
        shape=alt.Shape("kind:O", scale=shapes, legend=None),
    )
