"""Deciding a flag, and the second person that grave decisions need."""

from hashlib import sha256

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .. import trail
from ..models import Decision, Evaluation, Flag, FlagState, User
from ..vocabulary import Severity
from .refusals import AlreadyDecided, Incomplete, StaleView, taken
from .standing import firing_state, refuse_unfit, seen_state, why_not_second

GRAVE = (Severity.HIGH, Severity.CRITICAL)
NOT_WAITING = "This flag does not await a second person."


def needs_second(severity: str, outcome: str) -> bool:
    """Return whether a decision takes effect only with a second person's word."""
    no_concern = outcome == Decision.Outcome.NO_CONCERN
    return severity == Severity.CRITICAL or (no_concern and severity in GRAVE)


def decide(  # noqa: PLR0917 - who, what and why in the order they are said
    flag: Flag, state_id: int, outcome: str, reason: str, by: User, actor: trail.Actor
) -> Decision:
    """Decide ``flag`` as it was seen in ``state_id``; return the decision.

    It covers exactly that state's occurrences. Exactly one of two people at once
    succeeds. Raises Incomplete, Recused, Conflicted, NotUnderReview, ClaimedByAnother,
    AlreadyDecided (naming who) or StaleView (with the state there is now).
    """
    reason = _complete(outcome, reason)
    refuse_unfit(firing_state(flag), by)
    with transaction.atomic():
        _hold_publication()
        state = seen_state(flag)
        second = needs_second(state.severity, outcome)
        handling = "awaiting_second" if second else "decided"
        free = Q(handling="open") | Q(handling="claimed", claimed_by=by)
        if not Flag.objects.filter(free, pk=flag.pk).update(handling=handling):
            raise taken(flag)
        if state.pk != state_id:
            raise StaleView(state)
        firing_state(flag)
        decision = Decision.objects.create(
            flag=flag,
            state=state,
            outcome=outcome,
            reason=reason,
            decided_by=by,
            covers=covered(state),
        )
        _record(decision, trail.Action.FLAG_DECIDED, actor, reason, handling=handling)
    return decision


def sign_off(
    decision: Decision, by: User, actor: trail.Actor, agree: bool, reason: str = ""
) -> None:
    """Say as the second person whether ``decision`` stands; without agreement the flag opens again.

    Only who neither decided, claimed nor stepped back may. A reason is needed to disagree.
    Raises Incomplete, NotTheSecond, Recused, Conflicted, AlreadyDecided, or StaleView where
    the flag shows more than the decision covers; to disagree stays possible then.
    """
    reason = reason.strip()
    if not agree and not reason:
        raise Incomplete("Say why you do not agree.")
    flag = Flag.objects.get(pk=decision.flag_id)
    state = seen_state(flag)
    if refusal := why_not_second(state, by):
        raise refusal
    with transaction.atomic():
        _hold_publication()
        if agree and (now := _uncovered(decision)):
            raise StaleView(now)
        handling = "decided" if agree else "open"
        waiting = Flag.objects.filter(pk=flag.pk, handling="awaiting_second")
        facts = {} if agree else {"claimed_by": None}
        if not waiting.filter(decisions=decision).update(handling=handling, **facts):
            raise AlreadyDecided(NOT_WAITING)
        _settle(decision, by, actor, reason, handling)


def covered(state: FlagState) -> list[dict]:
    """Return the identity and severity of every occurrence of ``state``."""
    names = ("definition", "occurred_on", "digest", "severity")
    return [{name: each[name] for name in names} for each in state.occurrences]


def _complete(outcome: str, reason: str) -> str:
    """Return the reason trimmed; raises Incomplete where it or the outcome is missing."""
    if outcome not in Decision.Outcome.values:
        raise Incomplete("Choose an outcome.")
    if not reason.strip():
        raise Incomplete("Give a reason.")
    return reason.strip()


def _hold_publication() -> None:
    """Let no evaluation be published until this transaction ends, where the engine locks rows.

    What is decided is then either seen by the evaluation that publishes or decided on
    what it published. SQLite has one writer at a time and needs no lock.
    """
    list(Evaluation.objects.select_for_update().filter(unpublished=True).values_list("pk"))


def _uncovered(decision: Decision) -> FlagState | None:
    """Return the seen state where it shows an occurrence that ``decision`` does not cover."""
    state = seen_state(decision.flag)
    known = {tuple(sorted(each.items())) for each in decision.covers}
    shown = {tuple(sorted(each.items())) for each in covered(state)}
    return None if shown <= known else state


def _settle(decision: Decision, by: User, actor: trail.Actor, reason: str, handling: str) -> None:
    """Write the second person's word, and its event."""
    agreed = handling == "decided"
    if agreed:
        second = {"seconded_by": by, "seconded_at": timezone.now()}
    else:
        second = {"declined_by": by, "declined_at": timezone.now()}
    Decision.objects.standing().filter(pk=decision.pk, seconded_by=None).update(**second)
    outcome = trail.Result.SUCCESS if agreed else trail.Result.DENIED
    told = {"handling": handling, "agrees": agreed, "decided_by": str(decision.decided_by_id)}
    _record(decision, trail.Action.FLAG_SIGNED_OFF, actor, reason, outcome=outcome, **told)


def _record(
    decision: Decision,
    action: trail.Action,
    actor: trail.Actor,
    reason: str,
    outcome: str = trail.Result.SUCCESS,
    **more,
) -> None:
    """Write the event of an act on a decision: what was covered, as a digest."""
    trail.record(
        actor=actor,
        action=action,
        object_type="flag",
        object_id=decision.flag.public_id,
        after={
            "decision": decision.pk,
            "outcome": decision.outcome,
            "state": decision.state_id,
            "severity": decision.state.severity,
            "occurrences": len(decision.covers),
            "covers": sha256(trail.canonical(decision.covers)).hexdigest(),
            **more,
        },
        reason=reason,
        outcome=outcome,
    )
