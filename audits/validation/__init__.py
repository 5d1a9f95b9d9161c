"""Validation: which rows of a file are accepted, and what is said against the others."""

from .checking import ACCEPTED, REJECTIONS, WARNINGS, Checked, ValidationError, check
from .codes import CODES, Code, explain

__all__ = [
    "ACCEPTED",
    "CODES",
    "REJECTIONS",
    "WARNINGS",
    "Checked",
    "Code",
    "ValidationError",
    "check",
    "explain",
]
