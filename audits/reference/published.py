"""Files as authorities publish them: read whole or refused, with the line that is wrong."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SHOWN = 20
TAB = "\t"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BINARY = {
    b"PK": "It is a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV.",
    b"%PDF": "It is a PDF. Load the text or CSV file that is published beside it.",
}


class File(NamedTuple):
    """A file as it came: its name, for the faults, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in a file and what to do; ``line`` 0 and ``column`` "" mean the whole file."""

    file: str
    problem: str
    remedy: str
    line: int = 0
    column: str = ""

    def __str__(self) -> str:
        """Return it as one sentence, the place first."""
        place = [self.file]
        place += [f"line {self.line}"] if self.line else []
        place += [f"column {self.column}"] if self.column else []
        return f"{', '.join(place)}: {self.problem} {self.remedy}"


class LoadError(Exception):
    """The files are refused; ``faults`` are the first of them and ``total`` counts all."""

    def __init__(self, faults: Sequence[Fault], total: int | None = None) -> None:
        """Keep the first faults; ``total`` where there were more."""
        self.faults = tuple(faults[:SHOWN])
        self.total = len(faults) if total is None else total
        more = f" ({self.total:,} faults in all)" if self.total > 1 else ""
        super().__init__(f"{self.faults[0]}{more}")


class Line(NamedTuple):
    """One row: the line it begins on and its cells by heading, without spaces around them."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file's rows. Headings are compared without case, spaces and underscores."""

    file: str
    headings: Mapping[str, str]
    lines: tuple[Line, ...]

    def fault(self, line: Line, heading: str, problem: str, remedy: str) -> Fault:
        """Return a fault of one cell, its column called as the file calls it."""
        column = self.headings.get(heading, heading)
        return Fault(
            file=self.file, line=line.number, column=column, problem=problem, remedy=remedy
        )


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A reference table as it was loaded: equal content has equal bytes, whatever file it was.

    All cells of ``rows`` are text; they are in order of the loader's ``KEY``, or as they came
    where the table is one that ships, whose order may decide. ``left_out`` counts by reason the
    rows that stand in the table and mean nothing.
    """

    table: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    counts: Mapping[str, int]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the table as CSV, the bytes that its digest is taken of."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([row[column] for column in self.columns] for row in self.rows)
        return text.getvalue().encode()


def rows_of(content: bytes) -> tuple[dict[str, str], ...]:
    """Return the rows of a table that ``Loaded.content`` wrote."""
    return tuple(csv.DictReader(io.StringIO(content.decode(), newline="")))


def sheet(file: File, aliases: Mapping[str, str] | None = None) -> Sheet:
    """Return the rows of a comma or tab separated file; raises LoadError.

    ``aliases`` are other words for headings, both sides as they are compared.
    """
    text = _decoded(file)
    first = text.split("\n", 1)[0]
    reader = _tabbed(text) if TAB in first else _commas(file, text)
    _, written = next(reader, (1, []))
    headings = _headings(file, written, aliases or {})
    lines, faults = [], []
    for number, cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(headings):
            faults.append(_ragged(file, number, len(cells), len(headings)))
        values = (_one_ending(cell.strip()) for cell in cells)
        lines.append(Line(number, dict(zip(headings, values, strict=False))))
    if faults:
        raise LoadError(faults)
    if not lines:
        raise _refused(file, "It has no rows.", "Download it again, or give the whole file.")
    return Sheet(
        file=file.name, headings=dict(zip(headings, written, strict=True)), lines=tuple(lines)
    )


def _one_ending(cell: str) -> str:
    """Return a cell with one kind of line ending: what is kept reads back as it was read."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def required(of: Sheet, wanted: Sequence[str], what: str) -> None:
    """Raise LoadError unless the sheet has every heading in ``wanted``."""
    missing = [name for name in wanted if name not in of.headings]
    if missing:
        raise LoadError(
            [
                Fault(
                    file=of.file,
                    line=1,
                    problem=f"It is not {what}: it has no column {', '.join(missing)}.",
                    remedy="Give the file as it is published, with its first line.",
                )
            ]
        )


class Faults:
    """Collects faults and counts them; only the first are kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self.first: list[Fault] = []
        self.total = 0

    def add(self, fault: Fault) -> None:
        """Count a fault and keep it where it is one of the first."""
        self.total += 1
        if len(self.first) < SHOWN:
            self.first.append(fault)

    def refuse(self) -> None:
        """Raise LoadError where there are any."""
        if self.total:
            raise LoadError(self.first, self.total)


def heading(text: str) -> str:
    """Return a heading as it is compared."""
    return text.strip().upper().replace("_", "").replace(" ", "")


def _decoded(file: File) -> str:
    """Return the text: UTF-8, else Windows-1252, in which FDA writes, else Latin-1."""
    for beginning, remedy in BINARY.items():
        if file.content.startswith(beginning):
            raise _refused(file, "It is not a text file.", remedy)
    if not file.content.strip():
        raise _refused(file, "It is empty.", "Download it again, or give the whole file.")
    if file.content.startswith(UTF16_MARKS):
        raise _refused(file, "It is UTF-16 text.", "Save it as CSV UTF-8, or as it is published.")
    if b"\0" in file.content:
        raise LoadError([_with_nul(file)])
    decoders: tuple[Callable[[], str], ...] = (
        lambda: file.content.decode("utf-8-sig"),
        lambda: file.content.decode("cp1252"),
    )
    for decode in decoders:
        try:
            return decode()
        except UnicodeDecodeError:
            continue
    return file.content.decode("latin-1")


def _with_nul(file: File) -> Fault:
    """Return the fault of a file with a NUL byte: the line and the column it is in."""
    before = file.content[: file.content.index(b"\0")].decode("latin-1")
    first, *_, last = [*before.split("\n")] * 2
    between = TAB if TAB in first else ","
    names, place = first.rstrip("\r").split(between), last.count(between)
    number = before.count("\n") + 1
    return Fault(
        file=file.name,
        line=number,
        column=names[place] if number > 1 and place < len(names) else "",
        problem="It holds a NUL byte, which no text has.",
        remedy="It was cut off or damaged on its way, or is no text file: download it again.",
    )


def _tabbed(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells; a quotation mark is a character like any other there."""
    for number, line in enumerate(text.split("\n"), start=1):
        yield number, line.rstrip("\r").split(TAB)


def _commas(file: File, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each row begins on and its cells; raises LoadError for a broken quotation."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"The row cannot be read ({error})."
            remedy = "Look for a quotation mark that is not closed."
            fault = Fault(file=file.name, line=begins, problem=problem, remedy=remedy)
            raise LoadError([fault]) from None
        yield begins, cells


def _headings(file: File, written: Sequence[str], aliases: Mapping[str, str]) -> list[str]:
    found = [aliases.get(heading(text), heading(text)) for text in written]
    twice = sorted({name for name in found if name and found.count(name) > 1})
    if twice:
        raise _refused(
            file, f"The column {twice[0]} stands in it twice.", "Take one of them out.", line=1
        )
    return found


def _ragged(file: File, number: int, cells: int, headings: int) -> Fault:
    return Fault(
        file=file.name,
        line=number,
        problem=f"The row has {cells} cells, the first line {headings}.",
        remedy="Look for a separator inside a cell, or for a row that was cut off.",
    )


def _refused(file: File, problem: str, remedy: str, line: int = 0) -> LoadError:
    return LoadError([Fault(file=file.name, line=line, problem=problem, remedy=remedy)])
