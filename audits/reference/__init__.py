"""What the product knows of drugs, laws, diagnoses and professions, in tables with sources.

Every table is a dated CSV file in this folder with a ``source`` and a ``status`` column;
``sources`` says what the source keys stand for. Nothing here is a judgement of a record.
"""

from .loading import TABLES, digest, rows

__all__ = ["DRUG_TABLES", "TABLES", "digest", "rows"]

# What a drug is depends on all of these.
DRUG_TABLES = (
    "substances",
    "schedules",
    "ndc_products",
    "rxnorm",
    "brands",
    "synonyms",
    "other_ingredients",
)
