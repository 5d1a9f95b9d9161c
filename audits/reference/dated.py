"""What people say that holds on some days: what a drug means, what a parameter is.

It travels as plain entries, so that they can be kept beside an evaluation and handed to the
enrichment; equal entries have equal digests on every database.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Self

Entry = Mapping[str, str | int | None]
DAYS = ("valid_from", "valid_to")


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Anything that holds from a day on; ``valid_to`` is inclusive, None where open."""

    valid_from: date
    valid_to: date | None

    @classmethod
    def of_entry(cls, entry: Entry) -> Self:
        """Return what an entry tells of."""
        days = {name: date.fromisoformat(str(entry[name])) for name in DAYS if entry[name]}
        return cls(**{**entry, **days})

    def as_entry(self) -> dict[str, str | int | None]:
        """Return it as plain values that JSON can hold."""
        days = {name: getattr(self, name) for name in DAYS}
        return {**vars(self), **{name: day and day.isoformat() for name, day in days.items()}}

    def holds_on(self, day: date) -> bool:
        """Return whether it is in force on ``day``."""
        return self.valid_from <= day <= (self.valid_to or date.max)

    def overlaps(self, other: "Dated") -> bool:
        """Return whether a day could have both."""
        first = max(self.valid_from, other.valid_from)
        return self.holds_on(first) and other.holds_on(first)


@dataclass(frozen=True, kw_only=True)
class DatedValue(Dated):
    """A value that people put in the place of one on a rule's card, with what it rests on."""

    rule: str
    parameter: str
    value: int
    basis: str
    source: str


def digest(entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of ``entries`` as 64 hex digits, in whatever order they come."""
    lines = sorted(json.dumps(entry, sort_keys=True, ensure_ascii=True) for entry in entries)
    return sha256("\n".join(lines).encode()).hexdigest()
