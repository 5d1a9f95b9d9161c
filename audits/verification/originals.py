"""A second reader of delimited files: the standard library's, strict, sharing nothing with ours."""

import codecs
import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

ENCODINGS = {"utf-8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "cp1252": "cp1252"}
DELIMITERS = (",", "\t", "|")


class Original:
    """The records of a stored file; ``header`` holds the names of its columns, stripped.

    Raises OSError, UnicodeError, csv.Error or ValueError where it cannot be read.
    """

    def __init__(self, path: Path, encoding: str):
        self.path = path
        self.encoding = ENCODINGS[encoding]
        self.delimiter = self._delimiter()
        names = next(cells for _, cells in self._numbered())
        self.header = [name.strip().strip("\ufeff").strip().lower() for name in names]

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield number and cells of each record after the header, as it stands in the file.

        The first record of the file is 1; blank lines take a number and are no records.
        """
        numbered = self._numbered()
        next(numbered)
        yield from numbered

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            for number, cells in enumerate(reader, start=1):
                if cells and (len(cells) > 1 or cells[0].strip(" ")):
                    yield number, cells

    def _delimiter(self) -> str:
        """Return the character that parts the names of the header."""
        with codecs.open(str(self.path), encoding=self.encoding) as file:
            header = next(line for line in chain(file, [""]) if line.strip("\ufeff \t\r\n"))
        return max(DELIMITERS, key=header.count)
