"""The path of a file into the ledger: receive, check, promote or discard, withdraw."""

from .checking import check
from .folders import folder_of
from .promotion import ask_for_promotion, promote
from .receiving import Asked, discard, receive
from .withdrawal import ask_for_withdrawal, confirm_withdrawal, withdraw

__all__ = [
    "Asked",
    "ask_for_promotion",
    "ask_for_withdrawal",
    "check",
    "confirm_withdrawal",
    "discard",
    "folder_of",
    "promote",
    "receive",
    "withdraw",
]
