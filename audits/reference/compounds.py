"""Compounds: the JSON list of what went into them."""

import json
from functools import lru_cache

from .codes import by_ndc, normalise_ndc
from .identity import Facts
from .names import read
from .substances import in_order


@lru_cache(maxsize=20_000)
def read_list(text: str) -> Facts | None:
    """Return what a compound's list of ingredients tells, or None where it tells nothing.

    Each item has a ``name`` or an ``ndc``. Quantities are of the whole preparation and a
    code's strength is of what went in, so only a strength written in a name counts.
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


def _item(item: object) -> Facts | None:
    if not isinstance(item, dict):
        return None
    ndc = normalise_ndc(str(item.get("ndc") or ""))
    if ndc and (coded := by_ndc(ndc)):
        return Facts(ingredients=coded.ingredients)
    return read(str(item.get("name") or ""))
