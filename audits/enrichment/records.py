"""The records as rules see them, put together for one evaluation."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType

from ibis.backends.duckdb import Backend
from ibis.expr.types import DateScalar, Table

from .. import engine
from ..derived import Derived, built_once
from ..reference import Version, authority, scope, using
from ..reference.directory import SHIPPED, Directory
from ..reference.factors import MME_SET
from ..rule import Records
from . import (
    circumstances,
    counting,
    crowds,
    diagnosed,
    drugs,
    episodes,
    fences,
    held,
    histories,
    meanings,
    monitoring,
    people,
    prescriptions,
    reviews,
    rolling,
    scoping,
    shares,
    stock,
    supervision,
    visits,
    windows,
)

AUTHORITY_COLUMNS = {
    "state": "VARCHAR",
    "valid_from": "DATE",
    "valid_to": "DATE",
    "category": "VARCHAR",
    "hours_required": "BIGINT",
}
OF_PATIENTS = (
    *("prescriptions", "encounters", "conditions", "administrations"),
    *("pdmp_checks", "lab_results", "diagnoses"),
)
SCOPE_COLUMNS = {
    "role_group": "VARCHAR",
    "class": "VARCHAR",
    "verdict": "VARCHAR",
    "more_than_days": "BIGINT",
    "minors_ok": "BOOLEAN",
    "facility_ok": "BOOLEAN",
    "source": "VARCHAR",
    "status": "VARCHAR",
}


def enrich(
    backend: Backend,
    views: Mapping[str, str],
    holdings: Sequence[Mapping],
    as_of: date,
    *,
    mme_set: str = MME_SET,
    mappings: Iterable[Mapping] = (),
    numbers: Iterable[Mapping] = (),
    tables: Mapping[str, Version] = MappingProxyType({}),
    directory: Directory = SHIPPED,
) -> Records:
    """Return everything a rule may see, from the SQL of each kind's current rows.

    ``holdings`` are rows with holding, kind, covers_from, covers_to and state (None: all);
    ``mappings`` and ``numbers`` are entries of ``reference.local`` and ``reference.numbers``,
    ``tables`` stand in the place of shipped ones and ``directory`` says what NDCs mean. Rows
    dated after ``as_of`` are left out. Only prescriptions are computed here.
    """
    current = {kind: engine.view(backend, f"current_{kind}", sql) for kind, sql in views.items()}
    day = windows.told(backend, as_of)
    known = engine.store(backend, "known", _known_by(current["prescriptions"], day))
    with using(tables):
        described = drugs.tabulate(backend, known, mme_set, mappings, directory)
        counted = _prescriptions(backend, current["practitioners"], known, described, numbers)
        return _records(backend, current, counted, holdings, as_of=as_of, as_of_day=day)


def _records(
    backend: Backend,
    current: Mapping[str, Table],
    counted: Table,
    holdings: Sequence[Mapping],
    **days: date | DateScalar,
) -> Records:
    """Return the records around the enriched prescriptions, by the tables in use."""
    day = days["as_of_day"]
    told = diagnosed.diagnosed(backend, counted, current["conditions"], day)
    return Records(
        prescriptions=counted,
        practitioners=current["practitioners"],
        supervision=current["supervision"],
        licences=current["licences"],
        exclusions=current["exclusions"],
        administrations=visits.administrations(backend, current["administrations"], day),
        holdings=held.holdings(backend, holdings),
        held_spans=held.spans(backend, holdings),
        diagnoses=told,
        authority=engine.load(backend, "authority", _authority(), AUTHORITY_COLUMNS),
        scope_matrix=engine.load(backend, "scope_matrix", _scope(), SCOPE_COLUMNS),
        **days,
        **_plain(current, day),
        **_shared(Derived(backend=backend), counted, told),
    )


def _plain(current: Mapping[str, Table], as_of: DateScalar) -> dict[str, Table]:
    """Return the kinds of which nothing is derived but the day, up to ``as_of``."""
    conditions = current["conditions"]
    return {
        "encounters": visits.encounters(current["encounters"], as_of),
        "conditions": conditions.filter(conditions.recorded_on <= as_of),
        "pdmp_checks": visits.pdmp_checks(current["pdmp_checks"], as_of),
        "lab_results": visits.lab_results(current["lab_results"], as_of),
    }


def narrowed(backend: Backend, records: Records, patients: str) -> Records:
    """Return the records of those in the engine's table ``patients``, as ``enrich`` gave them.

    They have to be whole: with whoever shares a dispense with one of them.
    """
    theirs = engine.table(backend, patients)
    mine = {name: getattr(records, name).semi_join(theirs, "patient_key") for name in OF_PATIENTS}
    mine["prescriptions"] = engine.store(backend, "theirs", mine["prescriptions"])
    shared = _shared(Derived(backend=backend), mine["prescriptions"], mine["diagnoses"])
    return replace(records, **mine, **shared)


def _shared(derived: Derived, counted: Table, told: Table) -> dict[str, object]:
    """Return what rules derive by themselves from the records, each result computed once."""
    once = partial(_once, derived)
    return {
        "planned": derived.planned,
        "dose_runs": once("dose_runs", partial(rolling.dose_runs, counted, told)),
        "provider_episodes": partial(episodes.provider_episodes, derived),
        "excuses": partial(circumstances.excuses, told),
        "refills": once("refills", partial(stock.refills, derived)),
        "counted_early": stock.counted_early,
        "supervised": once("supervised", supervision.supervised),
        "escalated": diagnosed.escalated,
        "histories": histories.of_patients,
        "prescriptions_told": histories.prescriptions,
        "of_scope": histories.of_scope,
        "watched": once("watched", monitoring.watched),
        "sedated": once("sedated", monitoring.sedated),
        "scoped": once("scoped", scoping.scoped),
        "unplaced": scoping.unplaced,
        "asked": scoping.asked,
        "crowded": once("crowded", crowds.crowded),
        "behind": crowds.behind,
        "tipping": crowds.tipping,
        "controlled_days": once("controlled_days", shares.controlled_days),
        "shares": once("shares", shares.shares),
        "peer_groups": once("peer_groups", fences.groups),
        "peer_lines": once("peer_lines", fences.lines),
        "of_peers": shares.of_peers,
        "reviewed": once("reviewed", reviews.reviewed),
    }


def _prescriptions(
    backend: Backend,
    practitioners: Table,
    known: Table,
    drug_table: Table,
    numbers: Iterable[Mapping],
) -> Table:
    """Return the rows ``known`` by the as-of date with all that is derived of a row, stored."""
    known_roles = people.roles(backend, practitioners, known)
    persons = people.people(backend, practitioners, known_roles)
    keyed = prescriptions.keyed(known, people.registrations(backend, practitioners))
    told = meanings.meant(backend, keyed, practitioners, numbers)
    named = prescriptions.typed(told, persons, known_roles)
    # The rows are wide: each is written as seldom as can be.
    born = engine.store(backend, "born", prescriptions.births(known))
    dosed = prescriptions.dosed(named.join(born, "patient_key"), drug_table)
    narrow = engine.store(backend, "prescriptions", prescriptions.narrow(dosed))
    return counting.counted(backend, narrow)


@built_once
def _known_by(rows: Table, as_of: DateScalar) -> Table:
    """Return the rows of people dated up to ``as_of``, with the columns that rules need."""
    dated = prescriptions.dated(rows.select(*prescriptions.READ))
    return dated.filter(dated.event_date <= as_of)


def _once(derived: Derived, name: str, derive: Callable[..., Table]) -> Callable[..., Table]:
    """Return ``derive`` with its result computed into a table of its own.

    Rules build several expressions on it; without this each would compute it again.
    """

    def stored(*given: object, **options: object) -> Table:
        return derived.store(name, derive(*given, **options))

    return stored


def _authority() -> list[dict]:
    """Return the dated rows of nurse practitioners' authority by state."""
    return [
        {column: getattr(row, column) for column in AUTHORITY_COLUMNS}
        for periods in authority.periods().values()
        for row in periods
    ]


def _scope() -> list[dict]:
    """Return the cells of the matrix of usual scope."""
    cells = [(cell, {"class": cell.drug_class}) for cell in scope.scopes().values()]
    return [
        {c: named.get(c, getattr(cell, c, None)) for c in SCOPE_COLUMNS} for cell, named in cells
    ]
