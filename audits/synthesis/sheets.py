"""Canonical files as they grow: planted rows one by one, ordinary ones from patterns.

A pattern is a whole line of the file with places left open, so that a million rows need
no dictionary each.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from ..schema import KINDS
from .people import SOURCE

OPEN = "%s"
RECORD_NUMBER, STATUS = "R%08d", "new"


class Sheet:
    """The file of one kind; its records are numbered in the order they come."""

    def __init__(self, folder: Path, kind: str):
        self.rows = 0
        self._file = (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="")
        self._csv = csv.DictWriter(self._file, KINDS[kind].columns, lineterminator="\n")
        self._csv.writeheader()

    def __enter__(self) -> "Sheet":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Write rows as columns by name; a record's own number and status are left as they are."""
        for row in rows:
            self.rows += 1
            given = {"source_record_id": RECORD_NUMBER % self.rows, "record_status": STATUS}
            self._csv.writerow(given | row)

    def fill(self, line: str, rows: Sequence[tuple]) -> None:
        """Write a row for each tuple: what fills the places still open in ``line``."""
        first = self.rows + 1
        self._file.writelines([line % (n, *row) for n, row in enumerate(rows, start=first)])
        self.rows += len(rows)


def pattern(
    kind: str, given: Mapping[str, object], first: Sequence[str], then: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Return a line of ``kind`` to be filled twice: with ``first``, then row by row with ``then``.

    ``given`` are cells that never differ. Returned with it are the names in ``first`` in the
    order of the file; ``then`` must be in that order already, after the record's number.
    Raises ValueError where it is not.
    """
    columns = KINDS[kind].columns
    if [column for column in columns if column in then] != list(then):
        raise ValueError(f"{kind}: {', '.join(then)} do not stand in the order of the file")
    cells = {"source_system": SOURCE, "record_status": STATUS} | dict(given)
    cells |= dict.fromkeys(first, OPEN) | dict.fromkeys(then, f"%{OPEN}")
    cells["source_record_id"] = RECORD_NUMBER.replace("%", "%%")
    line = ",".join(str(cells.get(column, "")) for column in columns) + "\n"
    return line, tuple(column for column in columns if column in first)
