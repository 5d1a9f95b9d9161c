"""Saying whose a number in the records is: proposed by one, approved by another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import Q, QuerySet

from . import coverage, proposals, snapshots, trail
from .models import NumberMapping, User
from .proposals import Status
from .reference import numbers
from .reference.numbers import PRESCRIBERS

CHAINED = "Number mapping {} is in force for {}; a mapping never leads on to another."


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a person says a number stands for, on which days."""

    means: str
    valid_from: date
    valid_to: date | None


def propose(
    number: tuple[str, str],
    meaning: Meaning,
    reason: str,
    *,
    by: User,
    actor: trail.Actor,
    supersedes: NumberMapping | None = None,
) -> NumberMapping:
    """Propose whose a number is; it counts once another person approves it.

    ``number`` is whose it is (PRESCRIBERS or PHARMACIES) and the number as the records have
    it. With ``supersedes`` it is to take the place of that mapping. Raises Refused with a
    sentence, LedgerError where the records cannot be read.
    """
    said = {"whose": number[0], "number": number[1], **vars(meaning)}
    return proposals.propose(NUMBERS, said, reason, by=by, actor=actor, supersedes=supersedes)


def mapped(whose: str, keys: Iterable[str]) -> Mapping[str, list[NumberMapping]]:
    """Return by number the mappings in force, and those proposed, of the numbers in ``keys``."""
    there = NumberMapping.objects.in_force() | NumberMapping.objects.waiting()
    found = defaultdict(list)
    for mapping in there.filter(whose=whose, number__in=set(keys)).order_by("valid_from", "pk"):
        found[mapping.number].append(mapping)
    return found


def is_listed(whose: str, number: str) -> bool:
    """Return whether practitioners on record have a prescriber's number: no mapping counts for it.

    Raises LedgerError where the records cannot be read.
    """
    snapshot = snapshots.latest()
    return bool(whose == PRESCRIBERS and snapshot and coverage.is_listed(snapshot, number))


def _fault(proposed: NumberMapping) -> str:
    """Return what is wrong with a mapping by itself or by the records, empty where nothing is."""
    said = proposed.meaning
    wrong = numbers.fault(said.whose, said.number, said.means)
    return wrong or _told_otherwise(proposed)


def _chained(proposed: NumberMapping, in_force: QuerySet) -> str:
    """Return which mapping this one would lead on to, or be led to from; or nothing."""
    either = Q(number=proposed.means) | Q(means=proposed.number)
    others = in_force.filter(either, whose=proposed.whose).exclude(pk=proposed.supersedes_id)
    other = others.first()
    if other is None:
        return ""
    shared = proposed.means if other.number == proposed.means else proposed.number
    return CHAINED.format(other.pk, shared)


def _told_otherwise(proposed: NumberMapping) -> str:
    """Return what the newest records tell themselves against it; or nothing."""
    snapshot, whose, number = snapshots.latest(), proposed.whose, proposed.number
    found = coverage.keys_beside(snapshot, whose, number) if snapshot else set()
    if number not in found:
        told = f"The records count it as {min(found)} themselves." if found else ""
        return told or "No record in force names this number."
    if other := sorted(found - {number, proposed.means}):
        return f"Some records name {other[0]} beside this number; a mapping never overrides them."
    if is_listed(whose, number):
        return "Practitioners on record have this number; a mapping never overrides them."
    if whose == PRESCRIBERS:
        return ""
    counted = coverage.keys_beside(snapshot, whose, proposed.means) - {proposed.means}
    if counted:
        return f"The records count {proposed.means} as {min(counted)}: give that number."
    return ""


NUMBERS = proposals.Kind(
    model=NumberMapping,
    place="number",
    fault=_fault,
    clash=_chained,
    told=lambda mapping: mapping.meaning.as_entry(),
    acts={
        Status.PROPOSED: trail.Action.NUMBER_MAPPING_PROPOSED,
        Status.APPROVED: trail.Action.NUMBER_MAPPING_APPROVED,
        Status.REJECTED: trail.Action.NUMBER_MAPPING_REJECTED,
    },
)
decide, take_back = partial(proposals.decide, NUMBERS), partial(proposals.take_back, NUMBERS)
