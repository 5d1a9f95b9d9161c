"""Sets of diagnoses by ICD-10-CM prefix."""

from collections.abc import Iterator

from ..cells import FILLED, cell, grouped, shaped, words
from ..diagnoses import plain
from ..loading import shipped
from ..own_table import OwnTable
from ..published import Fault, Sheet, heading

PREFIX, BEFORE_FIFTH = "icd10_prefix", 4


def _sets_stay(sheet: Sheet) -> Iterator[Fault]:
    """Yield the sets that rules look up and that would have no code."""
    included = {cell(line, "set_id") for line in sheet.lines if cell(line, "action") == "include"}
    for name in sorted({row["set_id"] for row in shipped("icd10_sets")} - included):
        problem = f"The set {name}, which rules look up, would have no code."
        yield Fault(file=sheet.file, problem=problem, remedy="Keep a row that includes one.")


def _one_sixth(sheet: Sheet) -> Iterator[Fault]:
    """Yield the rows whose sixth characters are not those of their set."""
    for lines in grouped(sheet, ("set_id",)).values():
        for line in lines:
            if cell(line, "sixth_character") != cell(lines[0], "sixth_character"):
                problem = f"Line {lines[0].number} gives the set other sixth characters."
                remedy = "Give every row of a set the same, or none."
                yield sheet.fault(line, heading("sixth_character"), problem, remedy)
            elif cell(line, "sixth_character") and len(plain(cell(line, PREFIX))) != BEFORE_FIFTH:
                problem = "In a set with sixth characters every row has four characters."
                remedy = "Write them one by one: T40.1, T40.2."
                yield sheet.fault(line, heading(PREFIX), problem, remedy)


def _once_in_a_set(sheet: Sheet) -> Iterator[Fault]:
    """Yield the prefixes that a set has twice for one purpose, with and without the point."""
    seen: dict[tuple[str, ...], int] = {}
    for line in sheet.lines:
        place = cell(line, "set_id"), cell(line, "action"), plain(cell(line, PREFIX))
        first = seen.setdefault(place, line.number)
        if first != line.number:
            problem = f"The set has this beginning on line {first} already."
            yield sheet.fault(line, heading(PREFIX), problem, "Take one of the two out.")


LOADER = OwnTable(
    TABLE="icd10_sets",
    TITLE="Sets of ICD-10-CM diagnoses",
    KEY=("set_id", "action", "icd10_prefix"),
    CELLS={
        "set_id": shaped("[a-z][a-z0-9_]*", "a set in small letters and underscores"),
        "set_name": FILLED,
        "action": words("include", "exclude"),
        "icd10_prefix": shaped(
            r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?|[A-Z][0-9]?", "the beginning of a code: C50.9"
        ),
        "sixth_character": shaped(
            "[0-9A-Z]*", "the sixth characters that count, or nothing", blank=True
        ),
    },
    RULES=(_sets_stay, _one_sixth, _once_in_a_set),
)
