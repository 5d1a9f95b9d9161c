"""Prescriptions a month, stacked by schedule."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..dossiers import MILDER, NONE, SCHEDULE_GROUPS, UNKNOWN, Month
from .drawing import PAPER, Picture, picture

if TYPE_CHECKING:
    import altair

HEIGHT = 180
AXIS = 34
# Each series with the group of schedules it counts; the gravest at the foot of the bars.
SERIES = (
    ("Schedule II", "II", "var(--series-1)"),
    ("Schedules III to V", MILDER, "var(--series-2)"),
    ("Not controlled", NONE, "var(--series-3)"),
    ("Drug not known", UNKNOWN, "var(--series-4)"),
)


def prescriptions_by_month(months: Sequence[Month]) -> Picture:
    """Return the chart of the counts in ``months``; a table beside it has the same figures."""
    rows = [
        {"month": f"{month.first:%Y-%m}", "series": place, "n": n}
        for month in months
        for place, (_, group, _) in enumerate(SERIES)
        if (n := counted(month, group))
    ]
    domain = [f"{month.first:%Y-%m}" for month in months]
    return picture(lambda width: _chart(rows, domain, width), _said(months))


def counted(month: Month, group: str) -> int:
    """Return the prescriptions of a month in a group of schedules."""
    return sum(month.schedules[name] for name in SCHEDULE_GROUPS[group])


def _said(months: Sequence[Month]) -> str:
    """Return the chart in one sentence."""
    most = max(months, key=lambda month: month.prescriptions)
    return (
        f"Bar chart: prescriptions a month by schedule, {months[0].first:%Y-%m} to "
        f"{months[-1].first:%Y-%m}; the most, {most.prescriptions:,}, in {most.first:%Y-%m}. "
        "The table below has every figure."
    )


def _chart(rows: Sequence[dict], domain: Sequence[str], width: int) -> "altair.Chart":
    import altair as alt  # noqa: PLC0415 - see drawing

    step = 3 if width > 600 else 6
    highest = max(sum(r["n"] for r in rows if r["month"] == month) for month in domain)
    return (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_bar(stroke=PAPER, strokeWidth=1)
        .encode(
            x=alt.X(
                "month:O",
                scale=alt.Scale(domain=list(domain), paddingInner=0.15),
                axis=alt.Axis(title=None, labelAngle=0, values=list(domain[::step])),
            ),
            y=alt.Y(
                "sum(n):Q",
                axis=alt.Axis(
                    title=None,
                    tickMinStep=1,
                    tickCount=min(highest, 5),
                    format=",d",
                    minExtent=AXIS,
                    maxExtent=AXIS,
                    domain=False,
                    ticks=False,
                ),
            ),
            order=alt.Order("series:Q"),
            color=alt.Color(
                "series:O",
                scale=alt.Scale(
                    domain=list(range(len(SERIES))), range=[colour for *_, colour in SERIES]
                ),
                legend=None,
            ),
        )
        .properties(width=width - AXIS - 24, height=HEIGHT)
    )
