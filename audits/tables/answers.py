"""The table of what a rule said of each subject."""

from collections.abc import Mapping

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..rule import Rule
from ..vocabulary import Reason
from .columns import NUMBER, WIDE, BadgeColumn
from .saying import grouped, named_subject

KEY = {"td": {"class": "key"}}


class AnswerTable(tables.Table):
    """Subjects in the order of their ids, with the answer and where it has one its flag."""

    caption = "Answers"

    subject_id = tables.Column(verbose_name="Subject", attrs=KEY)
    answer = BadgeColumn(attrs=KEY)
    reason = tables.Column(attrs=WIDE, default="")
    severity = BadgeColumn(default="")
    figure = tables.Column(attrs=NUMBER, default="")
    flag = tables.Column(empty_values=(), verbose_name="Flag")

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        orderable = False
        empty_text = "Nobody got this answer."

    def __init__(self, rows: list[dict], *, rule: Rule, flags: Mapping[str, str]):
        super().__init__(rows)
        self._flags = flags
        units = {rule.unit_of(definition) for definition in rule.definitions}
        told = units.pop() if len(units) == 1 else "figure"
        self.columns["figure"].column.verbose_name = told[:1].upper() + told[1:]

    def render_subject_id(self, value: str) -> str:
        """Return whom the answer is about."""
        return named_subject(value)

    def render_answer(self, value: str) -> SafeString:
        """Return the answer in words."""
        badge = '<span class="badge {}">{}</span>'
        return format_html(badge, value.replace("_", "-"), value.replace("_", " "))

    def render_reason(self, value: str) -> str:
        """Return why there is no answer, or what explains it."""
        return Reason(value).sentence

    def render_figure(self, value: str) -> str:
        """Return the figure with separators."""
        return grouped(value)

    def render_flag(self, record: Mapping) -> SafeString | str:
        """Return the way to the subject's flag, nothing where it has none."""
        address = self._flags.get(record["subject_id"])
        return format_html('<a href="{}">Flag</a>', address) if address else ""
