"""When a prescriber has to look into the monitoring program of a state."""

from ..cells import WHOLE, words
from ..own_table import calendar_table

LOADER = calendar_table(
    "pdmp_mandates",
    "Mandates to look into the monitoring program",
    mme_above=WHOLE,
    days_above=WHOLE,
    gap_days=WHOLE,
    occasion=words("every", "first", blank=True),
    interval_months=WHOLE,
    months_reviewed=WHOLE,
)
