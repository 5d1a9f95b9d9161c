"""Drugs that no reference table knows: which there are, and what people say they mean."""

from .mapping import MAPPINGS, Meaning, decide, propose, take_back
from .unmatched import Description, TooMany, ask, description, look_up, mapped, shown, total

__all__ = [
    "MAPPINGS",
    "Description",
    "Meaning",
    "TooMany",
    "ask",
    "decide",
    "description",
    "look_up",
    "mapped",
    "propose",
    "shown",
    "take_back",
    "total",
]
