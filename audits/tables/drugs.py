"""Tables of drugs that nobody knows and of what people say they mean."""

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..drugs import Description
from ..models import DrugMapping
from ..reference.strengths import tidy
from .columns import WIDE, BadgeColumn, DayColumn, MomentColumn, NumberColumn
from .listed import Listed

WHOLE = {"td": {"class": "whole"}}  # a day stays on one line


class UnmatchedTable(tables.Table):
    """Drug descriptions that no reference table knows, the most frequent first."""

    caption = "Drugs that no reference table knows"

    description = tables.TemplateColumn(
        template_name="audits/_drug_description.html",
        accessor="each",
        verbose_name="As the source wrote it",
        attrs=WIDE,
    )
    rows = NumberColumn(accessor="each__rows")
    first_on = DayColumn(accessor="each__first_on", verbose_name="First", attrs=WHOLE)
    last_on = DayColumn(accessor="each__last_on", verbose_name="Last", attrs=WHOLE)
    sources = tables.Column(accessor="each__sources")
    mappings = tables.Column(verbose_name="Local mapping", empty_values=(), attrs=WIDE)

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        orderable = False
        empty_text = "Every drug in the newest records is known to the reference tables."

    def __init__(self, found: list[Description], fitting: dict[str, list[DrugMapping]]):
        """Take the descriptions of one page and the mappings that fit each."""
        super().__init__([{"each": each, "mappings": fitting[each.key]} for each in found])

    def render_sources(self, value: str) -> str:
        """Return the sources with spaces, so that a long list wraps."""
        return value.replace(";", ", ")

    def render_mappings(self, value: list[DrugMapping]) -> SafeString | str:
        """Return the mappings that fit, each a link with its state."""
        return (
            format_html_join(
                " ",
                '<a href="{}">{}</a>{}',
                ((m.get_absolute_url(), meant(m), _waiting(m)) for m in value),
            )
            or "none"
        )


class MappingTable(Listed):
    """Versions of mappings, the newest first."""

    caption = "Local drug mappings"

    pk = tables.Column(verbose_name="No.", linkify=True)
    described = tables.Column(verbose_name="Records that say", attrs=WIDE)
    ingredient = tables.Column(verbose_name="Mean", empty_values=())
    valid_from = DayColumn(verbose_name="From", attrs=WHOLE)
    valid_to = DayColumn(verbose_name="To", default="open", attrs=WHOLE)
    status = BadgeColumn()
    proposed_by = tables.Column(verbose_name="Proposed by", order_by="proposed_by__username")
    proposed_at = MomentColumn(verbose_name="When (UTC)")

    class Meta(Listed.Meta):
        model = DrugMapping
        fields = (
            "pk",
            "described",
            "ingredient",
            "valid_from",
            "valid_to",
            "status",
            "proposed_by",
            "proposed_at",
        )
        order_by = "-pk"
        empty_text = "Nobody has proposed a mapping yet. Begin at the unmatched drugs."

    def render_described(self, record: DrugMapping) -> str:
        """Return what records are recognised by."""
        return f"{record.get_by_display()} {record.described}"

    def render_ingredient(self, record: DrugMapping) -> str:
        """Return what they mean."""
        return meant(record)


def meant(mapping: DrugMapping) -> str:
    """Return what a mapping says in words."""
    if not mapping.ingredient:
        return f"takes back mapping {mapping.supersedes_id}"
    strength = "strength of each record"
    if mapping.strength is not None:
        strength = f"{tidy(mapping.strength):f} {mapping.strength_unit}"
    return f"{mapping.ingredient}, {strength}, {mapping.form.replace('_', ' ')}"


def _waiting(mapping: DrugMapping) -> SafeString | str:
    if mapping.status != DrugMapping.Status.PROPOSED:
        return ""
    return format_html(' <span class="quiet">({})</span>', mapping.get_status_display().lower())
