"""The ledger: what was prescribed, in append-only Delta tables that DuckDB reads.

``tables`` writes and finds files, ``current`` says in SQL which rows are in force at a
sequence number, ``outcomes`` decides what becomes of each row of an upload,
``conflicts`` tells which rows wait for a person and makes the chosen ones current, and
``withdrawal`` takes an upload back without deleting anything.
"""

from .columns import IDENTITY, SUPERSEDED
from .conflicts import open_conflicts_sql, replace
from .current import accepted_sql, changed_sql, current_sql, former_sql, rows_sql
from .decisions import APPENDED, State, Stated, decide
from .errors import LedgerError
from .outcomes import Counts, OutcomeError, classify
from .tables import Ledger
from .withdrawal import Withdrawal, withdraw

__all__ = [
    "APPENDED",
    "IDENTITY",
    "SUPERSEDED",
    "Counts",
    "Ledger",
    "LedgerError",
    "OutcomeError",
    "State",
    "Stated",
    "Withdrawal",
    "accepted_sql",
    "changed_sql",
    "classify",
    "current_sql",
    "decide",
    "former_sql",
    "open_conflicts_sql",
    "replace",
    "rows_sql",
    "withdraw",
]
