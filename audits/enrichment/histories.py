"""All that is on record of patients, as oracles read it."""

from ibis.expr.types import StringValue, Table

from ..rule import Records
from ..vocabulary import CONTROLLED_SCHEDULES

PRESCRIPTION = (
    "patient_key",
    "event_date",
    "written_on",
    "filled_date",
    "record_type",
    "prescription_id",
    "fill_number",
    "source_system",
    "source_record_id",
    "ingredient",
    "drug_class",
    "drug_subclass",
    "drug_form",
    "is_compound",
    "matched",
    "schedule",
    "opioid",
    "analgesic",
    "moud",
    "fentanyl_patch",
    "strength",
    "quantity",
    "quantity_unit",
    "days_supply",
    "factor",
    "prescriber_key",
    "pharmacy_key",
    "prescriber_type",
    "role_group",
    "scope_class",
    "born_from",
    "born_to",
    "patient_setting",
    "patient_state",
    "treatment_type",
    "diagnosis_codes",
    "counts_as_supply",
    "counts_as_prescription",
)
ENCOUNTER = (
    "encounter_id",
    "provider_npi",
    "started_on",
    "modality",
    "setting",
    "vitals_recorded",
)
ADMINISTRATION = (
    "ingredient",
    "dose_mg",
    "route",
    "started_on",
    "ended_on",
    "observer_npi",
    "monitored_minutes",
    "site_id",
)


def prescriptions(rows: Table) -> Table:
    """Return ``rows`` of prescriptions with subject_id as oracles read them."""
    return rows.select(
        "subject_id",
        *PRESCRIPTION,
        key=_key(rows),
        route=rows.route_taken,
        strength_unit=rows.strength_unit_used,
    )


def of_scope(records: Records, subjects: Table) -> Table:
    """Return what the prescribers in ``subjects`` wrote of the class, and all controlled."""
    parts = subjects.subject_id.split("|")
    asked = subjects.mutate(prescriber_key=parts[0], asked_class=parts[1])
    mine = records.prescriptions.join(asked, "prescriber_key")
    of_class = (mine.scope_class == mine.asked_class).fill_null(False)
    controlled = mine.schedule.isin(CONTROLLED_SCHEDULES).fill_null(False)
    return prescriptions(mine.filter(of_class | controlled))


def _key(rows: Table) -> StringValue:
    return rows.source_system + "|" + rows.source_record_id


def of_patients(records: Records, subjects: Table) -> dict[str, Table]:
    """Return every row about the patients who lead the ids of ``subjects``, and all holdings.

    One table a kind with the ``subject_id`` that each row is told for; a patient of two
    subjects is told twice. ``key`` is the source and its number of the record.
    """
    asked = subjects.mutate(patient_key=subjects.subject_id.split("|")[0])
    visits = records.encounters.join(asked, "patient_key")
    doses = records.administrations.join(asked, "patient_key")
    conditions = records.conditions.join(asked, "patient_key")
    return {
        "prescriptions": prescriptions(records.prescriptions.join(asked, "patient_key")),
        "encounters": visits.select("subject_id", *ENCOUNTER, key=_key(visits)),
        "administrations": doses.select("subject_id", *ADMINISTRATION, key=_key(doses)),
        "conditions": conditions.select("subject_id", "code", "recorded_on", "ended_on"),
        "holdings": records.holdings.select("kind", "covers_from", "covers_to", "state"),
    }
