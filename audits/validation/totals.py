"""What came of one file: the totals of its staged rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb

from ..schema import Kind, Type
from .accepting import BUCKET
from .listing import Counts
from .staging import Mark

if TYPE_CHECKING:
    from ..mapping import Plan


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of one file: ``read`` = ``accepted`` + ``rejected``.

    ``warned`` counts accepted rows with at least one listed warning. The counts are by
    (column as the file heads it, code); the column is "" for what concerns a whole row.
    ``first_date`` and ``last_date`` span the accepted rows, ``sources`` are their source
    systems, ``sums`` add up each quantity column over every row read, as control totals do.
    """

    read: int
    accepted: int
    rejected: int
    warned: int
    rejection_counts: Counts
    warning_counts: Counts
    first_date: date | None
    last_date: date | None
    sources: tuple[str, ...]
    sums: Mapping[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A file and its one pass.

    ``text`` is SQL for the text, ``source`` names the source system where that does not;
    ``relation`` is SQL for the staged rows, ``marks`` what may be wrong with them, ``found``
    what is and how often, ``unread`` SQL for the rows (row, column, code) that the reader could
    not hand over.
    """

    connection: duckdb.DuckDBPyConnection
    kind: Kind
    plan: "Plan"
    text: str
    source: str | None
    relation: str
    unread: str
    unread_counts: Counts
    marks: tuple[Mark, ...] = ()
    found: tuple[tuple[Mark, int], ...] = ()

    def of_level(self, rejects: bool) -> list[tuple[str, Mark, int]]:
        """Return (header, mark, rows) of the rejections, or of the warnings."""
        return [
            (self.plan.shown(mark.problem.column), mark, count)
            for mark, count in self.found
            if mark.problem.rejects is rejects
        ]


def checked(staged: Staged) -> Checked:
    """Return the totals of the staged rows and the counts by header and code.

    Raises RuntimeError for an accepted row without a bucket.
    """
    totals = _totals(staged)
    accepted = totals["rows"] - totals["rejected"]
    if totals["placed"] != accepted:
        raise RuntimeError(f"{accepted - totals['placed']:,} accepted rows have no bucket")
    spans = [totals[f"{side} {c}"] for c in staged.kind.dates for side in ("first", "last")]
    days = [day for day in spans if day is not None]
    unread = sum(staged.unread_counts.values())
    rejections = Counter(_summed(staged.of_level(rejects=True))) + Counter(staged.unread_counts)
    return Checked(
        read=totals["rows"] + unread,
        accepted=accepted,
        rejected=totals["rejected"] + unread,
        warned=totals["warned"],
        rejection_counts=MappingProxyType(dict(rejections)),
        warning_counts=MappingProxyType(_summed(staged.of_level(rejects=False))),
        first_date=min(days, default=None),
        last_date=max(days, default=None),
        sources=tuple(sorted(totals["sources"] or ())),
        sums=MappingProxyType({c: totals[f"sum {c}"] for c in _quantities(staged.kind)}),
    )


def _totals(staged: Staged) -> Mapping[str, Any]:
    accepted = "FILTER (NOT _rejected)"
    wanted = {
        "rows": "count(*)",
        "rejected": "count(*) FILTER (_rejected)",
        "warned": "count(*) FILTER (_warned AND NOT _rejected)",
        "sources": f"list(DISTINCT source_system) {accepted}",
        "placed": f"count({BUCKET}) {accepted}",
    }
    for column in staged.kind.dates:
        wanted[f"first {column}"] = f'min(CAST("{column}" AS DATE)) {accepted}'
        wanted[f"last {column}"] = f'max(CAST("{column}" AS DATE)) {accepted}'
    for column in _quantities(staged.kind):
        wanted[f"sum {column}"] = f'coalesce(sum("{column}"), 0)'
    asked = f"SELECT {', '.join(wanted.values())} FROM {staged.relation}"
    return dict(zip(wanted, staged.connection.execute(asked).fetchone() or (), strict=True))


def _quantities(kind: Kind) -> list[str]:
    return [field.name for field in kind.fields if field.type is Type.QUANTITY]


def _summed(found: Sequence[tuple[str, Mark, int]]) -> dict[tuple[str, str], int]:
    """Return the counts by header and code: two columns may come from one header."""
    counts: dict[tuple[str, str], int] = {}
    for header, mark, count in found:
        key = (header, mark.problem.code)
        counts[key] = counts.get(key, 0) + count
    return counts
