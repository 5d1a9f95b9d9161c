"""A prescriber: who that is, what was written, what was flagged, whether it was supervised."""

from datetime import date

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from .. import charts, dossiers, trail
from ..forms.rows import RowsForm
from ..tables.people import PROFESSIONS
from ..tables.records import RowTable
from ..tables.shares import (
    STANDING_WORDS,
    month_lines,
    percent,
    share_lines,
    verdict_lines,
)
from .disputes import disputing
from .dossier import day, flags_of, nobody, not_computed, unreadable
from .noting import note_view
from .permitted import needs

SALT = "oversight.rows"
NUMBER = "An NPI has ten digits; a DEA number stands where no NPI is known."


@needs("view_records")
@require_safe
def prescriber(request: HttpRequest, key: str) -> HttpResponse:
    """Show a prescriber as of the last evaluation; the trail notes it once an hour."""
    return page(request, key)


def page(request: HttpRequest, key: str, status: int = 200, **forms: object) -> HttpResponse:
    """Return the page; ``forms`` are those of ``disputing`` that were not filled in well."""
    title, basis = _title(key), dossiers.latest_basis()
    if basis is None:
        return not_computed(request, title, status)
    flags = {
        "own": flags_of(dossiers.about_prescriber(key), key),
        "pairs": flags_of(dossiers.about_pairs(key), key),
    }
    try:
        if npi := dossiers.npi_of(basis, key):
            return redirect("prescriber", npi)
        found = dossiers.prescriber_of(basis, key, day(request.GET.get("before")))
        compared = dossiers.compared_with_peers(basis, key) if found else []
    except dossiers.UnreadableError:
        return unreadable(request, title, basis, **flags)
    if found is None:
        return nobody(request, "Prescriber", basis, NUMBER)
    note_view(request, trail.Action.RECORD_VIEWED, "prescriber", key)
    context = {"title": title, "found": found, "basis": basis, **flags, **_figures(found)}
    context |= disputing(request, key, compared) | forms
    return render(request, "audits/prescriber.html", context, status=status)


def _title(key: str) -> str:
    return f"Prescriber {'NPI' if key.isdigit() else 'DEA number'} {key}"


def _figures(found: dossiers.Prescriber) -> dict:
    """Return the counts of a prescriber in words, and the chart of his months."""
    volumes, whole = found.volumes, found.volumes.everything
    controlled = share_lines([volumes.controlled], "schedule", whole)[0]
    return {
        "profession": PROFESSIONS.get(found.person.profession or "", "Profession not known"),
        "whole": whole,
        "controlled": controlled,
        "schedules": share_lines(volumes.schedules, "schedule", whole),
        "ingredients": share_lines(volumes.ingredients, "ingredient", whole),
        "states": share_lines(volumes.states, "state", whole),
        "others": [(STANDING_WORDS[why], n) for why, n in sorted(volumes.others.items())],
        "counted_percent": percent(whole.prescriptions, volumes.rows),
        "verdicts": verdict_lines(found.supervision),
        "verdict_words": dossiers.VERDICTS,
        "months": month_lines(volumes.months),
        "series": [name for name, *_ in charts.SERIES],
        "chart": charts.prescriptions_by_month(volumes.months) if whole.prescriptions else None,
    }


@needs("view_records")
@require_safe
def prescriber_rows(request: HttpRequest, key: str) -> HttpResponse:
    """List the rows behind a number of a prescriber's page, as the address narrows them."""
    title, basis = _title(key), dossiers.latest_basis()
    if basis is None:
        return not_computed(request, title)
    form = RowsForm(request.GET)
    context = {"title": title, "key": key, "basis": basis, "form": form}
    if not form.is_valid():
        return render(request, "audits/prescriber_rows.html", context, status=422)
    wanted = form.wanted()
    try:
        page = dossiers.rows_of(basis, key, wanted, _after(request.GET.get("after", "")))
    except dossiers.UnreadableError:
        return unreadable(request, title, basis)
    if page.total:
        note_view(request, trail.Action.RECORD_VIEWED, "prescriber", key)
    shown = ((wanted.every, "standing"), (wanted.supervision, "verdict"))
    table = RowTable(page.rows, exclude=[name for is_asked, name in shown if not is_asked])
    context |= {
        "page": page,
        "table": RequestConfig(request, paginate=False).configure(table),
        "next": signing.dumps(_plain(page.next), salt=SALT) if page.next else "",
    }
    return render(request, "audits/prescriber_rows.html", context)


def _plain(cursor: tuple) -> list:
    written_on, *identity = cursor
    return [written_on.isoformat(), *identity]


def _after(text: str) -> tuple | None:
    """Return where a page begins; None, the first page, for what is not of our making."""
    try:
        written_on, *identity = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return date.fromisoformat(written_on), *identity
