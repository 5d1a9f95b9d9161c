"""Which classes of drugs are within the usual scope of which prescribers."""

from ..cells import WHOLE, YES, shaped, words
from ..own_table import OwnTable
from ..scope import CLASSES, VERDICTS

LOADER = OwnTable(
    TABLE="scope_matrix",
    TITLE="Usual scope of prescribers",
    KEY=("role_group", "class"),
    CELLS={
        "role_group": shaped("[a-z][a-z_]*", "a group in small letters and underscores"),
        "class": words(*CLASSES),
        "verdict": words(*VERDICTS),
        "more_than_days": WHOLE,
        "minors_ok": YES,
        "facility_ok": YES,
    },
)
