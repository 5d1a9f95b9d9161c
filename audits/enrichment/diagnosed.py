"""What patients suffer from: the sets their diagnoses belong to, and from when to when."""

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import DateScalar, Table

from .. import engine
from ..derived import built_once
from ..reference import diagnoses
from ..rule import Records

SET_COLUMNS = {"code": "VARCHAR", "set_id": "VARCHAR"}
ESCALATING, ESCALATION_DAYS = ("overdose", "sud"), 365
HOSPICE_CARE, CANCER_TREATMENT = "hospice_care", "cancer_treatment"


def diagnosed(
    backend: Backend, prescriptions: Table, conditions: Table, as_of: DateScalar
) -> Table:
    """Return patient, first and last day (``on``, ``until``) and set of every diagnosis.

    A code on a prescription speaks for the day of the prescription, also on an order whose
    dispense counts instead: a diagnosis that excuses must not be lost with the row that
    carried it. A condition speaks for the day it was recorded and, where its end is known,
    for every day up to that; one without an end may be an illness or an old entry that
    nobody closed, and speaks for its day alone. Settings and treatment types that stand
    for care of cancer or hospice come as the sets ``cancer_treatment``, ``hospice_care``.
    """
    coded = engine.store(backend, "coded", _coded(prescriptions, conditions, as_of))
    return engine.store(backend, "diagnoses", _by_set(prescriptions, coded, _sets(backend, coded)))


@built_once
def _coded(p: Table, conditions: Table, as_of: DateScalar) -> Table:
    written = p.filter(p.diagnosis_codes.notnull()).select(
        "patient_key",
        on="event_date",
        until="event_date",
        code=p.diagnosis_codes.split(";").unnest(),
    )
    c = conditions.filter(conditions.code.notnull() & (conditions.recorded_on <= as_of))
    recorded = c.select(
        "patient_key",
        on="recorded_on",
        until=ibis.greatest(c.recorded_on, c.ended_on.fill_null(c.recorded_on)),
        code="code",
    )
    return written.union(recorded)


@built_once
def _by_set(p: Table, coded: Table, sets: Table) -> Table:
    by_code = coded.join(sets, "code").select("patient_key", "on", "until", "set_id")
    return by_code.union(_cared(p), distinct=True)


def escalated(records: Records, occurrences: Table) -> Table:
    """Return ``occurrences`` with ``escalated``: an overdose or substance use shortly before.

    A diagnosis counts that was in force on a day of the 365 before ``occurred_on`` or on that
    day itself; columns needed: patient_key, occurred_on. Source: rules.md 1.7, readings A-11.
    """
    worse = records.diagnoses.filter(records.diagnoses.set_id.isin(ESCALATING))
    keys = ["patient_key", "occurred_on"]
    near = occurrences.select(*keys).distinct()
    near = near.join(worse.select("patient_key", "on", "until"), "patient_key")
    days_before = near.occurred_on.delta(near.until, unit="day")
    near = near.filter((near.on <= near.occurred_on) & (days_before <= ESCALATION_DAYS))
    near = near.select(*keys).distinct().mutate(escalated=ibis.literal(True))
    o = occurrences.left_join(near, keys).drop(*(f"{key}_right" for key in keys))
    return o.mutate(escalated=o.escalated.fill_null(False))


def _sets(backend: Backend, coded: Table) -> Table:
    """Return the sets of every code there is; each code is looked up once."""
    codes = [row["code"] for row in engine.rows(backend, _codes(coded))]
    rows = [
        {"code": code, "set_id": set_id}
        for code in codes
        for set_id in diagnoses.sets()
        if diagnoses.in_set(code, set_id)
    ]
    return engine.load(backend, "code_sets", rows, SET_COLUMNS)


@built_once
def _codes(coded: Table) -> Table:
    return coded.select("code").distinct()


def _cared(p: Table) -> Table:
    """Return the rows whose treatment type or setting says cancer or hospice care."""
    cared = p.mutate(
        set_id=ibis.cases(
            (p.treatment_type == "03", CANCER_TREATMENT),
            (p.treatment_type.isin(["04", "05"]) | (p.patient_setting == "hospice"), HOSPICE_CARE),
        )
    )
    cared = cared.filter(cared.set_id.notnull())
    return cared.select("patient_key", on="event_date", until="event_date", set_id="set_id")
