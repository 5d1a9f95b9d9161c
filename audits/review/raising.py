"""The diagnoses that made a flag one step graver, each with the row that tells of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ibis.expr.types import Table

from .. import editions, engine, snapshots
from ..enrichment.diagnosed import ESCALATING, ESCALATION_DAYS
from ..models import FlagState
from ..models.reference_version import entries_of
from ..reference import diagnoses

ROW = ("source_system", "source_record_id", "upload", "row")


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A diagnosis in a row of ``kind``: the sets its code is in, its first and its last day."""

    code: str
    sets: Sequence[str]
    first: date
    last: date
    kind: str
    source_system: str
    source_record_id: str
    upload: int
    row: int


def raised_on(state: FlagState) -> date | None:
    """Return the day up to which diagnoses raised the severity; None where none did."""
    worst = state.occurrences[0] if state.occurrences else {"shown": {}}
    return date.fromisoformat(worst["occurred_on"]) if worst["shown"].get("escalated") else None


def raising(state: FlagState) -> tuple[Diagnosis, ...]:
    """Return the diagnoses that raised the severity of the flag's worst occurrence, by day.

    They are those of the flag's snapshot. Raises LedgerError where it cannot be read.
    """
    if (day := raised_on(state)) is None:
        return ()
    evaluation = state.since
    with snapshots.opened_for(
        evaluation.snapshot,
        evaluation.as_of,
        snapshots.web_limits(),
        patient=state.flag.subject_id.split("|", 1)[0],
        **editions.meaning(evaluation),
    ) as opened:
        prescriptions, conditions = opened.records.prescriptions, opened.records.conditions
        told = [
            *_told(opened, "prescriptions", _written(prescriptions)),
            *_told(opened, "conditions", _recorded(conditions, evaluation.as_of)),
        ]
    with editions.in_use(entries_of(evaluation)):
        found = [each for row in told for each in _in_force(row, day)]
    return tuple(sorted(found, key=lambda each: (each.first, each.kind, each.row)))


def _written(p: Table) -> Table:
    coded = p.filter(p.diagnosis_codes.notnull())
    return coded.select(*ROW, codes="diagnosis_codes", first="event_date", last="event_date")


def _recorded(c: Table, as_of: date) -> Table:
    known = c.filter(c.code.notnull() & (c.recorded_on <= as_of))
    return known.select(*ROW, codes="code", first="recorded_on", last="ended_on")


def _told(opened: snapshots.Opened, kind: str, rows: Table) -> Iterator[dict]:
    return ({**row, "kind": kind} for row in engine.rows(opened.backend, rows))


def _in_force(row: dict, day: date) -> Iterator[Diagnosis]:
    """Yield the diagnoses of a row that were in force on ``day`` or in the 365 before."""
    codes, first = row.pop("codes"), row["first"]
    last = max(first, row["last"] or first)
    if first > day or (day - last).days > ESCALATION_DAYS:
        return
    for code in filter(None, (each.strip() for each in codes.split(";"))):
        if sets := [name for name in ESCALATING if diagnoses.in_set(code, name)]:
            yield Diagnosis(**{**row, "code": code, "sets": sets, "last": last})
