"""Versions of reference tables: loaded by one person, compared, put in force by another."""

from .comparing import Comparison, compare, moved, touched, without_group
from .disagreeing import differing_schedules
from .loading import REFERENCE_PERMISSION, load, take_out
from .receiving import Arriving, receive
from .settling import activate, discard

__all__ = [
    "REFERENCE_PERMISSION",
    "Arriving",
    "Comparison",
    "activate",
    "compare",
    "differing_schedules",
    "discard",
    "load",
    "moved",
    "receive",
    "take_out",
    "touched",
    "without_group",
]
