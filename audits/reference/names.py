"""Drug names as people write them: ingredients, strength, form and release read from free text."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Set
from types import MappingProxyType

from .attribution import PARTNER_NOT_NAMED, Entry, Mention, leading_amount
from .forms import form_of, long_acting_of
from .identity import Facts
from .loading import made_of, rows
from .substances import OTHERS, UNNAMED_PARTNER, in_order, substances

BETWEEN_WORDS = re.compile(r"[\s/+,&-]+")


@made_of("substances")
def vocabulary() -> Mapping[str, Entry]:
    """Return what every word or phrase that names a drug stands for, by its plain spelling."""
    known = {name: Entry((name,)) for name in (*OTHERS, *substances())}
    for row in rows("synonyms"):
        known[row["synonym"]] = Entry(tuple(row["ingredients"].split(";")))
    for row in rows("brands"):
        long_acting = {"yes": True, "no": False}.get(row["long_acting"])
        ingredients = tuple(row["ingredients"].split(";"))
        known[row["brand"]] = Entry(ingredients, True, row["form"], long_acting)
    return MappingProxyType({BETWEEN_WORDS.sub(" ", name): entry for name, entry in known.items()})


def _branching(phrases: Set[str]) -> str:
    """Return a pattern that reads any of ``phrases``, letter by letter and as far as it can."""
    by_letter: dict[str, set[str]] = defaultdict(set)
    for phrase in phrases - {""}:
        by_letter[phrase[0]].add(phrase[1:])
    if not by_letter:
        return ""
    branches = "|".join(
        (BETWEEN_WORDS.pattern if letter == " " else re.escape(letter)) + _branching(rest)
        for letter, rest in sorted(by_letter.items())
    )
    return f"(?:{branches})" + ("?" if "" in phrases else "")


# What a trade name comes packed in; its form is the product's own.
KIT = re.compile(r"\bkit\b")


@made_of("substances")
def _phrases() -> re.Pattern[str]:
    """Return what finds them: whole words; digits may follow one (norco10), not that of "#3"."""
    return re.compile(rf"(?<![a-z]){_branching(vocabulary().keys())}(?![a-z]|(?<=\d)\d)")


@made_of("substances", "schedules", remembered=100_000)
def read(name: str) -> Facts | None:
    """Return what a drug's name tells, or None where it holds no known ingredient.

    The strength is of the deciding ingredient and in the unit written; it is None, with
    a note, where it cannot be told whose it is.
    """
    text = unicodedata.normalize("NFKC", name).lower()
    known = vocabulary()
    mentions = [
        Mention(found.start(), known[BETWEEN_WORDS.sub(" ", found[0])])
        for found in _phrases().finditer(text)
    ]
    if not mentions:
        return None
    ingredients = in_order(name for mention in mentions for name in mention.entry.ingredients)
    amount, note = leading_amount(text, mentions, ingredients)
    if note == PARTNER_NOT_NAMED:
        ingredients = (*ingredients, UNNAMED_PARTNER)
    brand = next((m.entry for m in mentions if m.entry.is_brand), Entry(()))
    form = form_of(KIT.sub(" ", text))
    long_acting = long_acting_of(text)
    return Facts(
        ingredients=ingredients,
        amount=amount,
        form=brand.form or form_of(text) if form == "unknown" else form,
        long_acting=brand.long_acting if long_acting is None else long_acting,
        notes=(note,) if note else (),
    )
