"""What people and jobs did: the rows of the database."""

from .event import Event, SealedText, TrailHead
from .flag import Decision, Evaluation, EvidenceChange, Flag, FlagState, Recusal
from .job import Job
from .settlement import SettledConflict, Settlement
from .snapshot import Holding, Snapshot
from .upload import Source, Upload
from .user import User

__all__ = [
    "Decision",
    "Evaluation",
    "Event",
    "EvidenceChange",
    "Flag",
    "FlagState",
    "Holding",
    "Job",
    "Recusal",
    "SealedText",
    "SettledConflict",
    "Settlement",
    "Snapshot",
    "Source",
    "TrailHead",
    "Upload",
    "User",
]
