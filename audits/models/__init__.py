"""What people and jobs did: the rows of the database."""

from .drug_mapping import DrugMapping, MappingSet
from .event import Event, SealedText, TrailHead
from .flag import Decision, Evaluation, EvidenceChange, Flag, FlagState, Recusal
from .job import Job
from .reference_version import ReferenceSet, ReferenceVersion
from .settlement import SettledConflict, Settlement
from .snapshot import Holding, Snapshot
from .upload import Source, Upload
from .user import User

__all__ = [
    "Decision",
    "DrugMapping",
    "Evaluation",
    "Event",
    "EvidenceChange",
    "Flag",
    "FlagState",
    "Holding",
    "Job",
    "MappingSet",
    "Recusal",
    "ReferenceSet",
    "ReferenceVersion",
    "SealedText",
    "SettledConflict",
    "Settlement",
    "Snapshot",
    "Source",
    "TrailHead",
    "Upload",
    "User",
]
