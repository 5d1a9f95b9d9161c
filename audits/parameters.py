"""Other values for a rule's parameters, from a day on: proposed by one, approved by another."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from . import in_force, jobs, snapshots, trail
from .catalogue import CATALOGUE
from .models import Flag, FlagState, ParameterChange, User
from .rule import Parameter, Rule

Status = ParameterChange.Status
WAITS = "A proposal for the same parameter waits for a decision already."
NOT_STANDING = "This value is not in force any more, so nothing can take its place."
GONE = "The rule has no such parameter any more."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person wants a parameter to be; ``source`` names the text that ``basis`` is in."""

    value: int
    valid_from: date
    valid_to: date | None
    basis: str
    source: str


def propose(
    of: tuple[Rule, str],
    wanted: Wanted,
    reason: str,
    *,
    by: User,
    actor: trail.Actor,
    supersedes: ParameterChange | None = None,
) -> ParameterChange:
    """Propose another value for a parameter; it counts once another person approves it.

    ``of`` are the rule and the parameter's name. With ``supersedes`` it is to take the
    place of that change. Raises Refused with a sentence.
    """
    rule, parameter = of
    proposed = ParameterChange(
        rule=rule.name,
        parameter=parameter,
        value=wanted.value,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        basis=wanted.basis,
        source=wanted.source.strip(),
        reason=reason.strip(),
        supersedes=supersedes,
        proposed_by=by,
    )
    card = card_of(proposed)
    if card is None:
        raise jobs.Refused(f"{rule.number} has no parameter called {parameter}.")
    if sentence := in_force.fault(card, proposed.meaning):
        raise jobs.Refused(sentence)
    return _proposed(proposed, actor)


def take_back(
    standing: ParameterChange, reason: str, *, by: User, actor: trail.Actor
) -> ParameterChange:
    """Propose that a change in force is to count no longer; raises Refused with a sentence."""
    ending = ParameterChange(
        rule=standing.rule,
        parameter=standing.parameter,
        valid_from=standing.valid_from,
        valid_to=standing.valid_to,
        basis=standing.basis,
        source=standing.source,
        reason=reason.strip(),
        supersedes=standing,
        proposed_by=by,
    )
    return _proposed(ending, actor)


def decide(
    change: ParameterChange, *, agrees: bool, reason: str, by: User, actor: trail.Actor
) -> ParameterChange:
    """Approve or reject a proposal of somebody else; once approved, the rules run again.

    Raises Refused with a sentence.
    """
    if not agrees and not reason.strip():
        raise jobs.Refused("Say why you do not agree.")
    with transaction.atomic():
        # All versions of the parameter are locked: of two who decide at once, one waits.
        there = ParameterChange.objects.select_for_update().filter(
            rule=change.rule, parameter=change.parameter
        )
        change = next(each for each in there.order_by("pk") if each.pk == change.pk)
        _refuse_decision(change, by)
        if agrees:
            _refuse_unfit(change)
        change.status = Status.APPROVED if agrees else Status.REJECTED
        change.decided_by, change.decided_at = by, timezone.now()
        change.decision_reason = reason.strip()
        change.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
        snapshot = snapshots.latest()
        if agrees and snapshot:
            jobs.enqueue("evaluate", "snapshot", snapshot.number, {}, actor)
        action = "PARAMETERS_APPROVED" if agrees else "PARAMETERS_REJECTED"
        _tell(change, trail.Action[action], actor, change.decision_reason)
    return change


def card_of(change: ParameterChange) -> Parameter | None:
    """Return the parameter as the rule's card has it, None where there is none any more."""
    rule = CATALOGUE.get(change.rule)
    return rule.parameters.get(change.parameter) if rule else None


def undecided_flags(rule: Rule) -> int:
    """Return how many undecided flags of ``rule`` fire now: those a change may touch."""
    firing = FlagState.objects.seen().filter(verdict=FlagState.Verdict.FIRED)
    return firing.filter(flag__rule=rule.name, flag__handling__in=Flag.UNDECIDED).count()


def _proposed(proposed: ParameterChange, actor: trail.Actor) -> ParameterChange:
    """Write a proposal with its event."""
    if not proposed.reason:
        raise jobs.Refused("Say why.")
    if not proposed.source:
        raise jobs.Refused("Name the source: the text that says so, or whose decision it is.")
    _refuse_unfit(proposed)
    try:
        with transaction.atomic():
            proposed.save(force_insert=True)
            _tell(proposed, trail.Action.PARAMETERS_PROPOSED, actor, proposed.reason)
    except IntegrityError:
        raise jobs.Refused(WAITS) from None
    return proposed


def _refuse_unfit(change: ParameterChange) -> None:
    """Raise Refused unless it can take its place among the changes in force."""
    if card_of(change) is None and change.value is not None:
        raise jobs.Refused(GONE)
    counting = ParameterChange.objects.in_force()
    standing = list(counting.filter(rule=change.rule, parameter=change.parameter))
    if change.supersedes_id and change.supersedes_id not in {each.pk for each in standing}:
        raise jobs.Refused(NOT_STANDING)
    others = [each for each in standing if each.pk != change.supersedes_id]
    for each in others if change.value is not None else ():
        if change.meaning.overlaps(each.meaning):
            raise jobs.Refused(
                f"Change {each.pk} is in force for some of these days. "
                "Choose other days, or propose a new version of that one."
            )


def _refuse_decision(change: ParameterChange, by: User) -> None:
    if change.status != Status.PROPOSED:
        raise jobs.Refused(f"{change.decided_by} has decided on this proposal already.")
    if change.proposed_by_id == by.pk:
        raise jobs.Refused("You proposed this value; another person has to decide on it.")


def _tell(change: ParameterChange, action: trail.Action, actor: trail.Actor, reason: str) -> None:
    trail.record(
        actor=actor,
        action=action,
        object_type="parameter_change",
        object_id=str(change.pk),
        after={
            **change.meaning.as_entry(),
            "value": change.value,
            "supersedes": change.supersedes_id,
            "status": change.status,
        },
        reason=reason,
    )
