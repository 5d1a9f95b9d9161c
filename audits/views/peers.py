"""A peer group: its members with their values, and the funnel of a share."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import charts, dossiers, trail
from ..models import PeerDispute
from ..peers import MEASURES, SHARES, STANDARDS, WINDOWS, Funnel
from ..tables.peers import (
    EVERYWHERE,
    figure,
    group_name,
    point_lines,
    rounded,
    rows_query,
    spread_lines,
)
from .dossier import nobody, not_computed, unreadable
from .noting import note_view
from .permitted import needs

PAGE = 200
LOOKED = "A peer group has the name that a prescriber's page gives it, and a state or “all”."


@needs("view_records")
@require_safe
def peer_group(request: HttpRequest, role_group: str, state: str) -> HttpResponse:
    """Show a peer group in one window as of the last evaluation; the trail notes it."""
    place = ("" if state == EVERYWHERE else state.upper(), _days(request), _share(request))
    title, basis = f"Peer group: {group_name(role_group, place[0])}", dossiers.latest_basis()
    if basis is None:
        return not_computed(request, title)
    try:
        found = dossiers.peer_group(basis, role_group, *place[:2])
    except dossiers.UnreadableError:
        return unreadable(request, title, basis)
    if found is None:
        return nobody(request, "Peer group", basis, LOOKED)
    note_view(request, trail.Action.RECORD_VIEWED, "peer_group", f"{role_group}|{place[0]}")
    context = {"title": title, "basis": basis, "found": found, "standards": STANDARDS}
    context |= _ways(request, place[1], place[2]) | _members(request, found)
    return render(request, "audits/peer_group.html", context | _funnel(request, found, place[2]))


def _days(request: HttpRequest) -> int:
    """Return the window that the address names; Http404 for one that there is not."""
    words = {str(days): days for days in WINDOWS}
    asked = request.GET.get("days", str(WINDOWS[0]))
    if asked not in words:
        raise Http404
    return words[asked]


def _share(request: HttpRequest) -> str:
    """Return the share that the funnel is asked of; Http404 for one that there is not."""
    asked = request.GET.get("of", SHARES[0])
    if asked not in SHARES:
        raise Http404
    return asked


def _ways(request: HttpRequest, days: int, share: str) -> dict:
    """Return the other windows and shares, each with its address."""
    return {
        "windows": [
            {"text": f"{each} days", "query": f"days={each}&of={share}", "here": each == days}
            for each in WINDOWS
        ],
        "shares": [
            {"text": MEASURES[name].title, "query": f"days={days}&of={name}", "here": name == share}
            for name in SHARES
        ],
        "kept": f"days={days}&of={share}",
    }


def _members(request: HttpRequest, found: dossiers.PeerGroup) -> dict:
    """Return a page of the members with all their values, and one of those below the minimum."""
    group = found.group
    said = PeerDispute.objects.filter(role_group=group.role_group, state=group.state).standing()
    disputed = set(said.values_list("prescriber", flat=True))
    page = Paginator(group.members, PAGE).get_page(request.GET.get("page"))
    below = Paginator(group.below, PAGE).get_page(request.GET.get("below"))
    return {
        "page": page,
        "members": [_member(found, person.key, disputed) for person in page],
        "measures": list(MEASURES.values()),
        "below": below,
        "below_rows": [
            {"person": person, "rows": _all_controlled(found, person.key)} for person in below
        ],
        "disputed": len(disputed),
        "spreads": spread_lines(found) if group.is_enough else [],
    }


def _member(found: dossiers.PeerGroup, key: str, disputed: set[str]) -> dict:
    """Return the values of one member, each with the query that leads to its rows."""
    counts, first = found.counts[key], found.window.first
    values = [
        {"text": figure(measure, measure.value(counts)), "query": rows_query(measure, first)}
        for measure in MEASURES.values()
    ]
    return {"key": key, "disputed": key in disputed, "values": values}


def _all_controlled(found: dossiers.PeerGroup, key: str) -> str:
    query = rows_query(MEASURES["controlled"], found.window.first)
    return f"{reverse('prescriber_rows', args=[key])}?{query}"


def _funnel(request: HttpRequest, found: dossiers.PeerGroup, name: str) -> dict:
    """Return the funnel of a share with its table; nothing of a group that is too small."""
    funnel, measure = found.funnel(name), MEASURES[name]
    if funnel is None:
        return {"measure": measure}
    lines = point_lines(funnel, measure, found.window.first)
    return {
        "measure": measure,
        "funnel": funnel,
        "share": f"{rounded(100 * funnel.share)} %",
        "alarms": _alarms(funnel),
        "chart": charts.funnel_of_members(funnel, measure.title, measure.over),
        "series": [name for name, _ in charts.FUNNEL_SERIES],
        "points": Paginator(lines, PAGE).get_page(request.GET.get("points")),
    }


def _alarms(funnel: Funnel) -> list[dict]:
    """Return how many are outside at each level beside how many chance alone would put there."""
    return [
        {
            "level": level,
            "found": each.found,
            "nominal": rounded(each.nominal, 2),
            "expected": f"{each.expected:.2f}",
            "left": left,
        }
        for level, left, each in (
            ("95 %", "0.05", funnel.warnings),
            ("99.8 %", "0.002", funnel.alarms),
        )
    ]
