"""Whose the numbers in the records are, by what people here say: proposed, agreed to, listed."""

from contextlib import suppress

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import coverage, numbers, snapshots
from ..forms.numbers import NumberForm
from ..ledger import LedgerError
from ..models import NumberMapping
from ..tables.listed import listed
from ..tables.numbers import NumberTable, stands_for
from .listing import page_or_fragment
from .permitted import may, needs
from .proposing import REVISING, Pages, acted, by_whom


@needs("map_drugs", "view_records")
@require_safe
def number(request: HttpRequest, whose: str) -> HttpResponse:
    """Show one number, what is said of it, and the form to say what it stands for."""
    return _number(request, whose, _asked(request, whose))


@needs("map_drugs")
@require_POST
def propose(request: HttpRequest, whose: str) -> HttpResponse:
    """Propose what a number stands for."""
    asked = _asked(request, whose)
    form = NumberForm(whose, asked, request.POST)

    def act() -> NumberMapping:
        return numbers.propose((whose, asked), form.meaning(), **by_whom(request, form))

    return acted(request, form, act, lambda: _number(request, whose, asked, form))


@needs("map_drugs", "view_records")
@require_safe
@vary_on_headers("HX-Request")
def mapping_list(request: HttpRequest) -> HttpResponse:
    """List every version of every mapping of a number."""
    table = listed(request, NumberTable, NumberMapping.objects.select_related("proposed_by"))
    return page_or_fragment(request, "audits/number_mappings.html", {"table": table})


@needs("map_drugs", "view_records")
@require_safe
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version of a mapping with its history and what can be done."""
    return PAGES.shown(request, pk)


@needs("approve_drugs")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the second person's word on a proposal."""
    return PAGES.decided(request, pk)


@needs("map_drugs")
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a new version of a mapping in force."""
    version = PAGES.version(pk)
    form = NumberForm(version.whose, version.number, request.POST, auto_id=REVISING)

    def act() -> NumberMapping:
        name = version.whose, version.number
        return numbers.propose(name, form.meaning(), supersedes=version, **by_whom(request, form))

    return acted(request, form, act, lambda: _mapping(request, version, revising=form))


@needs("map_drugs")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a mapping in force is to count no longer."""
    return PAGES.taken_back(request, pk)


def _asked(request: HttpRequest, whose: str) -> str:
    """Return the number that the address names; raises Http404 where no record in force has it."""
    key, snapshot = request.GET.get("key", ""), snapshots.latest()
    if whose not in NumberMapping.Whose.values or snapshot is None or not key:
        raise Http404
    with suppress(LedgerError):  # whoever proposes is told so
        if key not in coverage.keys_beside(snapshot, whose, key):
            raise Http404
    return key


def _number(
    request: HttpRequest, whose: str, asked: str, form: NumberForm | None = None
) -> HttpResponse:
    context = {
        "whose": whose,
        "title": NumberMapping.Whose(whose).label,
        "asked": asked,
        "called": PAGES.called,
        "fitting": PAGES.told(numbers.mapped(whose, [asked]).get(asked, [])),
        "form": form or NumberForm(whose, asked),
        "listed": _is_listed(whose, asked),
        "may_map": may(request.user, "map_drugs"),
        "may_see": may(request.user, "view_records"),
    }
    return render(request, "audits/number.html", context)


def _is_listed(whose: str, asked: str) -> bool:
    with suppress(LedgerError):  # whoever proposes is told so
        return numbers.is_listed(whose, asked)
    return False


def _mapping(request: HttpRequest, version: NumberMapping, **filled: forms.Form) -> HttpResponse:
    """Show a version; ``filled`` are forms that were sent and refused."""
    initial = {name: getattr(version, name) for name in numbers.Meaning.__annotations__}
    empty = NumberForm(version.whose, version.number, initial=initial, auto_id=REVISING)
    context = PAGES.standing(request, version, {"revising": empty} | filled)
    return render(request, "audits/number_mapping.html", context)


PAGES = Pages(
    kind=numbers.NUMBERS,
    called="Mapping",
    proposes="map_drugs",
    approves="approve_drugs",
    show=_mapping,
    said=stands_for,
)
