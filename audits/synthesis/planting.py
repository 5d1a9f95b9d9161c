"""What the planted schemes share: the truth they leave and the rows they are made of."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .drugs import Product
from .people import SOURCE, ZIP3, Patient, Practitioner

PHARMACIES = tuple(f"03{number:05d}" for number in range(12_001, 12_041))
PAYMENTS = ("cash", "commercial", "commercial", "medicaid", "medicare")


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a rule must say of one subject.

    ``expected`` is fired, suppressed, not_evaluable or clear; ``severity`` is empty for
    the latter two. ``subject_id`` names patients as the files do. A subject that a rule
    has nothing to say of at all is clear too.
    """

    rule: str
    subject_kind: str
    subject_id: str
    expected: str
    severity: str
    scheme: str


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
        **_of_patient(patient),
        **_of_product(product),
        "days_supply": product.days,
        "refills_authorized": 0,
        "fill_number": 0,
        **_of_prescriber(prescriber),
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


def _of_patient(patient: Patient) -> dict:
    return {
        "patient_id": patient.patient_id,
        "patient_birth_year": patient.birth_year,
        "patient_sex": patient.sex,
        "patient_state": patient.state or None,
        "patient_zip3": ZIP3.get(patient.state),
        "patient_setting": patient.setting,
    }


def _of_product(product: Product) -> dict:
    return {
        "drug_name": product.drug_name,
        "strength_value": product.strength if "-" not in product.strength else None,
        "strength_unit": product.unit if "-" not in product.strength else None,
        "dose_form": product.dose_form,
        "is_compound": "true" if product.compounded else "false",
        "quantity": product.quantity,
        "quantity_unit": "each",
        "route": product.route,
    }


def _of_prescriber(prescriber: Practitioner) -> dict:
    return {
        "prescriber_npi": prescriber.npi,
        "prescriber_dea": prescriber.dea,
        "prescriber_name": f"{prescriber.first_name} {prescriber.last_name}",
        "prescriber_type": prescriber.prescriber_type,
        "taxonomy": prescriber.taxonomy,
        "prescriber_state": prescriber.state,
    }
