"""The table of background jobs."""

import django_tables2 as tables
from django.urls import NoReverseMatch, reverse

from .. import jobs
from ..models import Job
from .columns import BadgeColumn, MomentColumn, NumberColumn
from .listed import Listed


def _page_of(record: Job) -> str | None:
    """Return the page of what a job works on, None where it has none."""
    try:
        return reverse(record.object_type, args=[record.object_id])
    except NoReverseMatch:
        return None


class JobTable(Listed):
    """The jobs, the newest first, with what went wrong in plain words."""

    caption = "Jobs"

    kind = tables.Column(verbose_name="Work")
    subject = tables.Column(
        accessor="object_id",
        verbose_name="On",
        order_by=("object_type", "object_id"),
        linkify=_page_of,
        attrs={"td": {"class": "whole"}},
    )
    state = BadgeColumn()
    progress = tables.Column(accessor="progress_done", verbose_name="Progress", orderable=False)
    attempts = NumberColumn()
    created_at = MomentColumn(verbose_name="Asked (UTC)")
    finished_at = MomentColumn(verbose_name="Ended (UTC)", default="")
    requested_by = tables.Column(verbose_name="By")
    error = tables.Column(verbose_name="Why it failed", default="", orderable=False)
    act = tables.TemplateColumn(
        template_name="audits/_job_buttons.html", verbose_name="Act", orderable=False
    )

    class Meta(Listed.Meta):
        model = Job
        fields = (
            "kind",
            "subject",
            "state",
            "progress",
            "attempts",
            "created_at",
            "finished_at",
            "requested_by",
            "error",
            "act",
        )
        order_by = "-created_at"
        empty_text = "No job has been asked for yet. An upload makes the first."

    def render_progress(self, record: Job) -> str:
        """Return how far the job is, in words."""
        share = "" if record.percent is None else f"{record.percent} %"
        return " ".join(filter(None, (share, "" if record.is_ended else record.stage)))

    def render_error(self, record: Job) -> str:
        """Return why the job failed, and what will be done by itself."""
        return " ".join(filter(None, (record.error, jobs.outlook(record))))

    def render_subject(self, record: Job) -> str:
        """Return what the job works on."""
        return f"{record.object_type} {record.object_id}"
