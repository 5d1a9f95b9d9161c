"""Tables of what one person proposed and another decided upon."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..models import Proposal
from .columns import BadgeColumn, DayColumn, MomentColumn
from .listed import Listed

WHOLE = {"td": {"class": "whole"}}  # a day stays on one line


class ProposalTable(Listed):
    """Versions of proposals, the newest first; what each is about and says comes after ``pk``."""

    pk = tables.Column(verbose_name="No.", linkify=True)
    valid_from = DayColumn(verbose_name="From", attrs=WHOLE)
    valid_to = DayColumn(verbose_name="To", default="open", attrs=WHOLE)
    status = BadgeColumn()
    proposed_by = tables.Column(verbose_name="Proposed by", order_by="proposed_by__username")
    proposed_at = MomentColumn(verbose_name="When (UTC)")

    class Meta(Listed.Meta):
        order_by = "-pk"


def waits(proposal: Proposal) -> SafeString | str:
    """Return a remark where nobody has decided on ``proposal``, else nothing."""
    if proposal.status != Proposal.Status.PROPOSED:
        return ""
    return format_html(' <span class="quiet">({})</span>', proposal.get_status_display().lower())
