"""Small things that the pages of prescribers and patients need."""

from django import template
from django.utils.safestring import SafeString

from ..dossiers import VERDICTS
from ..tables.columns import badge
from ..tables.people import prescriber_link, spelled

register = template.Library()


@register.filter
def prescriber(key: str | None) -> str:
    """Return a prescriber's number as the way to his page; none is said to be missing."""
    return prescriber_link(key) if key else "not given"


@register.filter
def answer(verdict: str) -> SafeString:
    """Return an answer on supervision as a badge with its words."""
    return badge(f"supervision-{verdict}", VERDICTS[verdict])


@register.filter
def spaced(word: str) -> str:
    """Return a word of a vocabulary without its underlines, professions in capitals."""
    return spelled(word)
