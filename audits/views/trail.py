"""The trail: reading it, and proving that it is as it was written."""

import json
from contextlib import suppress

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import trail
from ..filters.trail import EventFilter
from ..models import Event, TrailHead
from ..tables.listed import listed
from ..tables.trail import EventTable
from .listing import page_or_fragment
from .permitted import may, needs


@needs("read_trail", "decide_flags")
@require_safe
@vary_on_headers("HX-Request")
def event_list(request: HttpRequest) -> HttpResponse:
    """List the events: all for who may read the trail, else one's own acts."""
    everything = may(request.user, "read_trail")
    events = Event.objects.all()
    if not everything:
        events = events.filter(actor_id=str(request.user.pk))
    filters = EventFilter(request.GET, events)
    table = listed(request, EventTable, filters.qs)
    context = {"table": table, "filters": filters, "everything": everything}
    return page_or_fragment(request, "audits/event_list.html", context)


@needs("verify_trail")
@require_safe
def integrity(request: HttpRequest) -> HttpResponse:
    """Show the last verification and where the chain stands."""
    context = {"last": last_verification(), "head": TrailHead.objects.first()}
    return render(request, "audits/integrity.html", context)


@needs("verify_trail")
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Recompute the chain now, write the event of it and show the verdict."""
    verdict = trail.verify()
    if verdict.ok:
        _note(request, verdict)
        return redirect("integrity")
    # A broken trail may refuse the event of its own finding; the person is told all the same.
    with suppress(trail.TrailMissingError, DatabaseError):
        _note(request, verdict)
    context = {"verdict": verdict, "head": TrailHead.objects.first()}
    return render(request, "audits/integrity.html", context)


def last_verification() -> dict | None:
    """Return the newest verification by a person or command, with when and by whom."""
    verified = Event.objects.filter(object_type="trail", action=trail.Action.TRAIL_VERIFIED)
    event = verified.order_by("-seq").first()
    if event is None:
        return None
    return {
        **json.loads(event.after),
        "ok": event.outcome == trail.Result.SUCCESS,
        "head_hash": event.object_id,
        "at": event.at,
        "by": event.actor_label,
    }


def _note(request: HttpRequest, verdict: trail.Verdict) -> None:
    """Write the event of a verification, as the command of that name does."""
    with transaction.atomic():
        trail.record(
            actor=trail.Actor.of_request(request),
            action=trail.Action.TRAIL_VERIFIED,
            object_type="trail",
            object_id=verdict.head_hash,
            after={
                "events": verdict.events,
                "first_bad": verdict.first_bad_seq,
                "kind": verdict.kind,
            },
            outcome=trail.Result.SUCCESS if verdict.ok else trail.Result.FAILURE,
        )
