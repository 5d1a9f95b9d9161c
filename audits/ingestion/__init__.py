"""The path of a file into the ledger: receive, check, promote or discard, settle, withdraw."""

from .checking import check
from .folders import folder_of
from .promotion import ask_for_promotion, promote
from .receipts import Sent, grouped, receive_together
from .receiving import Asked, discard, receive
from .settling import ask_to_settle, settle
from .turns import begun, held_up, mend_ledger, release_abandoned
from .withdrawal import ask_for_withdrawal, confirm_withdrawal, withdraw

__all__ = [
    "Asked",
    "Sent",
    "ask_for_promotion",
    "ask_for_withdrawal",
    "ask_to_settle",
    "begun",
    "check",
    "confirm_withdrawal",
    "discard",
    "folder_of",
    "grouped",
    "held_up",
    "mend_ledger",
    "promote",
    "receive",
    "receive_together",
    "release_abandoned",
    "settle",
    "withdraw",
]
