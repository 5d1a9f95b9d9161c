"""Whether what people chose for conflicts is what the lists, the ledger and the trail say."""

import json
from collections.abc import Iterator
from pathlib import Path

from duckdb import DuckDBPyConnection

from ..ingestion.settling import root_of
from ..ledger.sql import numbers, parquet
from ..models import Event, SettledConflict, Settlement, Upload
from ..trail import Action
from ..vocabulary import Outcome


def accepted(upload: Upload) -> list[int]:
    """Return the rows of ``upload`` that went into the ledger because a person chose them."""
    chosen = upload.settled_conflicts.exclude(accepted_seq=None)
    return list(chosen.values_list("row", flat=True))


def disagreeing(
    connection: DuckDBPyConnection, upload: Upload, *, outcomes: Path, rows: str
) -> Iterator[tuple[str, int | None]]:
    """Yield code and row of what does not agree with the settled conflicts of ``upload``.

    ``rows`` is the query for all the ledger holds of the upload. Without a row it is about
    a whole choice: the event of the trail vouches for other rows, or there is none.
    """
    settled = {each.row: each for each in upload.settled_conflicts.all()}
    if not settled:
        return
    among = f"row IN ({numbers(settled)})"
    listed = f"SELECT row, content_hash, outcome FROM {parquet(outcomes)} WHERE {among}"
    known = {row: told for row, *told in connection.execute(listed).fetchall()}
    stored = dict(
        connection.execute(f"SELECT row, accepted_seq FROM ({rows}) WHERE {among}").fetchall()
    )
    for row, each in settled.items():
        if known.get(row) != [each.content_hash, Outcome.CONFLICT]:
            yield "settled_no_conflict", row
        if stored.get(row) != each.accepted_seq:
            yield "settled_otherwise", row
    for settlement in upload.settlements.exclude(settled_at=None):
        if not _is_vouched_for(settlement, settlement.conflicts.all()):
            yield "settlement_not_in_trail", None


def _is_vouched_for(settlement: Settlement, settled: list[SettledConflict]) -> bool:
    """Return whether the one event of the choice names its rows and their contents."""
    events = Event.objects.filter(
        action=Action.CONFLICT_SETTLED,
        object_type="upload",
        object_id=str(settlement.upload_id),
    )
    told = [json.loads(after) for after in events.values_list("after", flat=True)]
    mine = [each for each in told if each["settlement"] == settlement.pk]
    wanted = {"choice": settlement.choice, "merkle_root": root_of(settled)}
    return len(mine) == 1 and wanted.items() <= mine[0].items()
