"""What rules said of their populations, counted and in pages, as their evaluation kept it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from .. import engine, snapshots
from ..catalogue import CATALOGUE
from ..models import Evaluation
from ..rule import Rule
from ..vocabulary import Answer, Reason
from .figures import exact

COUNTED = ("population", *(answer.value for answer in Answer))


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far a rule came with its population in its last published evaluation.

    ``counts`` are subjects by answer, ``population`` among them; ``reasons`` are subjects by
    answer and reason, None where the file with the answers cannot be read any more.
    """

    rule: Rule
    evaluation: Evaluation
    counts: Mapping[str, int]
    reasons: Mapping[tuple[Answer, Reason], int] | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerPage:
    """Some answers in the order of their subjects, and where the pages beside begin.

    A place is a row number of the file, for a subject's id does not belong into an address.
    ``count`` is the number of all that match.
    """

    rows: list[dict]
    count: int
    next: int | None
    previous: int | None


def last_evaluations() -> dict[str, Evaluation]:
    """Return the last published evaluation of each rule that has one."""
    found: dict[str, Evaluation] = {}
    published = Evaluation.objects.filter(unpublished=False).order_by("-pk")
    for evaluation in published.select_related("snapshot").iterator(chunk_size=20):
        for name in CATALOGUE.keys() & evaluation.rules.keys():
            found.setdefault(name, evaluation)
        if len(found) == len(CATALOGUE):
            break
    return found


def coverages(*, reasons: bool = False) -> dict[str, Coverage]:
    """Return how far each rule came, by name in the order of their numbers.

    Without ``reasons`` no file is read, and they are None.
    """
    last = last_evaluations()
    put = [(rule, last[name]) for name, rule in CATALOGUE.items() if name in last]
    if reasons:
        return {each.rule.name: each for each in _with_reasons(put)}
    return {
        rule.name: Coverage(rule=rule, evaluation=evaluation, counts=_counts(evaluation, rule))
        for rule, evaluation in put
    }


def coverage(rule: Rule) -> Coverage | None:
    """Return how far ``rule`` came, with reasons; None before its first published evaluation."""
    last = last_evaluations().get(rule.name)
    return None if last is None else next(_with_reasons([(rule, last)]))


def _with_reasons(put: Iterable[tuple[Rule, Evaluation]]) -> Iterator[Coverage]:
    with engine.connect(snapshots.web_limits()) as backend:
        for rule, evaluation in put:
            yield Coverage(
                rule=rule,
                evaluation=evaluation,
                counts=_counts(evaluation, rule),
                reasons=_reasons(backend.con, answers_file(evaluation, rule)),
            )


def _reasons(connection: DuckDBPyConnection, file: Path) -> dict[tuple[Answer, Reason], int] | None:
    if not file.exists():
        return None
    found = connection.execute(
        "SELECT answer, reason, count(*) FROM read_parquet($file) "
        "WHERE reason IS NOT NULL GROUP BY ALL ORDER BY 3 DESC, 1, 2",
        {"file": str(file)},
    )
    return {(Answer(answer), Reason(reason)): n for answer, reason, n in found.fetchall()}


def answer_page(
    evaluation: Evaluation,
    rule: Rule,
    *,
    answer: str = "",
    reason: str = "",
    after: int = -1,
    before: int | None = None,
    limit: int = 100,
) -> AnswerPage:
    """Return the answers after place ``after``, or the last ones before ``before``.

    An empty ``answer`` or ``reason`` narrows nothing. Raises FileNotFoundError where the
    answers are not in the ledger any more.
    """
    file = answers_file(evaluation, rule)
    if not file.exists():
        raise FileNotFoundError(file)
    wanted = (
        "FROM read_parquet($file, file_row_number = true) "
        "WHERE ($answer = '' OR answer = $answer) AND ($reason = '' OR reason = $reason)"
    )
    given = {"file": str(file), "answer": answer, "reason": reason}
    place, edge, order = (after, ">", "") if before is None else (before, "<", "DESC")
    with engine.connect(snapshots.web_limits()) as backend:
        count = backend.con.execute(f"SELECT count(*) {wanted}", given).fetchall()[0][0]
        cursor = backend.con.execute(
            "SELECT file_row_number AS place, subject_id, answer, reason, severity, value "
            f"{wanted} AND file_row_number {edge} $place "
            f"ORDER BY file_row_number {order} LIMIT {limit + 1}",
            given | {"place": place},
        )
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    within = {"count": count, "limit": limit, "after": after, "backwards": before is not None}
    return _paged(found, evaluation.in_force(rule).divisor, **within)


def answers_file(evaluation: Evaluation, rule: Rule) -> Path:
    """Return where the answers of ``rule`` are kept for ``evaluation``."""
    return snapshots.evidence_folder(evaluation.pk, rule.name) / "answers.parquet"


def _counts(evaluation: Evaluation, rule: Rule) -> dict[str, int]:
    told = evaluation.rules[rule.name]
    return {name: told[name] for name in COUNTED}


def _paged(
    found: list[dict], divisor: int, *, count: int, limit: int, after: int, backwards: bool
) -> AnswerPage:
    more, rows = len(found) > limit, found[:limit]
    if backwards:
        rows.reverse()
    for row in rows:
        row["figure"] = None if row["value"] is None else exact(row["value"], divisor)
    behind, ahead = (more, True) if backwards else (after >= 0, more)
    return AnswerPage(
        rows=rows,
        count=count,
        next=rows[-1]["place"] if rows and ahead else None,
        previous=rows[0]["place"] if rows and behind else None,
    )
