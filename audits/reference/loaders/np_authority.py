"""How freely nurse practitioners may practise, by state and day."""

from ..authority import CATEGORIES
from ..cells import FILLED, PERHAPS, WHOLE, one_at_a_time, shaped, words
from ..own_table import OwnTable

LOADER = OwnTable(
    TABLE="np_authority",
    TITLE="Authority of nurse practitioners by state",
    KEY=("state", "valid_from"),
    CELLS={
        "state": shaped("[A-Z]{2}", "the two letters of a state"),
        "state_name": FILLED,
        "valid_from": PERHAPS,
        "valid_to": PERHAPS,
        "category": words(*CATEGORIES),
        "hours_required": WHOLE,
    },
    RULES=(one_at_a_time(("state",), followed=True),),
)
