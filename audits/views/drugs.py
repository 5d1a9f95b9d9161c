"""Drugs that no reference table knows, and what people say they mean."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import drugs, trail
from ..forms.drugs import MeaningForm, ProposalForm
from ..models import DrugMapping
from ..tables.drugs import MappingTable, UnmatchedTable, meant
from ..tables.listed import listed
from .listing import page_or_fragment, whole
from .permitted import may, needs
from .proposing import REVISING, Pages, acted, by_whom

PAGE = 50


@needs("map_drugs", "view_records")
@require_safe
def unmatched(request: HttpRequest) -> HttpResponse:
    """List the descriptions that no reference table knows, the most frequent first."""
    after = whole(request.GET.get("after"))
    try:
        found = drugs.shown(after=after, limit=PAGE + 1)
    except drugs.TooMany:
        job = drugs.ask(trail.Actor.of_request(request))
        return render(
            request, "audits/drugs_unmatched.html", {"job": job, "going": not job.is_ended}
        )
    shown = found[:PAGE]
    context = {
        "table": UnmatchedTable(shown, drugs.mapped(shown)),
        "total": drugs.total(),
        "after": after,
        "next": shown[-1].place if len(found) > PAGE else None,
        "may_map": may(request.user, "map_drugs"),
        "waiting": DrugMapping.objects.waiting().count(),
    }
    return render(request, "audits/drugs_unmatched.html", context)


@needs("map_drugs", "view_records")
@require_safe
def description(request: HttpRequest, key: str) -> HttpResponse:
    """Show one description, what fits it, and the form to say what it means."""
    return _described(request, _found(key))


@needs("map_drugs")
@require_POST
def propose(request: HttpRequest, key: str) -> HttpResponse:
    """Propose what a description means."""
    found = _found(key)
    form = ProposalForm(found.names, request.POST)

    def act() -> DrugMapping:
        return drugs.propose(form.name(), form.meaning(), **by_whom(request, form))

    return acted(request, form, act, lambda: _described(request, found, form))


@needs("map_drugs", "view_records")
@require_safe
@vary_on_headers("HX-Request")
def mapping_list(request: HttpRequest) -> HttpResponse:
    """List every version of every mapping."""
    table = listed(request, MappingTable, DrugMapping.objects.select_related("proposed_by"))
    return page_or_fragment(request, "audits/drug_mappings.html", {"table": table})


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
    version, form = PAGES.version(pk), MeaningForm(request.POST, auto_id=REVISING)

    def act() -> DrugMapping:
        name = version.by, version.described
        return drugs.propose(name, form.meaning(), supersedes=version, **by_whom(request, form))

    return acted(request, form, act, lambda: _mapping(request, version, revising=form))


@needs("map_drugs")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a mapping in force is to count no longer."""
    return PAGES.taken_back(request, pk)


def _found(key: str) -> drugs.Description:
    try:
        found = drugs.description(key)
    except drugs.TooMany:  # a new ledger version whose list is not made yet
        found = None
    if found is None:
        raise Http404
    return found


def _described(
    request: HttpRequest, found: drugs.Description, form: ProposalForm | None = None
) -> HttpResponse:
    fitting = drugs.mapped([found])[found.key]
    initial = {"valid_from": found.first_on}
    context = {
        "found": found,
        "called": PAGES.called,
        "fitting": PAGES.told(fitting),
        "form": form or ProposalForm(found.names, initial=initial),
        "may_map": may(request.user, "map_drugs"),
    }
    return render(request, "audits/drug_description.html", context)


def _mapping(request: HttpRequest, version: DrugMapping, **filled: forms.Form) -> HttpResponse:
    """Show a version; ``filled`` are forms that were sent and refused."""
    entry = version.meaning.as_entry()
    initial = {name: entry[name] for name in drugs.Meaning.__annotations__}
    empty = {"revising": MeaningForm(initial=initial, auto_id=REVISING)}
    context = PAGES.standing(request, version, empty | filled)
    return render(request, "audits/drug_mapping.html", context | {"meant": meant(version)})


PAGES = Pages(
    kind=drugs.MAPPINGS,
    called="Mapping",
    proposes="map_drugs",
    approves="approve_drugs",
    show=_mapping,
    said=meant,
)
