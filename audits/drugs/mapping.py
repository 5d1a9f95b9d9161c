"""Saying what a drug means that no reference table knows: proposed by one, approved by another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from hashlib import sha256

from .. import editions, proposals, trail
from ..models import DrugMapping, User
from ..proposals import Status
from ..reference import drugs, local
from ..reference.drugs import DrugIdentity


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
    said = {"by": name[0], "described": name[1], **vars(meaning)}
    return proposals.propose(MAPPINGS, said, reason, by=by, actor=actor, supersedes=supersedes)


def _fault(proposed: DrugMapping) -> str:
    """Return what is wrong with a meaning, or that the tables know the drug; empty: nothing."""
    said = proposed.meaning
    column = {"ndc": "ndc11", "rxcui": "rxcui", "name": "drug_name"}[said.by]
    identity = DrugIdentity(**{column: said.described})
    with editions.in_use() as directory:
        wrong = local.fault(said.ingredient, said.strength, said.strength_unit, said.form)
        known = drugs.match(identity, directory)
    if known and not wrong:
        return "The reference tables know this drug; a mapping never overrides them."
    return wrong


def _told(mapping: DrugMapping) -> dict:
    """Return the entry; the description, a text of others, is in it by its digest only."""
    digest = sha256(mapping.described.encode()).hexdigest()
    return {**mapping.meaning.as_entry(), "described": digest}


MAPPINGS = proposals.Kind(
    model=DrugMapping,
    place="description",
    fault=_fault,
    told=_told,
    acts={
        Status.PROPOSED: trail.Action.DRUG_MAPPING_PROPOSED,
        Status.APPROVED: trail.Action.DRUG_MAPPING_APPROVED,
        Status.REJECTED: trail.Action.DRUG_MAPPING_REJECTED,
    },
)
decide, take_back = partial(proposals.decide, MAPPINGS), partial(proposals.take_back, MAPPINGS)
