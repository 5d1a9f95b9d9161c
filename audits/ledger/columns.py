"""The columns of the ledger's tables with their types, in the words of DuckDB and of Delta."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ..schema import KINDS

SUPERSEDED = "superseded"
BUCKET = "patient_bucket"
IDENTITY = ("source_system", "source_record_id")
OWN = MappingProxyType(
    {
        "upload": "BIGINT",
        "row": "BIGINT",
        "content_hash": "VARCHAR",
        "accepted_seq": "BIGINT",
        BUCKET: "INTEGER",
    }
)
SUPERSEDED_COLUMNS = MappingProxyType(
    {
        "kind": "VARCHAR",
        "source_system": "VARCHAR",
        "source_record_id": "VARCHAR",
        "content_hash": "VARCHAR",
        "by_upload": "BIGINT",
        "seq": "BIGINT",
        "lifts": "BIGINT",
    }
)
TABLES = (*KINDS, SUPERSEDED)
DELTA_TYPES = MappingProxyType(
    {
        "VARCHAR": "string",
        "BIGINT": "long",
        "INTEGER": "integer",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "TIMESTAMP": "timestamp_ntz",
    }
)


@cache
def record_columns(kind: str) -> Mapping[str, str]:
    """Return the columns that come from the file, by name with their DuckDB types.

    The patient's key has the type of the patient's number.
    """
    declared = KINDS[kind]
    return MappingProxyType(
        {
            ledger: declared.field(written).sql_type
            for written, ledger in zip(declared.columns, declared.ledger_columns, strict=True)
        }
    )


@cache
def columns(table: str) -> Mapping[str, str]:
    """Return every column of ``table``, a record kind or ``superseded``, with its DuckDB type.

    Raises KeyError for another name.
    """
    if table == SUPERSEDED:
        return SUPERSEDED_COLUMNS
    return MappingProxyType({**record_columns(table), **OWN})


def delta_type(sql_type: str) -> str:
    """Return Delta's name for a DuckDB type; decimals keep their precision and scale.

    Moments are without a zone (they are UTC): the plain Delta timestamp would come back
    with a zone from files that delta-rs rewrites, and no longer fit the older ones.
    """
    return DELTA_TYPES.get(sql_type) or sql_type.lower()


def bucket_column(table: str) -> str | None:
    """Return the column ``table`` is partitioned by; None for ``superseded``, which is small."""
    return None if table == SUPERSEDED else BUCKET


def order(table: str) -> tuple[str, ...]:
    """Return the columns the rows of one file are sorted by: patient, dates, then row."""
    if table == SUPERSEDED:
        return (*IDENTITY, "seq")
    kind = KINDS[table]
    patient = ("patient_key",) if kind.about_patient else ()
    return (*patient, *kind.dates, "upload", "row")
