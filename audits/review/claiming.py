"""Taking a flag, giving it back, and stepping back from it for good."""

from django.db import transaction

from .. import trail
from ..models import Flag, Recusal, User
from .refusals import Incomplete, NotUnderReview, name, taken
from .standing import firing_state, refuse_unfit

NO_CLAIM = "Nobody has claimed this flag."


def claim(flag: Flag, by: User, actor: trail.Actor) -> None:
    """Take an open flag for ``by``; whose it is already, his it stays, without an event.

    Exactly one of two people at once gets it. Raises NotUnderReview, Recused, Conflicted,
    ClaimedByAnother or AlreadyDecided.
    """
    refuse_unfit(firing_state(flag), by)
    with transaction.atomic():
        firing_state(flag)
        if Flag.objects.filter(pk=flag.pk, handling="claimed", claimed_by=by).exists():
            return
        free = Flag.objects.filter(pk=flag.pk, handling="open")
        if not free.update(handling="claimed", claimed_by=by):
            raise taken(flag)
        _record(flag, trail.Action.FLAG_CLAIMED, actor, after=_claimed(by))


def release(flag: Flag, by: User, actor: trail.Actor) -> None:
    """Open a claimed flag again; whoever may decide may do it, and the event names both.

    Raises NotUnderReview where nobody has claimed it.
    """
    with transaction.atomic():
        now = Flag.objects.select_related("claimed_by").get(pk=flag.pk)
        mine = Flag.objects.filter(pk=flag.pk, handling="claimed", claimed_by=now.claimed_by)
        if now.claimed_by is None or not mine.update(handling="open", claimed_by=None):
            raise NotUnderReview(NO_CLAIM)
        after = {"handling": "open", "released_by": by.get_username()}
        before = _claimed(now.claimed_by)
        _record(flag, trail.Action.FLAG_RELEASED, actor, before=before, after=after)


def recuse(flag: Flag, reason: str, by: User, actor: trail.Actor) -> Recusal:
    """Step back from a flag for good; a claim of ``by`` ends. A second time changes nothing.

    Raises Incomplete without a reason, NotUnderReview once ``by`` decided or the flag is
    decided.
    """
    if not reason.strip():
        raise Incomplete("Say why you step back.")
    with transaction.atomic():
        refuse_too_late(flag, by)
        recusal, made = Recusal.objects.get_or_create(
            flag=flag, person=by, defaults={"reason": reason.strip()}
        )
        if made:
            mine = Flag.objects.filter(pk=flag.pk, handling="claimed", claimed_by=by)
            released = bool(mine.update(handling="open", claimed_by=None))
            after = {"recused": by.get_username(), "released": released}
            _record(flag, trail.Action.FLAG_RECUSED, actor, after=after, reason=reason.strip())
    return recusal


def refuse_too_late(flag: Flag, by: User) -> None:
    """Raise NotUnderReview where stepping back would come after the deed."""
    now = Flag.objects.get(pk=flag.pk)
    decision = now.decisions.standing().select_related("decided_by").first()
    if now.handling == "decided":
        raise NotUnderReview(f"This flag is decided, by {name(decision.decided_by)}.")
    if decision and decision.decided_by_id == by.pk:
        raise NotUnderReview("You have decided this flag already.")


def _claimed(by: User) -> dict[str, str]:
    return {"handling": "claimed", "claimed_by": by.get_username()}


def _record(flag: Flag, action: trail.Action, actor: trail.Actor, **words) -> None:
    trail.record(actor=actor, action=action, object_type="flag", object_id=flag.public_id, **words)
