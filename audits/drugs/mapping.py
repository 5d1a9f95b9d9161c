"""Saying what a drug means that no reference table knows: proposed by one, approved by another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from .. import editions, jobs, snapshots, trail
from ..models import DrugMapping, User
from ..reference import drugs, local
from ..reference.drugs import DrugIdentity
from ..reference.local import LocalMapping

Status = DrugMapping.Status
WAITS = "A proposal for the same description waits for a decision already."
NOT_STANDING = "This mapping is not in force any more, so nothing can take its place."


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a person says a description means; ``strength`` None: the row's own is taken."""

    ingredient: str
    strength: Decimal | None
    strength_unit: str
    form: str
    valid_from: date
    valid_to: date | None


def propose(
    name: tuple[str, str],
    meaning: Meaning,
    reason: str,
    *,
    by: User,
    actor: trail.Actor,
    supersedes: DrugMapping | None = None,
) -> DrugMapping:
    """Propose that a description means a drug; it counts once another person approves it.

    ``name`` is what it goes by (one of NAMED_BY) and the text. With ``supersedes`` it is to
    take the place of that mapping. Raises Refused with a sentence.
    """
    proposed = DrugMapping(
        by=name[0],
        described=name[1],
        ingredient=meaning.ingredient,
        strength=meaning.strength,
        strength_unit=meaning.strength_unit,
        form=meaning.form,
        valid_from=meaning.valid_from,
        valid_to=meaning.valid_to,
        reason=reason.strip(),
        supersedes=supersedes,
        proposed_by=by,
    )
    _refuse_unsound(proposed)
    return _proposed(proposed, actor)


def take_back(standing: DrugMapping, reason: str, *, by: User, actor: trail.Actor) -> DrugMapping:
    """Propose that a mapping in force is to count no longer; raises Refused with a sentence."""
    ending = DrugMapping(
        by=standing.by,
        described=standing.described,
        valid_from=standing.valid_from,
        valid_to=standing.valid_to,
        reason=reason.strip(),
        supersedes=standing,
        proposed_by=by,
    )
    return _proposed(ending, actor)


def decide(
    mapping: DrugMapping, *, agrees: bool, reason: str, by: User, actor: trail.Actor
) -> DrugMapping:
    """Approve or reject a proposal of somebody else; once approved, the rules run again.

    Raises Refused with a sentence.
    """
    if not agrees and not reason.strip():
        raise jobs.Refused("Say why you do not agree.")
    with transaction.atomic():
        # All versions of the description are locked: of two who decide at once, one waits.
        there = DrugMapping.objects.select_for_update().filter(
            by=mapping.by, described=mapping.described
        )
        mapping = next(each for each in there.order_by("pk") if each.pk == mapping.pk)
        _refuse_decision(mapping, by)
        if agrees:
            _refuse_unfit(mapping)
        mapping.status = Status.APPROVED if agrees else Status.REJECTED
        mapping.decided_by, mapping.decided_at = by, timezone.now()
        mapping.decision_reason = reason.strip()
        mapping.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
        snapshot = snapshots.latest()
        if agrees and snapshot:
            jobs.enqueue("evaluate", "snapshot", snapshot.number, {}, actor)
        action = "DRUG_MAPPING_APPROVED" if agrees else "DRUG_MAPPING_REJECTED"
        _tell(mapping, trail.Action[action], actor, mapping.decision_reason)
    return mapping


def _proposed(proposed: DrugMapping, actor: trail.Actor) -> DrugMapping:
    """Write a proposal with its event."""
    if not proposed.reason:
        raise jobs.Refused("Say why.")
    _refuse_unfit(proposed)
    try:
        with transaction.atomic():
            proposed.save(force_insert=True)
            _tell(proposed, trail.Action.DRUG_MAPPING_PROPOSED, actor, proposed.reason)
    except IntegrityError:
        raise jobs.Refused(WAITS) from None
    return proposed


def _refuse_unsound(proposed: DrugMapping) -> None:
    """Raise Refused for a meaning that cannot be, and for a drug that the tables know."""
    said = proposed.meaning
    if sentence := local.fault(said.ingredient, said.strength, said.strength_unit, said.form):
        raise jobs.Refused(sentence)
    if said.valid_to and said.valid_to < said.valid_from:
        raise jobs.Refused("The last day lies before the first.")
    column = {"ndc": "ndc11", "rxcui": "rxcui", "name": "drug_name"}[said.by]
    if drugs.match(DrugIdentity(**{column: said.described}), editions.directory()):
        raise jobs.Refused("The reference tables know this drug; a mapping never overrides them.")


def _refuse_unfit(mapping: DrugMapping) -> None:
    """Raise Refused unless it can take its place among the mappings in force."""
    in_force = DrugMapping.objects.in_force().filter(by=mapping.by, described=mapping.described)
    standing = list(in_force)
    if mapping.supersedes_id and mapping.supersedes_id not in {each.pk for each in standing}:
        raise jobs.Refused(NOT_STANDING)
    others = [each for each in standing if each.pk != mapping.supersedes_id]
    said: LocalMapping = mapping.meaning
    for each in others if mapping.ingredient else ():
        if said.overlaps(each.meaning):
            raise jobs.Refused(
                f"Mapping {each.pk} is in force for some of these days. "
                "Choose other days, or propose a new version of that one."
            )


def _refuse_decision(mapping: DrugMapping, by: User) -> None:
    if mapping.status != Status.PROPOSED:
        raise jobs.Refused(f"{mapping.decided_by} has decided on this proposal already.")
    if mapping.proposed_by_id == by.pk:
        raise jobs.Refused("You proposed this mapping; another person has to decide on it.")


def _tell(mapping: DrugMapping, action: trail.Action, actor: trail.Actor, reason: str) -> None:
    """Write the event; the description, a text of others, is in it by its digest only."""
    entry = mapping.meaning.as_entry()
    entry["described"] = sha256(mapping.described.encode()).hexdigest()
    trail.record(
        actor=actor,
        action=action,
        object_type="drug_mapping",
        object_id=str(mapping.pk),
        after={**entry, "supersedes": mapping.supersedes_id, "status": mapping.status},
        reason=reason,
    )
