"""Tables of uploads, of their rows and of what is held."""

import django_tables2 as tables
from django.urls import reverse

from ..models import Holding, Upload
from .columns import WIDE, BadgeColumn, DayColumn, MomentColumn, NumberColumn
from .listed import Listed


class UploadTable(Listed):
    """The uploads, the newest first."""

    caption = "Uploads"

    pk = tables.Column(verbose_name="No.", linkify=True)
    file_name = tables.Column(verbose_name="File", linkify=True)
    kind = tables.Column(default="not known yet")
    status = BadgeColumn()
    read = NumberColumn(verbose_name="Read")
    new = NumberColumn(verbose_name="New")
    rejected = NumberColumn(verbose_name="Rejected")
    warned = NumberColumn(verbose_name="Warned")
    received_at = MomentColumn(verbose_name="Received (UTC)")
    uploaded_label = tables.Column(verbose_name="By")

    class Meta(Listed.Meta):
        model = Upload
        fields = (
            "pk",
            "file_name",
            "kind",
            "status",
            "read",
            "new",
            "rejected",
            "warned",
            "received_at",
            "uploaded_label",
        )
        order_by = "-pk"
        empty_text = "Nothing has been uploaded yet."


class ProblemTable(tables.Table):
    """Rows of a file with what is said against them: row, column, code; never a value."""

    caption = "Rows"

    row = NumberColumn()
    column = tables.Column(default="whole row")
    code = tables.Column(verbose_name="What is wrong", attrs=WIDE)
    remedy = tables.Column(verbose_name="What to do", attrs=WIDE)

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        orderable = False
        empty_text = "No row matches."


class OutcomeTable(tables.Table):
    """Rows of a file with what became of them."""

    caption = "Rows"

    row = NumberColumn()
    outcome = BadgeColumn()
    source_system = tables.Column(default="not given")
    source_record_id = tables.Column(verbose_name="Record", default="not given")
    note = tables.Column(default="")

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        orderable = False
        empty_text = "No row has this outcome."


class HoldingTable(Listed):
    """Periods for which a missing row means absence."""

    caption = "Holdings"

    kind = tables.Column(verbose_name="Kind of record")
    covers_from = DayColumn(verbose_name="From")
    covers_to = DayColumn(verbose_name="To")
    states = tables.Column(default="all states", orderable=False)
    stated = tables.Column(verbose_name="On whose word")
    upload = tables.Column(
        verbose_name="Upload",
        order_by="upload_id",
        linkify=lambda record: reverse("upload", args=[record.upload_id]),
    )
    since = tables.Column(verbose_name="Since version", accessor="since_id", order_by="since_id")

    class Meta(Listed.Meta):
        model = Holding
        fields = ("kind", "covers_from", "covers_to", "states", "stated", "upload", "since")
        order_by = ("kind", "covers_from")
        empty_text = "Nothing is held yet. A promoted upload states what it is complete for."

    def render_stated(self, value: bool) -> str:
        """Return who says so."""
        return "stated by the sender" if value else "read off the file's dates"

    def render_states(self, value: str) -> str:
        """Return the states with spaces, so that a long list wraps."""
        return value.replace(";", ", ") or "all states"
