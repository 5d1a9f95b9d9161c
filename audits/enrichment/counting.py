"""Which rows count: a dispense once, an order only where no dispense of it is there."""

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import BooleanValue, Table

from .. import engine
from ..derived import built_once

DISPENSE = ("pharmacy_key", "prescription_id", "fill_number", "filled_date")


def counted(backend: Backend, prescriptions: Table) -> Table:
    """Add to the stored rows whether each counts, and return them.

    Added: ``counts_as_supply``, ``counts_as_prescription`` (its first fill, where it has
    several), ``left_out``, why a row does not count, and ``later_fill``. Left out: the later
    of exact duplicates; the second report of one dispense by another source; an order whose
    dispense is there.
    """
    p = prescriptions
    left_out = engine.store(backend, "left_out", _left_out(p))
    p = engine.widen(backend, p, "left_out VARCHAR", left_out)
    p = engine.widen(backend, p, "counts_as_supply BOOLEAN DEFAULT true", _not(left_out))
    later = engine.store(backend, "later_fills", _later_fills(p))
    p = engine.widen(backend, p, "later_fill BOOLEAN", later)
    neither = _not(left_out, later)
    return engine.widen(backend, p, "counts_as_prescription BOOLEAN DEFAULT true", neither)


@built_once
def _left_out(p: Table) -> Table:
    found = _exact_duplicates(p).union(_twice_reported(p)).union(_dispensed_orders(p))
    return found.group_by("upload", "row").agg(left_out=found.left_out.min())


@built_once
def _not(*marked: Table) -> Table:
    """Return the rows of all the tables ``marked``, each once, as rows that do not count."""
    parts = (table.select("upload", "row", counts=ibis.literal(False)) for table in marked)
    return ibis.union(*parts, distinct=True)


@built_once
def _later_fills(p: Table) -> Table:
    """Return upload and row of fills of a prescription of which an earlier fill is there.

    One prescription as written: same source, patient, prescriber, number, drug and written
    day. Rows without a number are prescriptions of their own.
    """
    rows = p.filter(p.counts_as_supply & p.prescription_id.notnull())
    rows = _sharing(rows, "patient_key", "prescription_id")
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
    p = _sharing(p, "patient_key", "event_date")
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


def _sharing(p: Table, *columns: str) -> Table:
    """Return the rows that share ``columns``, none of them null, with another row.

    They are few, and to put all rows in order for the sake of them took most of the time.
    """
    alike = p.group_by(*columns).agg(among=p.count())
    return p.semi_join(alike.filter(alike.among > 1), columns)


def _twice_reported(p: Table) -> Table:
    """One dispense told by two sources: same pharmacy, number, fill and day."""
    told = _sharing(p.filter(p.record_type == "dispense"), *DISPENSE)
    # Not first(order_by=...): over a window Ibis drops the order, and any source may come out.
    group = [told[column] for column in DISPENSE]
    told = told.mutate(teller=told.source_system.min().over(ibis.window(group_by=group)))
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
