"""What people do with flags: claim, decide, sign off, step back; and what they decide upon.

Also what they object to in the peer group of a prescriber, which changes no flag.

Every act is one transaction with one event of the trail. A decision covers exactly the
occurrences that its person saw.
"""

from .claiming import claim, recuse, release
from .clearing import Reconsidered, arithmetic, reconsidered, what_would_clear
from .deciding import decide, needs_second, sign_off
from .disputing import dispute_peers, withdraw_dispute
from .evidence import Evidence, evidence_of
from .raising import Diagnosis, raised_on, raising
from .refusals import (
    AlreadyDecided,
    ClaimedByAnother,
    Conflicted,
    Incomplete,
    NotTheSecond,
    NotUnderReview,
    Recused,
    Refusal,
    StaleView,
)
from .standing import seen_state, why_not, why_not_second

__all__ = [
    "AlreadyDecided",
    "ClaimedByAnother",
    "Conflicted",
    "Diagnosis",
    "Evidence",
    "Incomplete",
    "NotTheSecond",
    "NotUnderReview",
    "Reconsidered",
    "Recused",
    "Refusal",
    "StaleView",
    "arithmetic",
    "claim",
    "decide",
    "dispute_peers",
    "evidence_of",
    "needs_second",
    "raised_on",
    "raising",
    "reconsidered",
    "recuse",
    "release",
    "seen_state",
    "sign_off",
    "what_would_clear",
    "why_not",
    "why_not_second",
    "withdraw_dispute",
]
