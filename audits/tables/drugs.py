"""Tables of drugs that nobody knows and of what people say they mean."""

import django_tables2 as tables
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ..drugs import Description
from ..models import DrugMapping
from ..reference.strengths import tidy
from .columns import WIDE, DayColumn, NumberColumn
from .proposals import WHOLE, ProposalTable, waits


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
                ((m.get_absolute_url(), meant(m), waits(m)) for m in value),
            )
            or "none"
        )


class MappingTable(ProposalTable):
    """Versions of mappings, the newest first."""

    caption = "Local drug mappings"

    described = tables.Column(verbose_name="Records that say", attrs=WIDE)
    ingredient = tables.Column(verbose_name="Mean", empty_values=())

    class Meta(ProposalTable.Meta):
        sequence = ("pk", "described", "ingredient", "...")
        empty_text = "Nobody has proposed a mapping yet. Begin at the unmatched drugs."

    def render_described(self, record: DrugMapping) -> str:
        """Return what records are recognised by."""
        return f"{record.get_by_display()} {record.described}"

    def render_ingredient(self, record: DrugMapping) -> str:
        """Return what they mean."""
        return meant(record)


def meant(mapping: DrugMapping) -> str:
    """Return what a mapping says in words."""
    if mapping.takes_back:
        return f"takes back mapping {mapping.supersedes_id}"
    strength = "strength of each record"
    if mapping.strength is not None:
        strength = f"{tidy(mapping.strength):f} {mapping.strength_unit}"
    return f"{mapping.ingredient}, {strength}, {mapping.form.replace('_', ' ')}"
