"""Checking one file: every row is accepted or rejected, and every reason is on file."""

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ..schema import KINDS
from . import accepting, listing, problems, staging, totals
from .accepting import BUCKET, REJECTED
from .listing import RAGGED, ROW, Lines
from .patients import Pseudonyms
from .reading import literal
from .totals import Checked, Staged

if TYPE_CHECKING:
    from ..mapping import Plan

ACCEPTED = "accepted.parquet"
REJECTIONS = "rejections.parquet"
WARNINGS = "warnings.parquet"
STEPS = 4


class ValidationError(ValueError):
    """The file as a whole cannot be checked: the message names the row and the column."""


def check(
    connection: duckdb.DuckDBPyConnection,
    text: Path,
    plan: "Plan",
    *,
    into: Path,
    source: str | None,
    received_on: date,
    pseudonyms: Pseudonyms,
    ragged: Sequence[tuple[int, int]] = (),
    too_long: Sequence[tuple[int, str]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Write the accepted rows, the rejections and the warnings of ``text`` into ``into``.

    The accepted rows are a folder of Parquet files, one folder in it for each bucket.
    ``text`` is Parquet with ``row`` and a text column a header. Rows that the reader could
    not hand over are rejected, whether ``text`` has them or not: ``ragged`` holds (row,
    number of cells), ``too_long`` (row, header of the overlong cell). ``source`` names the
    source system where the file does not. ``progress`` is told (steps done, steps in all).
    Repeating a check overwrites its own files. Raises ValidationError where the file names
    another source than ``source``, RuntimeError rather than lose a row.
    """
    tell = progress or (lambda done, steps: None)
    with _scratch(into) as files:
        unread = {row: (column, "too_long") for row, column in too_long}
        unread |= {row: (ROW, RAGGED) for row, _ in ragged}
        staged = _prepared(connection, plan, files, unread, text=_parquet(text), source=source)
        _refuse_two_sources(staged)
        staged = _stage(staged, received_on, pseudonyms, files)
        tell(1, STEPS)
        staged = _counted(staged)
        _write_lists(staged, into)
        tell(2, STEPS)
        checked = totals.checked(staged)
        tell(3, STEPS)
        _keep(staged, checked.accepted, files["staged"], into / ACCEPTED)
        tell(4, STEPS)
        return checked


def _prepared(
    connection: duckdb.DuckDBPyConnection,
    plan: "Plan",
    files: Mapping[str, Path],
    unread: Mapping[int, tuple[str, str]],
    **told: str | None,
) -> Staged:
    """Return what is known before the pass, with the unread rows (column, code) on file."""
    columns = {
        "row": pa.array(unread, pa.int64()),
        "column": pa.array([column for column, _ in unread.values()], pa.string()),
        "code": pa.array([code for _, code in unread.values()], pa.string()),
    }
    pq.write_table(pa.table(columns), files["unread"])
    return Staged(
        connection=connection,
        kind=KINDS[plan.kind],
        plan=plan,
        relation=_buckets(files["staged"]),
        unread=_parquet(files["unread"]),
        unread_counts=Counter(unread.values()),
        **told,
    )


@contextlib.contextmanager
def _scratch(into: Path) -> Iterator[Mapping[str, Path]]:
    """Yield files for the steps between; they hold patients' numbers, so none stays behind.

    Their names are new each time: of 80 checks one after the other under fixed names 14
    lost their row, because DuckDB's cache of external files answered with the former one.
    """
    with tempfile.TemporaryDirectory(prefix=".checking-", dir=into) as folder:
        names = ("unread", "staged")
        yield {name: Path(folder) / f"{name}.parquet" for name in names}


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _buckets(folder: Path) -> str:
    files = literal(str(folder / "*" / "*.parquet"))
    types = f"hive_types = {{{BUCKET}: INTEGER}}"
    return f"read_parquet({files}, hive_partitioning = true, {types})"


def _refuse_two_sources(staged: Staged) -> None:
    if staged.source is None or "source_system" in staged.plan.absent:
        return
    named = staged.plan.expressions["source_system"]
    first = staged.connection.execute(
        f"SELECT min(row) FROM {staging.rows(staged.text, staged.unread)} AND {named} <> ?",
        [staged.source],
    ).fetchone()
    if first and first[0] is not None:
        raise ValidationError(
            f"Row {first[0]}: column {staged.plan.shown('source_system')} names another source "
            f"than {staged.source}. Leave the source out, or correct the column."
        )


def _stage(
    staged: Staged,
    received_on: date,
    pseudonyms: Pseudonyms,
    files: Mapping[str, Path],
) -> Staged:
    """Return ``staged`` with its rows written, every one of the text, and what may be wrong."""
    kind, plan, connection = staged.kind, staged.plan, staged.connection
    told = {"cells": staged.text, "unread": staged.unread, "source": staged.source}
    marks = staging.marks(problems.of(kind, plan, received_on))
    query = staging.query(kind, plan, marks, **told)
    written = accepting.write_accepted(
        connection, plan, query, pseudonyms=pseudonyms, into=files["staged"]
    )
    there = staging.rows(staged.text, staged.unread)
    (given,) = connection.execute(f"SELECT count(*) FROM {there}").fetchone() or ()
    if written != given:
        raise RuntimeError(f"{written:,} rows written of {given:,} in the text")
    return replace(staged, marks=marks)


def _counted(staged: Staged) -> Staged:
    """Return ``staged`` with every problem that some row has, and how often."""
    counts = listing.counted(staged.connection, staged.relation, staged.marks)
    found = tuple((mark, n) for mark, n in zip(staged.marks, counts, strict=True) if n)
    return replace(staged, found=found)


def _write_lists(staged: Staged, into: Path) -> None:
    rejections = _lines(staged, rejects=True)
    for (column, code), count in staged.unread_counts.items():
        among = f'"column" = {literal(column)} AND code = {literal(code)}'
        rows = f"SELECT row FROM {staged.unread} WHERE {among}"
        rejections.setdefault(code, []).append((column, rows, count))
    listing.write(staged.connection, rejections, into / REJECTIONS)
    listing.write(staged.connection, _lines(staged, rejects=False), into / WARNINGS)


def _lines(staged: Staged, *, rejects: bool) -> Lines:
    lines: Lines = {}
    for header, mark, count in staged.of_level(rejects):
        if mark.problem.listed:
            rows = f"SELECT row FROM {staged.relation} WHERE {mark.condition}"
            lines.setdefault(mark.problem.code, []).append((header, rows, count))
    return lines


def _keep(staged: Staged, accepted: int, rows: Path, into: Path) -> None:
    """Move the folder ``rows`` to ``into``, without the rejected ones."""
    rejected = rows / f"{BUCKET}={REJECTED}"
    if rejected.exists():
        if not accepted:
            accepting.write_none(staged.connection, f"FROM {staged.relation}", rows)
        shutil.rmtree(rejected)
    shutil.rmtree(into, ignore_errors=True)
    rows.rename(into)
