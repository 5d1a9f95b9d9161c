"""Licences: state licences and DEA registrations with their dates."""

from .field import Field, Kind, Need, Type, identity_fields, status_field

KIND = Kind(
    name="licences",
    title="Licences and registrations",
    meaning="One row a state licence or a DEA registration.",
    fields=(
        *identity_fields(),
        status_field(),
        Field(
            name="npi",
            type=Type.TEXT,
            longest=10,
            need=Need.IDENTITY,
            meaning="NPI of the holder",
            example="1245319599",
        ),
        Field(
            name="kind",
            type=Type.TEXT,
            choices=("licence", "dea"),
            need=Need.IDENTITY,
            meaning="licence: a state licence; dea: a DEA registration",
            example="licence",
        ),
        Field(
            name="state",
            type=Type.TEXT,
            longest=2,
            need=Need.RULES,
            meaning="State it is valid in, two letters",
            example="FL",
        ),
        Field(
            name="number",
            type=Type.TEXT,
            longest=40,
            meaning="Number of the licence or registration",
            example="ME123456",
        ),
        Field(
            name="schedules",
            type=Type.LIST,
            longest=40,
            meaning="Schedules covered, Roman numerals joined by ;, empty for all",
            example="II;III;IV;V",
        ),
        Field(
            name="valid_from",
            type=Type.DATE,
            need=Need.IDENTITY,
            meaning="First day of validity",
            example="2024-01-01",
        ),
        Field(
            name="valid_to",
            type=Type.DATE,
            meaning="Last day of validity, included; empty while it runs",
            example="2027-12-31",
        ),
    ),
    any_of=(("no_practitioner", ("npi",)), ("no_date", ("valid_from",))),
    dates=("valid_from",),
    open_ended=True,
)
