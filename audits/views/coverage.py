"""What the rules cannot place: prescribers and pharmacies that are not identified, and drugs."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import coverage, drugs, numbers, snapshots, trail
from ..enrichment import identified
from ..ledger import LedgerError
from ..models import NumberMapping, Snapshot
from ..schema import KINDS
from ..tables.numbers import stands_for
from .listing import whole
from .permitted import may, needs

TITLES = {
    identified.PRESCRIBERS: "Prescribers",
    identified.PHARMACIES: "Pharmacies",
}
REASONS = {
    identified.NO_NUMBER: "no number at all",
    identified.NOT_LISTED: "not among the practitioners held",
    identified.TYPE_UNKNOWN: "profession not known",
    identified.SPECIALTY_UNKNOWN: "specialty (taxonomy) not known",
    identified.NCPDP_ALONE: "NCPDP number alone",
    identified.NPI_ALONE: "NPI alone",
    identified.DEA_ALONE: "DEA number alone",
}
NAMELESS = "rows that name none"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One number of a list; ``url`` and ``map_url`` are empty where there is no way.

    ``mappings`` are those that fit, each with what it says.
    """

    name: str
    reason: str
    rows: int
    url: str
    map_url: str
    mappings: list[tuple[NumberMapping, str]]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One list of the page; ``left_off`` are further numbers that are in the totals alone."""

    whose: str
    title: str
    lines: list["Line"]
    totals: list[tuple[str, int, int]]
    left_off: int


@needs("map_drugs", "view_records")
@require_safe
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Show what is not identified in the newest records, the most frequent first."""
    snapshot = snapshots.latest()
    context: dict = {"snapshot": snapshot, "waiting": NumberMapping.objects.waiting().count()}
    if snapshot is not None:
        linked = may(request.user, "view_records")
        try:
            context |= {"sections": list(_sections(snapshot, linked=linked)), **_drugs()}
        except LedgerError:
            context["unreadable"] = True
    return render(request, "audits/coverage.html", context)


@needs("view_records")
@require_safe
def coverage_rows(request: HttpRequest, whose: str) -> HttpResponse:
    """List the rows that name a prescriber or pharmacy by one number; an event each time."""
    snapshot, key = snapshots.latest(), request.GET.get("key", "")
    if whose not in TITLES:
        raise Http404
    context = {"title": TITLES[whose], "whose": whose, "name": key or NAMELESS}
    if snapshot is not None:
        try:
            page = coverage.rows_of(snapshot, whose, key, after=_place(request.GET.get("after")))
        except LedgerError:
            context["unreadable"] = True
        else:
            context |= {"page": page, "next": _next(key, page.next)}
            _note(request, snapshot.number)
    return render(request, "audits/coverage_rows.html", context)


def _sections(snapshot: Snapshot, *, linked: bool) -> Iterator[Section]:
    for whose, listed in coverage.unmatched(snapshot).items():
        fitting = numbers.mapped(whose, (each.key for each in listed.found))
        yield Section(
            whose=whose,
            title=TITLES[whose],
            lines=[
                Line(
                    name=each.key or NAMELESS,
                    reason=REASONS[each.reason],
                    rows=each.rows,
                    url=_url("coverage_rows", whose, each.key) if linked else "",
                    map_url=_url("number", whose, each.key) if each.key else "",
                    mappings=[(m, stands_for(m)) for m in fitting.get(each.key, ())],
                )
                for each in listed.found
            ],
            totals=[(REASONS[reason], number, rows) for reason, number, rows in listed.totals],
            left_off=listed.left_off,
        )


def _drugs() -> dict:
    """Return how many descriptions of drugs are unmatched, None where it is not counted yet."""
    try:
        return {"drugs": drugs.total()}
    except drugs.TooMany:
        return {"drugs": None}


def _url(name: str, whose: str, key: str) -> str:
    return f"{reverse(name, args=[whose])}?{urlencode({'key': key})}"


def _place(text: str | None) -> coverage.Place | None:
    """Return the upload and row that an address names as ``3-17``; None for anything else."""
    upload, _, row = (text or "").partition("-")
    return (whole(upload), whole(row)) if whole(upload) else None


def _next(key: str, place: coverage.Place | None) -> str:
    return urlencode({"key": key, "after": f"{place[0]}-{place[1]}"}) if place else ""


def _note(request: HttpRequest, version: int) -> None:
    """Write that a person read prescriptions."""
    if request.method != "GET":
        return
    with transaction.atomic():
        trail.record(
            actor=trail.Actor.of_request(request),
            action=trail.Action.RECORDS_SEARCHED,
            object_type="records",
            object_id=KINDS["prescriptions"].name,
            after={"ledger_version": version},
        )
