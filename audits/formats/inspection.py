"""Looks at the beginning of a file and says how to read it, or why not."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .decoding import TITLES, decoded_before, encoding_of, undecodable
from .faults import LINE_END, first_fault
from .shape import (
    MOST_COLUMNS,
    RENAMED,
    ROW,
    Format,
    FormatError,
    Shape,
    header_names,
    is_blank,
    shown,
)
from .signatures import other_kind

SAMPLE = 1 << 20  # bytes
COMPARED = 100  # records


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A format tried on the file: the header it finds, and the share of records that agree."""

    format: Format
    header: tuple[str, ...]
    agreement: float

    @property
    def merit(self) -> tuple[float, int]:
        """Return what decides between formats: agreement first, then the number of columns."""
        return self.agreement, len(self.header)


def inspect(path: Path, formats: Sequence[Format], encoding: str | None = None) -> Shape:
    """Return how to read the file; ``encoding`` is null to find it out, else a person's choice.

    Raises FormatError for what is no table with one line of names above its records.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head:
        raise FormatError("empty", "The file is empty. Export it again.")
    if kind := other_kind(head):
        raise FormatError(
            "not_a_table", f"The file is {kind}, not a text table. Export the table as CSV."
        )
    encoding, notes = encoding_of(path) if encoding is None else _chosen(encoding)
    text = _sample(head, encoding)
    content = text.lstrip(" \t\r\n")
    if not content:
        raise FormatError("blank", "The file holds nothing but blank lines. Export it again.")
    line = 1 + len(LINE_END.findall(text, 0, len(text) - len(content)))
    if "\0" in re.split("[\r\n]", content, maxsplit=1)[0]:
        raise _nul_fault(head, line)
    found = _recognise(text, content, formats, line)
    _require_names(found.header, line)
    return Shape(
        format=found.format.name,
        delimiter=found.format.delimiter,
        encoding=encoding,
        header=found.header,
        notes=(*notes, *_renamed(found.header)),
    )


def _chosen(encoding: str) -> tuple[str, tuple[str, ...]]:
    if encoding not in TITLES:
        raise ValueError(f"{encoding} is not one of {', '.join(TITLES)}")
    return encoding, (f"Read as {TITLES[encoding]}, as chosen.",)


def _sample(head: bytes, encoding: str) -> str:
    """Return the beginning of the file as text; where it goes on, up to a line end."""
    whole = len(head) < SAMPLE
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError as error:
        ends = LINE_END.findall(decoded_before(error, encoding))
        raise undecodable(encoding, len(ends) + 1) from error
    text = text.removeprefix("\ufeff")
    if whole:
        return text
    cut = max(text.rfind("\n"), text.rfind("\r")) + 1
    if not cut:
        raise FormatError(
            "record_too_long",
            "The file has no line end in its first megabyte, so it is no table of records.",
            line=1,
        )
    return text[:cut]


def _nul_fault(head: bytes, line: int) -> FormatError:
    pairs = min(len(head), 64) // 2
    if max(head[0:64:2].count(0), head[1:64:2].count(0)) * 2 >= pairs:
        said = "The file looks like UTF-16 text without a byte order mark. Save it as UTF-8."
    else:
        said = (
            "The line of column names holds NUL bytes, so the file is damaged or no text. "
            "Export it again as CSV."
        )
    return FormatError("nul_in_header", said, line=line)


def _recognise(text: str, content: str, formats: Sequence[Format], line: int) -> Candidate:
    tried = [found for format in formats if (found := _try(text, format))]
    candidates = [found for found in tried if len(found.header) > 1]
    if not candidates:
        first = re.split("[\r\n]", content, maxsplit=1)[0]
        delimiter = max((format.delimiter for format in formats), key=first.count)
        if fault := first_fault(content, delimiter, line):
            raise fault
        raise FormatError(
            "one_column",
            f"The line of column names has no {_either(formats, ' and no ')}, so there is only "
            f"one column{' (it has semicolons)' if ';' in first else ''}. Export the table as "
            "CSV with a line of column names.",
            line=line,
        )
    best = max(candidate.merit for candidate in candidates)
    chosen = [candidate for candidate in candidates if candidate.merit == best]
    if len(chosen) > 1:
        raise FormatError(
            "ambiguous_delimiter",
            "The columns may be separated by "
            f"{_either([found.format for found in chosen], ' or by ')}: both fit as well. Put "
            "quotation marks around the names that hold one of them.",
            line=line,
        )
    return chosen[0]


def _either(formats: Sequence[Format], joint: str) -> str:
    return joint.join(format.said for format in formats)


def _try(text: str, format: Format) -> Candidate | None:
    """Return what ``format`` makes of the text; null if it cannot read the header."""
    lines = io.StringIO(text, newline="")
    records = _sound(csv.reader(lines, delimiter=format.delimiter, strict=True))
    header = next(records, None)
    if header is None:
        return None
    compared = [len(cells) == len(header) for cells in islice(records, COMPARED)]
    return Candidate(
        format=format,
        header=header_names(header),
        agreement=sum(compared) / len(compared) if compared else 1.0,
    )


def _sound(records: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield the records before the first fault; one below the header is the reading's to tell."""
    try:
        yield from (cells for cells in records if not is_blank(cells))
    except csv.Error:
        return


def _require_names(header: tuple[str, ...], line: int) -> None:
    if len(header) > MOST_COLUMNS:
        raise FormatError(
            "too_many_columns",
            f"The file has {len(header):,} columns; at most {MOST_COLUMNS} can be read. "
            "Export only the columns that are needed.",
            line=line,
        )
    named = [name for name in header if name]
    # Persons' data may stand here, so none of it is repeated.
    if sum(any(c.isalpha() for c in name) for name in named) * 2 <= len(named):
        raise FormatError(
            "no_header",
            "The first line holds no column names, or more numbers and dates than names. Add "
            "a line of column names above the records.",
            line=line,
        )
    if "" in header:
        raise FormatError(
            "blank_header",
            f"Column {header.index('') + 1:,} of {len(header):,} has no name. Name it, or delete "
            "the column.",
            line=line,
        )
    counts = Counter(name.casefold() for name in header)
    for name in header:
        if counts[name.casefold()] > 1:
            raise FormatError(
                "duplicate_header",
                f"The column name {shown(name)} stands more than once (capital and small letters "
                "count as the same). Give each column a name of its own.",
                line=line,
                column=name,
            )


def _renamed(header: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"Column {shown(name.removesuffix(RENAMED))} is called {shown(name)} here, because the "
        "row numbers have that name."
        for name in header
        if name.lower() == ROW + RENAMED
    )
