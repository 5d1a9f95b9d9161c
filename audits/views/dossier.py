"""What the pages of prescribers and patients share: their flags, and what is said without facts."""

from datetime import date

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .. import dossiers, snapshots
from ..catalogue import CATALOGUE
from ..models import Flag, FlagState
from ..tables import saying

LISTED = 50


def flags_of(about: Q, key: str) -> dict:
    """Return the flags ``about`` the person of ``key`` in any status, the most pressing first."""
    states = FlagState.objects.seen().with_status().select_related("flag", "since").filter(about)
    found = list(states.order_by("-priority", "-pk")[: LISTED + 1])
    return {"lines": [_line(state, key) for state in found[:LISTED]], "more": len(found) > LISTED}


def _line(state: FlagState, key: str) -> dict:
    return {
        "state": state,
        "rule": CATALOGUE[state.flag.rule],
        "sentence": saying.sentence(state),
        "subject": saying.named(state.flag, short=True, without=key),
        "status_text": Flag.Status(state.status).label,
    }


def not_computed(request: HttpRequest, title: str, status: int = 200) -> HttpResponse:
    """Return the page that stands before the first published evaluation."""
    kind = "not computed" if snapshots.latest() else "nothing yet"
    context = {"title": title, "emptiness": {"kind": kind}}
    return render(request, "audits/dossier_empty.html", context, status=status)


def nobody(request: HttpRequest, title: str, basis: dossiers.Basis, looked_in: str) -> HttpResponse:
    """Return the page that says that nothing is held of a person."""
    context = {"title": title, "basis": basis, "looked_in": looked_in}
    return render(request, "audits/dossier_nobody.html", context, status=404)


def unreadable(
    request: HttpRequest, title: str, basis: dossiers.Basis, **flags: dict
) -> HttpResponse:
    """Return the page without the records, which cannot be read; flags are in the database."""
    context = {"title": title, "basis": basis, **flags}
    return render(request, "audits/dossier_unreadable.html", context, status=503)


def day(text: str | None) -> date | None:
    """Return the day that an address names, None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
