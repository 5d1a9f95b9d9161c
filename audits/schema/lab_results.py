"""Laboratory results: one row a measured value of a patient."""

from .field import Kind, Need, Type, identity_fields, other, status_field, text

KIND = Kind(
    name="lab_results",
    title="Laboratory results",
    meaning="One row a value that a laboratory measured in a specimen of a patient.",
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
        text("code", 16, "LOINC code of what was measured", "1742-6", need=Need.RULES),
        other(
            "collected_on",
            Type.DATE,
            "Day the specimen was taken",
            "2026-01-02",
            need=Need.IDENTITY,
        ),
        other(
            "value",
            Type.STRENGTH,
            "What was measured, a plain number; leave it empty for a result in words or with a "
            "sign such as <",
            "31",
            unit="unit",
            need=Need.RULES,
        ),
        text(
            "unit",
            20,
            "Unit of the value as the laboratory writes it (UCUM)",
            "U/L",
            need=Need.RULES,
        ),
    ),
    any_of=(("no_date", ("collected_on",)),),
    dates=("collected_on",),
)
