"""A rule's parameters over time: in force, proposed by one, approved by another."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import parameters
from ..catalogue import CATALOGUE
from ..forms.parameters import ProposalForm, ValueForm
from ..models import ParameterChange
from ..rule import Rule
from ..tables.judged import rests_on
from ..tables.listed import listed
from ..tables.parameters import ChangeTable, told_of, values_of
from .listing import page_or_fragment
from .permitted import may, needs, signed_in
from .proposing import REVISING, Pages, acted, by_whom


@signed_in
@require_safe
@vary_on_headers("HX-Request")
def rule_parameters(request: HttpRequest, name: str) -> HttpResponse:
    """Show the values of a rule's parameters over time, and every version of each."""
    return _parameters(request, _rule(name))


@needs("propose_parameters")
@require_POST
def propose(request: HttpRequest, name: str) -> HttpResponse:
    """Propose another value for a parameter of a rule."""
    rule = _rule(name)
    form = ProposalForm(rule, request.POST)

    def act() -> ParameterChange:
        of = rule, form.cleaned_data["parameter"]
        return parameters.propose(of, form.wanted(), **by_whom(request, form))

    return acted(request, form, act, lambda: _parameters(request, rule, form))


@signed_in
@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version of a value with its history and what can be done."""
    return PAGES.shown(request, pk)


@needs("approve_parameters")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the second person's word on a proposal."""
    return PAGES.decided(request, pk)


@needs("propose_parameters")
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a new version of a value in force."""
    version = PAGES.version(pk)
    if parameters.card_of(version) is None:
        raise Http404
    rule = CATALOGUE[version.rule]
    form = ValueForm(rule, version.parameter, request.POST, auto_id=REVISING)

    def act() -> ParameterChange:
        of = rule, version.parameter
        told = by_whom(request, form)
        return parameters.propose(of, form.wanted(), supersedes=version, **told)

    return acted(request, form, act, lambda: _change(request, version, revising=form))


@needs("propose_parameters")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a value in force is to count no longer."""
    return PAGES.taken_back(request, pk)


def _rule(name: str) -> Rule:
    """Return the rule of that name; raises Http404."""
    if name not in CATALOGUE:
        raise Http404
    return CATALOGUE[name]


def _parameters(request: HttpRequest, rule: Rule, form: ProposalForm | None = None) -> HttpResponse:
    versions = ParameterChange.objects.filter(rule=rule.name).select_related("proposed_by")
    context = {
        "rule": rule,
        "values": values_of(rule, ParameterChange.objects.in_force()),
        "table": listed(request, ChangeTable, versions),
        "form": form or ProposalForm(rule),
        "may_propose": may(request.user, "propose_parameters"),
        "waiting": versions.waiting(),
    }
    return page_or_fragment(request, "audits/rule_parameters.html", context)


def _change(request: HttpRequest, version: ParameterChange, **filled: forms.Form) -> HttpResponse:
    """Show a version; ``filled`` are forms that were sent and refused."""
    card, rule = parameters.card_of(version), CATALOGUE.get(version.rule)
    entry = version.meaning.as_entry()
    own = {
        "rule": rule,
        "card": card,
        "rests_on": rests_on(rule, version.parameter, entry) if card else "",
        "undecided": parameters.undecided_flags(rule) if rule else 0,
    }
    if card:
        initial = {name: entry[name] for name in parameters.Wanted.__annotations__}
        own["revising"] = ValueForm(rule, version.parameter, initial=initial, auto_id=REVISING)
    context = PAGES.standing(request, version, own | filled)
    return render(request, "audits/parameter_change.html", context)


PAGES = Pages(
    kind=parameters.CHANGES,
    called="Change",
    proposes="propose_parameters",
    approves="approve_parameters",
    show=_change,
    said=told_of,
)
