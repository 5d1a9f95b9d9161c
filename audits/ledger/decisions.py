"""What becomes of one row, given what is known of its record: the specification in Python."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from ..vocabulary import Outcome

LATEST_WINS = "latest_wins"
BY_STATUS = "by_status"
VOID_WITHOUT_RECORD = "void_without_record"
REVISE_WITHOUT_RECORD = "revise_without_record"
APPENDED = (Outcome.NEW, Outcome.REVISED)
EFFECTIVE = (*APPENDED, Outcome.VOIDED)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What a row says: its content, its status (null counts as new), its source's policy."""

    content_hash: str
    status: str | None
    latest_wins: bool


@dataclass(kw_only=True, slots=True)
class State:
    """What is known of one record: its content in force (or none) and the contents before.

    Not frozen: a file may revise one record a million times. ``by_this_file`` tells whether
    a row of the file being read put the current content there. ``seen`` is whether the
    ledger or an earlier row of the file ever held the record; rows of withdrawn uploads
    count neither as former nor as seen unless they are current.
    """

    current: str | None = None
    former: set[str] = field(default_factory=set)
    seen: bool = False
    by_this_file: bool = False

    def take(self, row: Stated, outcome: Outcome) -> str | None:
        """Give the state the effect of ``row``; return the content that is superseded by it."""
        if outcome not in EFFECTIVE:
            return None
        replaced = self.current
        if replaced is not None:
            self.former.add(replaced)
        self.current = row.content_hash if outcome in APPENDED else None
        self.seen = True
        self.by_this_file = True
        return replaced


def decide(state: State, row: Stated) -> tuple[Outcome, str | None]:
    """Return what becomes of ``row`` and, where that would surprise, a note.

    Changes nothing; ``State.take`` applies the answer.
    """
    unseen = not state.seen
    if row.status == "void":
        outcome = Outcome.UNCHANGED if state.current is None else Outcome.VOIDED
        return outcome, VOID_WITHOUT_RECORD if unseen else None
    if row.content_hash == state.current:
        return Outcome.DUPLICATE if state.by_this_file else Outcome.UNCHANGED, None
    if row.status == "revise":
        return (Outcome.NEW, REVISE_WITHOUT_RECORD) if unseen else (Outcome.REVISED, None)
    return _decide_other_content(state, row), None


def _decide_other_content(state: State, row: Stated) -> Outcome:
    """Return what becomes of content that is not in force and does not say it is a change."""
    if row.content_hash in state.former:
        return Outcome.STALE
    if state.current is None:
        return Outcome.NEW
    return Outcome.REVISED if row.latest_wins else Outcome.CONFLICT


def decide_in_order(
    rows: Iterable[Mapping[str, object]],
) -> Iterator[tuple[int, Outcome, str | None, str | None]]:
    """Yield row number, outcome, superseded content and note for rows sorted by record and row.

    Each of ``rows`` has source_system, source_record_id, row, content_hash, status,
    latest_wins and, the same in every row of a record, current (or None), former (list)
    and seen, as the ledger knows the record before the file.
    """
    for _, record in groupby(rows, lambda r: (r["source_system"], r["source_record_id"])):
        state = None
        for row in record:
            if state is None:
                state = State(current=row["current"], former=set(row["former"]), seen=row["seen"])
            stated = Stated(
                content_hash=row["content_hash"],
                status=row["status"],
                latest_wins=row["latest_wins"],
            )
            outcome, note = decide(state, stated)
            yield row["row"], outcome, state.take(stated, outcome), note
