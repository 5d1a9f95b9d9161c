"""What rests on an upload: the flags and decisions whose evidence has a row of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .. import engine, snapshots
from ..ledger.sql import parquet
from ..models import FlagState, Upload

AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Reliance:
    """Keys of undecided flags, and of decided ones, that rest on rows of an upload."""

    flags: tuple[int, ...]
    decided: tuple[int, ...]


def resting_on(upload: Upload) -> Reliance:
    """Return the flags whose evidence, as their evaluations kept it, names ``upload``."""
    found: dict[bool, list[int]] = {True: [], False: []}
    with engine.connect(snapshots.worker_limits()) as backend:
        for states in _by_file():
            since, rule = states[0].since_id, states[0].flag.rule
            path = snapshots.evidence_folder(since, rule) / "evidence.parquet"
            if not path.exists():
                continue
            query = (
                "SELECT DISTINCT subject_id, definition, CAST(occurred_on AS DATE) "
                f"FROM {parquet(path)} WHERE upload = {int(upload.pk)}"
            )
            named = {(s, d, day.isoformat()) for s, d, day in backend.con.execute(query).fetchall()}
            for state in states:
                if _occurrences(state) & named:
                    found[state.flag.handling == "decided"].append(state.flag_id)
    return Reliance(flags=tuple(sorted(found[False])), decided=tuple(sorted(found[True])))


def _by_file() -> Iterator[list[FlagState]]:
    """Yield the states that are seen and stand, those of one evidence file together."""
    standing = FlagState.objects.seen().exclude(verdict=FlagState.Verdict.WITHDRAWN)
    files = defaultdict(list)
    for state in standing.select_related("flag").order_by("pk").iterator(AT_ONCE):
        files[state.since_id, state.flag.rule].append(state)
    yield from files.values()


def _occurrences(state: FlagState) -> set[tuple[str, str, str]]:
    subject = state.flag.subject_id
    return {(subject, each["definition"], each["occurred_on"]) for each in state.occurrences}
