"""Tables of what people say a number in the records stands for."""

import django_tables2 as tables

from ..models import NumberMapping
from .columns import WIDE
from .proposals import ProposalTable


class NumberTable(ProposalTable):
    """Versions of mappings of numbers, the newest first."""

    caption = "Local mappings of numbers"

    number = tables.Column(verbose_name="Number", attrs=WIDE)
    means = tables.Column(verbose_name="Means", empty_values=())

    class Meta(ProposalTable.Meta):
        sequence = ("pk", "number", "means", "...")
        empty_text = "Nobody has proposed a mapping yet. Begin at the coverage."

    def render_number(self, record: NumberMapping) -> str:
        """Return the number with whose it is."""
        return f"{record.get_whose_display()} {record.number}"

    def render_means(self, record: NumberMapping) -> str:
        """Return what it means."""
        return stands_for(record)


def stands_for(mapping: NumberMapping) -> str:
    """Return what a mapping says in words."""
    if mapping.takes_back:
        return f"takes back mapping {mapping.supersedes_id}"
    return f"the {mapping.get_whose_display().lower()} {mapping.means}"
