"""Shipped tables as a house revises them: the same columns, every cell and every row looked at.

Law and guidance change between releases. A house takes the table in force as CSV, changes or
adds rows, each with its source and status, and loads it as the next version.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import cells
from .calendar import OPEN, Kind
from .cells import Cell, Rule
from .loading import shipped
from .published import Fault, Faults, File, Line, Loaded, LoadError, Sheet, heading, required, sheet
from .substances import OTHERS, SCHEDULES, substances

SAID = {"source": cells.FILLED, "status": cells.FILLED}
BY_ROW = "on every row"
ANY = "any words, or nothing"
NOBODY = "; no rule reads it yet"
KNOWN = Cell(
    says="an ingredient of the table of drug classes in force",
    holds=lambda text: text in substances() or text in OTHERS,
)


@dataclass(frozen=True, kw_only=True)
class OwnTable:
    """A shipped table that versions can take the place of: a loader, as ``loaders`` has them.

    ``KEY`` are the columns that tell its rows apart, ``CELLS`` what columns take besides any
    words, ``RULES`` what must hold between its rows besides that no key stands in it twice.
    Where it is ``ORDERED`` the earlier of two rows decides. ``UNREAD`` columns no rule reads.
    """

    TABLE: str
    TITLE: str
    KEY: tuple[str, ...]
    CELLS: Mapping[str, Cell]
    RULES: Sequence[Rule] = ()
    ORDERED: bool = False
    UNREAD: Sequence[str] = ()
    SOURCE: str = BY_ROW

    @property
    def COLUMNS(self) -> tuple[str, ...]:
        """Return its columns, those of the shipped table."""
        return tuple(shipped(self.TABLE)[0])

    @property
    def FILES(self) -> tuple[str, ...]:
        """Return what file it is read from."""
        return (f"{self.TABLE}.csv",)

    @property
    def COMPARED(self) -> tuple[str, ...]:
        """Return the facts that a difference is told by."""
        return tuple(column for column in self.COLUMNS if column not in self.KEY)

    @property
    def FEEDS(self) -> tuple[str, ...]:
        """Return the table that it stands in the place of."""
        return (self.TABLE,)

    def columns_told(self) -> tuple[tuple[str, str], ...]:
        """Return every column with what it takes, in words."""
        takes = {**SAID, **self.CELLS}
        told = {name: takes[name].says if name in takes else ANY for name in self.COLUMNS}
        return tuple(
            (name, says + NOBODY if name in self.UNREAD else says) for name, says in told.items()
        )

    def load(self, files: Sequence[File]) -> Loaded:
        """Return the rows of the file in its order; raises LoadError with every fault."""
        if len(files) != 1:
            named = ", ".join(file.name for file in files) or "no file"
            problem = f"The table {self.TABLE} is one file."
            raise LoadError([Fault(file=named, problem=problem, remedy=f"Give {self.FILES[0]}.")])
        read = sheet(files[0])
        required(read, [heading(column) for column in self.COLUMNS], f"the table {self.TABLE}")
        faults = Faults()
        for fault in self._faults(read):
            faults.add(fault)
        faults.refuse()
        rows = tuple(self._row(line) for line in read.lines)
        return Loaded(table=self.TABLE, columns=self.COLUMNS, rows=rows, counts={"rows": len(rows)})

    def _row(self, line: Line) -> dict[str, str]:
        return {column: cells.cell(line, column) for column in self.COLUMNS}

    def _faults(self, read: Sheet) -> Iterator[Fault]:
        known = {heading(column) for column in self.COLUMNS}
        for name in read.headings:
            if name not in known:
                remedy = "Take the column out; what a row says besides goes into its note."
                yield Fault(
                    file=read.file,
                    line=1,
                    column=read.headings[name],
                    problem="The table has no such column.",
                    remedy=remedy,
                )
        for line in read.lines:
            yield from self._of_cells(read, line)
        for rule in (cells.once(self.KEY), *self.RULES):
            yield from rule(read)

    def _of_cells(self, read: Sheet, line: Line) -> Iterator[Fault]:
        for column, takes in {**SAID, **self.CELLS}.items():
            text = cells.cell(line, column)
            if not takes.takes(text):
                problem = f"{text!r} cannot stand here." if text else "The cell is empty."
                yield read.fault(line, heading(column), problem, f"Write {takes.says}.")


def calendar_table(name: str, title: str, **takes: Cell) -> OwnTable:
    """Return a table that is written as a calendar, with what its own columns take besides.

    Of one topic, place and case no two rows hold on one day; proposals and warnings bind nobody.
    """
    dated = {
        "topic": cells.as_shipped(name, "topic"),
        "jurisdiction": cells.shaped("[A-Z]{2}", "US, or the two letters of a state"),
        "kind": cells.words(*Kind),
        "valid_from": cells.PERHAPS,
        "perhaps_from": Cell(
            says="a day as YYYY-MM-DD, open, or nothing",
            holds=lambda text: text == OPEN or cells.is_day(text),
            blank=True,
        ),
        "valid_to": cells.PERHAPS,
        "schedules": cells.lists(*SCHEDULES, blank=True),
        "what": cells.FILLED,
        "status": cells.shaped("(UN)?VERIFIED.*", "VERIFIED or UNVERIFIED, then by what"),
    }
    place = ("topic", "jurisdiction", "case")
    return OwnTable(
        TABLE=name,
        TITLE=title,
        KEY=(*place, "kind", "valid_from"),
        CELLS={**dated, **takes},
        RULES=(cells.one_at_a_time(place, but={"kind": (Kind.PROPOSAL, Kind.WARNING)}),),
    )
