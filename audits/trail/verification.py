"""Reading the whole trail again and finding the first event that is not as it was written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from . import triggers
from .canonical import FIELDS, VERSION, ZERO_HASH, all_canonical, commitment, event_text, leaf, link
from .guards import EVENT, HEAD, SEALED

CHUNK = 10_000
BEFORE_ALL = -(2**63)
COLUMNS = (*FIELDS, "prev_hash", "hash")
AFTER, AT, BEFORE, GUARD, REASON, SEQ, V, PREV_HASH, HASH = (
    COLUMNS.index(name)
    for name in (
        "after",
        "at",
        "before",
        "prev_at_guard",
        "reason",
        "seq",
        "v",
        "prev_hash",
        "hash",
    )
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong with the trail; ``seq`` is null where it is about no one event."""

    kind: str
    seq: int | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a verification found; ``kind`` and ``first_bad_seq`` name the first problem.

    ``kind`` is gap, broken_link, altered, time_backwards, not_canonical, reason_altered,
    unreadable, tail_cut, head_mismatch, trigger_missing or that of a cross-check; empty
    where all is well. ``head_hash`` is the hash of the last sound event: kept outside, it
    proves later that nothing up to it was rewritten. ``erased`` counts reasons whose text
    is gone, which law may ask for and the chain survives.
    """

    ok: bool
    events: int
    head_hash: str
    first_bad_seq: int | None
    kind: str
    seconds: float
    detail: str = ""
    erased: int = 0


@dataclass(frozen=True, kw_only=True)
class _Head:
    """Where the head row says the trail ends, and the first key stored beyond it, if any."""

    seq: object
    hash: object
    event_beyond: object
    reason_beyond: object


CROSS_CHECKS: list[Callable[[], Iterable[Problem]]] = []


def verify(limit: int | None = None, using: str = DEFAULT_DB_ALIAS) -> Verdict:
    """Recompute the chain and return the verdict; reads only, and memory stays small.

    ``limit`` looks at the last so many events and takes what is before them on trust;
    cross-checks then wait for a full run. Events written meanwhile are left to the next run.
    """
    begun = perf_counter()
    walk = _Walk(connections[using])
    problem = next(walk.problems(limit), None) or next(_outer_problems(walk, limit), None)
    return Verdict(
        ok=problem is None,
        events=walk.events,
        head_hash=walk.hash.hex(),
        first_bad_seq=problem.seq if problem else None,
        kind=problem.kind if problem else "",
        detail=problem.detail if problem else "",
        erased=walk.erased,
        seconds=perf_counter() - begun,
    )


def _outer_problems(walk: "_Walk", limit: int | None) -> Iterator[Problem]:
    """Yield what is wrong around a chain that is sound in itself."""
    for phrase in triggers.missing(walk.connection):
        yield Problem(kind="trigger_missing", detail=phrase)
    for cross_check in CROSS_CHECKS if limit is None else ():
        yield from cross_check()


class _Walk:
    """One walk along the chain: what the last sound event left behind, and the next check."""

    def __init__(self, connection: BaseDatabaseWrapper):
        self.connection = connection
        self.seq = 0
        self.hash = bytes.fromhex(ZERO_HASH)
        self.guard = ""
        self.events = 0
        self.erased = 0

    def problems(self, limit: int | None) -> Iterator[Problem]:
        """Yield the problems of the chain and its head; stops being of use after the first."""
        try:
            head = self._head()
            last = head.seq if head and type(head.seq) is int else 2**63 - 1
            if limit is not None and head and last > limit:
                yield from self._skip_to(last - limit)
            yield from self._chain(last, whole=self.seq == 0)
            yield from self._end(head)
        except DatabaseError as error:
            yield Problem(kind="unreadable", seq=self.seq + 1, detail=str(error).strip())

    def _head(self) -> _Head | None:
        """Return the head row with what lies beyond it, in one statement, so at one moment."""
        rows = self._rows(
            f"SELECT h.seq, h.hash, (SELECT MIN(e.seq) FROM {EVENT} e WHERE e.seq > h.seq),"
            f" (SELECT MIN(s.seq) FROM {SEALED} s WHERE s.seq > h.seq)"
            f" FROM {HEAD} h WHERE h.id = 1"
        )
        if not rows:
            return None
        seq, digest, event_beyond, reason_beyond = rows[0]
        return _Head(seq=seq, hash=digest, event_beyond=event_beyond, reason_beyond=reason_beyond)

    def _skip_to(self, seq: int) -> Iterator[Problem]:
        """Take the event ``seq`` on trust as the one before the first to be looked at."""
        row = next(iter(self._events(seq - 1, seq)), None)
        if row is None:
            yield Problem(kind="gap", seq=seq)
            return
        self.seq, self.hash, self.guard = seq, bytes.fromhex(row[HASH]), row[GUARD]

    def _chain(self, last: int, *, whole: bool) -> Iterator[Problem]:
        """Yield the first problem of each chunk of events after the present one up to ``last``."""
        low = BEFORE_ALL if whole else self.seq
        while rows := self._events(low, last):
            high = rows[-1][SEQ]
            yield from self._chunk(rows, self._reasons(low, high))
            low = high

    def _chunk(self, rows: list[tuple], reasons: dict[int, tuple[str, str]]) -> Iterator[Problem]:
        """Yield the problems of consecutive events and the reasons that lie between them."""
        texts = {row[AFTER] for row in rows} | {row[BEFORE] for row in rows}
        suspect = not all_canonical(texts)
        for row in rows:
            kind = self._fault(row, suspect=suspect)
            if kind:
                missing = kind == "gap" and row[SEQ] > self.seq + 1
                yield Problem(kind=kind, seq=self.seq + 1 if missing else row[SEQ])
                return
            if row[REASON] and not self._reason_holds(row, reasons):
                yield Problem(kind="reason_altered", seq=row[SEQ])
            self.seq, self.guard = row[SEQ], row[GUARD]
            self.events += 1
        if reasons:
            yield Problem(kind="reason_altered", seq=min(reasons), detail="no event gives it")

    def _fault(self, row: tuple, *, suspect: bool) -> str:
        """Return what is wrong with the event that should come next, empty where nothing is.

        ``suspect`` says that some text of the chunk is not canonical, so each is looked at.
        """
        if row[SEQ] != self.seq + 1:
            return "gap"
        if row[PREV_HASH] != self.hash.hex():
            return "broken_link"
        digest = self._digest(row)
        if digest is None or digest.hex() != row[HASH]:
            return "altered"
        if row[GUARD] != max(row[AT], self.guard):
            return "time_backwards"
        if row[V] != VERSION or (suspect and not all_canonical((row[AFTER], row[BEFORE]))):
            return "not_canonical"
        self.hash = digest
        return ""

    def _digest(self, row: tuple) -> bytes | None:
        """Return the hash the event should bear, null where its values are not even text."""
        try:
            return link(self.hash, leaf(event_text(row).encode()))
        except (TypeError, AttributeError, UnicodeError):
            return None

    def _reason_holds(self, row: tuple, reasons: dict[int, tuple[str, str]]) -> bool:
        """Return whether the sealed text is the one the event committed to, or erased."""
        sealed = reasons.pop(row[SEQ], None)
        if sealed is None:
            self.erased += 1
            return True
        try:
            return commitment(*sealed) == row[REASON]
        except (TypeError, ValueError, AttributeError):
            return False

    def _end(self, head: _Head | None) -> Iterator[Problem]:
        """Yield how the head row differs from where the chain ended."""
        if head is None or type(head.seq) is not int:
            yield Problem(kind="head_mismatch", seq=self.seq or None, detail="no head row")
        elif head.seq > self.seq:
            yield Problem(kind="tail_cut", seq=self.seq + 1, detail=f"the head is at {head.seq}")
        elif head.hash != self.hash.hex():
            yield Problem(kind="head_mismatch", seq=self.seq or None, detail="another hash")
        elif head.event_beyond is not None:
            yield Problem(kind="head_mismatch", seq=self.seq + 1, detail="events beyond the head")
        elif head.reason_beyond is not None:
            yield Problem(kind="reason_altered", seq=self.seq + 1, detail="no event gives it")

    def _events(self, low: int, high: int) -> list[tuple]:
        """Return the events after ``low`` up to ``high`` in order, at most one chunk."""
        times = "at", "prev_at_guard"
        columns = ", ".join(self._time(c) if c in times else f"e.{c}" for c in COLUMNS)
        return self._rows(
            f"SELECT {columns} FROM {EVENT} e"
            f" WHERE e.seq > %s AND e.seq <= %s ORDER BY e.seq LIMIT {CHUNK}",
            low,
            high,
        )

    def _reasons(self, low: int, high: int) -> dict[int, tuple[str, str]]:
        """Return the sealed salts and texts of the events after ``low`` up to ``high``."""
        rows = self._rows(
            f"SELECT seq, salt, text FROM {SEALED} WHERE seq > %s AND seq <= %s",
            low,
            high,
        )
        return {seq: (salt, text) for seq, salt, text in rows}

    def _time(self, column: str) -> str:
        """Return SQL that gives a time as it was hashed, whatever the engine stores."""
        if self.connection.vendor == "sqlite":
            decimals = f"CASE length(e.{column}) WHEN 19 THEN '.000000Z' ELSE 'Z' END"
            return f"replace(e.{column}, ' ', 'T') || {decimals}"
        return (
            f"to_char(e.{column} AT TIME ZONE 'UTC', 'YYYY-MM-DD') || 'T' ||"
            f" to_char(e.{column} AT TIME ZONE 'UTC', 'HH24:MI:SS.US') || 'Z'"
        )

    def _rows(self, statement: str, *values: int) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
