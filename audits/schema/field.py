"""What a column and a record kind are."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Type(StrEnum):
    """How a cell is written in a canonical file, and what it becomes in the ledger."""

    TEXT = "text"
    INTEGER = "whole number"
    QUANTITY = "decimal number, up to 3 places"
    STRENGTH = "decimal number, up to 6 places"
    DATE = "date, YYYY-MM-DD"
    DATETIME = "date and time, ISO 8601 with an offset or Z"
    BOOLEAN = "true or false"
    LIST = "list joined by ;"
    JSON = "JSON list"


SQL_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "INTEGER",
    Type.QUANTITY: "DECIMAL(15,3)",
    Type.STRENGTH: "DECIMAL(18,6)",
    Type.DATE: "DATE",
    Type.DATETIME: "TIMESTAMP",
    Type.BOOLEAN: "BOOLEAN",
    Type.LIST: "VARCHAR",
    Type.JSON: "VARCHAR",
}


class Need(StrEnum):
    """What the absence of a cell does."""

    IDENTITY = "required: the row is rejected without it"
    RULES = "needed by most rules: its absence is a warning and makes rules not evaluable"
    CONDITIONAL = "needed for some rows"
    OPTIONAL = "optional"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of a record kind.

    ``choices`` closes the list of words (empty: any text); ``unit`` is empty where
    there is none; ``longest`` is in characters and applies to text.
    """

    name: str
    type: Type
    meaning: str
    need: Need = Need.OPTIONAL
    unit: str = ""
    choices: tuple[str, ...] = ()
    example: str = ""
    longest: int | None = None

    @property
    def sql_type(self) -> str:
        """Return the column's type in the ledger, in the engine's words."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of record: its columns in file order and what makes a row usable at all.

    ``about_patient`` kinds carry ``patient_id`` in files and ``patient_key`` in the
    ledger. ``any_of`` lists groups of columns of which at least one must be filled;
    each group is paired with the code of the rejection. ``dates`` are the columns whose
    earliest and latest values give the period of a file; ``open_ended`` kinds are held
    from their first date to the day of upload (licences run on without new rows).
    """

    name: str
    title: str
    meaning: str
    fields: tuple[Field, ...]
    any_of: tuple[tuple[str, tuple[str, ...]], ...]
    dates: tuple[str, ...]
    open_ended: bool = False

    @property
    def about_patient(self) -> bool:
        """Return whether rows of this kind belong to a patient."""
        return "patient_id" in self.columns

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of a file of this kind, in order."""
        return tuple(field.name for field in self.fields)

    @property
    def ledger_columns(self) -> tuple[str, ...]:
        """Return the same columns as the ledger names them: the patient is a key there."""
        return tuple("patient_key" if c == "patient_id" else c for c in self.columns)

    def field(self, name: str) -> Field:
        """Return the declaration of column ``name``; raises KeyError for another name."""
        return {field.name: field for field in self.fields}[name]


def identity_fields() -> tuple[Field, ...]:
    """Return the columns that every kind begins with: who says so, under which number."""
    return (
        Field(
            name="source_system",
            type=Type.TEXT,
            longest=40,
            need=Need.IDENTITY,
            meaning="System the record comes from; may be given once for a whole file instead",
            example="clinic-ehr",
        ),
        Field(
            name="source_record_id",
            type=Type.TEXT,
            longest=64,
            need=Need.IDENTITY,
            meaning="The record's own number, unique within its source and kind",
            example="88120017",
        ),
    )


def status_field() -> Field:
    """Return the column that says whether a row is new or changes an earlier one."""
    return Field(
        name="record_status",
        type=Type.TEXT,
        choices=("new", "revise", "void"),
        need=Need.RULES,
        meaning="new, or a change (revise) or cancellation (void) of the record with this number",
        example="new",
    )


def text(name: str, longest: int, meaning: str, example: str = "", **more: Any) -> Field:
    """Return a column of text of at most ``longest`` characters."""
    kind = more.pop("type", Type.TEXT)
    return Field(name=name, type=kind, longest=longest, meaning=meaning, example=example, **more)


def word(
    name: str, choices: tuple[str, ...], meaning: str, example: str = "", **more: Any
) -> Field:
    """Return a column that holds one of ``choices``."""
    return Field(
        name=name, type=Type.TEXT, choices=choices, meaning=meaning, example=example, **more
    )


def other(name: str, type: Type, meaning: str, example: str = "", **more: Any) -> Field:
    """Return a column of numbers, dates or yes and no."""
    return Field(name=name, type=type, meaning=meaning, example=example, **more)
