"""Administrations: one row a dose given under somebody's eyes, or recorded as given."""

from .field import Kind, Need, Type, identity_fields, other, status_field, text, word
from .prescriptions import ROUTES

KIND = Kind(
    name="administrations",
    title="Administrations",
    meaning="One row a dose of a drug given to a patient.",
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
        text("ingredient", 80, "Name of the drug", "ketamine", need=Need.IDENTITY),
        other("dose_mg", Type.STRENGTH, "Dose given", "35", unit="mg", need=Need.RULES),
        other("weight_kg", Type.QUANTITY, "Weight of the patient", "70", unit="kg"),
        word("route", ROUTES, "How the drug was given", "intravenous"),
        other(
            "started_at",
            Type.DATETIME,
            "Moment the dose began; its day is that of UTC",
            "2026-01-02T15:00:00Z",
            need=Need.IDENTITY,
        ),
        other("ended_at", Type.DATETIME, "Moment the dose ended", "2026-01-02T15:40:00Z"),
        text(
            "observer_npi",
            10,
            "NPI of the practitioner who watched the patient; empty where nobody did",
            "1234567893",
        ),
        other(
            "monitored_minutes",
            Type.INTEGER,
            "How long the patient was watched",
            "120",
            unit="minutes",
        ),
        text("site_id", 40, "Number of the place", "clinic-7"),
        other(
            "site_certified",
            Type.BOOLEAN,
            "Whether the place is certified for the drug's safety programme (REMS)",
            "true",
        ),
    ),
    any_of=(("no_drug", ("ingredient",)), ("no_date", ("started_at",))),
    dates=("started_at",),
)
