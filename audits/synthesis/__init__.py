"""Invented prescriptions with schemes planted in them, and the truth about each scheme.

No person, practice or pharmacy in these files exists. The generator knows the drugs and
the law it plays with, but no rule: what it expects was worked out by hand from the text.
"""

from .planting import Truth
from .skew import figures
from .writing import COVERS, FILES, TRUTH, SynthesisError, Written, synthesise

__all__ = [
    "COVERS",
    "FILES",
    "TRUTH",
    "SynthesisError",
    "Truth",
    "Written",
    "figures",
    "synthesise",
]
