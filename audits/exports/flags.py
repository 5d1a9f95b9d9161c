"""Flags as rows: what the queue shows, for other tools."""

from collections.abc import Iterator

from django.db.models import QuerySet

from ..models import FlagState
from .figures import exact_of
from .writing import Column, Row

CHUNK = 2_000

FLAG_COLUMNS = (
    Column(name="flag", width=34),
    Column(name="rule", width=32),
    Column(name="definition", width=28),
    Column(name="subject_kind", width=22),
    Column(name="subject_id", width=40),
    Column(name="severity"),
    Column(name="status"),
    Column(name="first_on", day=True),
    Column(name="last_on", day=True),
    Column(name="occurrences", number=True),
    Column(name="value", number=True),
    Column(name="comparison"),
    Column(name="threshold", number=True),
    Column(name="unit", width=16),
    Column(name="records", number=True),
    Column(name="priority", number=True),
    Column(name="ledger_version", number=True),
    Column(name="as_of", day=True),
)


def exportable(rule: str = "", severity: str = "", status: str = "") -> QuerySet[FlagState]:
    """Return the states people see, with ``status``; each argument narrows where it is given."""
    wanted = {"flag__rule": rule, "severity": severity, "status": status}
    states = FlagState.objects.seen().with_status()
    return states.filter(**{name: value for name, value in wanted.items() if value})


def flag_rows(states: QuerySet[FlagState]) -> Iterator[Row]:
    """Yield the row of each state in the order of ``FLAG_COLUMNS``, a chunk at a time."""
    ordered = states.select_related("flag", "since")
    for state in ordered.defer("occurrences", "record_keys").iterator(chunk_size=CHUNK):
        yield _row(state)


def _row(state: FlagState) -> Row:
    flag, evaluation = state.flag, state.since
    return (
        flag.public_id,
        flag.rule,
        state.definition,
        flag.subject_kind,
        flag.subject_id,
        state.severity,
        state.status,
        state.first_on.isoformat(),
        state.last_on.isoformat(),
        state.occurrence_count,
        exact_of(state),
        state.comparison,
        state.threshold,
        state.unit,
        state.records,
        state.priority,
        evaluation.snapshot_id,
        evaluation.as_of.isoformat() if evaluation.as_of else None,
    )
