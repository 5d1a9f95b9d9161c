"""The audit trail: an append-only hash chain of everything people and jobs do.

``record`` writes an event in the transaction of its change, ``verify`` finds the first
that is not as it was written. The format is frozen and told in docs/trail.md.
"""

from .actions import ACTIONS, OUTCOMES, Action, Result
from .actor import Actor
from .canonical import NotCanonicalError, canonical, canonical_text, leaf
from .merkle import merkle_root
from .recording import OutsideTransactionError, TrailMissingError, UnknownWordError, record
from .verification import CROSS_CHECKS, Problem, Verdict, verify

__all__ = [
    "ACTIONS",
    "CROSS_CHECKS",
    "OUTCOMES",
    "Action",
    "Actor",
    "NotCanonicalError",
    "OutsideTransactionError",
    "Problem",
    "Result",
    "TrailMissingError",
    "UnknownWordError",
    "Verdict",
    "canonical",
    "canonical_text",
    "leaf",
    "merkle_root",
    "record",
    "verify",
]
