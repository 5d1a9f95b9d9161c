"""The page of a flag: why it was raised, on which records, and what people made of it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import review, trail
from ..catalogue import CATALOGUE
from ..forms.decisions import DecisionForm, RecusalForm, SignOffForm
from ..ledger import LedgerError
from ..models import Decision, Event, EvidenceChange, Flag, FlagState, Holding
from ..tables import judged, saying
from ..tables.evidence import lay_out
from ..tables.people import prescriber_link
from ..vocabulary import Severity
from .listing import whole
from .noting import note_view
from .permitted import may, needs

EVENTS = 50
READER = "Auditors read. Claiming and deciding are for compliance officers."
UNREADABLE = "The records of this ledger version cannot be read now, so it was not recomputed."


@needs("view_records")
@require_safe
def flag(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a flag; the trail notes it once an hour for each person and session."""
    state = found(public_id)
    note_view(request, trail.Action.FLAG_VIEWED, "flag", state.flag.public_id)
    context = page(request, state)
    if "recompute" in request.GET:
        context["recomputed"] = recomputed(state)
    return render(request, "audits/flag.html", context)


@needs("view_records")
@require_safe
def flag_recomputed(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what the independent oracle says of the flag now; a part of its page."""
    context = {"recomputed": recomputed(found(public_id))}
    return render(request, "audits/_flag_recomputed.html", context)


def found(public_id: str) -> FlagState:
    """Return the state of a flag that people see; raises Http404 where there is none."""
    states = FlagState.objects.seen().with_status().filter(flag__public_id=public_id)
    related = ("flag__claimed_by", "flag__recurrence_of", "since__snapshot", "since__reference_set")
    state = states.select_related(*related).first()
    if state is None:
        raise Http404
    return state


def page(request: HttpRequest, state: FlagState, **forms: object) -> dict:
    """Return everything the page shows; ``forms`` are those that came back with errors."""
    rule = CATALOGUE[state.flag.rule]
    evidence = review.evidence_of(state, whole(request.GET.get("evidence")) or 1)
    decision = state.flag.decisions.standing().select_related("decided_by", "seconded_by").first()
    return {
        "flag": state.flag,
        "state": state,
        "rule": rule,
        "definition": rule.definitions[state.definition],
        "sentence": saying.sentence(state),
        "subject": saying.subject(state.flag),
        "named": saying.named(state.flag),
        "prescriber": prescriber_link(state.prescriber),
        "kind": saying.kind(state.flag),
        "value": saying.grouped(saying.exact_of(state)),
        "lines": saying.lines_of(state),
        "raised_on": review.raised_on(state),
        "judged": judged.settings_of(state),
        "notes": saying.notes(state),
        "evidence": evidence,
        "layout": lay_out(state, evidence),
        "tables": saying.tables_of(state),
        "holdings": Holding.objects.filter(pk__in=state.holdings).select_related("upload"),
        "status_text": Flag.Status(state.status).label,
        "decision": decision,
        **history(request, state, decision),
        **standing(request, state, decision),
        **(unbound(state) | forms),
    }


def unbound(state: FlagState) -> dict:
    """Return the empty forms of the page."""
    return {
        "decide_form": DecisionForm(initial={"state": state.pk}),
        "sign_form": SignOffForm(prefix="second"),
        "recuse_form": RecusalForm(prefix="recuse"),
    }


def standing(request: HttpRequest, state: FlagState, decision: Decision | None) -> dict:
    """Return what the person may do to the flag, and in words why not the rest."""
    by, handling = request.user, state.flag.handling
    waiting = decision is not None and handling == "awaiting_second"
    if not may(by, "decide_flags"):
        return {"obstacle": READER, "second_obstacle": READER, "waiting": waiting}
    refusal = review.why_not(state, by)
    second = review.why_not_second(state, by) if waiting else None
    claimant = state.flag.claimed_by
    obstacle = str(refusal or "")
    if state.verdict != FlagState.Verdict.FIRED:
        obstacle = "There is nothing to decide: " + state.get_verdict_display().lower() + "."
    elif handling == "claimed" and claimant != by:
        obstacle = obstacle or f"{claimant} has claimed this flag. Release it first."
    return {
        "obstacle": obstacle,
        "second_obstacle": str(second or ""),
        "waiting": waiting,
        "may_claim": handling == "open" and not obstacle,
        "may_release": handling == "claimed",
        "may_recuse": not isinstance(refusal, review.Recused)
        and handling != "decided"
        and not (decision and decision.decided_by == by),
        "second_needed": _second_needed(state),
    }


def _second_needed(state: FlagState) -> str:
    """Return for which outcomes another person has to sign, in words."""
    if state.severity == Severity.CRITICAL:
        return "The flag is critical: whatever you decide, a second person has to sign."
    if review.needs_second(state.severity, Decision.Outcome.NO_CONCERN):
        return "The flag is high: for no concern a second person has to sign."
    return ""


def history(request: HttpRequest, state: FlagState, decision: Decision | None) -> dict:
    """Return what came before on this subject, what changed since, and who did what."""
    shown = FlagState.objects.seen().with_status().select_related("flag", "since")
    others = shown.filter(flag__rule=state.flag.rule, flag__subject_id=state.flag.subject_id)
    others = others.exclude(flag=state.flag).order_by("-flag_id")
    decided = Decision.objects.standing().filter(flag__in=[other.flag_id for other in others])
    decisions = {each.flag_id: each for each in decided.select_related("decided_by")}
    events = Event.objects.filter(object_type="flag", object_id=state.flag.public_id)
    if not may(request.user, "read_trail"):
        events = events.exclude(action=trail.Action.FLAG_VIEWED)
    return {
        "others": [{"state": each, "decision": decisions.get(each.flag_id)} for each in others],
        "events": list(events.order_by("-seq")[:EVENTS]),
        "change": _change(state, decision),
    }


def _change(state: FlagState, decision: Decision | None) -> dict | None:
    """Return what a decision covered and the records no longer show; None where all is there."""
    published = EvidenceChange.objects.filter(decision=decision, since__unpublished=False)
    last = published.select_related("since").order_by("-pk").first() if decision else None
    if last is None or not last.missing:
        return None
    rule = CATALOGUE[state.flag.rule]
    values = (each.in_force(rule).digest for each in (last.since, decision.state.since))
    return {
        "since": last.since,
        "values": len(set(values)) > 1,
        "missing": [saying.told(rule, each) for each in last.missing],
    }


def recomputed(state: FlagState) -> dict:
    """Return what the oracle says: its sentences, whether it agrees, what would clear it."""
    if state.verdict == FlagState.Verdict.WITHDRAWN:
        return {"failure": "The records no longer support this flag; there is nothing to add up."}
    try:
        return {"said": review.reconsidered(state), "raising": review.raising(state)}
    except LedgerError:
        return {"failure": UNREADABLE}
