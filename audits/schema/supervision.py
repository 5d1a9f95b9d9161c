"""Supervision agreements: who may supervise whom, where, for what, from when to when."""

from .field import Field, Kind, Need, Type, identity_fields, status_field

KIND = Kind(
    name="supervision",
    title="Supervision agreements",
    meaning="One row an agreement between a supervised prescriber and a supervisor in one state.",
    fields=(
        *identity_fields(),
        status_field(),
        Field(
            name="supervisee_npi",
            type=Type.TEXT,
            longest=10,
            need=Need.IDENTITY,
            meaning="NPI of the supervised prescriber",
            example="1234567893",
        ),
        Field(
            name="supervisor_npi",
            type=Type.TEXT,
            longest=10,
            need=Need.CONDITIONAL,
            meaning="NPI of the supervisor; may be empty where exempt_reason is given",
            example="1245319599",
        ),
        Field(
            name="state",
            type=Type.TEXT,
            longest=2,
            need=Need.RULES,
            meaning="State the agreement holds in, two letters",
            example="FL",
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
            meaning="First day of the agreement",
            example="2025-01-01",
        ),
        Field(
            name="valid_to",
            type=Type.DATE,
            meaning="Last day of the agreement, included; empty while it runs",
            example="2026-12-31",
        ),
        Field(
            name="exempt_reason",
            type=Type.TEXT,
            longest=200,
            meaning="Why no supervisor is needed in this state; filled, it covers by itself",
            example="",
        ),
    ),
    any_of=(("no_practitioner", ("supervisee_npi",)), ("no_date", ("valid_from",))),
    dates=("valid_from",),
    open_ended=True,
)
