"""Drugs that no reference table knows, and what people say they mean."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import drugs, trail
from ..forms.drugs import DecisionForm, MeaningForm, ProposalForm, TakeBackForm
from ..models import DrugMapping
from ..tables.drugs import MappingTable, UnmatchedTable, meant
from ..tables.listed import listed
from .listing import page_or_fragment, whole
from .permitted import may, needs
from .proposing import acted, by_whom

PAGE = 50
VERSION_PAGE = "drug_mapping"
# Several forms on one page: what each calls its fields there.
DECIDING, REVISING, ENDING = "deciding_%s", "revising_%s", "ending_%s"


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
        "waiting": DrugMapping.objects.filter(status=DrugMapping.Status.PROPOSED).count(),
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

    return acted(request, form, act, VERSION_PAGE, lambda: _described(request, found, form))


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
    return _mapping(request, _version(pk))


@needs("approve_drugs")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the second person's word on a proposal."""
    version, form = _version(pk), DecisionForm(request.POST, auto_id=DECIDING)

    def act() -> DrugMapping:
        return drugs.decide(version, agrees=form.cleaned_data["agree"], **by_whom(request, form))

    return acted(
        request, form, act, VERSION_PAGE, lambda: _mapping(request, version, deciding=form)
    )


@needs("map_drugs")
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a new version of a mapping in force."""
    version, form = _version(pk), MeaningForm(request.POST, auto_id=REVISING)

    def act() -> DrugMapping:
        name = version.by, version.described
        return drugs.propose(name, form.meaning(), supersedes=version, **by_whom(request, form))

    return acted(
        request, form, act, VERSION_PAGE, lambda: _mapping(request, version, revising=form)
    )


@needs("map_drugs")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a mapping in force is to count no longer."""
    version, form = _version(pk), TakeBackForm(request.POST, auto_id=ENDING)

    def act() -> DrugMapping:
        return drugs.take_back(version, **by_whom(request, form))

    return acted(request, form, act, VERSION_PAGE, lambda: _mapping(request, version, ending=form))


def _found(key: str) -> drugs.Description:
    try:
        found = drugs.description(key)
    except drugs.TooMany:  # a new ledger version whose list is not made yet
        found = None
    if found is None:
        raise Http404
    return found


def _version(pk: int) -> DrugMapping:
    people = "proposed_by", "decided_by", "supersedes"
    return get_object_or_404(DrugMapping.objects.select_related(*people), pk=pk)


def _described(
    request: HttpRequest, found: drugs.Description, form: ProposalForm | None = None
) -> HttpResponse:
    fitting = drugs.mapped([found])[found.key]
    initial = {"valid_from": found.first_on}
    context = {
        "found": found,
        "fitting": [(each, meant(each)) for each in fitting],
        "form": form or ProposalForm(found.names, initial=initial),
        "may_map": may(request.user, "map_drugs"),
    }
    return render(request, "audits/drug_description.html", context)


def _mapping(request: HttpRequest, version: DrugMapping, **filled: forms.Form) -> HttpResponse:
    """Show a version; ``filled`` are forms that were sent and refused."""
    in_force = DrugMapping.objects.in_force().filter(pk=version.pk).exists()
    waiting = version.status == DrugMapping.Status.PROPOSED
    own = version.proposed_by_id == request.user.pk
    may_decide = may(request.user, "approve_drugs")
    same = DrugMapping.objects.filter(by=version.by, described=version.described)
    entry = version.meaning.as_entry()
    initial = {name: entry[name] for name in drugs.Meaning.__annotations__}
    context = {
        "version": version,
        "meant": meant(version),
        "in_force": in_force,
        "waiting": waiting,
        "own": own,
        "may_decide": waiting and may_decide and not own,
        "may_map": in_force and may(request.user, "map_drugs"),
        "others": [(each, meant(each)) for each in same.exclude(pk=version.pk)],
        "deciding": filled.get("deciding") or DecisionForm(auto_id=DECIDING),
        "revising": filled.get("revising") or MeaningForm(initial=initial, auto_id=REVISING),
        "ending": filled.get("ending") or TakeBackForm(auto_id=ENDING),
    }
    return render(request, "audits/drug_mapping.html", context)
