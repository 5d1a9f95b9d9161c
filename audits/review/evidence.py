"""The very records behind a flag, as its evaluation kept them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .. import engine, snapshots
from ..models import FlagState

PAGE = 200
DATES = ("event_date", "written_on")
MINE = """
    FROM read_parquet($file) e
    WHERE e.subject_id = $subject
      AND list_contains($keys, e.definition || '|' || e.occurred_on::DATE::VARCHAR)
"""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One page of records: ``rows`` as kept, the worst occurrence's first; ``total`` of all.

    Each row has the rule's figures besides keys; ``columns`` are their names in order.
    ``found`` is False where the evaluation's file is gone.
    """

    rows: Sequence[dict]
    columns: Sequence[str]
    total: int
    page: int
    pages: int
    found: bool = True


NONE = Evidence(rows=(), columns=(), total=0, page=1, pages=1, found=False)


def evidence_of(state: FlagState, page: int = 1, size: int = PAGE) -> Evidence:
    """Return a page of the records behind the occurrences of ``state``; numbered from 1."""
    spoken = _speaking(state)
    asked = _asked(spoken)
    if asked is None:
        return NONE
    with engine.connect(snapshots.web_limits()) as backend:
        count = backend.con.execute(f"SELECT count(*) {MINE}", asked).fetchone()
        total = count[0] if count else 0
        pages = max(1, -(-total // size))
        page = min(max(1, page), pages)
        columns = _columns(backend.con.execute("FROM read_parquet($file) LIMIT 0", _file(asked)))
        dates = "".join(f"e.{name}, " for name in DATES if name in columns)
        cursor = backend.con.execute(
            f"SELECT e.* {MINE} ORDER BY "
            "list_position($keys, e.definition || '|' || e.occurred_on::DATE::VARCHAR), "
            f"{dates} e.source_system, e.source_record_id LIMIT $size OFFSET $skipped",
            {**asked, "size": size, "skipped": (page - 1) * size},
        )
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return Evidence(rows=rows, columns=columns, total=total, page=page, pages=pages)


def prescribers(state: FlagState) -> set[str]:
    """Return every prescriber of the records behind ``state``; empty where none is kept."""
    asked = _asked(_speaking(state))
    if asked is None:
        return set()
    with engine.connect(snapshots.web_limits()) as backend:
        columns = _columns(backend.con.execute("FROM read_parquet($file) LIMIT 0", _file(asked)))
        if "prescriber_key" not in columns:
            return set()
        found = backend.con.execute(f"SELECT DISTINCT e.prescriber_key {MINE}", asked).fetchall()
    return {key for (key,) in found if key}


def _speaking(state: FlagState) -> FlagState:
    """Return the last state with records: for a withdrawn flag the one before."""
    if state.verdict != FlagState.Verdict.WITHDRAWN:
        return state
    former = FlagState.objects.filter(flag=state.flag_id, until=state.since_id).first()
    return former or state


def _asked(state: FlagState) -> dict | None:
    """Return the parameters of the query for the records of ``state``, None without their file."""
    file = snapshots.evidence_folder(state.since_id, state.flag.rule) / "evidence.parquet"
    if not file.exists():
        return None
    keys = [f"{o['definition']}|{o['occurred_on']}" for o in state.occurrences]
    return {"file": str(file), "subject": state.flag.subject_id, "keys": keys}


def _file(asked: dict) -> dict:
    return {"file": asked["file"]}


def _columns(cursor) -> list[str]:
    described: Iterable = cursor.description
    return [column[0] for column in described]
