"""The queue of flags."""

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..catalogue import CATALOGUE
from ..models import Flag, FlagState
from .columns import NUMBER, WIDE, BadgeColumn, DayColumn, NumberColumn
from .listed import Listed
from .people import prescriber_link
from .saying import named, sentence

UNBROKEN = {"td": {"class": "key"}}
STATUSES = dict(Flag.Status.choices)


class FlagTable(Listed):
    """The flags as people see them, the most pressing first."""

    caption = "Flags"

    priority = tables.Column(attrs=NUMBER)
    severity = BadgeColumn()
    what = tables.Column(
        verbose_name="What happened", accessor="definition", orderable=False, attrs=WIDE
    )
    rule = tables.Column(accessor="flag__rule", verbose_name="Rule", orderable=False)
    subject = tables.Column(
        accessor="flag__subject_id", verbose_name="Subject", orderable=False, attrs=UNBROKEN
    )
    status = BadgeColumn(orderable=False)
    occurrence_count = NumberColumn(verbose_name="Times", orderable=False)
    records = NumberColumn(orderable=False)
    first_on = DayColumn(verbose_name="First", attrs=UNBROKEN)
    last_on = DayColumn(verbose_name="Last", attrs=UNBROKEN)
    prescriber = tables.Column(orderable=False, default="")
    state = tables.Column(orderable=False, default="")

    class Meta(Listed.Meta):
        model = FlagState
        attrs = {"class": "table queue"}
        fields = (
            "priority",
            "severity",
            "what",
            "rule",
            "subject",
            "status",
            "occurrence_count",
            "records",
            "first_on",
            "last_on",
            "prescriber",
            "state",
        )
        order_by = "-priority"
        row_attrs = {"class": lambda record: f"severity-{record.severity}"}

    def order_severity(self, queryset: QuerySet, descending: bool) -> tuple[QuerySet, bool]:
        """Order by gravity, not by the alphabet; the more pressing first among equals."""
        return queryset.order_by("-gravity" if descending else "gravity", "-priority", "-pk"), True

    def render_priority(self, value: int, record: FlagState) -> SafeString:
        """Return the sum of points, which opens into its parts."""
        parts = format_html_join("", "<li>{} <b>{}</b></li>", record.priority_parts)
        named = "; ".join(f"{name}: {points}" for name, points in record.priority_parts)
        return format_html(
            '<details class="parts"><summary title="{}">{}</summary><ul>{}</ul></details>',
            named,
            value,
            parts,
        )

    def render_what(self, record: FlagState) -> SafeString:
        """Return the verdict as the way to the flag."""
        return format_html('<a href="{}">{}</a>', record.flag.get_absolute_url(), sentence(record))

    def render_rule(self, value: str) -> SafeString:
        """Return the rule's number; its title is told besides."""
        rule = CATALOGUE[value]
        address = reverse("rule", args=[rule.name])
        return format_html('<a href="{}" title="{}">{}</a>', address, rule.title, rule.number)

    def render_subject(self, value: str, record: FlagState) -> SafeString:
        """Return whom the flag is about; a pseudonym shortened, whole in the title."""
        return format_html('<span title="{}">{}</span>', value, named(record.flag, short=True))

    def render_prescriber(self, value: str) -> str:
        """Return the prescriber as the way to his page."""
        return prescriber_link(value)

    def render_status(self, value: str) -> SafeString:
        """Return the status in words."""
        return format_html(
            '<span class="badge {}">{}</span>', value.replace("_", "-"), STATUSES[value]
        )
