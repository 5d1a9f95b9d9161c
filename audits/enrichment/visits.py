"""What was done for a patient beside prescribing, as rules read it: with its day.

Visits, doses given with the drug by its plain name, checks of monitoring programmes and
laboratory results.
"""

from ibis.backends.duckdb import Backend
from ibis.expr.types import DateScalar, Table

from .. import engine
from ..derived import built_once
from ..reference import drugs
from ..reference.drugs import DrugIdentity

LEDGER_KEYS = (
    "source_system",
    "source_record_id",
    "content_hash",
    "upload",
    "row",
    "patient_key",
    "patient_bucket",
)
NAMES = {"named": "VARCHAR", "plain_name": "VARCHAR"}


@built_once
def encounters(rows: Table, as_of: DateScalar) -> Table:
    """Return the visits begun up to ``as_of`` with ``started_on``, the day in UTC.

    A table of states and their time zones will make it the patient's day; until then an
    evening's visit counts for the next day.
    """
    visits = rows.mutate(started_on=rows.started_at.date())
    visits = visits.filter(visits.started_on <= as_of)
    return visits.select(
        *LEDGER_KEYS,
        "encounter_id",
        "provider_npi",
        "started_on",
        "modality",
        "setting",
        "vitals_recorded",
    )


@built_once
def pdmp_checks(rows: Table, as_of: DateScalar) -> Table:
    """Return the checks made up to ``as_of`` with their moment and ``queried_on``, the UTC day."""
    checks = rows.mutate(queried_on=rows.queried_at.date())
    checks = checks.filter(checks.queried_on <= as_of)
    told = ("by_npi", "delegate", "state", "queried_at", "queried_on", "outcome")
    return checks.select(*LEDGER_KEYS, *told)


@built_once
def lab_results(rows: Table, as_of: DateScalar) -> Table:
    """Return the values of specimens taken up to ``as_of``; ``code`` is LOINC, null as given."""
    results = rows.filter(rows.collected_on <= as_of)
    return results.select(*LEDGER_KEYS, "code", "collected_on", "value", "unit")


def administrations(backend: Backend, rows: Table, as_of: DateScalar) -> Table:
    """Return the doses given up to ``as_of``, with ``started_on`` and the plain ``ingredient``.

    The name is matched as that of a prescription is; one that matches nothing stays as it is.
    """
    given = _given(rows, as_of)
    plain = [
        {"named": row["named"], "plain_name": _plain(row["named"])}
        for row in engine.rows(backend, _named(given))
    ]
    return _plainly(given, engine.load(backend, "administered", plain, NAMES))


@built_once
def _given(rows: Table, as_of: DateScalar) -> Table:
    given = rows.mutate(started_on=rows.started_at.date(), ended_on=rows.ended_at.date())
    return given.filter(given.started_on <= as_of)


@built_once
def _named(given: Table) -> Table:
    return given.select(named="ingredient").filter(given.ingredient.notnull()).distinct()


@built_once
def _plainly(given: Table, table: Table) -> Table:
    """Return the doses ``given`` with the names of the drugs as ``table`` has them."""
    given = given.left_join(table, given.ingredient == table.named)
    return given.select(
        *LEDGER_KEYS,
        "dose_mg",
        "route",
        "started_on",
        "ended_on",
        "observer_npi",
        "monitored_minutes",
        "site_id",
        ingredient="plain_name",
    )


def _plain(name: str) -> str:
    drug = drugs.match(DrugIdentity(drug_name=name))
    return drug.ingredient if drug else name.strip().lower()
