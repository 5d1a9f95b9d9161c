"""What the product knows of drugs, laws, diagnoses and professions, in tables with sources.

Every table is a dated CSV file in this folder with a ``source`` and a ``status`` column;
``sources`` says what the source keys stand for. Nothing here is a judgement of a record.
What a house puts in force in the place of one is in use inside ``using``.
"""

from .loading import FOLDER, TABLES, Version, digest, edition, rows, shipped, using

__all__ = [
    "DRUG_TABLES",
    "FOLDER",
    "TABLES",
    "Version",
    "digest",
    "edition",
    "rows",
    "shipped",
    "using",
]

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
