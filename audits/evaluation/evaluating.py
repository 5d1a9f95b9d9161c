"""Putting rules to the newest snapshot: answers for all, flags for some, published as one."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from ibis.backends.duckdb import Backend

from .. import dossiers, editions, engine, enrichment, jobs, snapshots, trail
from ..catalogue import CATALOGUE
from ..models import Evaluation
from ..rule import Records, Rule
from . import answering, kept, periods, scope
from .beginning import begin
from .flags import Sync, merkle_root, settle_decided_meanwhile, undo
from .scope import Touched


@jobs.handles("evaluate")
def evaluate(running: jobs.Running) -> None:
    """Evaluate the newest snapshot and publish the flags. Safe to repeat until published."""
    asked = running.job.parameters
    if Evaluation.objects.filter(job=running.job.public_id, unpublished=False).exists():
        return
    rules = [CATALOGUE[name] for name in asked.get("rules") or CATALOGUE]
    evaluation = begin(running, asked)
    _clear(evaluation)
    with engine.connect(snapshots.worker_limits()) as backend, _collecting_only_what_comes():
        attempt = Attempt(
            running=running,
            evaluation=evaluation,
            backend=backend,
            as_of=evaluation.as_of,
            rules=rules,
        )
        with running.on_interrupt(backend.con.interrupt):
            syncs = attempt.work()
    _publish(running, evaluation, syncs)


@contextmanager
def _collecting_only_what_comes() -> Iterator[None]:
    """Leave what is in memory by now out of garbage collection meanwhile.

    Expressions are a great many small objects, and for every few hundred of them Python
    would look through all that the program is made of: a tenth of the time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _clear(evaluation: Evaluation) -> None:
    """Take back what an attempt before this one wrote."""
    undo(evaluation)
    answering.forget(evaluation.pk)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rules that build upon the same evaluation and ask about the same; None: all anew."""

    rules: list[Rule]
    former: Evaluation | None = None
    touched: Touched | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt at one evaluation."""

    running: jobs.Running
    evaluation: Evaluation
    backend: Backend
    as_of: date
    rules: list[Rule]

    def work(self) -> dict[str, Sync]:
        """Answer every rule and write its flags, unseen; return what each rule wrote.

        The records are put together once, for everybody whom a rule asks about. Rules that
        may touch everybody go first; the others see those whom the change touched.
        """
        syncs: dict[str, Sync] = {}
        groups = self._groups()
        records = self._records([group.touched for group in groups])
        for group in groups:
            mine = records
            if group.touched and len(groups) > 1:
                mine = enrichment.narrowed(self.backend, records, group.touched.patients)
            for rule in group.rules:
                self.running.progress(len(syncs), len(self.rules), rule.title)
                syncs[rule.name] = self._put(rule, mine, group)
            if group.former is None:  # everybody's records are at hand; else the reader counts
                everybody = snapshots.Opened(backend=self.backend, records=records)
                dossiers.keep_counts(everybody, self.evaluation.pk)
        Evaluation.objects.filter(pk=self.evaluation.pk).update(
            rules=self.evaluation.rules, digests=self.evaluation.digests
        )
        return syncs

    def _groups(self) -> list[Group]:
        """Return rules that can be answered together, with whom to ask and what to build upon."""
        snapshot = self.evaluation.snapshot
        whole: list[Rule] = []
        partial: dict[int, tuple[Evaluation, list[Rule]]] = {}
        for rule in self.rules:
            former = self._former(rule)
            if former is None or scope.may_touch_all(self.backend, rule, snapshot, former):
                whole.append(rule)
            else:
                partial.setdefault(former.pk, (former, []))[1].append(rule)
        groups = [Group(rules=whole)] if whole else []
        for place, (former, rules) in enumerate(partial.values()):
            patients = scope.changed(self.backend, former, self.evaluation, place)
            touched = scope.touched(self.backend, patients, self.evaluation)
            groups.append(Group(rules=rules, former=former, touched=touched))
        return groups

    def _put(self, rule: Rule, records: Records, group: Group) -> Sync:
        began = time.monotonic()
        in_force = self.evaluation.in_force(rule)
        folder = answering.folder(self.evaluation.pk, rule.name)
        touched, former = group.touched, group.former
        if rule.keeps:
            before = former and (answering.folder(former.pk, rule.name), touched)
            records = kept.with_kept(self.backend, rule, records, before=before, into=folder)
            touched = before and kept.touched(self.backend, rule, records, before)
            former = touched and former
        counts = answering.answer(
            self.backend,
            periods.find(in_force, records),
            precedence=tuple(rule.definitions),
            touched=touched and touched.condition,
            former=_answers(former, rule) if former else None,
            into=folder,
        )
        sync = Sync(
            in_force=in_force,
            evaluation=self.evaluation,
            is_touched=self._is_touched(touched),
            files=answering.file_digests(folder, rule),
            fence=self.running.assert_held,
        )
        sync.write(answering.occurrences(self.backend), lambda _done: self.running.check())
        seconds = round(time.monotonic() - began, 3)
        self.evaluation.rules[rule.name] = {**counts, "seconds": seconds}
        self.evaluation.digests[rule.name] = answering.digests(self.evaluation, rule)
        return sync

    def _records(self, scopes: list[Touched | None]) -> Records:
        return enrichment.enrich(
            self.backend,
            scope.views(self.evaluation.snapshot, scopes),
            snapshots.holdings(self.evaluation.snapshot),
            self.as_of,
            **editions.meaning(self.evaluation),
        )

    def _former(self, rule: Rule) -> Evaluation | None:
        """Return the last evaluation of the rule if its answers may be built upon."""
        if self.evaluation.full:
            return None
        last = (
            Evaluation.objects.filter(unpublished=False, rules__has_key=rule.name)
            .order_by("-pk")
            .first()
        )
        same = last and last.digests.get(rule.name) == answering.digests(self.evaluation, rule)
        return last if same and _is_whole(last, rule) else None

    def _is_touched(self, touched: Touched | None) -> Callable[[str], bool]:
        if touched is None:
            return lambda subject: True
        found = {next(iter(row.values())) for row in engine.rows(self.backend, touched.subjects)}
        return lambda subject: subject.split("|", 1)[0] in found


def _answers(evaluation: Evaluation, rule: Rule) -> Path:
    return answering.folder(evaluation.pk, rule.name) / "answers.parquet"


def _is_whole(evaluation: Evaluation, rule: Rule) -> bool:
    """Return whether the files of a rule that a later evaluation builds upon are there."""
    folder = answering.folder(evaluation.pk, rule.name)
    return _answers(evaluation, rule).exists() and kept.is_whole(rule, folder)


def _publish(running: jobs.Running, evaluation: Evaluation, syncs: dict[str, Sync]) -> None:
    """Make the evaluation seen: pointer, counts and event in one short transaction."""
    with transaction.atomic():
        running.assert_held(cancellable=False)
        # Whoever decides holds this row: what he decides is settled here, or sees what this
        # publishes. SQLite has one writer at a time anyway.
        Evaluation.objects.select_for_update().get(pk=evaluation.pk)
        settle_decided_meanwhile(evaluation, syncs)
        total: Counter = sum((sync.tally for sync in syncs.values()), Counter())
        names = ("new", "updated", "unchanged", "withdrawn", "recurrent")
        flags = {name: total[name] for name in names}
        root = merkle_root(leaf for sync in syncs.values() for leaf in sync.digests)
        Evaluation.objects.filter(pk=evaluation.pk).update(
            unpublished=False, published_at=timezone.now(), flags=flags, merkle_root=root
        )
        trail.record(
            actor=trail.Actor(id="job:evaluate", label=running.job.requested_by, role="job"),
            action=trail.Action.EVALUATION_PUBLISHED,
            object_type="evaluation",
            object_id=str(evaluation.pk),
            after={
                "ledger_version": evaluation.snapshot_id,
                "as_of": evaluation.as_of.isoformat(),
                "drug_mappings": evaluation.mapping_set_id or "",
                "number_mappings": evaluation.number_set_id or "",
                "parameters": evaluation.parameter_set_id or "",
                "reference_tables": evaluation.reference_set_id or "",
                "mme_set": evaluation.mme_set,
                "flags": flags,
                "merkle_root": root,
                "files": {name: sync.files for name, sync in syncs.items()},
            },
        )
