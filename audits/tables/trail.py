"""The table of the trail."""

import json
import re

import django_tables2 as tables

from ..models import Event
from .columns import BadgeColumn, MomentColumn, NumberColumn
from .listed import Listed

SHOWN = 200
DIGEST = re.compile(r"[0-9a-f]{64}")
ANYWHERE = {"td": {"class": "anywhere"}}


class EventTable(Listed):
    """The events, the newest first."""

    caption = "Events"

    seq = NumberColumn(verbose_name="No.")
    at = MomentColumn(verbose_name="When (UTC)", orderable=False)
    actor_label = tables.Column(verbose_name="Who", orderable=False)
    role = tables.Column(default="", orderable=False)
    action = tables.Column(verbose_name="Did", orderable=False)
    subject = tables.Column(
        accessor="object_id", verbose_name="To what", orderable=False, attrs=ANYWHERE
    )
    outcome = BadgeColumn(orderable=False)
    after = tables.Column(verbose_name="With", orderable=False, attrs=ANYWHERE)

    class Meta(Listed.Meta):
        model = Event
        fields = ("seq", "at", "actor_label", "role", "action", "subject", "outcome", "after")
        order_by = "-seq"
        empty_text = "No event matches."

    def render_action(self, value: str) -> str:
        """Return the act in words."""
        return value.replace("_", " ")

    def render_actor_label(self, record: Event) -> str:
        """Return the name of who acted, else what it was."""
        return record.actor_label or record.actor_id

    def render_subject(self, record: Event) -> str:
        """Return what the act was done to."""
        return f"{record.object_type.replace('_', ' ')} {record.object_id}"

    def render_after(self, value: str) -> str:
        """Return the facts of the event as words, without zeros and blanks, shortened."""
        facts = json.loads(value)
        if isinstance(facts, dict):
            said = [(name.replace("_", " "), _word(fact)) for name, fact in facts.items() if fact]
            text = ", ".join(f"{name} {word}" for name, word in said)
        else:
            text = "" if facts is None else str(facts)
        return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _word(fact: object) -> str:
    """Return one fact, a digest by its first eight digits."""
    text = str(fact)
    return text[:8] if DIGEST.fullmatch(text) else text
