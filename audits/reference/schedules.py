"""The federal schedule of a product on a day: by ingredient, company and form."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from .loading import made_of, rows
from .substances import SCHEDULES, is_cough_medicine


@made_of("schedules")
def _by_ingredient() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows("schedules"):
        found[row["ingredient"]].append(row)
    return MappingProxyType({name: tuple(these) for name, these in found.items()})


def products_of(ingredients: Sequence[str], form: str) -> tuple[str, str, str]:
    """Return the words for this product in the table's ``product`` column, the narrowest first."""
    if is_cough_medicine(ingredients):
        return (form, "antitussive", "any")
    return (form, "combination" if len(ingredients) > 1 else "alone", "any")


@made_of("schedules", remembered=20_000)
def rows_for(ingredients: tuple[str, ...], form: str) -> tuple[Mapping[str, str], ...]:
    """Return the table's rows for the product, all periods of it; empty where not controlled."""
    known = _by_ingredient().get(ingredients[0], ())
    for product in products_of(ingredients, form):
        if found := tuple(row for row in known if row["product"] == product):
            return found
    return ()


def turns(these: Sequence[Mapping[str, str]]) -> set[date]:
    """Return the days on which the schedule changes by the periods of ``these`` rows."""
    begun = {date.fromisoformat(row["valid_from"]) for row in these if row["valid_from"]}
    ended = {date.fromisoformat(row["valid_to"]) for row in these if row["valid_to"]}
    return begun | {day + timedelta(days=1) for day in ended}


def in_force(these: Sequence[Mapping[str, str]], day: date | None) -> str | None:
    """Return the schedule of the row that holds on ``day`` (None: the one still open)."""
    row = row_in_force(these, day)
    return row["schedule"] if row else None


def row_in_force(these: Sequence[Mapping[str, str]], day: date | None) -> Mapping[str, str] | None:
    """Return the row that holds on ``day`` (None: the one still open), None where none does."""
    for row in these:
        if day is None:
            holds = not row["valid_to"]
        else:
            iso = day.isoformat()
            holds = row["valid_from"] <= iso <= (row["valid_to"] or "9999")
        if holds:
            return row
    return None


@made_of("schedules", remembered=20_000)
def current(ingredients: tuple[str, ...], form: str, listed: str | None) -> str | None:
    """Return today's schedule, None where not controlled.

    The table decides; for codeine mixtures, whose limit lies in the strength, the schedule
    ``listed`` for the package in the FDA directory does, where there is one.
    """
    these = rows_for(ingredients, form)
    if listed in SCHEDULES and any(row["listing"] == "decides" for row in these):
        return listed
    return in_force(these, None)
