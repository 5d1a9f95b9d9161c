"""What rules share: derived once for an evaluation from records and dated reference tables."""

from .descriptions import unmatched_descriptions
from .drugs import unmatched
from .records import enrich

__all__ = ["enrich", "unmatched", "unmatched_descriptions"]
