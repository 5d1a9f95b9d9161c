"""Whether the flags the database shows are those that its records, rules and decisions give."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb

from .. import engine, snapshots
from ..catalogue import CATALOGUE
from ..evaluation.answering import digests
from ..evaluation.answering import folder as folder_of_rule
from ..ledger.sql import parquet
from ..models import Decision, Evaluation, Flag, FlagState
from ..models.reference_version import entries_of, loaded_in
from ..rule import Rule
from .differences import Difference, of_flag
from .handover import Fresh, evaluated_afresh
from .sealing import sealed
from .telling import Identity, differing, expected, told

AT_ONCE = 2_000
COUNTED = ("population", "fired", "suppressed", "not_evaluable", "clear")
WITHDRAWN = FlagState.Verdict.WITHDRAWN


class OutdatedError(Exception):
    """Rules changed since their last evaluation, so what they say now proves nothing of it."""


@dataclass(kw_only=True)
class Verdict:
    """What a verification found: how many flags it looked at, and each difference."""

    evaluation: Evaluation | None
    flags: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)


def verify() -> Verdict:
    """Evaluate afresh in another process and compare; raises FreshError and OutdatedError.

    What differs is looked at a second time, for people decide meanwhile.
    """
    began = time.monotonic()
    newest = Evaluation.objects.filter(unpublished=False).order_by("-pk").first()
    verdict = Verdict(evaluation=newest)
    groups = _last_evaluations()
    _refuse_outdated(groups)
    for evaluation, rules in groups.items():
        with evaluated_afresh(evaluation, rules) as fresh:
            first = list(compared(fresh, evaluation, rules))
            again = set(compared(fresh, evaluation, rules)) if first else set()
            verdict.differences += [difference for difference in first if difference in again]
            verdict.flags += sum(1 for _ in fresh.states())
    known = {rule for rules in groups.values() for rule in rules}
    verdict.differences += [*_of_no_rule(known), *sealed({last.pk for last in groups})]
    verdict.seconds = time.monotonic() - began
    return verdict


def compared(fresh: Fresh, evaluation: Evaluation, rules: list[str]) -> Iterator[Difference]:
    """Yield how the flags and the answers of ``rules`` differ from what is found afresh."""
    supported: set[int] = set()
    states = fresh.states()
    while chunk := list(islice(states, AT_ONCE)):
        yield from _of_chunk(chunk, supported)
    for state in _undecided().filter(flag__rule__in=rules).iterator(AT_ONCE):
        if state.flag_id not in supported:
            yield of_flag("extra", state)
    with engine.connect(snapshots.worker_limits()) as backend:
        for rule in rules:
            kept = folder_of_rule(evaluation.pk, rule) / "answers.parquet"
            if not _same_answers(backend.con, kept, fresh.answers(rule)):
                yield Difference(
                    kind="altered", rule=rule, field="answers", evaluation=evaluation.pk
                )
            if _counts(backend.con, fresh.answers(rule)) != _told_counts(evaluation, rule):
                yield Difference(
                    kind="altered", rule=rule, field="counts", evaluation=evaluation.pk
                )


def _last_evaluations() -> dict[Evaluation, list[str]]:
    """Return the last published evaluation of each rule, with the rules it is the last of."""
    published = Evaluation.objects.filter(unpublished=False).order_by("-pk")
    groups = defaultdict(list)
    for rule in CATALOGUE:
        if last := published.filter(rules__has_key=rule).first():
            groups[last].append(rule)
    return dict(groups)


def _refuse_outdated(groups: Mapping[Evaluation, list[str]]) -> None:
    changed = [
        CATALOGUE[name].number
        for evaluation, rules in groups.items()
        for name in rules
        if evaluation.digests.get(name) != _digests_now(evaluation, CATALOGUE[name])
    ]
    if changed:
        raise OutdatedError(
            f"Changed since their last evaluation: {', '.join(changed)}. Run: manage.py evaluate"
        )


def _digests_now(evaluation: Evaluation, rule: Rule) -> dict[str, str]:
    """Return what the rule would depend on now, with the mappings and editions it was put with."""
    loaded = loaded_in(entries_of(evaluation))
    return digests(rule, rule.settled(), evaluation.mapping_set_id or "", loaded)


def _of_chunk(chunk: list[dict], supported: set[int]) -> Iterator[Difference]:
    """Yield the differences of some fresh states; ``supported`` gets the flags that stand."""
    standing, covers = _standing(chunk), _covers(chunk)
    for fresh in chunk:
        place = fresh["rule"], fresh["subject"]
        wanted = expected(fresh, covers.get(place, {}))
        if wanted is None:
            continue
        shown = standing.get(place, [])
        if not shown:
            yield Difference(kind="missing", rule=fresh["rule"], subject=fresh["subject"])
        for state in shown[:1]:
            supported.add(state.flag_id)
            for name in differing(wanted, told(state)):
                yield of_flag("altered", state, name)


def _undecided():
    """Return the states that are seen of flags nobody decided and the machine still holds."""
    seen = FlagState.objects.seen().exclude(flag__handling__in=Flag.SPOKEN)
    seen = seen.exclude(verdict=WITHDRAWN)
    return seen.select_related("flag").order_by("pk")


def _standing(chunk: list[dict]) -> dict[tuple[str, str], list[FlagState]]:
    found = defaultdict(list)
    for state in _undecided().filter(flag__subject_id__in=[each["subject"] for each in chunk]):
        found[state.flag.rule, state.flag.subject_id].append(state)
    return found


def _covers(chunk: list[dict]) -> dict[tuple[str, str], dict[Identity, list[str]]]:
    """Return by rule and subject what decisions cover, each with the severities seen."""
    found: dict = defaultdict(lambda: defaultdict(list))
    subjects = [each["subject"] for each in chunk]
    decisions = Decision.objects.standing().filter(flag__subject_id__in=subjects)
    for decision in decisions.select_related("flag"):
        mine = found[decision.flag.rule, decision.flag.subject_id]
        for each in decision.covers:
            identity = each["definition"], each["occurred_on"], each["digest"]
            mine[identity].append(each["severity"])
    return found


def _of_no_rule(known: set[str]) -> Iterator[Difference]:
    """Yield undecided flags of rules that were never evaluated, and flags without a state."""
    for state in _undecided().exclude(flag__rule__in=known):
        yield of_flag("extra", state)
    stateless = Flag.objects.filter(states=None, raised_by__unpublished=False)
    for flag in stateless:
        yield Difference(
            kind="altered",
            rule=flag.rule,
            subject=flag.subject_id,
            field="states",
            flag=flag.public_id,
        )


def _same_answers(connection, kept: Path, fresh: Path) -> bool:
    """Return whether two files hold the same answers; False where one cannot be read."""
    one, other = f"FROM {parquet(kept)}", f"FROM {parquet(fresh)}"
    either = f"(({one}) EXCEPT ALL ({other})) UNION ALL (({other}) EXCEPT ALL ({one}))"
    try:
        return not connection.execute(f"SELECT 1 FROM ({either}) LIMIT 1").fetchall()
    except duckdb.Error:
        return False


def _counts(connection, answers: Path) -> dict[str, int]:
    query = f"SELECT answer, count(*) FROM {parquet(answers)} GROUP BY answer"
    found = dict(connection.execute(query).fetchall())
    return {"population": sum(found.values())} | {name: found.get(name, 0) for name in COUNTED[1:]}


def _told_counts(evaluation: Evaluation, rule: str) -> dict[str, int]:
    told_of_it = evaluation.rules.get(rule, {})
    return {name: told_of_it.get(name) for name in COUNTED}
