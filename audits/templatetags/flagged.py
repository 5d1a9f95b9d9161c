"""Small things that the pages of flags need."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ..reference.factors import MME_TITLES

register = template.Library()

DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@register.filter
def dated(text: str) -> SafeString:
    """Return ``text`` with every ISO day as a ``time`` element, which no line break parts."""
    marked = DAY.sub(lambda day: f'<time datetime="{day[0]}">{day[0]}</time>', escape(text))
    return mark_safe(marked)  # noqa: S308 - escaped above


@register.filter
def factors(mme_set: str) -> str:
    """Return whose factors turn opioids into morphine by that set, in words."""
    return MME_TITLES[mme_set]
