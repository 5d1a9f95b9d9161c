"""Charts as SVG, drawn here: colours are the stylesheet's variables, so both modes work."""

from .drawing import Picture
from .months import SERIES, counted, prescriptions_by_month
from .timeline import DRUG_SERIES, history_of, lanes_of

__all__ = [
    "DRUG_SERIES",
    "SERIES",
    "Picture",
    "counted",
    "history_of",
    "lanes_of",
    "prescriptions_by_month",
]
