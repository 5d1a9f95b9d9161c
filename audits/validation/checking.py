"""Checking one file: every row is accepted or rejected, and every reason is on file."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ..schema import KINDS, Kind, Type
from . import accepting, listing, problems, staging
from .listing import RAGGED, ROW, Counts, Lines
from .reading import PARQUET, literal
from .staging import Mark

if TYPE_CHECKING:
    from ..mapping import Plan

ACCEPTED = "accepted.parquet"
REJECTIONS = "rejections.parquet"
WARNINGS = "warnings.parquet"
STEPS = 4


class ValidationError(ValueError):
    """The file as a whole cannot be checked: the message names the row and the column."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of one file: ``read`` = ``accepted`` + ``rejected``.

    ``warned`` counts accepted rows with at least one listed warning. The counts are by
    (column as the file heads it, code); the column is "" for what concerns a whole row.
    ``first_date`` and ``last_date`` span the accepted rows, ``sources`` are their source
    systems, ``sums`` add up each quantity column over every row read, as control totals do.
    """

    read: int
    accepted: int
    rejected: int
    warned: int
    rejection_counts: Counts
    warning_counts: Counts
    first_date: date | None
    last_date: date | None
    sources: tuple[str, ...]
    sums: Mapping[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class _Staged:
    """A file after its one pass.

    ``relation`` is SQL for the staged rows, ``found`` what they have and how often,
    ``unread`` SQL for the rows (row, column, code) that the reader could not hand over.
    """

    connection: duckdb.DuckDBPyConnection
    kind: Kind
    plan: "Plan"
    relation: str
    unread: str
    unread_counts: Counts
    found: tuple[tuple[Mark, int], ...] = ()

    def of_level(self, rejects: bool) -> list[tuple[str, Mark, int]]:
        """Return (header, mark, rows) of the rejections, or of the warnings."""
        return [
            (self.plan.shown(mark.problem.column), mark, count)
            for mark, count in self.found
            if mark.problem.rejects is rejects
        ]


def check(
    connection: duckdb.DuckDBPyConnection,
    text: Path,
    plan: "Plan",
    *,
    into: Path,
    source: str | None,
    received_on: date,
    pseudonym: Callable[[str, str], str],
    ragged: Sequence[tuple[int, int]] = (),
    too_long: Sequence[tuple[int, str]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Write the accepted rows, the rejections and the warnings of ``text`` into ``into``.

    ``text`` is Parquet with ``row`` and a text column a header. Rows that the reader could
    not hand over are rejected, whether ``text`` has them or not: ``ragged`` holds (row,
    number of cells), ``too_long`` (row, header of the overlong cell). ``source`` names the
    source system where the file does not. ``pseudonym`` turns (source system, patient
    number) into the patient's key. ``progress`` is told (steps done, steps in all).
    Repeating a check overwrites its own files. Raises ValidationError where the file names
    another source than ``source``, RuntimeError rather than lose an accepted row.
    """
    tell = progress or (lambda done, steps: None)
    with _scratch(into) as files:
        unread = {row: (column, "too_long") for row, column in too_long}
        unread |= {row: (ROW, RAGGED) for row, _ in ragged}
        staged = _prepared(connection, plan, files, unread)
        _refuse_two_sources(staged, text, source)
        staged = _stage(staged, text, source, received_on, into=files["staged"])
        tell(1, STEPS)
        _write_lists(staged, into)
        tell(2, STEPS)
        written = _write_accepted(staged, files["patients"], pseudonym, into / ACCEPTED)
        tell(3, STEPS)
        checked = _checked(staged)
        if written != checked.accepted:
            raise RuntimeError(f"{written:,} rows written of {checked.accepted:,} accepted")
        tell(4, STEPS)
        return checked


def _prepared(
    connection: duckdb.DuckDBPyConnection,
    plan: "Plan",
    files: Mapping[str, Path],
    unread: Mapping[int, tuple[str, str]],
) -> _Staged:
    """Return what is known before the pass, with the unread rows (column, code) on file."""
    columns = {
        "row": pa.array(unread, pa.int64()),
        "column": pa.array([column for column, _ in unread.values()], pa.string()),
        "code": pa.array([code for _, code in unread.values()], pa.string()),
    }
    pq.write_table(pa.table(columns), files["unread"])
    return _Staged(
        connection=connection,
        kind=KINDS[plan.kind],
        plan=plan,
        relation=_parquet(files["staged"]),
        unread=_parquet(files["unread"]),
        unread_counts=Counter(unread.values()),
    )


@contextlib.contextmanager
def _scratch(into: Path) -> Iterator[Mapping[str, Path]]:
    """Yield files for the steps between; they hold patients' numbers, so none stays behind.

    Their names are new each time: of 80 checks one after the other under fixed names 14
    lost their row, because DuckDB's cache of external files answered with the former one.
    """
    with tempfile.TemporaryDirectory(prefix=".checking-", dir=into) as folder:
        names = ("unread", "staged", "patients")
        yield {name: Path(folder) / f"{name}.parquet" for name in names}


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _refuse_two_sources(staged: _Staged, text: Path, source: str | None) -> None:
    if source is None or "source_system" in staged.plan.absent:
        return
    named = staged.plan.expressions["source_system"]
    first = staged.connection.execute(
        f"SELECT min(row) FROM {_parquet(text)} WHERE {named} <> ? "
        f"AND row NOT IN (SELECT row FROM {staged.unread})",
        [source],
    ).fetchone()
    if first and first[0] is not None:
        raise ValidationError(
            f"Row {first[0]}: column {staged.plan.shown('source_system')} names another source "
            f"than {source}. Leave the source out, or correct the column."
        )


def _stage(
    staged: _Staged, text: Path, source: str | None, received_on: date, *, into: Path
) -> _Staged:
    """Return ``staged`` with its rows written to ``into`` and every problem counted."""
    marks = staging.marks(problems.of(staged.kind, staged.plan, received_on))
    query = staging.query(
        staged.kind, staged.plan, marks, cells=_parquet(text), unread=staged.unread, source=source
    )
    staged.connection.execute(f"COPY ({query}) TO {literal(str(into))} ({PARQUET})")
    counts = listing.counted(staged.connection, staged.relation, marks)
    found = tuple((mark, count) for mark, count in zip(marks, counts, strict=True) if count)
    return replace(staged, found=found)


def _write_lists(staged: _Staged, into: Path) -> None:
    rejections = _lines(staged, rejects=True)
    for (column, code), count in staged.unread_counts.items():
        among = f'"column" = {literal(column)} AND code = {literal(code)}'
        rows = f"SELECT row FROM {staged.unread} WHERE {among}"
        rejections.setdefault(code, []).append((column, rows, count))
    listing.write(staged.connection, rejections, into / REJECTIONS)
    listing.write(staged.connection, _lines(staged, rejects=False), into / WARNINGS)


def _lines(staged: _Staged, *, rejects: bool) -> Lines:
    lines: Lines = {}
    for header, mark, count in staged.of_level(rejects):
        if mark.problem.listed:
            rows = f"SELECT row FROM {staged.relation} WHERE {mark.condition}"
            lines.setdefault(mark.problem.code, []).append((header, rows, count))
    return lines


def _write_accepted(
    staged: _Staged, patients: Path, pseudonym: Callable[[str, str], str], path: Path
) -> int:
    if staged.kind.about_patient:
        accepting.write_patients(staged.connection, staged.relation, patients, pseudonym)
    return accepting.write_accepted(
        staged.connection, staged.plan, staged.relation, patients=_parquet(patients), path=path
    )


def _checked(staged: _Staged) -> Checked:
    """Return the totals of the staged rows and the counts by header and code."""
    totals = _totals(staged)
    spans = [totals[f"{side} {c}"] for c in staged.kind.dates for side in ("first", "last")]
    days = [day for day in spans if day is not None]
    unread = sum(staged.unread_counts.values())
    rejections = Counter(_summed(staged.of_level(rejects=True))) + Counter(staged.unread_counts)
    return Checked(
        read=totals["rows"] + unread,
        accepted=totals["rows"] - totals["rejected"],
        rejected=totals["rejected"] + unread,
        warned=totals["warned"],
        rejection_counts=MappingProxyType(dict(rejections)),
        warning_counts=MappingProxyType(_summed(staged.of_level(rejects=False))),
        first_date=min(days, default=None),
        last_date=max(days, default=None),
        sources=tuple(sorted(totals["sources"] or ())),
        sums=MappingProxyType({c: totals[f"sum {c}"] for c in _quantities(staged.kind)}),
    )


def _totals(staged: _Staged) -> Mapping[str, Any]:
    accepted = "FILTER (NOT _rejected)"
    wanted = {
        "rows": "count(*)",
        "rejected": "count(*) FILTER (_rejected)",
        "warned": "count(*) FILTER (_warned AND NOT _rejected)",
        "sources": f"list(DISTINCT source_system) {accepted}",
    }
    for column in staged.kind.dates:
        wanted[f"first {column}"] = f'min(CAST("{column}" AS DATE)) {accepted}'
        wanted[f"last {column}"] = f'max(CAST("{column}" AS DATE)) {accepted}'
    for column in _quantities(staged.kind):
        wanted[f"sum {column}"] = f'coalesce(sum("{column}"), 0)'
    asked = f"SELECT {', '.join(wanted.values())} FROM {staged.relation}"
    return dict(zip(wanted, staged.connection.execute(asked).fetchone() or (), strict=True))


def _quantities(kind: Kind) -> list[str]:
    return [field.name for field in kind.fields if field.type is Type.QUANTITY]


def _summed(found: Sequence[tuple[str, Mark, int]]) -> dict[tuple[str, str], int]:
    """Return the counts by header and code: two columns may come from one header."""
    counts: dict[tuple[str, str], int] = {}
    for header, mark, count in found:
        key = (header, mark.problem.code)
        counts[key] = counts.get(key, 0) + count
    return counts
