"""Fills of a drug in their order: how early each came, and what was still on hand."""

import ibis
from ibis.expr.types import BooleanValue, DecimalValue, IntegerValue, Table

from ..derived import Derived
from .days import date_of, day_number

WHOLE = "decimal(38, 0)"
SUBJECT = ("patient_key", "ingredient")


def refills(derived: Derived, fills: Table, *, change_percent: int) -> Table:
    """Return those ``fills`` that have usable days as steps of the walk through each drug.

    The order is event date, source system and source record id. ``early``: days by which a
    fill came before the former one ran out. ``stock``: days still on hand, each fill
    starting when all before it is used up (mode SHIFT). A fill whose strength x quantity /
    days differs from the former's by more than ``change_percent`` of it starts anew, with
    both zero.
    Columns: patient_key, ingredient, number (from 0), since (number of the fill at which
    the count last started), day, event_date, run_out (first day without any),
    early, stock, in_care (long-term care), upload, row. Patients with one fill of a drug
    are left out, for nothing can be early.
    """
    steps = derived.store("refill_steps", _placed(fills))
    order = ibis.cumulative_window(group_by="walk", order_by="number")
    changed = _changed(steps, change_percent)
    marked = steps.mutate(anew=ibis.ifelse(changed, steps.number, ibis.literal(0, "int64")))
    marked = marked.mutate(since=marked.anew.max().over(order), changed=changed)
    span = {"group_by": ["walk", "since"], "order_by": "number"}
    total = marked.days.cast("float64").sum().over(ibis.cumulative_window(**span)).cast("int64")
    walked = marked.mutate(before=total - marked.days)
    # What is on hand at a fill: the days handed out before it in this span, counted from the
    # fill at which the patient last had nothing left.
    former = ibis.window(preceding=(None, 1), following=None, **span)
    return _told(walked, (walked.day - walked.before).max().over(former))


def _placed(fills: Table) -> Table:
    """Return the fills with usable days, numbered, each with what the former one was."""
    f = fills.filter(fills.last_covered.notnull()).mutate(place=ibis.row_number())
    order = ibis.window(
        group_by=list(SUBJECT), order_by=["event_date", "source_system", "source_record_id"]
    )
    f = f.select(
        *SUBJECT,
        "event_date",
        "upload",
        "row",
        days=f.effective_days,
        day=day_number(f.event_date),
        amount=_amount(f),
        in_care=(f.patient_setting == "ltc").fill_null(False),
        # One number for patient and drug: sorted several times faster than their names.
        walk=f.place.first().over(order),
        number=ibis.row_number().over(order).cast("int64"),
        former_day=day_number(f.event_date).lag().over(order),
        former_days=f.effective_days.lag().over(order),
        former_amount=_amount(f).lag().over(order),
        fills=f.count().over(ibis.window(group_by=list(SUBJECT))),
    )
    return f.filter(f.fills > 1).drop("fills")


def _amount(f: Table) -> DecimalValue:
    """Return millionths of strength x thousandths of quantity; null where one is unknown.

    The widest columns make 33 digits, with days and percent 38: they always fit.
    """
    units, strength = (f.quantity * 1000).cast(WHOLE), f.strength_millionths.cast(WHOLE)
    return ibis.ifelse((units > 0) & (strength > 0), strength * units, ibis.null(WHOLE))


def _changed(s: Table, change_percent: int) -> BooleanValue:
    """Return whether the amount a day differs from the former fill's by more than the share."""
    now = s.amount * s.former_days.cast(WHOLE)
    then = s.former_amount * s.days.cast(WHOLE)
    more = (now - then).abs() * ibis.literal(100).cast(WHOLE)
    return (more > then * ibis.literal(change_percent).cast(WHOLE)).fill_null(False)


def _told(w: Table, reached: IntegerValue) -> Table:
    """Return the columns promised; ``reached`` carries what is left from the fills before."""
    nothing = ibis.literal(0, "int64")
    w = w.mutate(left=w.before + reached)
    used_up = w.former_day + w.former_days
    early = ibis.ifelse(w.changed, nothing, ibis.greatest(used_up - w.day, nothing))
    return w.select(
        *SUBJECT,
        "number",
        "since",
        "day",
        "event_date",
        "in_care",
        "upload",
        "row",
        early=early.fill_null(0),
        stock=ibis.greatest(w.left - w.day, nothing).fill_null(0),
        run_out=date_of(ibis.greatest(w.left.fill_null(w.day), w.day) + w.days),
    )


def counted_early(early: Table, window: int) -> Table:
    """Return the early fills with how many there are, up to each, in the days of the window.

    Of one day only those that come before it in the order, and itself.
    """
    order = ibis.window(group_by="subject_id", order_by="number")
    gone = ibis.range_window(
        preceding=(None, window), following=None, group_by="subject_id", order_by="day"
    )
    return early.mutate(recent=ibis.row_number().over(order) + 1 - early.number.count().over(gone))
