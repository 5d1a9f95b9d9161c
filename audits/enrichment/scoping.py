"""What prescribers wrote outside their usual scope, as a matrix of types and classes says it."""

from collections.abc import Sequence

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, StringValue, Table

from ..rule import EVIDENCE_COLUMNS, Records
from ..vocabulary import Reason

ADULT = 18
CONTRARY = ("flag", "critical", "review")
MATRIX_COLUMNS = ("more_than_days", "minors_ok", "facility_ok")


def scoped(records: Records, shown: Sequence[str]) -> Table:
    """Return the prescriptions as written that are, or may be, outside usual scope.

    Only those for which the matrix says flag, critical or review, with the columns of
    evidence, those ``shown``, role_group and scope_class. Added: ``subject_id`` (prescriber and
    class), ``verdict`` and ``doubt``, the reason why that is not certain of this row, else null.
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
    """Return ``subject_id``, patient_key and ``reason`` where the matrix is silent, each once.

    The specialty is not known, or has no cell for the class.
    """
    p = _placed(records)
    p = p.filter(p.verdict.isnull()).mutate(reason=_doubt(p))
    found = p.select("patient_key", "reason", subject_id=p.prescriber_key + "|" + p.scope_class)
    return found.distinct()


def asked(records: Records) -> Table:
    """Return ``subject_id`` and patient_key of what somebody wrote of a class, each once."""
    p = records.prescriptions
    p = p.filter(p.counts_as_prescription & p.prescriber_key.notnull() & p.scope_class.notnull())
    pairs = p.select("patient_key", "prescriber_key", "scope_class").distinct()
    return pairs.select("patient_key", subject_id=_.prescriber_key + "|" + _.scope_class)


def _placed(records: Records) -> Table:
    """Return the prescriptions as written with the cell of the matrix, without its exceptions."""
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
    """Return whether a row is certainly excepted from what its cell says; false without one."""
    usual = (
        (p.facility_ok & ~p.at_home)
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
        else_=ibis.null("string"),
    )
