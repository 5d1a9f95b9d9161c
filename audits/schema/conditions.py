"""Conditions: one row a diagnosis of a patient."""

from .field import Kind, Need, Type, identity_fields, other, status_field, text

KIND = Kind(
    name="conditions",
    title="Conditions",
    meaning="One row a diagnosis of a patient, on the day it was recorded.",
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
        text("code", 16, "ICD-10-CM code, with or without its point", "C50.911", need=Need.RULES),
        other(
            "recorded_on",
            Type.DATE,
            "Day the diagnosis was recorded; it speaks for that day",
            "2026-01-02",
            need=Need.IDENTITY,
        ),
        other(
            "ended_on",
            Type.DATE,
            "Last day it was known to hold; filled, the diagnosis speaks for every day up to it",
            "2026-03-31",
        ),
    ),
    any_of=(("no_date", ("recorded_on",)),),
    dates=("recorded_on",),
)
