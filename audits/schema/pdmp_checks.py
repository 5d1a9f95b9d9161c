"""PDMP checks: one row a query of a state's prescription monitoring programme."""

from .field import Kind, Need, Type, identity_fields, other, status_field, text, word

KIND = Kind(
    name="pdmp_checks",
    title="PDMP checks",
    meaning="One row a query of a state's prescription monitoring programme about a patient, or "
    "an attempt at one.",
    fields=(
        *identity_fields(),
        status_field(),
        text(
            "patient_id",
            64,
            "The source's number for the patient; becomes a keyed pseudonym on import",
            "pat-1001",
            need=Need.IDENTITY,
        ),
        text(
            "by_npi",
            10,
            "NPI of the practitioner who asked, or on whose behalf a delegate asked",
            "1234567893",
            need=Need.RULES,
        ),
        text(
            "delegate",
            40,
            "Number of the delegate who asked for the practitioner; empty where nobody did",
            "staff-17",
        ),
        text(
            "state",
            2,
            "State whose programme was asked, two letters (USPS)",
            "AZ",
            need=Need.RULES,
        ),
        other(
            "queried_at",
            Type.DATETIME,
            "Moment of the query; its day is that of UTC",
            "2026-01-02T15:20:00Z",
            need=Need.IDENTITY,
        ),
        word(
            "outcome",
            ("reviewed", "no_records", "unavailable", "not_done"),
            "reviewed: an answer came and was read; no_records: it knew nothing of the patient; "
            "unavailable: it could not be reached; not_done: noted that nobody asked",
            "reviewed",
            need=Need.RULES,
        ),
    ),
    any_of=(("no_date", ("queried_at",)),),
    dates=("queried_at",),
)
