"""The field dictionary: what each column of each kind means, and files to begin with."""

import csv

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..schema import KINDS, Kind
from .permitted import signed_in

COLUMNS = ("column", "type", "unit", "need", "words allowed", "longest", "meaning", "example")


@signed_in
@require_safe
def kind_list(request: HttpRequest) -> HttpResponse:
    """List the kinds of record."""
    return render(request, "audits/dictionary.html", {"kinds": KINDS.values()})


@signed_in
@require_safe
def kind_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the columns of one kind."""
    return render(request, "audits/dictionary_kind.html", {"kind": _kind(name)})


@signed_in
@require_safe
def template_file(request: HttpRequest, name: str) -> HttpResponse:
    """Send an empty file with the kind's header line."""
    kind = _kind(name)
    response = _csv(f"{kind.name}-template.csv")
    csv.writer(response).writerow(kind.columns)
    return response


@signed_in
@require_safe
def dictionary_file(request: HttpRequest, name: str) -> HttpResponse:
    """Send the kind's columns as a table."""
    kind = _kind(name)
    response = _csv(f"{kind.name}-fields.csv")
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for field in kind.fields:
        about = (field.type, field.unit, field.need, "; ".join(field.choices))
        writer.writerow([field.name, *about, field.longest or "", field.meaning, field.example])
    return response


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def _csv(name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content_type="text/csv; charset=utf-8", headers=disposition)
