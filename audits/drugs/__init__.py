"""Drugs that no reference table knows: which there are, and what people say they mean."""

from .mapping import Meaning, decide, propose, take_back
from .unmatched import Description, description, mapped, shown, total

__all__ = [
    "Description",
    "Meaning",
    "decide",
    "description",
    "mapped",
    "propose",
    "shown",
    "take_back",
    "total",
]
