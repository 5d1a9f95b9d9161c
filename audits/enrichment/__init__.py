"""What rules share: derived once for an evaluation from records and dated reference tables."""

from .descriptions import unmatched_descriptions
from .drugs import unmatched
from .records import enrich, narrowed

__all__ = ["enrich", "narrowed", "unmatched", "unmatched_descriptions"]
