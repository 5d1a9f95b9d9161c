"""Whether anybody looked after a patient while a drug lasted, and what else sedated them then."""

import ibis
from ibis.expr.types import StringValue, Table

from ..rule import Records
from ..vocabulary import Reason

TALKING = ("in_person", "audio_video", "audio_only")
SILENT_KINDS = ("encounters", "administrations")
DEPRESSANT_CLASSES = ("benzodiazepine", "z-drug", "barbiturate")
OXYBATE = "oxybate"


def watched(records: Records, rows: Table) -> Table:
    """Return ``rows`` of prescriptions with ``watched``, ``holding`` and ``reason``.

    ``watched``: on a covered day up to the as-of date a dose of the drug was given before an
    observer, or the patient was seen, or spoken to, and vitals were written down; by any
    clinician. Where the days are not known the event date alone is covered. ``holding``:
    the first of those that hold all these days of visits, or all of doses given, for the
    patient's state; null where none does. ``reason``: why it cannot be said that nobody
    looked, null where somebody did or it can. Source: rules.md R19, readings A-97.
    """
    spans = rows.select(
        "upload",
        "row",
        "patient_key",
        "patient_state",
        "ingredient",
        begins="event_date",
        ends=ibis.least(ibis.coalesce(rows.last_covered, rows.event_date), records.as_of_day),
    )
    for found in (_seen(records, spans), _held(records, spans)):
        rows = rows.left_join(found, ["upload", "row"]).drop("upload_right", "row_right")
    rows = rows.mutate(watched=rows.watched.fill_null(False))
    return rows.mutate(reason=_obstacle(rows))


def sedated(records: Records, rows: Table) -> Table:
    """Return the prescriptions of depressants that share covered days with ``rows``.

    One for each pair, with the columns of prescriptions, ``depressant`` (opioid, the drug's
    class, or oxybate), ``of_upload`` and ``of_row`` (the row of ``rows``), ``shared_from``,
    ``shared_to`` and ``days_added``: how many of these no earlier pair of that row has, so
    that their sum counts every day once. Source: rules.md R25, without gabapentinoids.
    """
    p = records.prescriptions
    p = p.filter(p.counts_as_supply & p.last_covered.notnull())
    others = p.mutate(depressant=_depressant(p))
    others = others.filter(others.depressant.notnull())
    mine = rows.select(
        "patient_key",
        of_upload="upload",
        of_row="row",
        first_day="event_date",
        last_day="last_covered",
    )
    pairs = others.join(mine, "patient_key")
    pairs = pairs.mutate(
        shared_from=ibis.greatest(pairs.event_date, pairs.first_day),
        shared_to=ibis.least(pairs.last_covered, pairs.last_day),
    )
    pairs = pairs.filter(pairs.shared_from <= pairs.shared_to).drop("first_day", "last_day")
    return _added(pairs)


def _seen(records: Records, spans: Table) -> Table:
    """Return upload and row of the ``spans`` within which the patient was looked after."""
    doses, visits = records.administrations, records.encounters
    doses = doses.filter(doses.observer_npi.notnull())
    visits = visits.filter(visits.modality.isin(TALKING) & visits.vitals_recorded)
    given = spans.join(
        doses.select("patient_key", "ingredient", on="started_on"), ["patient_key", "ingredient"]
    )
    met = spans.join(visits.select("patient_key", on="started_on"), "patient_key")
    within = [each.filter(each.on.between(each.begins, each.ends)) for each in (given, met)]
    both = ibis.union(*(each.select("upload", "row") for each in within), distinct=True)
    return both.mutate(watched=ibis.literal(True))


def _held(records: Records, spans: Table) -> Table:
    """Return upload and row of the ``spans`` that lie whole in what is held of one kind."""
    h = records.held_spans
    h = h.filter(h.kind.isin(SILENT_KINDS)).rename(held_state="state")
    h = h.select("holding", "covers_from", "covers_to", "held_state")
    found = spans.join(h, [spans.begins >= h.covers_from, spans.ends <= h.covers_to])
    found = found.filter(found.held_state.isnull() | (found.held_state == found.patient_state))
    return found.group_by("upload", "row").agg(holding=found.holding.min())


def _obstacle(rows: Table) -> StringValue:
    """Return why it cannot be said that nobody looked after the patient, else null."""
    route_unknown = rows.route_taken.isnull() & ~rows.is_compound.fill_null(False)
    return ibis.cases(
        (rows.watched, ibis.null("string")),
        (route_unknown, Reason.ROUTE_UNKNOWN.value),
        (rows.last_covered.isnull(), Reason.DAYS_SUPPLY_UNUSABLE.value),
        (rows.holding.isnull(), Reason.MONITORING_NOT_HELD.value),
        else_=ibis.null("string"),
    )


def _depressant(p: Table) -> StringValue:
    """Return what makes a row a depressant beside ketamine, null where it is none."""
    return ibis.cases(
        (p.analgesic, "opioid"),
        (p.drug_class.isin(DEPRESSANT_CLASSES), p.drug_class),
        (p.ingredient == OXYBATE, OXYBATE),
        else_=ibis.null("string"),
    )


def _added(pairs: Table) -> Table:
    """Return ``pairs`` with the days that each adds to the earlier ones of its row."""
    row = ["of_upload", "of_row"]
    order = ["shared_from", "shared_to", "upload", "row"]
    so_far = ibis.cumulative_window(group_by=row, order_by=order)
    pairs = pairs.mutate(reached=pairs.shared_to.max().over(so_far))
    before = pairs.reached.lag().over(ibis.window(group_by=row, order_by=order))
    pairs = pairs.mutate(before=before)
    alone = pairs.shared_to.delta(pairs.shared_from, unit="day") + 1
    beyond = pairs.shared_to.delta(pairs.before, unit="day")
    days = ibis.ifelse(pairs.before.isnull(), alone, ibis.greatest(ibis.least(alone, beyond), 0))
    return pairs.mutate(days_added=days.cast("int64")).drop("reached", "before")
