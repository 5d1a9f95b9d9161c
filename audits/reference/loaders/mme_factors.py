"""Factors of morphine equivalents by ingredient and form, one column a published set."""

from collections.abc import Iterator

from ..cells import FACTOR, FILLED, YES_NO, cell, lists, words
from ..factors import UNITS_OF_FACTOR
from ..identity import FORMS
from ..own_table import KNOWN, OwnTable
from ..published import Fault, Sheet, heading


def _counting_have_factors(sheet: Sheet) -> Iterator[Fault]:
    """Yield the rows that are to count and have no factor to count by."""
    for line in sheet.lines:
        if cell(line, "counts") == "yes" and not cell(line, "default_factor"):
            problem = "The row counts and has no factor in the default set."
            yield sheet.fault(line, heading("default_factor"), problem, "Give one, or write no.")


LOADER = OwnTable(
    TABLE="mme_factors",
    TITLE="Factors of morphine equivalents",
    KEY=("ingredient", "formulation"),
    CELLS={
        "ingredient": KNOWN,
        "formulation": FILLED,
        "forms": lists("any", *FORMS),
        "strength_unit": words(*UNITS_OF_FACTOR),
        "default_factor": FACTOR,
        "cdc_2018": FACTOR,
        "nih_heal": FACTOR,
        "counts": YES_NO,
    },
    RULES=(_counting_have_factors,),
)
