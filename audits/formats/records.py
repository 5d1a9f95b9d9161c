"""What the readers of blocks are given and give back."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Source:
    """A UTF-8 file and the names of its columns; ``path`` is opened anew by each reader."""

    path: Path
    delimiter: str
    header: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """Return one text column for each name."""
        return pa.schema([(name, pa.string()) for name in self.header])


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one block, numbered from 0 at its first line.

    ``cells`` is shaped (whole records, columns), ``numbers`` has the number of each. Blank
    lines take a number and are no records; ``span`` is how many numbers the block takes.
    ``ragged`` holds (number, cells found), ``too_long`` (number, column).
    """

    cells: pa.Table
    numbers: list[int]
    ragged: list[tuple[int, int]]
    too_long: list[tuple[int, str]]
    span: int
