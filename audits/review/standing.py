"""Who may act on a flag, and which state of it people see."""

from .. import engine, snapshots
from ..keys import NPI
from ..ledger import LedgerError
from ..models import Event, Flag, FlagState, Recusal, Snapshot, User
from ..trail import Action
from .evidence import prescribers
from .refusals import Conflicted, NotTheSecond, NotUnderReview, Recused, Refusal

WORKED = (Action.FLAG_CLAIMED, Action.FLAG_DECIDED, Action.FLAG_RECUSED)
WITHDRAWN = "The records no longer support this flag; there is nothing to decide."
SUPPRESSED = "This flag is suppressed by an exclusion; there is nothing to decide."
UNKNOWN = "Whether you supervise, or are supervised by, the prescriber cannot be looked up now."


def seen_state(flag: Flag) -> FlagState | None:
    """Return the state of ``flag`` that people see; None while no published one is there."""
    states = FlagState.objects.seen().filter(flag=flag)
    return states.select_related("flag", "since__snapshot").first()


def firing_state(flag: Flag) -> FlagState:
    """Return the seen state of a flag that can be worked on; raises NotUnderReview."""
    state = seen_state(flag)
    if state is None:
        raise NotUnderReview("This flag is not published.")
    if state.verdict != FlagState.Verdict.FIRED:
        withdrawn = state.verdict == FlagState.Verdict.WITHDRAWN
        raise NotUnderReview(WITHDRAWN if withdrawn else SUPPRESSED)
    return state


def why_not(state: FlagState, by: User) -> Refusal | None:
    """Return why ``by`` may not act on the flag of ``state``, None where nothing speaks against."""
    if Recusal.objects.filter(flag=state.flag_id, person=by).exists():
        return Recused("You have stepped back from this flag.")
    if by.npi and (sentence := _conflict(state, by.npi)):
        return Conflicted(sentence)
    return None


def why_not_second(state: FlagState, by: User) -> Refusal | None:
    """Return why ``by`` may not sign off a decision on the flag of ``state``, else None."""
    flag = state.flag
    if flag.decisions.filter(decided_by=by).exists() or flag.claimed_by_id == by.pk:
        return NotTheSecond("You worked on this flag; the second person must be somebody else.")
    if refusal := why_not(state, by):
        return refusal
    acts = Event.objects.filter(object_type="flag", object_id=flag.public_id, action__in=WORKED)
    if acts.filter(actor_id=str(by.pk)).exists():
        return NotTheSecond("You worked on this flag; the second person must be somebody else.")
    return None


def refuse_unfit(state: FlagState, by: User) -> None:
    """Raise Recused or Conflicted where ``by`` may not act on the flag of ``state``."""
    if refusal := why_not(state, by):
        raise refusal


def _conflict(state: FlagState, npi: str) -> str:
    """Return how ``npi`` is bound to the prescribers of the flag; empty where not.

    Where that cannot be looked up the answer is that it cannot, which refuses the act.
    """
    try:
        concerned = _concerned(state)
        if npi in concerned:
            return "This flag is about your own prescriptions."
        return bond(state.since.snapshot, npi, concerned)
    except LedgerError:
        return UNKNOWN


def _concerned(state: FlagState) -> set[str]:
    """Return the NPIs of everybody whose prescriptions are behind the flag."""
    named = {*state.flag.subject_id.split("|"), state.prescriber, *prescribers(state)}
    return {part for part in named if NPI.fullmatch(part or "")}


def bond(snapshot: Snapshot, npi: str, concerned: set[str]) -> str:
    """Return how agreements on record at ``snapshot`` bind ``npi`` to ``concerned``; empty: not.

    Agreements that have ended count too: what is looked at looks back as well. Raises
    LedgerError where they cannot be read.
    """
    agreements = snapshots.views(snapshot)["supervision"]
    with engine.connect(snapshots.web_limits()) as backend:
        found = backend.con.execute(
            f"SELECT supervisor_npi, supervisee_npi FROM ({agreements}) "
            "WHERE supervisor_npi = $npi OR supervisee_npi = $npi",
            {"npi": npi},
        ).fetchall()
    if any(supervisee in concerned for supervisor, supervisee in found if supervisor == npi):
        return "An agreement on record names you as supervisor of the prescriber."
    if any(supervisor in concerned for supervisor, supervisee in found if supervisee == npi):
        return "An agreement on record names the prescriber as your supervisor."
    return ""
