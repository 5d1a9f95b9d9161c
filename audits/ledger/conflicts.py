"""Conflicts: rows with other content than is held, that wait until a person chooses.

A conflict is open until a person settled it or a later row or void of the record, from an
upload that stands, overtook it. Withdrawing what overtook it opens it again.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from duckdb import DuckDBPyConnection

from ..vocabulary import Outcome
from . import sql
from .columns import IDENTITY, SUPERSEDED
from .current import SAME_RECORD, Files, current_sql, held_files, rows_sql
from .outcomes import Counts, classify


def open_conflicts_sql(
    outcomes: Path,
    *,
    kind: str,
    ledger: Files,
    versions: Mapping[str, int],
    sequence: int,
    withdrawn_uploads: Collection[int],
    settled: Collection[int],
) -> str:
    """Return the query for the open conflicts of the upload whose list is ``outcomes``.

    Columns: row, source_system, source_record_id, content_hash (what the file says), held and
    held_seq (content and number of the row in force, null where there is none). ``settled``
    are the rows a person settled.
    """
    wanted = (*IDENTITY, "content_hash", "accepted_seq")
    held = current_sql(ledger, kind, versions, sequence, wanted)
    later = _later(ledger, kind, versions, sequence, withdrawn_uploads)
    return f"""
        WITH asked AS (
            SELECT "row", source_system, source_record_id, content_hash, seq
            FROM {sql.parquet(outcomes)} WHERE outcome = {sql.text(Outcome.CONFLICT)}
            AND coalesce("row" NOT IN ({sql.numbers(settled)}), true)
        ),
        overtaking AS (SELECT r.* FROM ({later}) r SEMI JOIN asked l ON {SAME_RECORD}),
        held AS (SELECT r.* FROM ({held}) r SEMI JOIN asked l ON {SAME_RECORD})
        SELECT w."row", w.source_system, w.source_record_id, w.content_hash,
            h.content_hash AS held, h.accepted_seq AS held_seq
        FROM (
            SELECT l.* FROM asked l ANTI JOIN overtaking r ON {SAME_RECORD} AND r.seq >= l.seq
        ) w LEFT JOIN held h USING (source_system, source_record_id)
        WHERE h.content_hash IS DISTINCT FROM w.content_hash
    """


def _later(
    ledger: Files,
    kind: str,
    versions: Mapping[str, int],
    sequence: int,
    withdrawn_uploads: Collection[int],
) -> str:
    """Return the query for record and seq of every row and line of uploads that stand.

    A line that a withdrawal wrote names the upload withdrawn, so it does not count.
    """
    gone = sql.numbers(withdrawn_uploads)
    rows = rows_sql(kind, held_files(ledger, kind, versions), (*IDENTITY, "upload", "accepted_seq"))
    lines = rows_sql(SUPERSEDED, held_files(ledger, SUPERSEDED, versions))
    return (
        f"SELECT source_system, source_record_id, accepted_seq AS seq FROM ({rows}) "
        f"WHERE accepted_seq <= {int(sequence)} AND coalesce(upload NOT IN ({gone}), true) "
        f"UNION ALL SELECT source_system, source_record_id, seq FROM ({lines}) "
        f"WHERE kind = {sql.text(kind)} AND seq <= {int(sequence)} AND lifts IS NULL "
        f"AND coalesce(by_upload NOT IN ({gone}), true)"
    )


def replace(
    connection: DuckDBPyConnection,
    rows: Collection[int],
    *,
    accepted: Path,
    kind: str,
    ledger: Files,
    versions: Mapping[str, int],
    sequence: int,
    withdrawn_uploads: Collection[int],
    upload: int,
    into: Path,
) -> Counts:
    """Write into ``into`` what makes the chosen ``rows`` of an upload current, as revisions.

    ``accepted`` holds the upload's rows. The files and counts are those of ``classify``; of
    several rows of one record the last in the file stays.
    """
    into.mkdir(parents=True, exist_ok=True)
    chosen = into / "chosen.parquet"
    connection.execute(
        f'COPY (FROM {sql.parquet(accepted)} WHERE "row" IN ({sql.numbers(rows)})) '
        f"TO {sql.text(chosen)} (FORMAT parquet)"
    )
    return classify(
        connection,
        chosen,
        kind=kind,
        ledger=ledger,
        versions=versions,
        sequence=sequence,
        policies={},
        withdrawn_uploads=withdrawn_uploads,
        upload=upload,
        first_seq=sequence + 1,
        into=into,
        as_revisions=True,
    )
