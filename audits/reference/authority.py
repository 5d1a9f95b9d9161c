"""How freely a nurse practitioner may practise, by state and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from .loading import made_of, rows

CATEGORIES = ("full", "full_conditional", "reduced", "restricted")


@dataclass(frozen=True, kw_only=True)
class Authority:
    """One state's rule for one period.

    ``category`` is one of CATEGORIES; ``hours_required`` the practice hours before
    independence, None where none are in the table; either end of the period is None
    where it is open, and both days belong to it. ``source`` holds keys of the table
    ``sources``, joined by ``;``.
    """

    state: str
    state_name: str
    category: str
    hours_required: int | None
    valid_from: date | None
    valid_to: date | None
    condition: str
    source: str
    status: str

    def holds_on(self, day: date) -> bool:
        """Return whether the period includes ``day``."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def authority(state: str, day: date) -> Authority | None:
    """Return the rule for ``state`` (two letters) on ``day``; None for a state not in the table.

    Clinical nurse specialists and nurse anesthetists are read by the same row; physician
    assistants have no table.
    """
    mine = periods().get(state.strip().upper(), ())
    return next((period for period in mine if period.holds_on(day)), None)


def _period(row: Mapping[str, str]) -> Authority:
    return Authority(
        state=row["state"],
        state_name=row["state_name"],
        category=row["category"],
        hours_required=int(row["hours_required"]) if row["hours_required"] else None,
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        condition=row["condition"],
        source=row["source"],
        status=row["status"],
    )


@made_of("np_authority")
def periods() -> Mapping[str, tuple[Authority, ...]]:
    """Return the periods of every state in the table, in its order."""
    found: dict[str, list[Authority]] = {}
    for row in rows("np_authority"):
        found.setdefault(row["state"], []).append(_period(row))
    return MappingProxyType({state: tuple(these) for state, these in found.items()})
