"""Which rows are in force: SQL over one version's files, as known at a sequence number."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from . import sql
from .columns import BUCKET, IDENTITY, SUPERSEDED, columns

SAME_RECORD = " AND ".join(f"l.{c} = r.{c}" for c in IDENTITY)


class Files(Protocol):
    """What can name the Parquet files of a table at a version; the ledger does."""

    def files(self, kind: str, version: int) -> list[str]:
        """Return the absolute paths of the files."""
        ...


def rows_sql(kind: str, files: Sequence[str], wanted: Iterable[str] | None = None) -> str:
    """Return the query for the rows in ``files``, superseded ones included.

    ``kind`` may be ``superseded``. ``wanted`` names the columns, default all declared.
    A column that no file has yet is null; without files the table is empty with the
    right names and types.
    """
    declared = columns(kind)
    chosen = tuple(declared if wanted is None else wanted)
    typed = {c: declared[c] for c in chosen}
    if not files:
        return sql.nothing(typed)
    options = "union_by_name = true"
    if BUCKET in declared:
        options += f", hive_partitioning = true, hive_types = {{{BUCKET}: INTEGER}}"
    else:
        options += ", hive_partitioning = false"
    # The empty half brings the columns that were declared after these files were written.
    return (
        f"SELECT {sql.names(chosen)} FROM ({sql.nothing(typed)} UNION ALL BY NAME "
        f"SELECT * FROM read_parquet({sql.texts(files)}, {options}))"
    )


def held_files(ledger: Files, table: str, versions: Mapping[str, int]) -> list[str]:
    """Return the files of ``table`` at its version; none where it was never written."""
    version = versions.get(table)
    return [] if version is None else ledger.files(table, version)


def lines_sql(ledger: Files, kind: str, versions: Mapping[str, int], sequence: int) -> str:
    """Return the query for the superseded lines of ``kind`` in effect at ``sequence``.

    A line is without effect once a later line of the same record lifts it. Lifting lines
    themselves are left out.
    """
    known = (
        f"SELECT * FROM ({rows_sql(SUPERSEDED, held_files(ledger, SUPERSEDED, versions))}) "
        f"WHERE kind = {sql.text(kind)} AND seq <= {int(sequence)} AND lifts IS"
    )
    return (
        f"SELECT l.* FROM ({known} NULL) l ANTI JOIN ({known} NOT NULL) r "
        f"ON {SAME_RECORD} AND r.lifts = l.seq"
    )


def _accepted(
    ledger: Files,
    kind: str,
    versions: Mapping[str, int],
    sequence: int,
    wanted: Iterable[str] | None,
) -> tuple[str, str]:
    """Return the query for the rows accepted up to ``sequence`` and the names wanted of it."""
    chosen = tuple(columns(kind) if wanted is None else wanted)
    needed = tuple(dict.fromkeys((*chosen, *IDENTITY, "content_hash", "accepted_seq")))
    rows = rows_sql(kind, held_files(ledger, kind, versions), needed)
    return f"SELECT * FROM ({rows}) WHERE accepted_seq <= {int(sequence)}", sql.names(chosen, "r")


def current_sql(
    ledger: Files,
    kind: str,
    versions: Mapping[str, int],
    sequence: int,
    wanted: Iterable[str] | None = None,
) -> str:
    """Return the query for the rows of ``kind`` in force at ``sequence``.

    ``versions`` gives the Delta version of each table (a snapshot's), ``sequence`` the last
    sequence number counted; an earlier one gives the ledger as it was known then. ``wanted``
    names the columns, default all declared. A kind that was never written is empty.
    """
    rows, chosen = _accepted(ledger, kind, versions, sequence, wanted)
    return (
        f"SELECT {chosen} FROM ({rows}) r ANTI JOIN "
        f"({lines_sql(ledger, kind, versions, sequence)}) l "
        f"ON {SAME_RECORD} AND l.content_hash = r.content_hash AND r.accepted_seq < l.seq"
    )


def former_sql(
    ledger: Files,
    kind: str,
    versions: Mapping[str, int],
    sequence: int,
    wanted: Iterable[str] | None = None,
) -> str:
    """Return the query for the rows of ``kind`` no longer in force at ``sequence``.

    The columns are those of ``current_sql``; together the two queries give every row
    accepted up to ``sequence`` once.
    """
    rows, chosen = _accepted(ledger, kind, versions, sequence, wanted)
    return (
        f"SELECT {chosen} FROM ({rows}) r SEMI JOIN "
        f"({lines_sql(ledger, kind, versions, sequence)}) l "
        f"ON {SAME_RECORD} AND l.content_hash = r.content_hash AND r.accepted_seq < l.seq"
    )


def accepted_sql(
    ledger: Files,
    kind: str,
    versions: Mapping[str, int],
    sequence: int,
    wanted: Iterable[str] | None = None,
) -> str:
    """Return the query for every row of ``kind`` ever accepted, in force or not.

    Columns and arguments are those of ``current_sql``.
    """
    rows, chosen = _accepted(ledger, kind, versions, sequence, wanted)
    return f"SELECT {chosen} FROM ({rows}) r"


def changed_sql(
    ledger: Files,
    kind: str,
    versions: Mapping[str, int],
    sequence: int,
    *,
    since: int,
    wanted: Iterable[str] | None = None,
) -> str:
    """Return the query for every row of ``kind`` that may have come or gone after ``since``.

    They are the rows accepted after that sequence number and, in force or not, those of
    records of which a line says something since. What is older than both stands as it
    stood: the ledger only grows. Columns and other arguments are those of ``current_sql``.
    """
    rows, chosen = _accepted(ledger, kind, versions, sequence, wanted)
    lines = rows_sql(SUPERSEDED, held_files(ledger, SUPERSEDED, versions))
    named = (
        f"SELECT source_system, source_record_id FROM ({lines}) WHERE kind = {sql.text(kind)} "
        f"AND seq > {int(since)} AND seq <= {int(sequence)}"
    )
    return (
        f"SELECT {chosen} FROM ({rows}) r WHERE accepted_seq > {int(since)} UNION ALL "
        f"SELECT {chosen} FROM ({rows}) r SEMI JOIN ({named}) l ON {SAME_RECORD}"
    )
