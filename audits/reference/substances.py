"""Ingredients: their class, and which of several decides."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from .loading import made_of, rows

UNNAMED_PARTNER = "partner not named"
# Opioids that are not taken for pain; they do not lead a combination as the others do.
NOT_ANALGESIC = frozenset({"antitussive", "antidiarrheal", "GI mu agonist"})
COUGH_OPIOIDS = frozenset({"codeine", "dihydrocodeine", "hydrocodone"})
SCHEDULES = ("II", "III", "IV", "V")

OTHERS: Mapping[str, str] = MappingProxyType(
    {row["ingredient"]: row["kind"] for row in rows("other_ingredients")}
)
COUGH_PARTNERS = frozenset(
    {name for name, kind in OTHERS.items() if kind == "cough_cold"} | {"dextromethorphan"}
)


@made_of("substances")
def substances() -> Mapping[str, Mapping[str, str]]:
    """Return the rows of the table of substances by ingredient."""
    return MappingProxyType({row["ingredient"]: row for row in rows("substances")})


@made_of("substances")
def _order() -> Mapping[str, int]:
    return MappingProxyType({name: place for place, name in enumerate(substances())})


@made_of("schedules")
def _strictest() -> Mapping[str, int]:
    falling = sorted(rows("schedules"), key=lambda row: row["schedule"], reverse=True)
    return MappingProxyType({r["ingredient"]: SCHEDULES.index(r["schedule"]) for r in falling})


def rank(ingredient: str) -> tuple[int, int, int]:
    """Return the place of ``ingredient`` among those of a combination; the lowest decides.

    Opioids for pain or cough come first, then other controlled drugs, the strictest
    schedule first, then known uncontrolled drugs, then the rest.
    """
    row = substances().get(ingredient)
    if row is None:
        return (4 if ingredient == UNNAMED_PARTNER else 3, 0, 0)
    if row["drug_class"] == "opioid" and row["drug_subclass"] not in NOT_ANALGESIC:
        return (0, 0, _order()[ingredient])
    schedule = _strictest().get(ingredient)
    return (2, 0, _order()[ingredient]) if schedule is None else (1, schedule, _order()[ingredient])


def in_order(ingredients: Iterable[str]) -> tuple[str, ...]:
    """Return ``ingredients`` without repeats, the deciding one first.

    Mixed amphetamine salts are one ingredient, ``amphetamine``.
    """
    return _in_order(tuple(ingredients))


@made_of("substances", "schedules", remembered=20_000)
def _in_order(ingredients: tuple[str, ...]) -> tuple[str, ...]:
    distinct = dict.fromkeys(ingredients)
    if {"amphetamine", "dextroamphetamine"} <= distinct.keys():
        del distinct["dextroamphetamine"]
    return tuple(sorted(distinct, key=rank))


def is_cough_medicine(ingredients: Sequence[str]) -> bool:
    """Return whether an opioid stands here with a cough or cold partner."""
    return ingredients[0] in COUGH_OPIOIDS and not COUGH_PARTNERS.isdisjoint(ingredients)


@made_of("substances", remembered=20_000)
def class_of(ingredients: tuple[str, ...], form: str) -> tuple[str, str]:
    """Return drug class and subclass of the deciding ingredient, in this company and form."""
    row = substances().get(ingredients[0])
    if row is None or (row["only_form"] and form != row["only_form"]):
        return ("other", OTHERS.get(ingredients[0], "other"))
    if is_cough_medicine(ingredients):
        return (row["drug_class"], "antitussive")
    return (row["drug_class"], row["drug_subclass"])
