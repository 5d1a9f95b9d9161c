"""Answers as rows: what a rule said of every subject of its population."""

from collections.abc import Iterator

from .. import engine, snapshots
from ..models import Evaluation
from ..rule import Rule
from .figures import exact
from .writing import Column, Row

BATCH = 5_000
ANSWER_COLUMNS = (
    Column(name="subject_id", width=40),
    Column(name="answer"),
    Column(name="reason", width=28),
    Column(name="severity"),
    Column(name="value", number=True),
)


class NothingEvaluated(Exception):  # noqa: N818 - an answer, not a fault
    """No published evaluation has put the rule to the records; the message names the remedy."""


def last_of(rule: Rule) -> Evaluation:
    """Return the last published evaluation of ``rule``; raises NothingEvaluated."""
    done = Evaluation.objects.filter(unpublished=False, rules__has_key=rule.name)
    last = done.order_by("-pk").first()
    if last is None:
        raise NothingEvaluated(f"{rule.number} {rule.name} was not evaluated yet. Run: evaluate")
    return last


def answer_rows(rule: Rule) -> Iterator[Row]:
    """Return the answers of the last published evaluation of ``rule``, by subject id.

    Raises NothingEvaluated at once, not when the first row is asked for.
    """
    last = last_of(rule)
    file = snapshots.evidence_folder(last.pk, rule.name) / "answers.parquet"
    if not file.exists():
        raise NothingEvaluated(f"The answers of {rule.number} are not in the ledger any more.")
    return _rows(str(file), last.in_force(rule).divisor)


def _rows(file: str, divisor: int) -> Iterator[Row]:
    with engine.connect(snapshots.web_limits()) as backend:
        cursor = backend.con.execute(
            "SELECT subject_id, answer, reason, severity, value FROM read_parquet($file) "
            "ORDER BY subject_id",
            {"file": file},
        )
        while batch := cursor.fetchmany(BATCH):
            for subject, answer, reason, severity, value in batch:
                figure = None if value is None else exact(value, divisor)
                yield subject, answer, reason, severity, figure
