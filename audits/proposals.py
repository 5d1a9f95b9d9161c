"""What one person proposes counts once another has decided so; then the rules run again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from . import jobs, snapshots, trail
from .models import Proposal, User
from .models.proposal import Decided

Status = Proposal.Status
Of = TypeVar("Of", bound=Decided)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a kind of proposal has of its own.

    ``place`` is what one is about, in a word. ``fault`` says what is wrong with one, in a
    sentence, empty where nothing is; it may take a while and is asked again before an
    approval. ``clash`` says so of one beside those in force. ``told`` is what an event tells
    of one. ``acts`` are the names of proposing, approving and rejecting.
    """

    model: type[Proposal]
    place: str
    fault: Callable[[Any], str]
    told: Callable[[Any], dict]
    acts: Mapping[Status, trail.Action]
    clash: Callable[[Any, QuerySet], str] = lambda _version, _in_force: ""

    @property
    def title(self) -> str:
        """Return what one of them is called, in words."""
        return str(self.model._meta.verbose_name)


def propose(
    kind: Kind,
    said: Mapping[str, object],
    reason: str,
    *,
    by: User,
    actor: trail.Actor,
    supersedes: Proposal | None = None,
) -> Proposal:
    """Propose what ``said`` tells; it counts once another person approves it.

    With ``supersedes`` it is to take the place of that version. Raises Refused with a sentence.
    """
    proposed = kind.model(**said, reason=reason.strip(), supersedes=supersedes, proposed_by=by)
    return _proposed(kind, proposed, actor)


def take_back(
    kind: Kind, standing: Proposal, reason: str, *, by: User, actor: trail.Actor
) -> Proposal:
    """Propose that what is in force is to count no longer; raises Refused with a sentence."""
    return _proposed(kind, standing.ending(reason=reason.strip(), proposed_by=by), actor)


def decide(
    kind: Kind, version: Proposal, *, agrees: bool, reason: str, by: User, actor: trail.Actor
) -> Proposal:
    """Approve or reject a proposal of somebody else; once approved, the rules run again.

    Raises Refused with a sentence.
    """
    if not agrees and not reason.strip():
        raise jobs.Refused("Say why you do not agree.")
    if agrees and not version.decided_at:
        _refuse_faulty(kind, version)
    with transaction.atomic():
        version = locked(version, kind.model.objects.all())
        if version.proposed_by_id == by.pk:
            raise jobs.Refused(
                f"You proposed this {kind.title}; another person has to decide on it."
            )
        if agrees:
            _refuse_displaced(kind, version)
        settle(version, by, reason, status=Status.APPROVED if agrees else Status.REJECTED)
        snapshot = snapshots.latest()
        if agrees and snapshot:
            jobs.enqueue("evaluate", "snapshot", snapshot.number, {}, actor)
        _tell(kind, version, actor, version.decision_reason)
    return version


def locked(version: Of, beside: QuerySet[Of]) -> Of:
    """Return ``version`` as it is now, locked with all ``beside`` it, within a transaction.

    Of two who decide at once one waits here; raises Refused, which names who was first.
    """
    there = beside.select_for_update().order_by("pk")
    version = next(each for each in there if each.pk == version.pk)
    if version.decided_at:
        raise jobs.Refused(f"{version.decided_by} has decided on this version already.")
    return version


def settle(version: Decided, by: User, reason: str, **moved: object) -> None:
    """Write a person's word on a version, and what else is ``moved`` by it."""
    told = {"decided_by": by, "decided_at": timezone.now(), "decision_reason": reason.strip()}
    for name, value in (moved | told).items():
        setattr(version, name, value)
    version.save(update_fields=[*moved, *told])


def _proposed(kind: Kind, proposed: Proposal, actor: trail.Actor) -> Proposal:
    """Write a proposal with its event."""
    _refuse_faulty(kind, proposed)
    _refuse_displaced(kind, proposed)
    if not proposed.reason:
        raise jobs.Refused("Say why.")
    try:
        with transaction.atomic():
            proposed.save(force_insert=True)
            _tell(kind, proposed, actor, proposed.reason)
    except IntegrityError:
        raise jobs.Refused(
            f"A proposal for the same {kind.place} waits for a decision already."
        ) from None
    return proposed


def _refuse_faulty(kind: Kind, version: Proposal) -> None:
    """Raise Refused where what it says cannot be; what takes back says nothing."""
    if version.takes_back:
        return
    if sentence := kind.fault(version):
        raise jobs.Refused(sentence)
    if version.valid_to and version.valid_to < version.valid_from:
        raise jobs.Refused("The last day lies before the first.")


def _refuse_displaced(kind: Kind, version: Proposal) -> None:
    """Raise Refused unless it can take its place among those in force."""
    standing = list(kind.model.objects.in_force().beside(version))
    if version.supersedes_id and version.supersedes_id not in {each.pk for each in standing}:
        raise jobs.Refused(
            f"This {kind.title} is not in force any more, so nothing can take its place."
        )
    if version.takes_back:
        return
    if sentence := kind.clash(version, kind.model.objects.in_force()):
        raise jobs.Refused(sentence)
    for each in standing:
        if each.pk != version.supersedes_id and version.meaning.overlaps(each.meaning):
            raise jobs.Refused(
                f"{kind.title.capitalize()} {each.pk} is in force for some of these days. "
                "Choose other days, or propose a new version of that one."
            )


def _tell(kind: Kind, version: Proposal, actor: trail.Actor, reason: str) -> None:
    trail.record(
        actor=actor,
        action=kind.acts[version.status],
        object_type=kind.title.replace(" ", "_"),
        object_id=str(version.pk),
        after={
            **kind.told(version),
            "supersedes": version.supersedes_id,
            "status": version.status,
        },
        reason=reason,
    )
