"""Tables of a rule's values over time: those in force, and all that was proposed."""

from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet

from ..models import ParameterChange
from ..rule import Rule
from .columns import WIDE
from .judged import rests_on
from .proposals import ProposalTable


class ChangeTable(ProposalTable):
    """Versions of a rule's values, the newest first."""

    caption = "All that was proposed"

    parameter = tables.Column(attrs=WIDE)
    value = tables.Column(verbose_name="Value", empty_values=())

    class Meta(ProposalTable.Meta):
        sequence = ("pk", "parameter", "value", "...")
        empty_text = "Nobody has proposed another value: the rule's own are in force on all days."

    def render_value(self, record: ParameterChange) -> str:
        """Return the value, or what it takes back."""
        return told_of(record)


def told_of(change: ParameterChange) -> str:
    """Return what a change says in words."""
    if change.takes_back:
        return f"takes back change {change.supersedes_id}"
    return f"{change.value:,}"


def values_of(rule: Rule, changes: QuerySet[ParameterChange]) -> Iterator[dict]:
    """Yield each parameter of ``rule`` with the changes of it, by their first days.

    Each has ``name``, ``parameter`` (its card), ``rests_on`` in words, and ``changes``: the
    change with what it rests on.
    """
    by_days = list(changes.filter(rule=rule.name).order_by("valid_from"))
    for name, parameter in rule.parameters.items():
        mine = [each for each in by_days if each.parameter == name]
        yield {
            "name": name,
            "parameter": parameter,
            "rests_on": rests_on(rule, name, None),
            "changes": [(each, rests_on(rule, name, each.meaning.as_entry())) for each in mine],
        }
