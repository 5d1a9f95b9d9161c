"""Validation: which rows of a file are accepted, and what is said against the others."""

from .checking import ACCEPTED, REJECTIONS, WARNINGS, ValidationError, check
from .codes import CODES, Code, explain
from .patients import Pseudonyms
from .totals import Checked

__all__ = [
    "ACCEPTED",
    "CODES",
    "REJECTIONS",
    "WARNINGS",
    "Checked",
    "Code",
    "Pseudonyms",
    "ValidationError",
    "check",
    "explain",
]
