"""A rule's parameters over time: in force, proposed by one, approved by another."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import parameters
from ..catalogue import CATALOGUE
from ..forms.drugs import DecisionForm, TakeBackForm
from ..forms.parameters import ProposalForm, ValueForm
from ..models import ParameterChange
from ..rule import Rule
from ..tables.judged import rests_on
from ..tables.listed import listed
from ..tables.parameters import ChangeTable, told_of, values_of
from .listing import page_or_fragment
from .permitted import may, needs, signed_in
from .proposing import acted, by_whom

VERSION_PAGE = "parameter_change"
# Several forms on one page: what each calls its fields there.
DECIDING, REVISING, ENDING = "deciding_%s", "revising_%s", "ending_%s"


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

    return acted(request, form, act, VERSION_PAGE, lambda: _parameters(request, rule, form))


@signed_in
@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version of a value with its history and what can be done."""
    return _change(request, _version(pk))


@needs("approve_parameters")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the second person's word on a proposal."""
    version, form = _version(pk), DecisionForm(request.POST, auto_id=DECIDING)

    def act() -> ParameterChange:
        return parameters.decide(
            version, agrees=form.cleaned_data["agree"], **by_whom(request, form)
        )

    return acted(request, form, act, VERSION_PAGE, lambda: _change(request, version, deciding=form))


@needs("propose_parameters")
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a new version of a value in force."""
    version = _version(pk)
    if parameters.card_of(version) is None:
        raise Http404
    rule = CATALOGUE[version.rule]
    form = ValueForm(rule, version.parameter, request.POST, auto_id=REVISING)

    def act() -> ParameterChange:
        of = rule, version.parameter
        told = by_whom(request, form)
        return parameters.propose(of, form.wanted(), supersedes=version, **told)

    return acted(request, form, act, VERSION_PAGE, lambda: _change(request, version, revising=form))


@needs("propose_parameters")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a value in force is to count no longer."""
    version, form = _version(pk), TakeBackForm(request.POST, auto_id=ENDING)

    def act() -> ParameterChange:
        return parameters.take_back(version, **by_whom(request, form))

    return acted(request, form, act, VERSION_PAGE, lambda: _change(request, version, ending=form))


def _rule(name: str) -> Rule:
    """Return the rule of that name; raises Http404."""
    if name not in CATALOGUE:
        raise Http404
    return CATALOGUE[name]


def _version(pk: int) -> ParameterChange:
    people = "proposed_by", "decided_by", "supersedes"
    return get_object_or_404(ParameterChange.objects.select_related(*people), pk=pk)


def _parameters(request: HttpRequest, rule: Rule, form: ProposalForm | None = None) -> HttpResponse:
    versions = ParameterChange.objects.filter(rule=rule.name).select_related("proposed_by")
    context = {
        "rule": rule,
        "values": values_of(rule, ParameterChange.objects.in_force()),
        "table": listed(request, ChangeTable, versions),
        "form": form or ProposalForm(rule),
        "may_propose": may(request.user, "propose_parameters"),
        "waiting": versions.filter(status=ParameterChange.Status.PROPOSED),
    }
    return page_or_fragment(request, "audits/rule_parameters.html", context)


def _change(request: HttpRequest, version: ParameterChange, **filled: forms.Form) -> HttpResponse:
    """Show a version; ``filled`` are forms that were sent and refused."""
    card = parameters.card_of(version)
    rule = CATALOGUE.get(version.rule)
    same = ParameterChange.objects.filter(rule=version.rule, parameter=version.parameter)
    in_force = same.in_force().filter(pk=version.pk).exists()
    context = {
        "version": version,
        "rule": rule,
        "card": card,
        "rests_on": rests_on(rule, version.parameter, version.meaning.as_entry()) if card else "",
        "undecided": parameters.undecided_flags(rule) if rule else 0,
        "in_force": in_force,
        "others": [(each, told_of(each)) for each in same.exclude(pk=version.pk)],
        **_standing(request, version),
        "deciding": filled.get("deciding") or DecisionForm(auto_id=DECIDING),
        "ending": filled.get("ending") or TakeBackForm(auto_id=ENDING),
    }
    context["may_revise"] = in_force and may(request.user, "propose_parameters")
    if context["may_revise"] and card:
        entry = version.meaning.as_entry()
        initial = {name: entry[name] for name in parameters.Wanted.__annotations__}
        empty = ValueForm(rule, version.parameter, initial=initial, auto_id=REVISING)
        context["revising"] = filled.get("revising") or empty
    return render(request, "audits/parameter_change.html", context)


def _standing(request: HttpRequest, version: ParameterChange) -> dict:
    """Return whether the proposal waits, and what the person has to do with it."""
    waiting = version.status == ParameterChange.Status.PROPOSED
    own = version.proposed_by_id == request.user.pk
    decides = waiting and not own and may(request.user, "approve_parameters")
    return {"waiting": waiting, "own": own, "may_decide": decides}
