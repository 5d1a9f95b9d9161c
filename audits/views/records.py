"""The records themselves, a kind at a time: what a count of the overview counts."""

from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import exports, snapshots, trail
from ..dossiers import SCHEDULE_WORDS, UNKNOWN
from ..exports.held import Place
from ..ledger import LedgerError
from ..models import Snapshot
from ..schema import KINDS, Kind
from ..tables.people import spelled
from .listing import whole
from .permitted import needs

PAGE = 100
NOT_SAID = "not said"
# How the words of a split are spelled, by its column.
SPLIT_WORDS = {
    exports.SCHEDULE: SCHEDULE_WORDS.__getitem__,
    exports.ROLE_GROUP: lambda word: "Role group not known" if word == UNKNOWN else spelled(word),
}


def split_url(column: str, word: str) -> str:
    """Return the address of the prescriptions that a count of the split counts."""
    address = reverse("records", args=["prescriptions"])
    return f"{address}?{urlencode({column: word})}"


def records_url(kind: Kind, group: str | None = None) -> str:
    """Return the address of the current rows of a kind, or of one group of them ('' not said)."""
    address = reverse("records", args=[kind.name])
    if group is None:
        return address
    return f"{address}?{urlencode({exports.GROUPED[kind.name]: group or NOT_SAID})}"


@needs("view_records")
@require_safe
def record_list(request: HttpRequest, name: str) -> HttpResponse:
    """List the current rows of one kind in the order they came in; an event each time."""
    if name not in KINDS:
        raise Http404
    kind, snapshot = KINDS[name], snapshots.latest()
    told, split = _group(request, kind), _split(request, kind)
    context = {"kind": kind, "snapshot": snapshot, "group": told}
    if split:
        context["group"] = SPLIT_WORDS[split[0]](split[1])
    if snapshot is not None:
        context |= _page(request, kind, snapshot, told, split)
        _note(request, kind, snapshot.number)
    return render(request, "audits/record_list.html", context)


def _page(
    request: HttpRequest,
    kind: Kind,
    snapshot: Snapshot,
    told: str | None,
    split: tuple[str, str] | None,
) -> dict:
    """Return the rows of the page that the address names, with the ways to those beside it."""
    after, before = (_place(request.GET.get(word)) for word in ("after", "before"))
    group = "" if told == NOT_SAID else told
    try:
        page = exports.record_page(
            snapshot, kind, group=group, split=split, after=after, before=before, limit=PAGE
        )
    except LedgerError:
        return {"unreadable": True}
    kept = {exports.GROUPED[kind.name]: told} if told else {}
    kept |= dict([split] if split else [])
    return {"page": page, "lines": _lines(page), **_ways(page, kept)}


def _group(request: HttpRequest, kind: Kind) -> str | None:
    """Return the word of the group that an address asks for, None for all; raises Http404."""
    column = exports.GROUPED.get(kind.name)
    word = request.GET.get(column) if column else None
    if word is not None and word not in (*kind.field(column).choices, NOT_SAID):
        raise Http404
    return word


def _split(request: HttpRequest, kind: Kind) -> tuple[str, str] | None:
    """Return the column and word that an address narrows prescriptions to; raises Http404."""
    asked = [(column, request.GET[column]) for column in SPLIT_WORDS if column in request.GET]
    if kind.name != "prescriptions" or not asked:
        return None
    if len(asked) > 1 or asked[0][1] not in exports.words()[asked[0][0]]:
        raise Http404
    return asked[0]


def _place(text: str | None) -> Place | None:
    """Return the upload and row that an address names as ``3-17``; None for anything else."""
    upload, _, row = (text or "").partition("-")
    return (whole(upload), whole(row)) if whole(upload) else None


def _lines(page: exports.RecordPage) -> list[dict]:
    return [
        {
            "upload": row["upload"],
            "row": row["row"],
            "cells": ["" if row[name] is None else str(row[name]) for name in page.columns],
        }
        for row in page.rows
    ]


def _ways(page: exports.RecordPage, kept: dict[str, str]) -> dict[str, str]:
    """Return the queries of the pages beside, empty where there is none."""
    places = {"next": ("after", page.next), "previous": ("before", page.previous)}
    return {
        way: urlencode(kept | {word: f"{place[0]}-{place[1]}"}) if place else ""
        for way, (word, place) in places.items()
    }


def _note(request: HttpRequest, kind: Kind, version: int) -> None:
    """Write that a person read records of a kind."""
    if request.method != "GET":
        return
    with transaction.atomic():
        trail.record(
            actor=trail.Actor.of_request(request),
            action=trail.Action.RECORDS_SEARCHED,
            object_type="records",
            object_id=kind.name,
            after={"ledger_version": version},
        )
