"""Objecting to the peer group of a prescriber, and taking the objection back."""

from django.db import transaction

from .. import dossiers, trail
from ..models import Evaluation, PeerDispute, User
from .refusals import Conflicted, Incomplete, NotUnderReview
from .standing import UNKNOWN, bond

Stance = PeerDispute.Stance
NOTHING_STANDS = "Nobody disputes this peer group, or it was taken back already."


def dispute_peers(
    prescriber: str,
    group: tuple[str, str],
    reason: str,
    *,
    seen: Evaluation,
    by: User,
    actor: trail.Actor,
) -> PeerDispute:
    """Record that ``group`` (role group, state or empty) does not fit a prescriber.

    Numbers and flags stay as they are; who reads them sees the objection beside them.
    Raises Incomplete without a reason, Conflicted where it is about himself or those bound
    to him by supervision.
    """
    entry = _entry(Stance.DISPUTED, prescriber, group, reason, seen=seen, by=by)
    with transaction.atomic():
        return _record(entry, trail.Action.PEER_GROUP_DISPUTED, actor)


def withdraw_dispute(
    prescriber: str,
    group: tuple[str, str],
    reason: str,
    *,
    seen: Evaluation,
    by: User,
    actor: trail.Actor,
) -> PeerDispute:
    """Take back what was objected to a group, whoever did; the entries stay.

    Raises Incomplete, Conflicted as ``dispute_peers``, NotUnderReview where none stands.
    """
    entry = _entry(Stance.WITHDRAWN, prescriber, group, reason, seen=seen, by=by)
    with transaction.atomic():
        # Two who take back at once wait here for one another.
        said = PeerDispute.objects.select_for_update().filter(
            prescriber=prescriber, role_group=entry.role_group, state=entry.state
        )
        list(said.values_list("pk"))
        if not said.standing().exists():
            raise NotUnderReview(NOTHING_STANDS)
        return _record(entry, trail.Action.PEER_DISPUTE_WITHDRAWN, actor)


def _entry(
    stance: str,
    prescriber: str,
    group: tuple[str, str],
    reason: str,
    *,
    seen: Evaluation,
    by: User,
) -> PeerDispute:
    """Return the entry, not yet written; raises Incomplete or Conflicted."""
    if not reason.strip():
        raise Incomplete("Say why.")
    if by.npi and (sentence := _conflict(prescriber, seen, by.npi)):
        raise Conflicted(sentence)
    return PeerDispute(
        prescriber=prescriber,
        role_group=group[0],
        state=group[1],
        stance=stance,
        reason=reason.strip(),
        evaluation=seen,
        made_by=by,
    )


def _conflict(prescriber: str, seen: Evaluation, npi: str) -> str:
    """Return how ``npi`` is bound to the prescriber; empty where not."""
    if prescriber == npi:
        return "This comparison is about your own prescriptions."
    try:
        with dossiers.reading(seen.snapshot):
            return bond(seen.snapshot, npi, {prescriber})
    except dossiers.UnreadableError:
        return UNKNOWN


def _record(entry: PeerDispute, action: trail.Action, actor: trail.Actor) -> PeerDispute:
    """Write the entry and its event."""
    entry.save(force_insert=True)
    trail.record(
        actor=actor,
        action=action,
        object_type="prescriber",
        object_id=entry.prescriber,
        after={
            "dispute": entry.pk,
            "role_group": entry.role_group,
            "state": entry.state,
            "evaluation": entry.evaluation_id,
        },
        reason=entry.reason,
    )
    return entry
