"""The records as rules see them, put together for one evaluation."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import count

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..reference import authority, diagnoses
from ..rule import Records
from . import drugs, people, prescriptions, rolling, supervision

HOLDING_COLUMNS = {
    "holding": "BIGINT",
    "kind": "VARCHAR",
    "covers_from": "DATE",
    "covers_to": "DATE",
    "state": "VARCHAR",
}
AUTHORITY_COLUMNS = {
    "state": "VARCHAR",
    "valid_from": "DATE",
    "valid_to": "DATE",
    "category": "VARCHAR",
    "hours_required": "BIGINT",
}
SET_COLUMNS = {"code": "VARCHAR", "set_id": "VARCHAR"}
HOSPICE_CARE, CANCER_TREATMENT = "hospice_care", "cancer_treatment"


def enrich(
    backend: Backend,
    views: Mapping[str, str],
    holdings: Sequence[Mapping],
    as_of: date,
    mme_set: str = "cdc2022+2018",
) -> Records:
    """Return everything a rule may see, from the SQL of each kind's current rows.

    ``holdings`` are rows with holding, kind, covers_from, covers_to and state (None: all).
    Rows dated after ``as_of`` are left out. The enriched prescriptions are computed here,
    once; the rest stays an expression.
    """
    current = {kind: engine.view(backend, f"current_{kind}", sql) for kind, sql in views.items()}
    known = engine.store(backend, "known", _known_by(current["prescriptions"], as_of))
    known_roles = people.roles(backend, current["practitioners"], known)
    persons = people.people(backend, current["practitioners"], known_roles)
    numbers = people.registrations(backend, current["practitioners"])
    drug_table = drugs.tabulate(backend, known, mme_set)
    named = prescriptions.typed(prescriptions.keyed(known, numbers), persons, known_roles)
    named = engine.store(backend, "named", named)
    dosed = prescriptions.dosed(named, drug_table)
    narrow = engine.store(backend, "enriched", prescriptions.narrow(dosed))
    counted = engine.store(backend, "prescriptions", prescriptions.counted(backend, narrow))
    told = _diagnoses(backend, counted)
    return Records(
        prescriptions=counted,
        practitioners=current["practitioners"],
        supervision=current["supervision"],
        licences=current["licences"],
        holdings=engine.load(backend, "holdings", holdings, HOLDING_COLUMNS),
        diagnoses=told,
        dose_runs=_once(backend, "dose_runs", partial(rolling.dose_runs, counted, told)),
        supervised=_once(backend, "supervised", supervision.supervised),
        authority=engine.load(backend, "authority", _authority(), AUTHORITY_COLUMNS),
        as_of=as_of,
    )


def _known_by(rows: Table, as_of: date) -> Table:
    """Return the rows of people dated up to ``as_of``, with the columns that rules need."""
    dated = prescriptions.dated(rows.select(*prescriptions.READ))
    return dated.filter(dated.event_date <= as_of)


def _once(backend: Backend, name: str, derive: Callable[..., Table]) -> Callable[..., Table]:
    """Return ``derive`` with its result computed into a table of its own at each call.

    Rules build several expressions on it; without this each would compute it again.
    """
    numbers = count(1)

    def derived(*given: object, **options: object) -> Table:
        return engine.store(backend, f"{name}_{next(numbers)}", derive(*given, **options))

    return derived


def _authority() -> list[dict]:
    """Return the dated rows of nurse practitioners' authority by state."""
    return [
        {column: getattr(row, column) for column in AUTHORITY_COLUMNS}
        for periods in authority.PERIODS.values()
        for row in periods
    ]


def _diagnoses(backend: Backend, p: Table) -> Table:
    """Return patient, day and diagnosis set for every code and care setting on a row.

    Every row speaks here, also an order whose dispense counts instead: a diagnosis that
    excuses must not be lost with the row that carried it.
    """
    coded = p.filter(p.diagnosis_codes.notnull()).select(
        "patient_key", on="event_date", code=p.diagnosis_codes.split(";").unnest()
    )
    coded = engine.store(backend, "coded", coded.mutate(code=coded.code.strip()))
    codes = [row["code"] for row in engine.rows(backend, coded.select("code").distinct())]
    rows = [
        {"code": code, "set_id": set_id}
        for code in codes
        for set_id in diagnoses.SETS
        if diagnoses.in_set(code, set_id)
    ]
    sets = engine.load(backend, "code_sets", rows, SET_COLUMNS)
    by_code = coded.join(sets, "code").select("patient_key", "on", "set_id")
    cared = p.mutate(
        set_id=ibis.cases(
            (p.treatment_type == "03", CANCER_TREATMENT),
            (p.treatment_type.isin(["04", "05"]) | (p.patient_setting == "hospice"), HOSPICE_CARE),
        )
    )
    cared = cared.select("patient_key", "set_id", on="event_date").filter(cared.set_id.notnull())
    cared = cared.select("patient_key", "on", "set_id")
    return engine.store(backend, "diagnoses", by_code.union(cared, distinct=True))
