"""Compounds: the JSON list of what went into them."""

import json
from collections.abc import Mapping
from dataclasses import replace

from .codes import by_ndc, normalise_ndc
from .identity import Facts
from .loading import made_of
from .names import read
from .substances import in_order


@made_of("substances", "schedules", remembered=20_000)
def read_list(text: str) -> Facts | None:
    """Return what a compound's list of ingredients tells, or None where it tells nothing.

    Each item is a name, or has a ``name`` or an ``ndc``. Quantities are of the whole
    preparation and a code's strength is of what went in, so only a strength written in a
    name counts.
    """
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = items if isinstance(items, list) else [items]
    found = [facts for facts in map(_item, items) if facts]
    if not found:
        return None
    ingredients = in_order(name for facts in found for name in facts.ingredients)
    leader = next(facts for facts in found if facts.ingredients[0] == ingredients[0])
    return Facts(ingredients=ingredients, amount=leader.amount)


def as_one(found: Mapping[str, Facts]) -> tuple[Mapping[str, Facts], bool]:
    """Return what each way of naming a compound tells, as parts of one mixture.

    First comes the way that names the ingredient that decides in the whole; a strength of
    another ingredient counts no more. The second answer is whether the row's own strength may
    be of the one that decides: not where its name speaks of others alone.
    """
    ingredients = in_order(name for facts in found.values() for name in facts.ingredients)
    telling = {via: facts.ingredients[0] == ingredients[0] for via, facts in found.items()}
    mixed = {
        via: replace(facts, ingredients=ingredients)
        if telling[via]
        else replace(facts, ingredients=ingredients, amount=None, notes=())
        for via, facts in found.items()
    }
    ways = sorted(mixed, key=lambda via: not telling[via])
    return {via: mixed[via] for via in ways}, telling.get("name", True)


def _item(item: object) -> Facts | None:
    if isinstance(item, str):
        return read(item)
    if not isinstance(item, dict):
        return None
    ndc = normalise_ndc(str(item.get("ndc") or ""))
    if ndc and (coded := by_ndc(ndc)):
        return Facts(ingredients=coded.ingredients)
    return read(str(item.get("name") or ""))
