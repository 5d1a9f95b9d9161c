"""Prescriptions: one row an order or a fill."""

from ..vocabulary import PRESCRIBER_TYPES
from .field import Kind, Need, Type, identity_fields, other, status_field, text, word

ROUTES = (
    "oral",
    "sublingual",
    "buccal",
    "nasal",
    "injection",
    "intravenous",
    "intramuscular",
    "subcutaneous",
    "transdermal",
    "rectal",
    "topical",
    "other",
)

RECORD = (
    *identity_fields(),
    word(
        "record_type",
        ("order", "dispense"),
        "order: what was prescribed; dispense: what was handed out",
        "dispense",
        need=Need.RULES,
    ),
    status_field(),
    text(
        "prescription_id",
        40,
        "Prescription number shared by an order and its fills",
        "100001",
        need=Need.CONDITIONAL,
    ),
    other(
        "written_date",
        Type.DATE,
        "Day the prescription was written, where the prescriber is; needed for orders",
        "2026-01-02",
        need=Need.CONDITIONAL,
    ),
    other(
        "written_at", Type.DATETIME, "Moment the prescription was written", "2026-01-02T15:30:00Z"
    ),
    other(
        "filled_date",
        Type.DATE,
        "Day the drug was dispensed; needed for dispenses",
        "2026-01-03",
        need=Need.CONDITIONAL,
    ),
    other("sold_date", Type.DATE, "Day the drug was handed over", "2026-01-04"),
)

PATIENT = (
    text(
        "patient_id",
        64,
        "The source's number for the patient; becomes a keyed pseudonym on import",
        "pat-1001",
        need=Need.IDENTITY,
    ),
    other(
        "patient_birth_year", Type.INTEGER, "Year of birth", "1980", unit="year", need=Need.RULES
    ),
    word("patient_sex", ("F", "M", "X", "U"), "Administrative sex; U where unknown", "F"),
    text(
        "patient_state",
        2,
        "State the patient is in, two letters (USPS); its law governs",
        "AZ",
        need=Need.RULES,
    ),
    text("patient_zip3", 3, "First three digits of the ZIP code", "850"),
    word(
        "patient_setting",
        ("home", "clinic", "ltc", "hospice", "hospital", "other"),
        "Where the patient lives or is treated; ltc is long-term care",
        "home",
    ),
)

DRUG = (
    text(
        "ndc11",
        16,
        "National Drug Code, 11 digits or any hyphenated layout",
        "00406853001",
        need=Need.CONDITIONAL,
    ),
    text("rxcui", 16, "RxNorm concept number", "1049683", need=Need.CONDITIONAL),
    text(
        "drug_name",
        200,
        "Name of the drug as text, with its strength and form",
        "oxycodone 10 mg tablet",
        need=Need.CONDITIONAL,
    ),
    other(
        "strength_value",
        Type.STRENGTH,
        "Strength of one unit; used where the drug code does not tell",
        "10",
    ),
    text("strength_unit", 20, "Unit of the strength: mg, mcg, mcg/hr, mg/ml", "mg"),
    text("dose_form", 80, "Tablet, capsule, patch, solution, troche and so on", "tablet"),
    other(
        "is_compound",
        Type.BOOLEAN,
        "Whether a pharmacy compounded the drug",
        "false",
        need=Need.RULES,
    ),
    text(
        "ingredients",
        4000,
        'Ingredients of a compound: [{"name" or "ndc", "quantity", "unit"}] or a list of names',
        type=Type.JSON,
    ),
    other(
        "quantity",
        Type.QUANTITY,
        "Amount dispensed or ordered",
        "120",
        unit="quantity_unit",
        need=Need.RULES,
    ),
    word("quantity_unit", ("each", "ml", "gm"), "Unit of the quantity", "each"),
    other(
        "days_supply",
        Type.INTEGER,
        "Days the quantity lasts as directed",
        "30",
        unit="days",
        need=Need.RULES,
    ),
    other(
        "refills_authorized", Type.INTEGER, "Refills the prescriber allowed", "0", unit="refills"
    ),
    other(
        "fill_number",
        Type.INTEGER,
        "0 for the first fill, 1 for the first refill",
        "0",
        need=Need.CONDITIONAL,
    ),
    other("partial_fill", Type.INTEGER, "0 for a full fill, else the number of the part", "0"),
    text("sig", 200, "Directions to the patient", "1 tablet every 6 hours"),
)

PRESCRIBER = (
    text(
        "prescriber_npi",
        10,
        "National Provider Identifier of the prescriber",
        "1234567893",
        need=Need.RULES,
    ),
    text(
        "prescriber_dea",
        9,
        "DEA number of the prescriber; identifies him where the NPI is missing",
        "AP5836727",
    ),
    text("prescriber_name", 120, "Name of the prescriber", "Casey Example"),
    word("prescriber_type", PRESCRIBER_TYPES, "Profession of the prescriber", "np"),
    text("taxonomy", 10, "NUCC provider taxonomy code of the prescriber", "363LP0808X"),
    text("prescriber_state", 2, "State the prescriber practises in", "AZ"),
    text(
        "supervising_npi",
        10,
        "NPI of the supervisor named on the prescription; evidence, not an agreement",
        "1245319599",
    ),
)

VISIT = (
    text("encounter_id", 64, "Number of the visit behind the prescription", "enc-501"),
    other("encounter_date", Type.DATE, "Day of the visit", "2026-01-02"),
    word(
        "encounter_modality",
        ("in_person", "audio_video", "audio_only", "async", "unknown"),
        "How the visit took place",
        "audio_video",
    ),
    other("encounter_minutes", Type.INTEGER, "Length of the visit", "12", unit="minutes"),
    other(
        "last_in_person_date",
        Type.DATE,
        "Last visit in person with the prescriber; empty where none is known",
        "2025-11-20",
    ),
    other(
        "pdmp_checked_at",
        Type.DATETIME,
        "Moment the prescription monitoring programme was queried",
        "2026-01-02T15:20:00Z",
    ),
    text("diagnosis_codes", 400, "ICD-10-CM codes, joined by ;", "M54.5;F33.2", type=Type.LIST),
    text(
        "treatment_type",
        2,
        "ASAP opioid treatment type: 02 opioid use disorder, 03 cancer, 04 palliative, "
        "05 hospice, 10 acute, 11 chronic",
        "10",
    ),
)

PHARMACY = (
    text("pharmacy_npi", 10, "NPI of the pharmacy", "1952345676", need=Need.CONDITIONAL),
    text("pharmacy_ncpdp", 12, "NCPDP number of the pharmacy", "0312345", need=Need.CONDITIONAL),
    text("pharmacy_dea", 9, "DEA number of the pharmacy", "FP1234563", need=Need.CONDITIONAL),
    text("pharmacy_state", 2, "State of the pharmacy", "AZ"),
    other("mail_order", Type.BOOLEAN, "Whether the pharmacy posted the drug", "true"),
    word(
        "payment_type",
        ("cash", "medicaid", "medicare", "commercial", "military", "workcomp", "tribal", "other"),
        "Who paid",
        "cash",
    ),
    word(
        "origin",
        ("written", "phone", "fax", "electronic", "transferred", "other"),
        "How the prescription reached the pharmacy",
        "electronic",
    ),
    word(
        "species",
        ("human", "animal"),
        "Empty means human; animals are left out of every rule",
        "human",
    ),
    word(
        "route",
        ROUTES,
        "How the drug is taken",
        "oral",
    ),
)

KIND = Kind(
    name="prescriptions",
    title="Prescriptions",
    meaning="One row an order or a fill.",
    fields=(*RECORD, *PATIENT, *DRUG, *PRESCRIBER, *VISIT, *PHARMACY),
    any_of=(
        ("no_drug", ("ndc11", "rxcui", "drug_name", "ingredients")),
        ("no_date", ("filled_date", "written_date", "written_at")),
    ),
    dates=("filled_date", "written_date", "written_at"),
)
