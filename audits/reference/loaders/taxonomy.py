"""The profession and role group of taxonomy codes."""

from ..cells import FILLED, Cell, as_shipped, shaped
from ..own_table import OwnTable
from ..scope import scopes
from ..taxonomy import role_groups

LOADER = OwnTable(
    TABLE="taxonomy",
    TITLE="Professions and role groups by taxonomy code",
    KEY=("taxonomy_code",),
    CELLS={
        "taxonomy_code": shaped("[0-9A-Z]{9}X", "a code of nine digits or letters and an X"),
        "display_name": FILLED,
        "prescriber_type": as_shipped("taxonomy", "prescriber_type"),
        "role_group": Cell(
            says="a role group of this table or of the matrix of usual scope in force",
            holds=lambda text: text in role_groups() or text in {group for group, _ in scopes()},
        ),
    },
    UNREAD=("ketamine_group", "advanced_tele_group"),
)
