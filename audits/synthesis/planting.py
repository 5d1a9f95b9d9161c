"""What the planted schemes share: the truth they leave and the rows they are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .drugs import Product
from .people import SOURCE, ZIP3, Patient, Practitioner, Register

PHARMACIES = tuple(f"03{number:05d}" for number in range(12_001, 12_041))
PAYMENTS = ("cash", "commercial", "commercial", "medicaid", "medicare")


FLAG, NONE, SUPPRESSED, NOT_EVALUABLE = "flag", "none", "suppressed", "not_evaluable"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a rule must say of one subject.

    ``expected`` is flag, none, suppressed or not_evaluable; ``severity`` is empty for
    none and not_evaluable. ``subject_id`` names patients as the files do. A subject that a
    rule has nothing to say of at all is none too. ``first_event`` is the day of the first
    prescription of the scheme.
    """

    rule: str
    subject_kind: str
    subject_id: str
    expected: str
    severity: str
    scheme: str
    first_event: date


@dataclass(frozen=True, kw_only=True)
class Planting:
    """One scheme as it stands in the files: its prescriptions, and the truth about them.

    Visits, diagnoses and doses given that belong to it are in the register already.
    """

    truths: tuple[Truth, ...]
    prescriptions: tuple[dict, ...]


def record_visits(register: Register, rows: Iterable[dict]) -> None:
    """Write the visit that each of ``rows`` tells of, at which no vital signs were taken."""
    for row in rows:
        row["encounter_id"] = register.visit(
            row["patient_id"],
            row["prescriber_npi"],
            row["encounter_date"],
            modality=row["encounter_modality"],
            patient_state_at_visit=row["patient_state"],
            vitals_recorded="false",
        )


def one(drawn: float, things: tuple):
    """Return the thing at the place that ``drawn`` (0 to 1) falls on."""
    return things[int(drawn * len(things))]


def first_event(rows: Iterable[dict]) -> date:
    """Return the day of the first of ``rows``: filled, else written."""
    return min(row["filled_date"] or row["written_date"] for row in rows)


def begun(chance: Random, earliest: date, latest: date) -> date:
    """Return a day for a scheme to begin, both ends included."""
    return earliest + timedelta(days=chance.randrange((latest - earliest).days + 1))


def prescription(
    chance: Random,
    patient: Patient,
    prescriber: Practitioner,
    product: Product,
    written: date,
    **changes: object,
) -> dict:
    """Return one dispense as a row of a canonical file, but for its record number.

    ``changes`` replace columns; None empties one.
    """
    waited = chance.randrange(3)
    row = {
        "source_system": SOURCE,
        "record_type": "dispense",
        "written_date": written,
        "filled_date": written + timedelta(days=waited),
        **of_patient(patient),
        **of_product(product),
        "refills_authorized": 0,
        "fill_number": 0,
        **of_prescriber(prescriber),
        "encounter_date": written,
        "encounter_modality": chance.choice(("audio_video", "audio_video", "audio_only")),
        "encounter_minutes": 5 + chance.randrange(40),
        "diagnosis_codes": chance.choice(product.diagnoses),
        "pharmacy_ncpdp": chance.choice(PHARMACIES),
        "pharmacy_state": patient.state or None,
        "mail_order": "true" if chance.random() < 0.2 else "false",
        "payment_type": chance.choice(PAYMENTS),
        "origin": "electronic",
    }
    return row | changes


def of_patient(patient: Patient) -> dict:
    """Return the columns that tell of the patient."""
    return {
        "patient_id": patient.patient_id,
        "patient_birth_year": patient.birth_year,
        "patient_sex": patient.sex,
        "patient_state": patient.state or None,
        "patient_zip3": ZIP3.get(patient.state),
        "patient_setting": patient.setting,
    }


def of_product(product: Product) -> dict:
    """Return the columns that tell of the drug and its ordinary amount."""
    return {
        "drug_name": product.drug_name,
        "strength_value": product.strength if "-" not in product.strength else None,
        "strength_unit": product.unit if "-" not in product.strength else None,
        "dose_form": product.dose_form,
        "is_compound": "true" if product.compounded else "false",
        "quantity": product.quantity,
        "quantity_unit": "each",
        "route": product.route,
        "days_supply": product.days,
    }


def of_prescriber(prescriber: Practitioner) -> dict:
    """Return the columns that tell of the prescriber."""
    return {
        "prescriber_npi": prescriber.npi,
        "prescriber_dea": prescriber.dea,
        "prescriber_name": f"{prescriber.first_name} {prescriber.last_name}",
        "prescriber_type": prescriber.prescriber_type,
        "taxonomy": prescriber.taxonomy or None,
        "prescriber_state": prescriber.state,
    }
