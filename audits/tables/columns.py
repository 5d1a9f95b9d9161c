"""The kinds of column that tables here are made of."""

import django_tables2 as tables
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDE = {"td": {"class": "text"}, "th": {"class": "text"}}
NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}


class BadgeColumn(tables.Column):
    """A word from a small vocabulary, coloured by the stylesheet: ``<span class="badge high">``."""

    def render(self, record: object, value: object, bound_column: tables.columns.BoundColumn):
        """Return the word in its badge."""
        stored = bound_column.accessor.resolve(record)
        return badge(str(stored), str(value))


class NumberColumn(tables.Column):
    """A count, with separators, on the right."""

    def __init__(self, **kwargs):
        kwargs.setdefault("attrs", NUMBER)
        super().__init__(**kwargs)

    def render(self, value: int) -> str:
        """Return the number with separators."""
        return f"{value:,}"


class MomentColumn(tables.Column):
    """A moment in UTC, to the minute; the rest is in its title."""

    def render(self, value) -> SafeString:
        """Return the moment as a ``time`` element."""
        moment = timezone.localtime(value)
        return format_html(
            '<time datetime="{}">{}</time>', moment.isoformat(), f"{moment:%Y-%m-%d %H:%M}"
        )


class DayColumn(tables.Column):
    """A day, ISO 8601."""

    def render(self, value) -> str:
        """Return the day."""
        return value.isoformat()


def badge(word: str, text: str) -> SafeString:
    """Return ``text`` as a badge with the class ``word``."""
    return format_html('<span class="badge {}">{}</span>', word.replace("_", "-"), text)
