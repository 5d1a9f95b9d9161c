"""What people and jobs did: the rows of the database."""

from .drug_mapping import DrugMapping, MappingSet
from .evaluation import Evaluation
from .event import Event, SealedText, TrailHead
from .flag import Decision, EvidenceChange, Flag, FlagState
from .job import Job
from .number_mapping import NumberMapping, NumberSet
from .parameter_change import ParameterChange, ParameterSet
from .peer_dispute import PeerDispute
from .proposal import Proposal
from .recusal import Recusal
from .reference_load import ReferenceLoad
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
    "NumberMapping",
    "NumberSet",
    "ParameterChange",
    "ParameterSet",
    "PeerDispute",
    "Proposal",
    "Recusal",
    "ReferenceLoad",
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
