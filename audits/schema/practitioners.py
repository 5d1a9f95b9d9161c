"""Practitioners: one row a person who prescribes or supervises."""

from ..vocabulary import PRESCRIBER_TYPES
from .field import Field, Kind, Need, Type, identity_fields, status_field

KIND = Kind(
    name="practitioners",
    title="Practitioners",
    meaning="One row a person who prescribes or supervises.",
    fields=(
        *identity_fields(),
        status_field(),
        Field(
            name="npi",
            type=Type.TEXT,
            longest=10,
            need=Need.RULES,
            meaning="National Provider Identifier",
            example="1234567893",
        ),
        Field(
            name="dea",
            type=Type.LIST,
            longest=100,
            meaning="DEA numbers, joined by ;",
            example="AP5836727",
        ),
        Field(
            name="last_name",
            type=Type.TEXT,
            longest=80,
            meaning="Family name",
            example="Example",
        ),
        Field(name="first_name", type=Type.TEXT, longest=80, meaning="Given name", example="Casey"),
        Field(
            name="prescriber_type",
            type=Type.TEXT,
            choices=PRESCRIBER_TYPES,
            need=Need.RULES,
            meaning="Profession",
            example="np",
        ),
        Field(
            name="taxonomy",
            type=Type.TEXT,
            longest=10,
            meaning="NUCC provider taxonomy code; tells the profession where the column is empty",
            example="363LP0808X",
        ),
        Field(
            name="state",
            type=Type.TEXT,
            longest=2,
            meaning="State of practice, two letters",
            example="FL",
        ),
        Field(
            name="practice_hours",
            type=Type.INTEGER,
            unit="hours",
            meaning="Hours practised in the role; some states allow independence above a number",
            example="4200",
        ),
    ),
    any_of=(("no_practitioner", ("npi", "dea")),),
    dates=(),
)
