"""Two years of a patient: fills as bars, what else was done as marks, dose of opioids."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ..dossiers import Patient
from ..vocabulary import CONTROLLED_SCHEDULES
from .drawing import INK, PAPER, QUIET, Picture, picture

if TYPE_CHECKING:
    import altair

LANE, DOSE_HEIGHT = 24, 96
LABELS = {True: 118, False: 92}  # pixels for the names of the lanes on a wide and narrow picture
VISITS, DOSES, CHECKS, RESULTS = "visits", "doses given", "PDMP checks", "lab results"
OPIOID, CONTROLLED, OTHER = 0, 1, 2
DRUG_SERIES = (
    ("Opioid", "var(--series-1)"),
    ("Other controlled drug", "var(--series-2)"),
    ("Not controlled, or not known", "var(--series-3)"),
)
ONE_DAY = timedelta(days=1)
THOUSAND = 1000


def history_of(patient: Patient) -> Picture:
    """Return the chart of what ``patient`` holds; tables beside it have the same facts."""
    return picture(lambda width: _chart(patient, width), _said(patient))


def lanes_of(patient: Patient) -> Sequence[str]:
    """Return the lanes from top to bottom: opioids, other controlled drugs, others, marks."""
    kinds = {fill["ingredient"]: _kind(fill) for fill in reversed(patient.fills)}
    lanes = sorted(kinds, key=lambda name: (kinds[name], name))
    return [*lanes, *dict.fromkeys(lane for lane, _ in _done(patient))]


def _done(patient: Patient) -> list[tuple[str, date]]:
    """Return lane and day of what was done beside prescribing, lanes from top to bottom."""
    lists = (
        (VISITS, "started_on", patient.visits),
        (DOSES, "started_on", patient.doses),
        (CHECKS, "queried_on", patient.checks),
        (RESULTS, "collected_on", patient.results),
    )
    return [(lane, row[day]) for lane, day, rows in lists for row in rows]


def _kind(fill: dict) -> int:
    if fill["opioid"] or fill["drug_class"] == "opioid":
        return OPIOID
    return CONTROLLED if fill["schedule"] in CONTROLLED_SCHEDULES else OTHER


def _said(patient: Patient) -> str:
    """Return the chart in a sentence or two."""
    drugs = len({fill["ingredient"] for fill in patient.fills})
    said = (
        f"Timeline from {patient.basis.first} to {patient.ends}: {len(patient.fills):,} fills of "
        f"{drugs:,} ingredients, {len(patient.visits):,} visits, "
        f"{len(patient.doses):,} doses given, {len(patient.checks):,} PDMP checks, "
        f"{len(patient.results):,} laboratory results."
    )
    if patient.steps:
        highest = max(patient.steps, key=lambda step: step.mme_day)
        said += (
            f" The dose of opioids is highest from {highest.first_on} to {highest.last_on}, at "
            f"{highest.mme_day / THOUSAND:,g} MME a day."
        )
    return said + " The tables below have every figure."


def _at(day: date) -> int:
    """Return a day as milliseconds since 1970, as the chart counts."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _bars(patient: Patient) -> list[dict]:
    return [
        {
            "lane": fill["ingredient"],
            "from": max(_at(fill["event_date"]), _at(patient.basis.first)),
            "to": _at(fill["last_covered"] + ONE_DAY),
            "kind": _kind(fill),
        }
        for fill in patient.fills
        if fill["last_covered"]
    ]


def _marks(patient: Patient) -> list[dict]:
    """Return what has a day and no length: fills without usable days, and what was done."""
    told = [
        (fill["ingredient"], fill["event_date"])
        for fill in patient.fills
        if not fill["last_covered"]
    ]
    return [{"lane": lane, "from": _at(day)} for lane, day in (*told, *_done(patient))]


def _line(patient: Patient) -> list[dict]:
    """Return the corners of the dose line, which falls to zero between steps."""
    corners = []
    for step in patient.steps:
        first, after = max(step.first_on, patient.basis.first), step.last_on + ONE_DAY
        corners += [{"from": _at(first), "to": _at(after), "mme": step.mme_day / THOUSAND}]
    return [corner for corner in corners if corner["to"] > corner["from"]]


def _chart(patient: Patient, width: int) -> "altair.TopLevelMixin":
    """Return lanes above, dose below, over one axis of days."""
    import altair as alt  # noqa: PLC0415 - see drawing

    wide = width > 600
    ticks = [_at(month) for month in patient.basis.months[:: 3 if wide else 6]]
    x = alt.X(
        "from:T",
        scale=alt.Scale(type="utc", domain=[_at(patient.basis.first), _at(patient.ends)]),
        axis=alt.Axis(title=None, format="%Y-%m", values=ticks, labelAngle=0, labelOverlap=True),
    )
    parts = [_lanes(patient, x, LABELS[wide])]
    if patient.steps:
        parts.append(_dose(patient, x, LABELS[wide]))
    across = width - LABELS[wide] - 30
    parts = [part.properties(width=across) for part in parts]
    return alt.vconcat(*parts, spacing=16)


def _lanes(patient: Patient, x: "altair.X", labels: int) -> "altair.LayerChart":
    import altair as alt  # noqa: PLC0415 - see drawing

    lanes = list(lanes_of(patient))
    axis = alt.Axis(
        title=None,
        minExtent=labels,
        maxExtent=labels,
        labelLimit=labels - 6,
        labelColor=INK,
        ticks=False,
        domain=False,
        grid=True,
    )
    y = alt.Y("lane:N", scale=alt.Scale(domain=lanes), sort=lanes, axis=axis)
    colour = alt.Color(
        "kind:O",
        scale=alt.Scale(domain=[0, 1, 2], range=[colour for _, colour in DRUG_SERIES]),
        legend=None,
    )
    bars = alt.Chart(alt.Data(values=_bars(patient))).mark_bar(
        height=10, opacity=0.75, stroke=PAPER, strokeWidth=1
    )
    marks = alt.Chart(alt.Data(values=_marks(patient))).mark_point(
        shape="diamond", size=34, filled=True, color=INK, opacity=1
    )
    return alt.layer(
        bars.encode(x=x, x2="to:T", y=y, color=colour),
        marks.encode(x=x, y=y),
        _as_of(patient, x),
    ).properties(height=LANE * max(1, len(lanes)))


def _dose(patient: Patient, x: "altair.X", labels: int) -> "altair.LayerChart":
    import altair as alt  # noqa: PLC0415 - see drawing

    axis = alt.Axis(
        title="MME a day",
        titleAnchor="start",
        titleAngle=0,
        titleAlign="left",
        titleX=-labels,
        titleY=-6,
        minExtent=labels,
        maxExtent=labels,
        tickCount=4,
        format=",d",
        domain=False,
        ticks=False,
    )
    steps = alt.Chart(alt.Data(values=_line(patient))).mark_rect(
        color=DRUG_SERIES[OPIOID][1], opacity=0.85
    )
    return alt.layer(
        steps.encode(x=x, x2="to:T", y=alt.Y("mme:Q", axis=axis), y2=alt.datum(0)),
        _as_of(patient, x),
    ).properties(height=DOSE_HEIGHT)


def _as_of(patient: Patient, x: "altair.X") -> "altair.Chart":
    """Return the line at the as-of date, beyond which only supply already handed out reaches."""
    import altair as alt  # noqa: PLC0415 - see drawing

    day = alt.Data(values=[{"from": _at(patient.basis.as_of)}])
    return alt.Chart(day).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(x=x)
