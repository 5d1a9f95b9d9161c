"""Named transactions of a Delta table: each act is committed once, and can be undone by name."""

from collections.abc import Mapping

from deltalake import CommitProperties, DeltaTable, Transaction

NOTE = "transactions"  # where a commit's own record names the transactions it settles


def commit_properties(transactions: Mapping[str, int]) -> CommitProperties:
    """Return what a commit says of itself; it is tried once, on the version it was made for."""
    return CommitProperties(
        custom_metadata={NOTE: " ".join(transactions)} if transactions else None,
        max_commit_retries=0,
        app_transactions=[Transaction(name, number) for name, number in transactions.items()],
    )


def is_done(number: int) -> bool:
    """Return whether a transaction stands: it counts up when made and again when undone."""
    return number % 2 == 1


def version_of(delta: DeltaTable, transaction: str) -> int:
    """Return the version that ``transaction`` made; the newest if the table was set back since."""
    for commit in delta.history():
        if commit["operation"] == "RESTORE":
            break
        if transaction in str(commit.get(NOTE, "")).split():
            return commit["version"]
    return delta.version()


def settle(now: DeltaTable, then: DeltaTable) -> dict[str, int]:
    """Return the new number of each transaction that stood otherwise ``then`` than ``now``."""
    touched = {
        name
        for commit in now.history(now.version() - then.version())
        for name in str(commit.get(NOTE, "")).split()
    }
    settled = {}
    for name in sorted(touched):
        number = now.transaction_version(name) or 0
        if is_done(number) != is_done(then.transaction_version(name) or 0):
            settled[name] = number + 1
    return settled
