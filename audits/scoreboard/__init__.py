"""How well the rules do on records about which the truth is known.

The truth names patients as the files do; they become keys here, in this process, and only
keys leave it. So that nobody looks up a real patient by this, it is for synthetic sources.
"""

from .board import Board, Case, Score, compare
from .truth import TruthError

__all__ = ["Board", "Case", "Score", "TruthError", "compare"]
