"""What is held of one person: read from the records of the last published evaluation."""

from .basis import Basis, UnreadableError, latest_basis, reading
from .flags import about_pairs, about_patient, about_prescriber
from .patient import Patient, patient_of
from .peers import Compared, Line, PeerGroup, Window, compared_with_peers, keep_counts, peer_group
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
    "Compared",
    "Line",
    "Month",
    "Page",
    "Patient",
    "PeerGroup",
    "Prescriber",
    "Share",
    "Supervision",
    "UnreadableError",
    "Wanted",
    "Window",
    "about_pairs",
    "about_patient",
    "about_prescriber",
    "compared_with_peers",
    "keep_counts",
    "latest_basis",
    "npi_of",
    "patient_of",
    "peer_group",
    "prescriber_of",
    "reading",
    "rows_of",
]
