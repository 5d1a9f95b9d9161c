"""What prescribers wrote outside their usual scope, and for how many patients at a time."""

from collections.abc import Sequence

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, StringValue, Table

from ..rule import EVIDENCE_COLUMNS, Records
from ..vocabulary import Reason
from .prescriptions import days_after

ADULT = 18
CONTRARY = ("flag", "critical")
MATRIX_COLUMNS = ("more_than_days", "minors_ok", "facility_ok")


def scoped(records: Records, shown: Sequence[str]) -> Table:
    """Return the prescriptions as written that are, or may be, outside usual scope.

    Only those for which the matrix says flag or critical, with the columns of evidence,
    those ``shown``, role_group and scope_class. Added: ``subject_id`` (prescriber and class),
    ``verdict`` and ``doubt``, the reason why that is not certain of this row, else null.
    Source: rules.md R28, readings A-74.
    """
    p = _placed(records)
    p = p.filter(p.verdict.isin(CONTRARY))
    kept = {c for c in (*EVIDENCE_COLUMNS, *shown) if c in p.columns}
    return p.select(
        *sorted(kept | {"role_group", "scope_class", "written_on", "verdict"}),
        subject_id=p.prescriber_key + "|" + p.scope_class,
        doubt=_doubt(p),
    )


def unplaced(records: Records) -> Table:
    """Return ``subject_id`` and ``reason`` where the matrix alone does not tell, each once.

    The specialty is not known, has no cell, or the cell asks to compare with peers.
    """
    p = _placed(records)
    p = p.filter(p.verdict.isnull() | ~p.verdict.isin(CONTRARY))
    found = p.mutate(reason=_doubt(p)).group_by("prescriber_key", "scope_class", "reason").agg()
    return found.select(subject_id=found.prescriber_key + "|" + found.scope_class, reason="reason")


def crowds(rows: Table, window_days: int) -> Table:
    """Return how many patients had ``rows`` in the ``window_days`` days up to each written day.

    Counted for each subject_id and verdict; columns these, ``on`` and ``patients``. A patient
    is there from the day of a row until ``window_days`` - 1 days after it.
    """
    people = ["subject_id", "verdict", "patient_key"]
    days = rows.select(*people, on="written_on")
    order = ibis.window(group_by=people, order_by="on")
    days = days.mutate(before=days.on.lag().over(order), after=days.on.lead().over(order))
    comes = days.before.isnull() | (days.on.delta(days.before, unit="day") >= window_days)
    goes = days.after.isnull() | (days.after.delta(days.on, unit="day") >= window_days)
    arriving = days.select("subject_id", "verdict", "on", step=comes.cast("int64"), written=True)
    leaving = days.filter(goes).select(
        "subject_id",
        "verdict",
        on=days_after(days.on, ibis.literal(window_days)),
        step=ibis.literal(-1, "int64"),
        written=False,
    )
    steps = arriving.union(leaving).group_by("subject_id", "verdict", "on")
    steps = steps.agg(step=_.step.sum(), written=_.written.any())
    so_far = ibis.cumulative_window(group_by=["subject_id", "verdict"], order_by="on")
    # Not int64: Ibis takes a sum for one and leaves the cast out; the engine's sum is wider.
    counted = steps.mutate(patients=steps.step.sum().over(so_far).cast("int32"))
    return counted.filter(counted.written).select("subject_id", "verdict", "on", "patients")


def _placed(records: Records) -> Table:
    """Return the prescriptions as written with the cell of the matrix, without the usual ones."""
    p = records.prescriptions
    p = p.filter(p.counts_as_prescription & p.prescriber_key.notnull() & p.scope_class.notnull())
    m = records.scope_matrix.rename(scope_class="class")
    m = m.select("role_group", "scope_class", "verdict", *MATRIX_COLUMNS)
    p = p.left_join(m, ["role_group", "scope_class"]).drop("role_group_right", "scope_class_right")
    p = p.mutate(minor=_minor(p), adult=_adult(p))
    return p.filter(~_usual(p))


def _minor(p: Table) -> BooleanValue:
    return (p.written_on.year() - p.born_from < ADULT).fill_null(False)


def _adult(p: Table) -> BooleanValue:
    return (p.written_on.year() - p.born_to - 1 >= ADULT).fill_null(False)


def _usual(p: Table) -> BooleanValue:
    """Return whether a row is certainly within usual scope; false where there is no cell."""
    usual = (
        (p.verdict == "ok")
        | (p.facility_ok & ~p.at_home)
        | (p.last_covered.notnull() & (p.effective_days <= p.more_than_days))
        | (p.minors_ok & p.minor)
    )
    return usual.fill_null(False)


def _doubt(p: Table) -> StringValue:
    """Return why the verdict on a row is not certain, null where it is."""
    days_count = p.more_than_days.notnull() & p.last_covered.isnull()
    return ibis.cases(
        (p.role_group.isnull(), Reason.PRESCRIBER_ROLE_UNKNOWN.value),
        (p.verdict.isnull(), Reason.NO_MATRIX_ROW.value),
        (days_count, Reason.DAYS_SUPPLY_UNUSABLE.value),
        (p.minors_ok & ~p.adult, Reason.AGE_UNKNOWN.value),
        (p.verdict == "review", Reason.PEERS_NEEDED.value),
        else_=ibis.null("string"),
    )
