"""Which rows count: a dispense once, an order only where no dispense of it is there."""

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import BooleanValue, Table

from .. import engine


def counted(backend: Backend, prescriptions: Table) -> Table:
    """Return the stored rows with ``counts_as_supply``, ``counts_as_prescription`` (its first
    fill, where it has several) and why a row does not count.

    Left out: the later of exact duplicates; the second report of one dispense by another
    source; an order whose dispense is there.
    """
    p = prescriptions
    left_out = engine.store(
        backend,
        "left_out",
        _exact_duplicates(p).union(_twice_reported(p)).union(_dispensed_orders(p)),
    )
    reasons = left_out.group_by("upload", "row").agg(left_out=left_out.left_out.min())
    p = p.left_join(reasons, ["upload", "row"]).drop("upload_right", "row_right")
    p = p.mutate(counts_as_supply=p.left_out.isnull())
    later = engine.store(backend, "later_fills", _later_fills(p))
    p = p.left_join(later, ["upload", "row"]).drop("upload_right", "row_right")
    return p.mutate(counts_as_prescription=p.counts_as_supply & p.later_fill.isnull())


def _later_fills(p: Table) -> Table:
    """Return upload and row of fills of a prescription of which an earlier fill is there.

    One prescription as written: same source, patient, prescriber, number, drug and written
    day. Rows without a number are prescriptions of their own.
    """
    rows = p.filter(p.counts_as_supply & p.prescription_id.notnull())
    group = [
        rows.source_system,
        rows.patient_key,
        rows.prescriber_key,
        rows.prescription_id,
        rows.ingredient,
        rows.written_on,
    ]
    order = [rows.fill_number.fill_null(0), rows.event_date, rows.source_record_id]
    place = ibis.row_number().over(ibis.window(group_by=group, order_by=order))
    numbered = rows.select("upload", "row", place=place)
    return numbered.filter(numbered.place > 0).select(
        "upload", "row", later_fill=ibis.literal(True)
    )


def _repeats(p: Table, group: list, among: BooleanValue, why: str) -> Table:
    """Return upload and row of all but the first of each ``group`` of the rows ``among``."""
    order = [p.event_date, p.source_system, p.source_record_id]
    place = ibis.row_number().over(ibis.window(group_by=group, order_by=order))
    numbered = p.filter(among).select("upload", "row", place=place)
    return numbered.filter(numbered.place > 0).select("upload", "row", left_out=ibis.literal(why))


def _exact_duplicates(p: Table) -> Table:
    """Same patient, drug, strength, quantity, day, pharmacy and record type: the later ones."""
    group = [
        p.patient_key,
        p.ingredient,
        p.strength_millionths,
        p.quantity,
        p.event_date,
        p.pharmacy_key,
        p.record_type,
    ]
    return _repeats(p, group, p.ingredient.notnull(), "exact_duplicate")


def _twice_reported(p: Table) -> Table:
    """One dispense told by two sources: same pharmacy, number, fill and day."""
    group = [p.pharmacy_key, p.prescription_id, p.fill_number, p.filled_date]
    among = (
        (p.record_type == "dispense")
        & p.pharmacy_key.notnull()
        & p.prescription_id.notnull()
        & p.fill_number.notnull()
        & p.filled_date.notnull()
    )
    # Not first(order_by=...): over a window Ibis drops the order, and any source may come out.
    teller = p.source_system.min().over(ibis.window(group_by=group))
    told = p.filter(among).mutate(teller=teller)
    return told.filter(told.source_system != told.teller).select(
        "upload", "row", left_out=ibis.literal("reported_by_two_sources")
    )


def _dispensed_orders(p: Table) -> Table:
    """Orders of which a dispense is there: same number, or same drug and written date."""
    orders, fills = p.filter(p.record_type == "order"), p.filter(p.record_type == "dispense")
    same = ["patient_key", "prescriber_key"]
    numbered = orders.semi_join(fills, [*same, "prescription_id"])
    alike = orders.semi_join(fills, [*same, "ingredient", "written_date"])
    both = numbered.select("upload", "row").union(alike.select("upload", "row"), distinct=True)
    return both.mutate(left_out=ibis.literal("order_with_dispense"))
