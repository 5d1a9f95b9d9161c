"""Counts of a prescriber's prescriptions in words, each with the way to its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from ..charts import SERIES, counted
from ..dossiers import (
    SCHEDULE_WORDS,
    UNKNOWN,
    VERDICTS,
    Month,
    Share,
    Supervision,
)

STANDING_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "later_fill": "later fills of a prescription counted already",
        "order_with_dispense": "orders of which a dispense is held",
        "exact_duplicate": "repeats of another row",
        "reported_by_two_sources": "dispenses told by another source too",
    }
)


@dataclass(frozen=True, kw_only=True)
class ShareLine:
    """One count: ``query`` leads to its rows, ``percent`` is its part of all prescriptions."""

    text: str
    query: str
    prescriptions: int
    percent: str
    patients: int


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number and the query that leads to its rows."""

    n: int
    query: str


@dataclass(frozen=True, kw_only=True)
class MonthLine:
    """A month's counts: all, and by the series of the chart."""

    month: str
    total: Count
    series: Sequence[Count]
    patients: int


def share_lines(shares: Sequence[Share], column: str, whole: Share) -> list[ShareLine]:
    """Return the lines of ``shares`` by schedule, ingredient or state."""
    return [
        ShareLine(
            text=_word(column, share.name),
            query=urlencode({column: share.name}),
            prescriptions=share.prescriptions,
            percent=percent(share.prescriptions, whole.prescriptions),
            patients=share.patients,
        )
        for share in shares
    ]


def _word(column: str, name: str) -> str:
    if column == "schedule":
        return SCHEDULE_WORDS[name]
    if name == UNKNOWN:
        return "Drug not known" if column == "ingredient" else "Not given"
    return name


def percent(part: int, whole: int) -> str:
    """Return ``part`` of ``whole`` in whole per cent; a trace is not rounded to nothing."""
    if not whole:
        return ""
    if 0 < part * 200 < whole:
        return "under 1 %"
    return f"{(200 * part + whole) // (2 * whole)} %"


def month_lines(months: Sequence[Month]) -> list[MonthLine]:
    """Return the table that says what the chart of months draws, the oldest first."""
    return [_month_line(month) for month in months]


def _month_line(month: Month) -> MonthLine:
    name = f"{month.first:%Y-%m}"
    series = [
        Count(
            n=counted(month, group),
            query=urlencode({"month": name, "schedule": group}),
        )
        for _, group, _ in SERIES
    ]
    total = Count(n=month.prescriptions, query=urlencode({"month": name}))
    return MonthLine(month=name, total=total, series=series, patients=month.patients)


def verdict_lines(supervision: Supervision) -> list[ShareLine]:
    """Return how many prescriptions got each answer on supervision; what none got is left out."""
    return [
        ShareLine(
            text=VERDICTS[verdict],
            query=urlencode({"supervision": verdict}),
            prescriptions=n,
            percent=percent(n, supervision.asked),
            patients=0,
        )
        for verdict, n in supervision.counts.items()
        if n
    ]
