"""For how many patients at a time prescribers wrote outside their usual scope."""

from collections.abc import Mapping

import ibis
from ibis import _
from ibis.expr.types import IntegerValue, Table

from ..rule import Records
from .days import days_after

RUN = ("subject_id", "verdict", "run")
Numbers = Mapping[str, int]


def crowded(records: Records, rows: Table, numbers: Numbers) -> Table:
    """Return maximal runs of consecutive written days that are equally grave.

    ``rows`` as ``scoping.scoped`` returns them, none in doubt; ``numbers``: patient_days,
    critical_patients, flag_patients, severe_patients. Columns: RUN, severity, occurred_on,
    last_on, ``value``, the most patients in the patient_days days up to one of them, and the
    scope_class and role_group of the rows.
    """
    crowds = _crowds(_enough(rows, numbers), numbers["patient_days"])
    runs = _runs(records.judged(crowds, "on"), numbers)
    named = rows.group_by("subject_id", "verdict").agg(
        scope_class=rows.scope_class.min(), role_group=rows.role_group.min()
    )
    return runs.join(named, ["subject_id", "verdict"])


def behind(runs: Table, rows: Table, numbers: Numbers) -> Table:
    """Return the ``rows`` in the windows of ``runs``, with the definition of these."""
    named = runs.select("subject_id", "verdict", "definition", "occurred_on", "last_on")
    b = named.join(rows, ["subject_id", "verdict"])
    since = b.occurred_on.delta(b.written_on, unit="day")
    return b.filter((b.written_on <= b.last_on) & (since < numbers["patient_days"]))


def tipping(records: Records, rows: Table, numbers: Numbers) -> Table:
    """Return subject_id and ``reason`` of doubts without which a window may fire.

    A window that is full only with doubtful rows holds one of them.
    """
    who = ["subject_id", "verdict"]
    doubtful = rows.filter(rows.doubt.notnull())
    feared = _enough(rows.semi_join(doubtful, who), numbers)
    crowds = records.judged(_crowds(feared, numbers["patient_days"]), "on")
    full = crowds.filter(crowds.patients >= _least(crowds, numbers))
    return doubtful.semi_join(full, who).select("subject_id", reason="doubt").distinct()


def _crowds(rows: Table, window_days: int) -> Table:
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


def _least(rows: Table, numbers: Numbers) -> IntegerValue:
    """Return from how many patients the verdict of a row fires."""
    flag = min(numbers["flag_patients"], numbers["severe_patients"])
    return ibis.ifelse(rows.verdict == "critical", numbers["critical_patients"], flag)


def _enough(rows: Table, numbers: Numbers) -> Table:
    """Return the rows of prescribers who had enough patients ever; no window can have more."""
    ever = rows.group_by("subject_id", "verdict").agg(ever=rows.patient_key.nunique())
    ever = ever.filter(ever.ever >= _least(ever, numbers))
    return rows.semi_join(ever, ["subject_id", "verdict"])


def _runs(crowds: Table, numbers: Numbers) -> Table:
    """Return maximal runs of consecutive written days that are equally grave."""
    grave = ibis.cases(
        (crowds.patients < _least(crowds, numbers), "none"),
        (crowds.verdict == "critical", "critical"),
        (crowds.patients >= numbers["severe_patients"], "high"),
        else_="medium",
    )
    who = ["subject_id", "verdict"]
    days = crowds.mutate(severity=grave)
    before = days.severity.lag().over(ibis.window(group_by=who, order_by="on"))
    days = days.mutate(fresh=(days.severity != before).fill_null(True).cast("int64"))
    so_far = ibis.cumulative_window(group_by=who, order_by="on")
    days = days.mutate(run=days.fresh.sum().over(so_far))
    runs = days.filter(days.severity != "none").group_by(*RUN, "severity")
    return runs.agg(occurred_on=_.on.min(), last_on=_.on.max(), value=_.patients.max())
