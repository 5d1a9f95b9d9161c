"""The fixed words of the product: every state, answer and reason has its name here once."""

from enum import StrEnum


class Severity(StrEnum):
    """How grave a flag is; the order of the members is the order of gravity."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def gravity(self) -> int:
        """Return 0 for info up to 4 for critical."""
        return list(Severity).index(self)

    def escalated(self) -> "Severity":
        """Return the next graver severity; critical stays critical."""
        return list(Severity)[min(self.gravity + 1, len(Severity) - 1)]


class Subject(StrEnum):
    """Whom or what a flag is about; compound ids join their parts with ``|`` in this order."""

    PATIENT = "patient"
    PRESCRIBER = "prescriber"
    PHARMACY = "pharmacy"
    SUPERVISOR = "supervisor"
    PRESCRIPTION = "prescription"
    PATIENT_PRESCRIBER = "patient_prescriber"
    PATIENT_INGREDIENT = "patient_ingredient"
    PRESCRIBER_STATE = "prescriber_state"
    PRESCRIBER_CLASS = "prescriber_class"
    PRESCRIBER_INGREDIENT = "prescriber_ingredient"
    PRESCRIBER_DAY = "prescriber_day"
    PRESCRIBER_MONTH = "prescriber_month"
    GROUP = "group"

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what the parts of a subject's id are, in their order."""
        return SUBJECT_PARTS[self]

    @property
    def led_by_patient(self) -> bool:
        """Return whether the id begins with a patient's pseudonym."""
        return self.parts[0] == "patient_key"


SUBJECT_PARTS = {
    Subject.PATIENT: ("patient_key",),
    Subject.PRESCRIBER: ("npi",),
    Subject.PHARMACY: ("pharmacy",),
    Subject.SUPERVISOR: ("npi",),
    Subject.PRESCRIPTION: ("record",),
    Subject.PATIENT_PRESCRIBER: ("patient_key", "npi"),
    Subject.PATIENT_INGREDIENT: ("patient_key", "ingredient"),
    Subject.PRESCRIBER_STATE: ("npi", "state"),
    Subject.PRESCRIBER_CLASS: ("npi", "class"),
    Subject.PRESCRIBER_INGREDIENT: ("npi", "ingredient"),
    Subject.PRESCRIBER_DAY: ("npi", "day"),
    Subject.PRESCRIBER_MONTH: ("npi", "month"),
    Subject.GROUP: ("group",),
}


class Answer(StrEnum):
    """What a rule says of one subject; where several occurrences differ the earlier member wins."""

    FIRED = "fired"
    SUPPRESSED = "suppressed"
    NOT_EVALUABLE = "not_evaluable"
    CLEAR = "clear"


class Reason(StrEnum):
    """Why a subject is not evaluable or its flag suppressed; ``sentence`` says it plainly."""

    DAYS_SUPPLY_UNUSABLE = "days_supply_unusable"
    QUANTITY_UNUSABLE = "quantity_unusable"
    STRENGTH_UNKNOWN = "strength_unknown"
    DOSE_IMPLAUSIBLE = "dose_implausible"
    FACTOR_UNKNOWN = "factor_unknown"
    DRUG_UNMATCHED = "drug_unmatched"
    PATIENT_STATE_MISSING = "patient_state_missing"
    STATE_NOT_IN_TABLE = "state_not_in_table"
    PRESCRIBER_TYPE_UNKNOWN = "prescriber_type_unknown"
    PRACTICE_HOURS_UNKNOWN = "practice_hours_unknown"
    PRESCRIBER_ROLE_UNKNOWN = "prescriber_role_unknown"
    SUPERVISION_NOT_HELD = "supervision_not_held"
    MONITORING_NOT_HELD = "monitoring_not_held"
    ROUTE_UNKNOWN = "route_unknown"
    AGE_UNKNOWN = "age_unknown"
    NO_PEER_GROUP = "no_peer_group"
    FEW_CONTROLLED = "few_controlled"
    SPECIALTIES_DIFFER = "specialties_differ"
    NO_MATRIX_ROW = "no_matrix_row"
    PRESCRIBER_NPI_MISSING = "prescriber_npi_missing"
    EXCLUSIONS_NOT_HELD = "exclusions_not_held"
    CANCER = "cancer"
    HOSPICE = "hospice"
    SICKLE_CELL = "sickle_cell"
    LONG_TERM_CARE = "ltc"
    WAIVER = "waiver"

    @property
    def sentence(self) -> str:
        """Return the reason as words for a page, without a full stop."""
        return REASON_SENTENCES[self]


REASON_SENTENCES = {
    Reason.DAYS_SUPPLY_UNUSABLE: "days supply is missing, below 1 or above 180",
    Reason.QUANTITY_UNUSABLE: "quantity is missing or not above zero",
    Reason.STRENGTH_UNKNOWN: "the strength per unit is not known",
    Reason.DOSE_IMPLAUSIBLE: "the dose comes out above 1,000 MME a day, so a figure must be wrong",
    Reason.FACTOR_UNKNOWN: "no published conversion factor fits this form of the drug",
    Reason.DRUG_UNMATCHED: "the drug is not in the reference tables, so what it is cannot be said",
    Reason.PATIENT_STATE_MISSING: "the patient's state is missing",
    Reason.STATE_NOT_IN_TABLE: "no practice authority is on file for that state",
    Reason.PRESCRIBER_TYPE_UNKNOWN: "the prescriber's profession is not known",
    Reason.PRACTICE_HOURS_UNKNOWN: "the prescriber's practice hours decide and are not known",
    Reason.PRESCRIBER_ROLE_UNKNOWN: "the prescriber's specialty is not known",
    Reason.SUPERVISION_NOT_HELD: "no supervision records are held for that date and state",
    Reason.MONITORING_NOT_HELD: "neither visits nor administrations are held for all those days",
    Reason.ROUTE_UNKNOWN: "how the drug is taken is not known",
    Reason.AGE_UNKNOWN: "the patient's age is not known, or only to the year",
    Reason.NO_PEER_GROUP: "no group of peers is large enough to compare with",
    Reason.FEW_CONTROLLED: "too few controlled prescriptions lately to compare with peers",
    Reason.SPECIALTIES_DIFFER: "prescriptions name different specialties of the prescriber",
    Reason.NO_MATRIX_ROW: "the table of usual scope has no row for that specialty",
    Reason.PRESCRIBER_NPI_MISSING: "the prescriber's NPI is not known; names are not matched",
    Reason.EXCLUSIONS_NOT_HELD: "no list of exclusions is held for that date",
    Reason.CANCER: "cancer diagnosis or treatment within 365 days",
    Reason.HOSPICE: "hospice or palliative care within 365 days",
    Reason.SICKLE_CELL: "sickle cell disease",
    Reason.LONG_TERM_CARE: "long-term care, where packs are short by design",
    Reason.WAIVER: "the exclusion is waived in the patient's state",
}


class Outcome(StrEnum):
    """What became of one row of an upload; every row read has exactly one."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REVISED = "revised"
    VOIDED = "voided"
    STALE = "stale"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Basis(StrEnum):
    """On what authority a threshold stands."""

    LAW = "law"
    GUIDELINE = "guideline"
    MEASURE = "measure"
    LABEL = "label"
    COMPANY = "company statement"
    HOUSE_DEFAULT = "house default"


class SourceStatus(StrEnum):
    """How well a cited source was read."""

    VERIFIED = "verified in the source"
    SECONDARY = "verified on a secondary page"
    HOUSE = "house default, no authority behind it"
    UNVERIFIED = "not verified"


CONTROLLED_SCHEDULES = ("II", "III", "IV", "V")
SUPERVISABLE_TYPES = ("np", "pa", "cns", "crna")
PRESCRIBER_TYPES = (
    "physician",
    "np",
    "pa",
    "cns",
    "crna",
    "dentist",
    "podiatrist",
    "optometrist",
    "pharmacist",
    "other",
)
