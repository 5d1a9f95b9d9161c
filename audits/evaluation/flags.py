"""Writing what an evaluation found to the flags, a little at a time and unseen until published."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection, transaction

from .. import trail
from ..in_force import InForce
from ..models import Decision, Evaluation, EvidenceChange, Flag, FlagState
from .answering import Occurrence
from .states import Covered, identities, is_covered, recurrence, said, state_of

LONGEST_WRITE = 0.15  # seconds that other writers may have to wait
FEWEST, MOST = 20, 2_000
# Whoever waits for SQLite looks again each tenth of a second, and between two writes that
# follow at once would find it taken for ever.
WRITTEN_AT_A_STRETCH, PAUSE = 0.2, 0.12  # seconds
WITHDRAWN = "withdrawn"  # stands where other states have their digest

Found = tuple[str, list[Occurrence]]


class Stretch:
    """Writes that follow one another, with pauses in which others get their turn."""

    def __init__(self) -> None:
        self.latest = 0.0
        self._written = 0.0

    @contextmanager
    def write(self) -> Iterator[None]:
        """Time one write as ``latest``, in seconds, and pause where the stretch gets long."""
        began = time.monotonic()
        yield
        self.latest = time.monotonic() - began
        self._written += self.latest
        if self._written >= WRITTEN_AT_A_STRETCH and connection.vendor == "sqlite":
            time.sleep(PAUSE)
            self._written = 0.0


@dataclass(kw_only=True)
class Sync:
    """One rule's findings on their way into the flags of one evaluation.

    ``is_touched`` says whether a subject was asked about; flags of others stay as they
    are. ``tally`` counts flags new, updated, unchanged, withdrawn and recurrent;
    ``digests`` collects the state digests for the event's Merkle root, ``files`` has the
    SHA-256 of the rule's answers and evidence. ``fence`` is called first in every
    transaction and raises where the job is held by another worker by now.
    """

    in_force: InForce
    evaluation: Evaluation
    is_touched: Callable[[str], bool]
    tally: Counter = field(default_factory=Counter)
    digests: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    fence: Callable[[], None] = lambda: None

    @property
    def rule(self) -> str:
        """Return the name of the rule."""
        return self.in_force.rule.name

    def write(self, found: Iterable[Found], between: Callable[[int], None]) -> None:
        """Write all of ``found``, then withdraw what is no longer supported.

        ``between`` is called after each short transaction with the subjects done so far.
        """
        supported, spoken = set(), set()
        size, done, iterator, stretch = FEWEST, 0, iter(found), Stretch()
        while chunk := list(islice(iterator, size)):
            with stretch.write():
                supported |= self._write_chunk(chunk)
            spoken |= {subject for subject, _ in chunk}
            size = _next_size(size, stretch.latest)
            done += len(chunk)
            between(done)
        for gone in _chunks(self._unsupported(supported), FEWEST * 5):
            with stretch.write():
                self._withdraw(gone)
            between(done)
        with transaction.atomic():
            self.fence()
            self._note_silence(spoken)

    def _write_chunk(self, chunk: list[Found]) -> set[int]:
        """Write one chunk in one transaction; return the flags that stay supported."""
        subjects = [subject for subject, _ in chunk]
        with transaction.atomic():
            self.fence()
            running, decided = self._running(subjects), self._decided(subjects)
            states, flags, supported = [], [], set()
            for subject, occurrences in chunk:
                decisions = decided.get(subject, [])
                self.note_changes(decisions, {o.identity for o in occurrences})
                now = said(occurrences, _covered(decisions))
                if now is None:
                    continue
                former = running.get(subject)
                flag = former.flag if former else self._new_flag(subject, decisions)
                state = state_of(self.in_force, flag, now, self.evaluation)
                if former and former.state_digest == state.state_digest:
                    self.tally["unchanged"] += 1
                else:
                    self._count(former, flag)
                    states.append((former, state))
                    flags += [] if former else [flag]
                supported |= {flag.pk} if former else set()
            Flag.objects.bulk_create(flags)
            _replace(states, self.evaluation)
        self.digests += [state.state_digest for _, state in states]
        return supported | {flag.pk for flag in flags}

    def _count(self, former: FlagState | None, flag: Flag) -> None:
        name = "updated" if former else "recurrent" if flag.recurrence_of_id else "new"
        self.tally[name] += 1

    def _new_flag(self, subject: str, decisions: list[Decision]) -> Flag:
        return Flag(
            rule=self.rule,
            subject_kind=self.in_force.rule.subject,
            subject_id=subject,
            raised_by=self.evaluation,
            recurrence_of_id=decisions[-1].flag_id if decisions else None,
        )

    def _running(self, subjects: list[str]) -> dict[str, FlagState]:
        """Return the state of the one undecided flag of each subject that still stands."""
        states = self._undecided().filter(flag__subject_id__in=subjects)
        return {state.flag.subject_id: state for state in states.select_related("flag")}

    def _undecided(self):
        return (
            FlagState.objects.filter(flag__rule=self.rule, until=None)
            .exclude(flag__handling__in=Flag.SPOKEN)
            .exclude(verdict=FlagState.Verdict.WITHDRAWN)
        )

    def _decided(self, subjects: list[str]) -> dict[str, list[Decision]]:
        decisions = defaultdict(list)
        found = Decision.objects.standing().filter(
            flag__rule=self.rule, flag__subject_id__in=subjects
        )
        for decision in found.select_related("flag").order_by("pk"):
            decisions[decision.flag.subject_id].append(decision)
        return decisions

    def note_changes(self, decisions: list[Decision], present: set[tuple]) -> None:
        """Note for each decision what it covered and is no longer there, when that changed."""
        for decision in decisions:
            missing = [list(i) for i in sorted(set(identities(decision.covers)) - present)]
            last = EvidenceChange.objects.filter(decision=decision).order_by("-pk").first()
            if missing != (last.missing if last else []):
                EvidenceChange.objects.create(
                    decision=decision, since=self.evaluation, missing=missing
                )

    def _note_silence(self, spoken: set[str]) -> None:
        """Note the decisions on touched subjects of whom the rule now says nothing at all."""
        decisions = Decision.objects.standing().filter(flag__rule=self.rule)
        for decision in decisions.select_related("flag").order_by("pk"):
            subject = decision.flag.subject_id
            if subject not in spoken and self.is_touched(subject):
                self.note_changes([decision], set())

    def _unsupported(self, supported: set[int]) -> Iterator[FlagState]:
        """Yield undecided flags of touched subjects that the records no longer support."""
        states = self._undecided().select_related("flag").order_by("pk")
        for state in list(states.values_list("pk", "flag_id", "flag__subject_id")):
            pk, flag, subject = state
            if flag not in supported and self.is_touched(subject):
                yield FlagState.objects.select_related("flag").get(pk=pk)

    def _withdraw(self, gone: list[FlagState]) -> None:
        """Give each flag a last state that says why it stands no longer."""
        pairs = []
        for former in gone:
            state = FlagState.objects.get(pk=former.pk)
            state.pk, state.since, state.until = None, self.evaluation, None
            state.verdict, state.reason = FlagState.Verdict.WITHDRAWN, "no longer supported"
            state.state_digest = WITHDRAWN
            pairs.append((former, state))
        with transaction.atomic():
            self.fence()
            _replace(pairs, self.evaluation)
        self.tally["withdrawn"] += len(pairs)
        self.digests += [leaf_of(state) for _, state in pairs]


def leaf_of(state: FlagState) -> str:
    """Return what stands for ``state`` under the Merkle root of its evaluation."""
    if state.state_digest == WITHDRAWN:
        return f"{WITHDRAWN} {state.flag_id}"
    return state.state_digest


def merkle_root(leaves: Iterable[str]) -> str:
    """Return the root over the states an evaluation wrote, whatever order they come in."""
    return trail.merkle_root(trail.leaf(leaf.encode()) for leaf in sorted(leaves)).hex()


def undo(evaluation: Evaluation) -> None:
    """Take back what an unfinished attempt of ``evaluation`` wrote; nobody has seen any of it."""
    stretch = Stretch()
    for unseen in _chunks(FlagState.objects.filter(since=evaluation).values_list("pk"), MOST):
        with stretch.write():
            FlagState.objects.filter(pk__in=[pk for (pk,) in unseen]).delete()
    EvidenceChange.objects.filter(since=evaluation).delete()
    FlagState.objects.filter(until=evaluation).update(until=None)
    Flag.objects.filter(raised_by=evaluation).delete()


def settle_decided_meanwhile(evaluation: Evaluation, sync_of: dict[str, Sync]) -> None:
    """Give way to people who decided while the evaluation was writing; call when publishing.

    Their flag keeps the state they saw; what their decision does not cover becomes a
    recurrence.
    """
    pending = FlagState.objects.filter(since=evaluation, flag__handling__in=Flag.SPOKEN)
    for state in pending.select_related("flag"):
        seen = FlagState.objects.get(flag=state.flag, until=evaluation)
        decision = state.flag.decisions.standing().get()
        covered = identities(decision.covers)
        stands = [] if state.verdict == FlagState.Verdict.WITHDRAWN else state.occurrences
        told = [o for o in stands if not _told_is_covered(o, covered)]
        sync = sync_of[state.flag.rule]
        sync.digests.remove(leaf_of(state))
        sync.note_changes([decision], set(identities(stands)))
        FlagState.objects.filter(pk=state.pk).delete()
        FlagState.objects.filter(pk=seen.pk).update(until=None)
        if told:
            _recur(state, told, sync)


def _recur(state: FlagState, told: list[dict], sync: Sync) -> None:
    """Raise a flag for the occurrences of ``state`` that the decision did not cover."""
    flag = Flag.objects.create(
        rule=state.flag.rule,
        subject_kind=state.flag.subject_kind,
        subject_id=state.flag.subject_id,
        raised_by=sync.evaluation,
        recurrence_of=state.flag,
    )
    again = recurrence(sync.in_force, flag, state, told)
    again.save(force_insert=True)
    sync.tally["recurrent"] += 1
    sync.digests.append(again.state_digest)


def _told_is_covered(told: dict, covered: Covered) -> bool:
    identity = (told["definition"], told["occurred_on"], told["digest"])
    return is_covered(identity, told["severity"], covered)


def _covered(decisions: list[Decision]) -> Covered:
    covered: dict = {}
    for decision in decisions:
        covered |= identities(decision.covers)
    return covered


def _replace(pairs: list[tuple[FlagState | None, FlagState]], evaluation: Evaluation) -> None:
    """End the former states with ``evaluation`` and write the new ones."""
    former = [state.pk for state, _ in pairs if state]
    FlagState.objects.filter(pk__in=former).update(until=evaluation)
    for _, state in pairs:
        state.flag_id = state.flag.pk
    FlagState.objects.bulk_create([state for _, state in pairs])


def _chunks(items: Iterable, size: int) -> Iterator[list]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _next_size(size: int, seconds: float) -> int:
    """Return how many subjects the next transaction may hold, so that it ends in time."""
    if seconds <= 0:
        return MOST
    return max(FEWEST, min(MOST, int(size * LONGEST_WRITE / seconds), size * 2))
