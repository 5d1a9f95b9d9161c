"""Invented prescriptions with schemes planted in them, and the truth about each scheme.

No person, practice or pharmacy in these files exists. The generator knows the drugs and
the law it plays with, but no rule: what it expects was worked out by hand from the text.
"""

from .planting import Truth
from .writing import FILES, FIRST_DAY, FIRST_PAPER, LAST_DAY, SynthesisError, Written, synthesise

__all__ = [
    "FILES",
    "FIRST_DAY",
    "FIRST_PAPER",
    "LAST_DAY",
    "SynthesisError",
    "Truth",
    "Written",
    "synthesise",
]
