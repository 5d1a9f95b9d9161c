"""A patient by pseudonym: two years of fills, dose and what else was done, and the flags."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from .. import charts, dossiers, trail
from ..tables.people import PSEUDONYM
from ..tables.records import CheckTable, DoseTable, FillTable, ResultTable, StepTable, VisitTable
from .dossier import flags_of, nobody, not_computed, unreadable
from .noting import note_view
from .permitted import needs

KEY = re.compile(r"p_[0-9a-f]{32}")
PSEUDONYMS = (
    "A patient is found by pseudonym, p_ and 32 digits and letters, never by a number or name."
)


@needs("view_records")
@require_safe
def patient(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Show a patient as of the last evaluation; the trail notes it once an hour.

    What is no pseudonym may be a real number: it is neither looked up, shown nor noted.
    """
    basis = dossiers.latest_basis()
    if basis is None:
        return not_computed(request, "Patient")
    if not KEY.fullmatch(pseudonym):
        return nobody(request, "Patient", basis, PSEUDONYMS)
    title = f"Patient {pseudonym[:PSEUDONYM]}"
    flags = flags_of(dossiers.about_patient(pseudonym), pseudonym)
    try:
        found = dossiers.patient_of(basis, pseudonym)
    except dossiers.UnreadableError:
        return unreadable(request, title, basis, own=flags)
    if found is None:
        return nobody(request, title, basis, PSEUDONYMS)
    note_view(request, trail.Action.RECORD_VIEWED, "patient", pseudonym)
    context = {
        "title": title,
        "found": found,
        "basis": basis,
        "own": flags,
        "kinds": [name for name, _ in charts.DRUG_SERIES],
        "chart": charts.history_of(found) if charts.lanes_of(found) else None,
        **_tables(request, found),
    }
    return render(request, "audits/patient.html", context)


def _tables(request: HttpRequest, found: dossiers.Patient) -> dict:
    """Return the tables that say what the chart shows; a list with nothing in it has none."""
    made = {
        "fills": FillTable(found.fills),
        "steps": StepTable(found.steps) if found.steps else None,
        "visits": VisitTable(found.visits) if found.visits else None,
        "doses": DoseTable(found.doses) if found.doses else None,
        "checks": CheckTable(found.checks) if found.checks else None,
        "results": ResultTable(found.results) if found.results else None,
    }
    configure = RequestConfig(request, paginate=False).configure
    return {name: table and configure(table) for name, table in made.items()}
