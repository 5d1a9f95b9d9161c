"""What states say of prescribing by telehealth."""

from ..cells import WHOLE
from ..own_table import calendar_table

LOADER = calendar_table(
    "state_telehealth", "State rules on prescribing by telehealth", interval_months=WHOLE
)
