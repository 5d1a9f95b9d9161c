"""Why an act of review is refused; every message is a sentence for the person who tried."""

from ..models import Decision, Flag, FlagState, User


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The act cannot be done; the message says why and what to do."""


class Incomplete(Refusal):
    """The outcome or the reason is missing."""


class StaleView(Refusal):
    """The flag is not what the person saw any more; ``state`` is what it is now."""

    def __init__(self, state: FlagState):
        self.state = state
        super().__init__("The flag changed while you were reading it. Look at it again, then act.")


class AlreadyDecided(Refusal):
    """Somebody decided first."""


class ClaimedByAnother(Refusal):
    """Somebody else has taken the flag."""


class Conflicted(Refusal):
    """The person is the prescriber in question, or supervises or is supervised by him."""


class Recused(Refusal):
    """The person has stepped back from this flag."""


class NotTheSecond(Refusal):
    """The person worked on the flag and cannot be its second pair of eyes."""


class NotUnderReview(Refusal):
    """The flag is withdrawn, suppressed, or not in the state that the act asks for."""


def taken(flag: Flag) -> Refusal:
    """Return why a flag that is neither open nor the person's cannot be had, naming who has it."""
    now = Flag.objects.select_related("claimed_by").get(pk=flag.pk)
    decision = Decision.objects.select_related("decided_by").filter(flag=now).last()
    if now.handling == "claimed":
        return ClaimedByAnother(f"{name(now.claimed_by)} has claimed this flag.")
    if decision is None:
        return NotUnderReview("The flag is open again. Look at it once more, then act.")
    who, what = name(decision.decided_by), decision.get_outcome_display().lower()
    waiting = " It awaits a second person." if now.handling == "awaiting_second" else ""
    return AlreadyDecided(f"{who} has decided this flag: {what}.{waiting}")


def name(user: User) -> str:
    """Return the person as a sentence names him."""
    return str(user)
