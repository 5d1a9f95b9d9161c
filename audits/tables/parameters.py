"""Tables of a rule's values over time: those in force, and all that was proposed."""

from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet

from ..models import ParameterChange
from ..rule import Rule
from .columns import WIDE, BadgeColumn, DayColumn, MomentColumn
from .judged import rests_on
from .listed import Listed

WHOLE = {"td": {"class": "whole"}}  # a day stays on one line


class ChangeTable(Listed):
    """Versions of a rule's values, the newest first."""

    caption = "All that was proposed"

    pk = tables.Column(verbose_name="No.", linkify=True)
    parameter = tables.Column(attrs=WIDE)
    value = tables.Column(verbose_name="Value", empty_values=())
    valid_from = DayColumn(verbose_name="From", attrs=WHOLE)
    valid_to = DayColumn(verbose_name="To", default="open", attrs=WHOLE)
    status = BadgeColumn()
    proposed_by = tables.Column(verbose_name="Proposed by", order_by="proposed_by__username")
    proposed_at = MomentColumn(verbose_name="When (UTC)")

    class Meta(Listed.Meta):
        model = ParameterChange
        fields = (
            "pk",
            "parameter",
            "value",
            "valid_from",
            "valid_to",
            "status",
            "proposed_by",
            "proposed_at",
        )
        order_by = "-pk"
        empty_text = "Nobody has proposed another value: the rule's own are in force on all days."

    def render_value(self, record: ParameterChange) -> str:
        """Return the value, or what it takes back."""
        return told_of(record)


def told_of(change: ParameterChange) -> str:
    """Return what a change says in words."""
    if change.value is None:
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
