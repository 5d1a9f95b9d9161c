"""Other values for a rule's parameters, from a day on: proposed by one, approved by another."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from . import in_force, proposals, trail
from .catalogue import CATALOGUE
from .models import Flag, FlagState, ParameterChange, User
from .proposals import Status
from .rule import Parameter, Rule


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
    said = {"rule": of[0].name, "parameter": of[1], **vars(wanted), "source": wanted.source.strip()}
    return proposals.propose(CHANGES, said, reason, by=by, actor=actor, supersedes=supersedes)


def card_of(change: ParameterChange) -> Parameter | None:
    """Return the parameter as the rule's card has it, None where there is none any more."""
    rule = CATALOGUE.get(change.rule)
    return rule.parameters.get(change.parameter) if rule else None


def undecided_flags(rule: Rule) -> int:
    """Return how many undecided flags of ``rule`` fire now: those a change may touch."""
    firing = FlagState.objects.seen().filter(verdict=FlagState.Verdict.FIRED)
    return firing.filter(flag__rule=rule.name, flag__handling__in=Flag.UNDECIDED).count()


def _fault(change: ParameterChange) -> str:
    """Return what is wrong with a change, in one sentence; empty where nothing is."""
    card, rule = card_of(change), CATALOGUE.get(change.rule)
    if card is None:
        return f"{rule.number if rule else change.rule} has no parameter called {change.parameter}."
    if not change.source:
        return "Name the source: the text that says so, or whose decision it is."
    return in_force.fault(card, change.meaning)


def _told(change: ParameterChange) -> dict:
    """Return the entry, without a value where the change takes another back."""
    return {**change.meaning.as_entry(), "value": change.value}


CHANGES = proposals.Kind(
    model=ParameterChange,
    place="parameter",
    fault=_fault,
    told=_told,
    acts={
        Status.PROPOSED: trail.Action.PARAMETERS_PROPOSED,
        Status.APPROVED: trail.Action.PARAMETERS_APPROVED,
        Status.REJECTED: trail.Action.PARAMETERS_REJECTED,
    },
)
decide, take_back = partial(proposals.decide, CHANGES), partial(proposals.take_back, CHANGES)
