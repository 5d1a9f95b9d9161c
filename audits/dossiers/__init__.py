"""What is held of one person: read from the records of the last published evaluation."""

from .basis import Basis, UnreadableError, latest_basis
from .flags import about_pairs, about_patient, about_prescriber
from .patient import Patient, patient_of
from .prescriber import Prescriber, npi_of, prescriber_of
from .rows import Page, rows_of
from .supervision import VERDICTS, Supervision
from .volumes import Month, Share
from .wanted import (
    CONTROLLED,
    MILDER,
    NONE,
    SCHEDULE_GROUPS,
    SCHEDULE_WORDS,
    SCHEDULES,
    UNKNOWN,
    Wanted,
)

__all__ = [
    "CONTROLLED",
    "MILDER",
    "NONE",
    "SCHEDULES",
    "SCHEDULE_GROUPS",
    "SCHEDULE_WORDS",
    "UNKNOWN",
    "VERDICTS",
    "Basis",
    "Month",
    "Page",
    "Patient",
    "Prescriber",
    "Share",
    "Supervision",
    "UnreadableError",
    "Wanted",
    "about_pairs",
    "about_patient",
    "about_prescriber",
    "latest_basis",
    "npi_of",
    "patient_of",
    "prescriber_of",
    "rows_of",
]
