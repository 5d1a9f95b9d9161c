"""Charts as SVG, drawn here: colours are the stylesheet's variables, so both modes work."""

from .drawing import Picture
from .funnel import FUNNEL_SERIES, funnel_of_members
from .months import SERIES, counted, prescriptions_by_month
from .timeline import DRUG_SERIES, history_of, lanes_of

__all__ = [
    "DRUG_SERIES",
    "FUNNEL_SERIES",
    "SERIES",
    "Picture",
    "counted",
    "funnel_of_members",
    "history_of",
    "lanes_of",
    "prescriptions_by_month",
]
