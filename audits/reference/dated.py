"""A value that people put in the place of one on a rule's card, on which days and why.

It travels as a plain entry, so that it can be kept beside an evaluation; equal entries have
equal digests on every database.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Self

Entry = Mapping[str, str | int | None]


@dataclass(frozen=True, kw_only=True)
class DatedValue:
    """A value of one parameter from a day on, with what it rests on.

    ``valid_to`` is inclusive, None where open.
    """

    rule: str
    parameter: str
    value: int
    valid_from: date
    valid_to: date | None
    basis: str
    source: str

    @classmethod
    def of_entry(cls, entry: Entry) -> Self:
        """Return the value that an entry tells of."""
        days = {
            name: date.fromisoformat(str(entry[name])) if entry[name] else None
            for name in ("valid_from", "valid_to")
        }
        return cls(**{**entry, **days})

    def as_entry(self) -> dict[str, str | int | None]:
        """Return it as plain values that JSON can hold."""
        ends = self.valid_to.isoformat() if self.valid_to else None
        return {**vars(self), "valid_from": self.valid_from.isoformat(), "valid_to": ends}

    def holds_on(self, day: date) -> bool:
        """Return whether it is in force on ``day``."""
        return self.valid_from <= day <= (self.valid_to or date.max)

    def overlaps(self, other: "DatedValue") -> bool:
        """Return whether a day could have both."""
        first = max(self.valid_from, other.valid_from)
        return self.holds_on(first) and other.holds_on(first)


def digest(entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of ``entries`` as 64 hex digits, in whatever order they come."""
    lines = sorted(json.dumps(entry, sort_keys=True, ensure_ascii=True) for entry in entries)
    return sha256("\n".join(lines).encode()).hexdigest()
