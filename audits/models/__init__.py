"""What people and jobs did: the rows of the database."""

from .drug_mapping import DrugMapping, MappingSet
from .event import Event, SealedText, TrailHead
from .flag import Decision, Evaluation, EvidenceChange, Flag, FlagState
from .job import Job
from .parameter_change import ParameterChange, ParameterSet
from .peer_dispute import PeerDispute
from .recusal import Recusal
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
    "ParameterChange",
    "ParameterSet",
    "PeerDispute",
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
