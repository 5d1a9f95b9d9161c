"""Says in words why a record cannot be read: which quotation mark, which line, which column."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from .decoding import line_at
from .records import Source
from .shape import LONGEST_RECORD, FormatError, shown

LONGEST_READ = 131_072  # characters in a cell that the csv module takes
QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*+("?)')
LINE_END = re.compile(r"\r\n|\r|\n")
MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "unclosed_quote": "The quotation mark opened on {where} is never closed. Close it, or "
        'double it ("") if it is part of the text.',
        "text_after_quote": "Text follows the closing quotation mark of the cell opened on "
        '{where}. Close the cell at its end, and double ("") each quotation mark that is part '
        "of the text.",
        "cell_too_long": "The cell that begins on {where} has more than 131,072 characters. "
        "Shorten it, or look there for a quotation mark that is missing.",
    }
)


def unreadable(source: Source, start: int) -> FormatError:
    """Return the refusal for the record that begins at byte ``start`` of the file."""
    with source.path.open("rb") as file:
        file.seek(start)
        text = file.read(LONGEST_RECORD).decode(errors="replace")
    line = line_at(source.path, start)
    fault = first_fault(text, source.delimiter, line, source.header)
    return fault or record_too_long(source.path, start)


def first_fault(
    text: str, delimiter: str, line: int, header: Sequence[str] = ()
) -> FormatError | None:
    """Return the refusal for the record at the beginning of ``text``, which is on ``line``.

    Null if its quotation marks are in order and its cells short enough. The column is named
    as far as there is a header.
    """
    bare = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    place = column = 0
    while place < len(text):
        found = (QUOTED if text[place] == '"' else bare).match(text, place)
        after = text[found.end() : found.end() + 1]
        if code := _fault(found, after, delimiter):
            line += len(LINE_END.findall(text, 0, place))
            return _refusal(code, line, next(iter(header[column : column + 1]), None))
        if after != delimiter:
            break
        place, column = found.end() + 1, column + 1
    return None


def record_too_long(path: Path, start: int) -> FormatError:
    """Return the refusal of a record of more than 8 MiB that begins at byte ``start``."""
    line = line_at(path, start)
    return FormatError(
        "record_too_long",
        f"The record that begins on line {line:,} is longer than 8 MiB, so this is no table of "
        "records, or its line ends were lost. Export it again.",
        line=line,
    )


def _fault(found: re.Match[str], after: str, delimiter: str) -> str | None:
    quoted = found.re is QUOTED
    if quoted and not found[1]:
        return "unclosed_quote"
    if len(found[0]) > LONGEST_READ:
        return "cell_too_long"
    if quoted and after not in (delimiter, "\r", "\n", ""):
        return "text_after_quote"
    return None


def _refusal(code: str, line: int, column: str | None) -> FormatError:
    where = f"line {line:,}" + (f" in column {shown(column)}" if column else "")
    return FormatError(code, MESSAGES[code].format(where=where), line=line, column=column)
