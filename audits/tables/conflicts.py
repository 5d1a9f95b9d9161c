"""Tables of conflicts: what is held beside what a file says, and what people chose."""

from collections.abc import Iterable
from decimal import Decimal

import django_tables2 as tables

from ..ingestion.conflicts import Conflict, Difference
from ..models import SettledConflict
from .columns import WIDE, BadgeColumn, MomentColumn, NumberColumn
from .listed import Listed
from .saying import PSEUDONYM, grouped

NOTHING = "not given"


class ConflictTable(tables.Table):
    """Rows of a file that wait for a person, with the columns that differ and two buttons."""

    caption = "Conflicts that wait for a choice"

    row = NumberColumn()
    record = tables.Column()
    differences = tables.TemplateColumn(
        template_name="audits/_conflict_differences.html",
        verbose_name="What differs",
        attrs=WIDE,
    )
    choose = tables.TemplateColumn(
        template_name="audits/_conflict_buttons.html", accessor="seen", verbose_name="Choose"
    )

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        orderable = False
        empty_text = "No conflict of this upload waits for a choice."

    def __init__(self, conflicts: Iterable[Conflict], *, may_choose: bool):
        """Take the conflicts of one page; without ``may_choose`` there are no buttons."""
        left_out = () if may_choose else ("choose",)
        super().__init__([_row(each) for each in conflicts], exclude=left_out)

    def render_row(self, value: int) -> str:
        """Return the row's number as a spreadsheet shows it."""
        return str(value)


class SettledTable(Listed):
    """Conflicts that a person settled: who, when, what and why."""

    caption = "Settled conflicts"

    row = NumberColumn()
    record = tables.Column(
        accessor="source_record_id", verbose_name="Record", order_by="source_record_id"
    )
    choice = BadgeColumn(accessor="settlement__choice", orderable=False)
    reason = tables.Column(
        accessor="settlement__reason", verbose_name="Why", orderable=False, attrs=WIDE
    )
    who = tables.Column(accessor="settlement__asked_label", verbose_name="Who", orderable=False)
    when = MomentColumn(
        accessor="settlement__settled_at", verbose_name="When (UTC)", orderable=False
    )
    version = tables.Column(
        accessor="settlement__snapshot_id",
        verbose_name="Ledger version",
        default="not changed",
        orderable=False,
    )

    class Meta(Listed.Meta):
        model = SettledConflict
        fields = ("row", "record", "choice", "reason", "who", "when", "version")
        order_by = "row"
        empty_text = "Nobody has settled a conflict of this upload yet."

    def render_record(self, record: SettledConflict) -> str:
        """Return source and number of the record."""
        return f"{record.source_system} {record.source_record_id}"

    def render_row(self, value: int) -> str:
        """Return the row's number as a spreadsheet shows it."""
        return str(value)


def _row(conflict: Conflict) -> dict:
    """Return a conflict as its row shows it; ``seen`` is what a button sends."""
    row, held = conflict.seen
    return {
        "row": row,
        "record": f"{conflict.source_system} {conflict.source_record_id}",
        "differences": [_in_words(each) for each in conflict.differences],
        "is_held": bool(held),
        "seen": f"{row}-{held}",
    }


def _in_words(difference: Difference) -> dict[str, str]:
    """Return the column's title and both values as text; a patient only by his pseudonym."""
    column = "patient" if difference.column == "patient_key" else difference.column
    held, said = (_text(difference.column, v) for v in (difference.held, difference.said))
    return {"title": column.replace("_", " ").capitalize(), "held": held, "said": said}


def _text(column: str, value: object) -> str:
    if value is None:
        return NOTHING
    if column == "patient_key":
        return str(value)[:PSEUDONYM]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return grouped(f"{value.normalize():f}")
    return str(value)
