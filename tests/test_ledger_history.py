"""Random histories of uploads and withdrawals against a plain model, at every snapshot."""

import os
import tempfile
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.ledger import accepted_sql, changed_sql, current_sql

from .ledger_files import KIND, POLICIES, Promotions, Snapshot, row

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "12"))


@dataclass
class Event:
    upload: int
    content: str | None  # None is a void
    brought: bool  # else only restated


@dataclass
class Model:
    """What every upload said of every record, in order; nothing is ever taken out."""

    said: dict[str, list[Event]] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)

    def standing(self, record: str) -> list[Event]:
        return [e for e in self.said.get(record, []) if e.upload not in self.withdrawn]

    def content(self, record: str) -> str | None:
        return next((e.content for e in reversed(self.standing(record))), None)

    def in_force(self) -> dict[str, str]:
        return {r: c for r in self.said if (c := self.content(r)) is not None}

    def former(self, record: str) -> set[str]:
        return {e.content for e in self.standing(record) if e.brought and e.content}

    def upload(self, number: int, rows: list[dict]) -> list[str]:
        """Take a file in, row by row; return the outcomes in file order."""
        replaced: dict[str, set[str]] = {}
        return [self._take(number, r, f"{r['source']}/{r['record']}", replaced) for r in rows]

    def _take(self, number: int, said: dict, record: str, replaced: dict) -> str:
        now, content, status = self.content(record), said["content"], said["status"]
        former = self.former(record) | replaced.get(record, set())
        mine = any(e.upload == number and e.brought for e in self.said.get(record, []))
        note = self.said.setdefault(record, [])
        if status == "void":
            note.append(Event(number, None, now is not None))
            replaced.setdefault(record, set()).update({now} - {None})
            return "unchanged" if now is None else "voided"
        if content == now:
            note.append(Event(number, content, brought=False))
            return "duplicate" if mine else "unchanged"
        if status != "revise" and content in former:
            return "stale"
        known = now is not None or bool(former)
        if status != "revise" and now is not None and POLICIES[said["source"]] == "by_status":
            return "conflict"
        note.append(Event(number, content, brought=True))
        replaced.setdefault(record, set()).update({now} - {None})
        return "revised" if now is not None or (status == "revise" and known) else "new"


IDENTITY = ("source_system", "source_record_id", "content_hash", "accepted_seq")


def rows_of(promotions: Promotions, query, at: Snapshot, **since: int) -> set[tuple]:
    """Return the rows that a query of the ledger gives at a snapshot."""
    sql = query(promotions.ledger, KIND, at.versions, at.sequence, wanted=IDENTITY, **since)
    return set(promotions.connection.execute(sql).fetchall())


ROWS = st.builds(
    row,
    record=st.sampled_from("123"),
    content=st.sampled_from("abc"),
    status=st.sampled_from(["new", "new", "revise", "revise", "void", None]),
    source=st.sampled_from(["ehr", "ehr", "fhir"]),
)
UPLOAD = st.tuples(st.just("upload"), st.lists(ROWS, min_size=1, max_size=6))
AGAIN = st.tuples(st.just("again"), st.tuples(st.integers(0, 9), st.randoms(), st.lists(ROWS)))
WITHDRAW = st.tuples(st.just("withdraw"), st.integers(0, 9))


def play(promotions: Promotions, model: Model, acts) -> list[dict[str, str]]:
    """Do ``acts`` to both and compare; return what was in force after each."""
    files, known = [], [{}]
    for act, what in acts:
        standing = [u for u in range(1, promotions.uploads + 1) if u not in model.withdrawn]
        if act == "withdraw":
            if not standing:
                continue
            upload = standing[what % len(standing)]
            promotions.withdraw(upload)
            model.withdrawn.add(upload)
        else:
            rows = what
            if act == "again":
                which, shuffle, more = what
                rows = [*(files[which % len(files)] if files else []), *more]
                shuffle.shuffle(rows)
            files.append(rows)
            promotions.promote(rows)
            assert promotions.outcomes(promotions.uploads) == model.upload(len(files), rows)
            promotions.commit(promotions.uploads)
        known.append(model.in_force())
        assert promotions.in_force() == known[-1]
    return known


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(st.one_of(UPLOAD, UPLOAD, AGAIN, WITHDRAW), min_size=2, max_size=7))
def test_any_history_gives_what_the_model_says_then_and_now(acts):
    with tempfile.TemporaryDirectory() as folder:
        promotions = Promotions(Path(folder))
        known = play(promotions, Model(), acts)
        for snapshot, expected in zip(promotions.snapshots, known, strict=True):
            assert promotions.in_force(at=snapshot) == expected
            assert promotions.in_force(sequence=snapshot.sequence) == expected, "as known on"
        for before, after in combinations(promotions.snapshots, 2):
            held = [rows_of(promotions, current_sql, at) for at in (before, after)]
            changed = rows_of(promotions, changed_sql, after, since=before.sequence)
            assert held[0] ^ held[1] <= changed
            assert held[0] | held[1] | changed <= rows_of(promotions, accepted_sql, after)
