"""What rules share: derived once for an evaluation from records and dated reference tables."""

from .drugs import unmatched
from .records import enrich

__all__ = ["enrich", "unmatched"]
