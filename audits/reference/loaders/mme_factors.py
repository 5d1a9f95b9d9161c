"""Factors of morphine equivalents by ingredient and form, one column a published set."""

from collections.abc import Iterator

from ..cells import FACTOR, FILLED, YES_NO, Cell, cell, words
from ..factors import UNITS_OF_FACTOR
from ..identity import FORMS
from ..own_table import KNOWN, OwnTable
from ..published import Fault, Sheet, heading

ANY = "any"


def _counting_have_factors(sheet: Sheet) -> Iterator[Fault]:
    """Yield the rows that are to count and have no factor to count by."""
    for line in sheet.lines:
        if cell(line, "counts") == "yes" and not cell(line, "default_factor"):
            problem = "The row counts and has no factor in the default set."
            yield sheet.fault(line, heading("default_factor"), problem, "Give one, or write no.")


def _one_factor_fits(sheet: Sheet) -> Iterator[Fault]:
    """Yield the counting rows that fit a form and unit which another row fits already."""
    fitted: dict[tuple[str, str, str], int] = {}
    for line in sheet.lines:
        forms = FORMS if cell(line, "forms") == ANY else cell(line, "forms").split(";")
        for form in forms if cell(line, "counts") == "yes" else ():
            place = cell(line, "ingredient"), form, cell(line, "strength_unit")
            first = fitted.setdefault(place, line.number)
            if first != line.number:
                problem = f"Line {first} gives {place[0]} as {form} in {place[2]} a factor already."
                yield sheet.fault(line, heading("forms"), problem, "Let one row fit each form.")
                break


LOADER = OwnTable(
    TABLE="mme_factors",
    TITLE="Factors of morphine equivalents",
    KEY=("ingredient", "formulation"),
    CELLS={
        "ingredient": KNOWN,
        "formulation": FILLED,
        "forms": Cell(
            says=f"any, or one or more of: {', '.join(FORMS)}; joined by a semicolon",
            holds=lambda text: text == ANY or set(text.split(";")) <= {*FORMS},
        ),
        "strength_unit": words(*UNITS_OF_FACTOR),
        "default_factor": FACTOR,
        "cdc_2018": FACTOR,
        "nih_heal": FACTOR,
        "counts": YES_NO,
    },
    RULES=(_counting_have_factors, _one_factor_fits),
    ORDERED=True,
)
