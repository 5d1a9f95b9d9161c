"""Encounters: one row a visit, however it took place."""

from .field import Kind, Need, Type, identity_fields, other, status_field, text, word

KIND = Kind(
    name="encounters",
    title="Encounters",
    meaning="One row a visit of a patient with a practitioner, in person or at a distance.",
    fields=(
        *identity_fields(),
        status_field(),
        text("encounter_id", 64, "Number of the visit, as prescriptions refer to it", "enc-501"),
        text(
            "patient_id",
            64,
            "The source's number for the patient; becomes a keyed pseudonym on import",
            "pat-1001",
            need=Need.IDENTITY,
        ),
        text(
            "provider_npi",
            10,
            "NPI of the practitioner who saw the patient",
            "1234567893",
            need=Need.RULES,
        ),
        other(
            "started_at",
            Type.DATETIME,
            "Moment the visit began; its day is that of UTC",
            "2026-01-02T15:00:00Z",
            need=Need.IDENTITY,
        ),
        other("ended_at", Type.DATETIME, "Moment the visit ended", "2026-01-02T15:25:00Z"),
        word(
            "modality",
            ("in_person", "audio_video", "audio_only", "async", "unknown"),
            "How the visit took place",
            "audio_video",
            need=Need.RULES,
        ),
        other(
            "is_initial",
            Type.BOOLEAN,
            "Whether it is the patient's first visit with this practitioner",
            "true",
        ),
        word(
            "setting",
            ("home", "clinic", "hospital", "facility", "other"),
            "Where the patient was",
            "home",
        ),
        other(
            "federal",
            Type.BOOLEAN,
            "Whether it was in a federal or veterans' facility",
            "false",
        ),
        text("patient_state_at_visit", 2, "State the patient was in, two letters (USPS)", "AZ"),
        text("provider_state_at_visit", 2, "State the practitioner was in, two letters", "AZ"),
        other(
            "vitals_recorded",
            Type.BOOLEAN,
            "Whether blood pressure, pulse, breathing or oxygen were measured and written down",
            "true",
            need=Need.RULES,
        ),
    ),
    any_of=(("no_date", ("started_at",)),),
    dates=("started_at",),
)
