"""What the ledger says when it cannot."""


class LedgerError(Exception):
    """The ledger cannot be read or written as asked; the message names the table and why."""
