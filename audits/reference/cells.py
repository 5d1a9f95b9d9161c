"""What a cell of a reference table may hold, and what may not be between its rows."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from .loading import shipped
from .published import Fault, Line, Sheet, heading

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FACTORS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")
DAY = timedelta(days=1)
OR_NOTHING = ", or nothing"
FIRST_YEAR, LAST_YEAR = "1900", "2199"
FROM, TO = "valid_from", "valid_to"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one column takes: ``says`` completes "Write ..."; empty cells pass where ``blank``."""

    says: str
    holds: Callable[[str], bool]
    blank: bool = False

    def takes(self, text: str) -> bool:
        """Return whether the cell may hold ``text``."""
        return self.blank if not text else self.holds(text)


def words(*choices: str, blank: bool = False) -> Cell:
    """Return a cell of one of ``choices``."""
    says = f"one of: {', '.join(choices)}{OR_NOTHING if blank else ''}"
    return Cell(says=says, holds=choices.__contains__, blank=blank)


def lists(*choices: str, blank: bool = False) -> Cell:
    """Return a cell of some of ``choices``, joined by ``;``."""
    says = f"one or more of: {', '.join(choices)}; joined by a semicolon"
    says += OR_NOTHING if blank else ""
    return Cell(says=says, holds=lambda text: set(text.split(";")) <= {*choices}, blank=blank)


def as_shipped(table: str, column: str, *, blank: bool = False) -> Cell:
    """Return a cell of one of the words that the shipped table has in the column."""
    return words(*sorted({row[column] for row in shipped(table)} - {""}), blank=blank)


def shaped(pattern: str, says: str, *, blank: bool = False) -> Cell:
    """Return a cell whose whole text has the shape of ``pattern``."""
    shape = re.compile(pattern)
    return Cell(says=says, holds=lambda text: bool(shape.fullmatch(text)), blank=blank)


def is_day(text: str) -> bool:
    """Return whether ``text`` is a day as YYYY-MM-DD that has days before and after it.

    What is open is left empty; 9999-12-31 and its like are no days of a law.
    """
    if not ISO.fullmatch(text) or not FIRST_YEAR <= text[:4] <= LAST_YEAR:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_factor(text: str) -> bool:
    """Return whether ``text`` is a number above zero that three decimals hold."""
    return bool(FACTORS.fullmatch(text)) and Decimal(text) > 0


FILLED = Cell(says="some words", holds=bool)
PERHAPS = Cell(
    says="a day as YYYY-MM-DD, 1900 to 2199, or nothing where it is open", holds=is_day, blank=True
)
WHOLE = shaped("[0-9]{1,5}", "a whole number, or nothing", blank=True)
FACTOR = Cell(
    says="a number above 0 and below 1,000 with at most three decimals, or nothing",
    holds=is_factor,
    blank=True,
)
YES = words("yes", blank=True)
YES_NO = words("yes", "no")

# What looks at all rows of a table: yields a fault for each that cannot stand beside the others.
Rule = Callable[[Sheet], Iterator[Fault]]


def cell(line: Line, column: str) -> str:
    """Return the cell of a line under the column as the shipped table calls it."""
    return line.cells[heading(column)]


def grouped(sheet: Sheet, columns: Sequence[str]) -> Mapping[tuple[str, ...], list[Line]]:
    """Return the lines by their cells under ``columns``."""
    found: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in sheet.lines:
        found[tuple(cell(line, column) for column in columns)].append(line)
    return found


def once(columns: Sequence[str]) -> Rule:
    """Return the rule that no two rows have the same cells under ``columns``."""

    def rule(sheet: Sheet) -> Iterator[Fault]:
        for place, (first, *others) in grouped(sheet, columns).items():
            for line in others:
                named = ", ".join(filter(None, place))
                problem = f"{named} stands on line {first.number} already."
                yield sheet.fault(line, heading(columns[0]), problem, "Take one of the two out.")

    return rule


def one_at_a_time(
    columns: Sequence[str],
    *,
    followed: bool = False,
    but: Mapping[str, Sequence[str]] | None = None,
) -> Rule:
    """Return the rule that of rows alike under ``columns`` no two hold on one day.

    Where ``followed``, each period begins on the day after the one before it. Rows with one of
    the words that ``but`` has for a column do not count.
    """

    def rule(sheet: Sheet) -> Iterator[Fault]:
        for line in sheet.lines:
            if not _begin(line) <= _day(line, heading(FROM), _begin(line)) <= _end(line):
                problem = "The days are out of order: perhaps from, from, to."
                yield sheet.fault(line, heading(TO), problem, "Correct one of them.")
        for lines in grouped(sheet, columns).values():
            judged = [each for each in lines if not _left_out(each, but or {})]
            for one, other in pairwise(sorted(judged, key=_begin)):
                if problem := _between(one, other, followed=followed):
                    remedy = "End one period on the day before the next begins."
                    yield sheet.fault(other, heading(FROM), problem, remedy)

    return rule


def _left_out(line: Line, but: Mapping[str, Sequence[str]]) -> bool:
    return any(cell(line, column) in words for column, words in but.items())


def _between(one: Line, other: Line, *, followed: bool) -> str:
    """Return what is wrong between a period and the next, empty where nothing is."""
    if _end(one) >= _begin(other):
        return f"The period of line {one.number} is not over when this one begins."
    if followed and _end(one) + DAY != _begin(other):
        return f"Between the period of line {one.number} and this one days are left out."
    return ""


def _begin(line: Line) -> date:
    """Return the first day on which a row may hold: the one perhaps, else the sure one."""
    return _day(line, heading("perhaps_from"), _day(line, heading(FROM), date.min))


def _end(line: Line) -> date:
    return _day(line, heading(TO), date.max)


def _day(line: Line, name: str, blank: date) -> date:
    text = line.cells.get(name, "")
    return date.fromisoformat(text) if is_day(text) else blank
