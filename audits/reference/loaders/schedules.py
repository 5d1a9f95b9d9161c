"""The federal schedule of products by day."""

from collections.abc import Iterator

from ..cells import FROM, PERHAPS, TO, cell, grouped, one_at_a_time, words
from ..identity import FORMS
from ..own_table import KNOWN, OwnTable
from ..published import Fault, Sheet, heading
from ..schedules import turns
from ..substances import SCHEDULES

PRODUCT = ("ingredient", "product")


def _change_once(sheet: Sheet) -> Iterator[Fault]:
    """Yield the products whose schedule changes more than once, which enrichment cannot count."""
    for lines in grouped(sheet, PRODUCT).values():
        days = [{column: cell(line, column) for column in (FROM, TO)} for line in lines]
        if len(turns(days)) > 1:
            named = ", ".join(cell(lines[-1], column) for column in PRODUCT)
            problem = f"The schedule of {named} changes on more than one day."
            remedy = "The product counts one change: leave out the periods long past."
            yield sheet.fault(lines[-1], heading(FROM), problem, remedy)


LOADER = OwnTable(
    TABLE="schedules",
    TITLE="Federal schedules",
    KEY=("ingredient", "product", "valid_from"),
    CELLS={
        "ingredient": KNOWN,
        "product": words("any", "alone", "combination", "antitussive", *FORMS),
        "schedule": words(*SCHEDULES),
        "valid_from": PERHAPS,
        "valid_to": PERHAPS,
        "listing": words("decides", blank=True),
    },
    RULES=(one_at_a_time(PRODUCT), _change_once),
)
