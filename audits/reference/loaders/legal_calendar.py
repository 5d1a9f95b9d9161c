"""Federal law, temporary rules with their ends, proposals and warnings."""

from ..own_table import calendar_table

LOADER = calendar_table("legal_calendar", "Legal calendar")
