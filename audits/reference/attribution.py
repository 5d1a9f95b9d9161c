"""Whose strength is it: the numbers in a name given to the ingredients in it."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .identity import Amount
from .strengths import groups
from .substances import substances

Group = tuple[int, tuple[Amount, ...]]

PARTNER_NOT_NAMED = "partner_not_named"
STRENGTH_AMBIGUOUS = "strength_ambiguous"
CODEINE_NUMBER = re.compile(r"(?:#|\bno\.?\s?)\s?([1-4])\b")
CODEINE_NUMBERS = {"1": Decimal("7.5"), "2": Decimal(15), "3": Decimal(30), "4": Decimal(60)}
SALTS_IN_AMPHETAMINE = 4


class Entry(NamedTuple):
    """What a word or phrase stands for; form and release only where a trade name fixes them."""

    ingredients: tuple[str, ...]
    is_brand: bool = False
    form: str = ""
    long_acting: bool | None = None


class Mention(NamedTuple):
    """A phrase found in a name, and where it begins."""

    start: int
    entry: Entry


def leading_amount(
    text: str, mentions: Sequence[Mention], ingredients: Sequence[str]
) -> tuple[Amount | None, str]:
    """Return the strength of the deciding ingredient as written, and a note where in doubt.

    As many strengths as ingredients are given out in order, be they grouped (``a-b 5-325``)
    or each behind its own (``a 5 / b 325``). The note is "" where nothing is in doubt.
    """
    leader = ingredients[0]
    found = groups(text)
    if not found:
        return _by_number(text, ingredients), ""
    order = _order_of_mention(mentions, ingredients)
    amounts = [amount for _, group in found for amount in group]
    if len(amounts) == len(order):
        return amounts[order.index(leader)], ""
    if len(order) == 1:
        return _of_one(amounts, leader, is_pair=len(found) == 1)
    for _, group in found:
        if len(group) == len(order):
            return group[order.index(leader)], ""
    return _among_several(found, mentions, leader)


def _order_of_mention(mentions: Sequence[Mention], ingredients: Sequence[str]) -> list[str]:
    """Return the distinct ingredients as first mentioned; amphetamine salts are one."""
    salts = "amphetamine" in ingredients
    named = (
        "amphetamine" if salts and name == "dextroamphetamine" else name
        for mention in mentions
        for name in mention.entry.ingredients
    )
    return list(dict.fromkeys(named))


def _by_number(text: str, ingredients: Sequence[str]) -> Amount | None:
    """Return the strength behind the ``#3`` of a codeine combination, if there is one."""
    number = CODEINE_NUMBER.search(text)
    if not number or ingredients[0] != "codeine" or len(ingredients) == 1:
        return None
    return Amount(CODEINE_NUMBERS[number[1]], "mg")


def _among_several(
    found: Sequence[Group], mentions: Sequence[Mention], leader: str
) -> tuple[Amount | None, str]:
    """Return the strength beside the leader where the numbers do not match the ingredients."""
    brand_leads = [m.entry.ingredients[0] for m in mentions if m.entry.is_brand]
    if leader in brand_leads and len(found) == 1 and len(found[0][1]) == 1:
        return found[0][1][0], ""
    ends = [*(m.start for m in mentions[1:]), 10_000]
    beside = [
        [amount for start, group in found for amount in group if mention.start < start < end]
        for mention, end in zip(mentions, ends, strict=True)
    ]
    for n, mention in enumerate(mentions):
        # Behind the last of several names a lone number may be anybody's.
        is_own = n < len(mentions) - 1 or any(beside[:n])
        if mention.entry.ingredients == (leader,) and len(beside[n]) == 1 and is_own:
            return beside[n][0], ""
    return None, STRENGTH_AMBIGUOUS


def _of_one(amounts: list[Amount], leader: str, *, is_pair: bool) -> tuple[Amount | None, str]:
    """Return the strength of the only ingredient named among several numbers."""
    if leader == "amphetamine" and len(amounts) == SALTS_IN_AMPHETAMINE:
        return Amount(sum((a.value for a in amounts), Decimal(0)), amounts[0].unit), ""
    telling = {a for a in amounts if a.unit == "mcg/hr"} or {
        a for a in amounts if a.unit != "percent"
    }
    if len(telling) == 1:
        return telling.pop(), ""
    is_opioid = substances().get(leader, {}).get("drug_class") == "opioid"
    if is_pair and is_opioid and {a.unit for a in amounts} == {"mg"} and len(amounts) == 2:
        # Analgesic partners outweigh the opioid (10/325), naloxone is outweighed (8/2).
        return (max if leader == "buprenorphine" else min)(amounts), PARTNER_NOT_NAMED
    return None, STRENGTH_AMBIGUOUS
