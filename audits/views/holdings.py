"""What is held: where a missing row means absence, and where nothing can be said."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from ..models import Holding
from ..schema import KINDS
from ..tables.listed import listed
from ..tables.uploads import HoldingTable
from .listing import page_or_fragment
from .permitted import needs

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How well one kind covers the days of the prescriptions; ``gaps`` are days without it."""

    kind: str
    title: str
    begins: date | None
    ends: date | None
    gaps: tuple[tuple[date, date], ...]


@needs("upload_records", "view_records")
@require_safe
@vary_on_headers("HX-Request")
def holding_list(request: HttpRequest) -> HttpResponse:
    """List the holdings in force, with the gaps between them."""
    table = listed(request, HoldingTable, Holding.objects.filter(until=None))
    context = {"table": table, "coverage": coverage()}
    return page_or_fragment(request, "audits/holding_list.html", context)


def coverage() -> list[Coverage]:
    """Return for each kind the days it is held for, against those of the prescriptions."""
    held: dict[str, list[tuple[date, date]]] = {name: [] for name in KINDS}
    periods = Holding.objects.filter(until=None).order_by("covers_from", "covers_to", "pk")
    for kind, begins, ends in periods.values_list("kind", "covers_from", "covers_to"):
        held.setdefault(kind, []).append((begins, ends))
    needed = _span(held["prescriptions"])
    return [
        Coverage(
            kind=kind.name,
            title=kind.title,
            begins=(_span(held[kind.name]) or (None, None))[0],
            ends=(_span(held[kind.name]) or (None, None))[1],
            gaps=tuple(_gaps(held[kind.name], needed)) if needed else (),
        )
        for kind in KINDS.values()
    ]


def _span(periods: list[tuple[date, date]]) -> tuple[date, date] | None:
    if not periods:
        return None
    return min(begins for begins, _ in periods), max(ends for _, ends in periods)


def _gaps(periods: list[tuple[date, date]], needed: tuple[date, date]):
    """Yield the stretches of ``needed`` that no period covers; periods are in order."""
    day, last = needed
    for begins, ends in periods:
        if begins > last:
            break
        if begins > day:
            yield day, begins - ONE_DAY
        day = max(day, ends + ONE_DAY)
    if day <= last:
        yield day, last
