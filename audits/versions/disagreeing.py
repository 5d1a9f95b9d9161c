"""Where the loaded tables of FDA and CDC list different schedules, and what is in force."""

from datetime import date

from .. import editions
from ..models.reference_version import in_force
from ..reference.disagreements import Disagreement, disagreements
from ..reference.products import CDC, FDA


def differing_schedules(day: date) -> list[Disagreement] | None:
    """Return the codes that both tables in force list, with different schedules, on ``day``.

    None where not both tables are loaded. Raises EditionError.
    """
    loaded = in_force()
    if not {FDA, CDC} <= loaded.keys():
        return None
    fda, cdc = (editions.rows(table, loaded[table].digest) for table in (FDA, CDC))
    with editions.in_use():
        return disagreements(fda, cdc, day)
