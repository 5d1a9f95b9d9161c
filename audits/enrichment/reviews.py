"""Prescriptions that are unusual only where a prescriber writes far more of them than peers."""

import ibis
from ibis.expr.types import StringValue, Table

from ..rule import Records
from ..vocabulary import Reason
from . import fences
from .shares import under_review
from .windows import last_days

TOLD = (
    *("members", "place", "most", "is_fence"),
    *("share", "lower_quartile", "upper_quartile", "line"),
)


def reviewed(
    records: Records,
    days: Table,
    outside: Table,
    *,
    peer_days: int,
    least_members: int,
    least_controlled: int,
    fence_halves: int,
    beyond_line: int,
) -> Table:
    """Return the judged rows under review in the window, and how they compare with peers.

    ``days``, ``outside`` and the window are those of ``shares.shares``, the numbers of a group
    and its line those of ``fences``. Added: the columns of ``shares``, TOLD, null without a group,
    ``beyond``, how many prescriptions more than the line they make without the doubtful,
    ``stands_out`` (the row is no doubtful one and they are at least ``beyond_line``), and
    ``reason``, why that cannot be said of the row, else null.
    """
    least = {"least_controlled": least_controlled}
    written = records.shares(records, days, outside, peer_days=peer_days)
    groups = records.peer_groups(written, least_members=least_members, **least)
    lines = records.peer_lines(written, groups, fence_halves=fence_halves, **least)
    rows = records.judged(under_review(outside), "written_on").drop("role_group")
    rows = last_days(records, rows, peer_days)
    rows = rows.join(written.drop("state"), [*fences.WHO])
    told = fences.told(lines).select(*fences.WHO, *TOLD)
    rows = rows.left_join(told, [*fences.WHO], rname="_{name}")
    rows = rows.drop(*(f"_{name}" for name in fences.WHO))
    rows = rows.mutate(beyond=rows.reviewed - rows.most)
    far = (rows.beyond >= beyond_line).fill_null(False)
    return rows.mutate(
        stands_out=rows.doubt.isnull() & far,
        reason=_reason(rows, least_controlled, beyond_line),
    )


def _reason(rows: Table, least_controlled: int, beyond_line: int) -> StringValue:
    """Return why a row cannot be compared, or why it may count or not and that decides."""
    return ibis.cases(
        (rows.role_group.isnull(), Reason.SPECIALTIES_DIFFER.value),
        (rows.controlled < least_controlled, Reason.FEW_CONTROLLED.value),
        (rows.members.isnull(), Reason.NO_PEER_GROUP.value),
        (rows.beyond + rows.doubtful >= beyond_line, rows.doubt),
        else_=ibis.null("string"),
    )
