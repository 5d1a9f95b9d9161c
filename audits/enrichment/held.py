"""The days for which a missing record means that there was none."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine

HOLDING_COLUMNS = {
    "holding": "BIGINT",
    "kind": "VARCHAR",
    "covers_from": "DATE",
    "covers_to": "DATE",
    "state": "VARCHAR",
}


def holdings(backend: Backend, stated: Sequence[Mapping]) -> Table:
    """Return what is held, one row a holding and state (null: all states)."""
    return engine.load(backend, "holdings", stated, HOLDING_COLUMNS)


def spans(backend: Backend, stated: Sequence[Mapping]) -> Table:
    """Return the unbroken spans of days that holdings of one kind cover together.

    The columns are those of holdings. A span of a named state counts what is held for all
    states too; ``holding`` is the first of those it is made of.
    """
    made = [
        {"kind": kind, "state": state, **span}
        for kind in sorted({row["kind"] for row in stated})
        for state in sorted(
            {row["state"] for row in stated if row["kind"] == kind} | {None}, key=str
        )
        for span in _merged(
            row for row in stated if row["kind"] == kind and row["state"] in (None, state)
        )
    ]
    return engine.load(backend, "held_spans", made, HOLDING_COLUMNS)


def _merged(rows: Iterable[Mapping]) -> list[dict]:
    """Return the rows' periods with those joined that overlap or follow one another."""
    merged: list[dict] = []
    for row in sorted(rows, key=lambda row: (row["covers_from"], row["covers_to"])):
        if merged and row["covers_from"] <= _next_day(merged[-1]["covers_to"]):
            merged[-1]["covers_to"] = max(merged[-1]["covers_to"], row["covers_to"])
            merged[-1]["holding"] = min(merged[-1]["holding"], row["holding"])
        else:
            merged.append({name: row[name] for name in ("holding", "covers_from", "covers_to")})
    return merged


def _next_day(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)
