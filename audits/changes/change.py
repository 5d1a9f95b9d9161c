"""A change of the records, and what every search for one needs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of the records, in words and as a function from records to records."""

    sentence: str
    apply: Callable[[dict], dict]


def name_of(row: dict) -> str:
    """Return the source and number of a prescription as words."""
    return row["key"].replace("|", " ")


def most(top: int, holds: Callable[[int], bool]) -> int:
    """Return the largest number below ``top`` that ``holds``, which zero does."""
    low, high = 0, top - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return max(low, 0)


def free(records: dict, parameters: dict, judge: Callable) -> list[dict]:
    """Return the occurrences that nothing excuses."""
    return [o for o in judge(records, parameters)["occurrences"] if not o["excluded_by"]]


def involved(records: dict, occurrences: Collection[dict]) -> list[dict]:
    """Return the prescriptions behind ``occurrences`` in their order."""
    keys = {key for each in occurrences for key in each["records"]}
    rows = [row for row in records["prescriptions"] if row["key"] in keys]
    return sorted(rows, key=lambda row: (row["event_date"], row["key"]))
