"""Whether a prescription needed a supervisor on the day it was written, and had one."""

from datetime import date

import ibis
from ibis.expr.types import StringValue, Table

from ..rule import Records
from ..vocabulary import Reason

COVERS = "9 covers"  # faults begin with their rank: the greatest of several is the best


def supervised(records: Records, rows: Table) -> Table:
    """Return controlled prescriptions with whether each needed and had a supervisor when written.

    ``rows`` carry upload, row, written_on, state (the patient's), schedule, prescriber_key,
    prescriber_type, practice_hours and matched. Added: ``requires``, ``covered``, ``held``
    (a supervision holding speaks for that day and state; ``holding`` names it), ``category``
    of the state, ``agreement`` (the best one found, in words), ``covered_by`` (the first
    agreement that covers, as source/number, else null) and ``reason`` (why it cannot be said,
    else null). Source: rules.md R26; AANP state list 2023; 2025 Wisconsin Act 17.
    """
    rows = _required(records, rows)
    held = _held(records, rows, "supervision")
    rows = rows.left_join(held, ["upload", "row"]).drop("upload_right", "row_right")
    agreements = _agreements(records, rows)
    rows = rows.left_join(agreements, ["upload", "row"]).drop("upload_right", "row_right")
    rows = rows.mutate(
        held=rows.holding.notnull(),
        covered=rows.covered.fill_null(False),
        agreement=rows.agreement.fill_null("none on record"),
    )
    rows = rows.mutate(obstacle=_obstacle(rows))
    lacking = rows.requires & ~rows.covered & ~rows.held
    return rows.mutate(
        reason=ibis.coalesce(
            rows.obstacle, ibis.ifelse(lacking, Reason.SUPERVISION_NOT_HELD.value, None)
        ),
        requires=rows.requires & rows.obstacle.isnull(),
    )


def _required(records: Records, rows: Table) -> Table:
    """Return the rows with the state's category and whether it requires a supervisor.

    ``question`` names what is missing where the table cannot say.
    """
    a = records.authority.rename(authority_state="state", category_from="valid_from")
    rows = rows.left_join(
        a,
        [
            rows.state == a.authority_state,
            rows.written_on >= a.category_from.fill_null(date.min),
            rows.written_on <= a.valid_to.fill_null(date.max),
        ],
    )
    assistant = (rows.prescriber_type == "pa").fill_null(False)
    conditional = rows.category == "full_conditional"
    below = rows.practice_hours < rows.hours_required
    requires = (
        assistant
        | rows.category.isin(("reduced", "restricted"))
        | (rows.category.isin(("full", "full_conditional")) & below)
    )
    question = ibis.cases(
        (assistant, None),
        (rows.category.isnull(), Reason.STATE_NOT_IN_TABLE.value),
        (conditional & rows.practice_hours.isnull(), Reason.PRACTICE_HOURS_UNKNOWN.value),
    )
    return rows.mutate(requires=requires.fill_null(False), question=question)


def _obstacle(rows: Table) -> StringValue:
    """Return what is not known of a row and could change its answer, else null.

    An agreement that covers the row whatever it is leaves no question open.
    """
    settled = ~rows.requires & rows.question.isnull()
    return ibis.cases(
        (rows.covered, None),
        (rows.prescriber_type.isnull(), Reason.PRESCRIBER_TYPE_UNKNOWN.value),
        (rows.state.isnull(), Reason.PATIENT_STATE_MISSING.value),
        (settled, None),
        (~rows.matched, Reason.DRUG_UNMATCHED.value),
        else_=rows.question,
    )


def _held(records: Records, rows: Table, kind: str) -> Table:
    """Return upload and row of those whose written day and state a holding of ``kind`` covers."""
    h = records.holdings.filter(records.holdings.kind == kind)
    h = h.rename(held_state="state").select("holding", "covers_from", "covers_to", "held_state")
    found = rows.select("upload", "row", "written_on", "state").join(
        h,
        [
            rows.written_on >= h.covers_from,
            rows.written_on <= h.covers_to,
        ],
    )
    found = found.filter(found.held_state.isnull() | (found.held_state == found.state))
    return found.group_by("upload", "row").agg(holding=found.holding.min())


def _agreements(records: Records, rows: Table) -> Table:
    """Return for rows with agreements whether one covers, and what stands against the best."""
    s = records.supervision.rename(agreement_state="state", listed="schedules")
    s = s.select(
        "supervisee_npi",
        "supervisor_npi",
        "agreement_state",
        "listed",
        "valid_from",
        "valid_to",
        "exempt_reason",
        named_by=s.source_system + "/" + s.source_record_id,
    )
    licences_held = _held(records, rows, "licences").rename(licences="holding")
    r = rows.select("upload", "row", "written_on", "state", "schedule", "prescriber_key")
    r = r.left_join(licences_held, ["upload", "row"]).drop("upload_right", "row_right")
    both = r.join(s, [r.prescriber_key == s.supervisee_npi, r.state == s.agreement_state])
    both = _fitness(records, both)
    best = (
        both.mutate(fault=_fault(both))
        .group_by("upload", "row")
        .agg(
            best=ibis._.fault.max(),
            covered_by=ibis._.named_by.min(where=ibis._.fault == COVERS),
        )
    )
    return best.mutate(covered=best.best == COVERS, agreement=best.best[2:]).drop("best")


def _fault(both: Table) -> StringValue:
    """Return what stands against each agreement for its prescription, or that it covers."""
    listed = ibis.literal(";") + both.listed.fill_null("") + ";"
    named = listed.contains(ibis.literal(";") + both.schedule + ";")
    return ibis.cases(
        (both.written_on < both.valid_from, "1 begins later"),
        (both.written_on > both.valid_to, "2 ended before"),
        (
            (listed != ";;") & ~named.fill_null(False),
            "3 does not cover the schedule",
        ),
        (both.exempt_reason.notnull(), COVERS),
        (~both.known, "4 supervisor not among the practitioners"),
        (both.licences.notnull() & ~both.licensed, "5 supervisor without a licence on that day"),
        (both.licences.notnull() & ~both.registered, "6 supervisor without a DEA registration"),
        else_=COVERS,
    )


def _fitness(records: Records, both: Table) -> Table:
    """Return the pairs with ``known``, ``licensed``, ``registered`` of the supervisor that day."""
    people = records.practitioners.select(person="npi").distinct().mutate(known_person=True)
    both = both.left_join(people, both.supervisor_npi == people.person)
    held = records.practitioners.count().as_scalar() > 0
    both = both.mutate(
        known=both.supervisor_npi.notnull() & (both.known_person.fill_null(False) | ~held)
    )
    for kind, name in (("licence", "licensed"), ("dea", "registered")):
        papers = records.licences.filter(records.licences.kind == kind)
        papers = papers.select(holder="npi", place="state", begins="valid_from", ends="valid_to")
        valid = both.select("upload", "row", "supervisor_npi", "written_on", "state").join(
            papers, both.supervisor_npi == papers.holder
        )
        valid = valid.filter(
            (valid.written_on >= valid.begins)
            & (valid.written_on <= valid.ends.fill_null(date.max))
            & ((valid.place == valid.state) | (kind == "dea"))
        )
        valid = valid.select("upload", "row", "supervisor_npi").distinct().mutate(**{name: True})
        keys = ["upload", "row", "supervisor_npi"]
        both = both.left_join(valid, keys).drop(*(f"{key}_right" for key in keys))
        both = both.mutate(**{name: both[name].fill_null(False)})
    return both
