"""A patient by pseudonym: fills, dose of opioids, and what else was done over two years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ibis import _
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine, snapshots
from ..reference.factors import MME_TITLES
from ..rule import Records
from .basis import Basis
from .doses import Step, dose_line
from .wanted import UNKNOWN

MOST = 1_000
ORIGIN = ("source_system", "source_record_id", "upload", "row")
FILL = (
    "event_date",
    "last_covered",
    "record_type",
    "ingredient",
    "drug_class",
    "schedule",
    "opioid",
    "matched",
    "strength",
    "strength_unit_used",
    "quantity",
    "quantity_unit",
    "effective_days",
    "mme_day",
    "dose_problem",
    "prescriber_key",
    "pharmacy_key",
    "patient_state",
    *ORIGIN,
)
VISIT = ("started_on", "modality", "setting", "provider_npi", "vitals_recorded", *ORIGIN)
DOSE = (
    "started_on",
    "ingredient",
    "dose_mg",
    "route",
    "observer_npi",
    "monitored_minutes",
    *ORIGIN,
)

CHECK = ("queried_on", "by_npi", "delegate", "state", "outcome", *ORIGIN)
RESULT = ("collected_on", "code", "value", "unit", *ORIGIN)


@dataclass(frozen=True, kw_only=True)
class Patient:
    """What is held of a patient in the 24 months, each list the oldest first.

    ``fills`` count as supply and begin or last into the period; ``left_out`` is the number of
    rows that do not count. ``steps`` is the dose line in ``mme_set``, without the
    ``undosed`` opioid fills, whose dose cannot be said. ``checks`` are queries of monitoring
    programmes, ``results`` laboratory values. ``cut`` names lists that were too
    long to show whole; ``held`` counts all rows ever.
    """

    key: str
    basis: Basis
    fills: Sequence[dict]
    left_out: int
    steps: Sequence[Step]
    undosed: int
    mme_set: str
    visits: Sequence[dict]
    doses: Sequence[dict]
    checks: Sequence[dict]
    results: Sequence[dict]
    cut: Sequence[str]
    held: int

    @property
    def factors(self) -> str:
        """Return whose factors the doses are by, in words."""
        return MME_TITLES[self.mme_set]

    @property
    def ends(self) -> date:
        """Return the last day to show: the as-of date, or the last day a fill covers."""
        covered = (fill["last_covered"] for fill in self.fills if fill["last_covered"])
        return max(self.basis.as_of, *covered, self.basis.as_of)


def patient_of(basis: Basis, key: str) -> Patient | None:
    """Return the patient of a pseudonym; None where nothing is held. Raises UnreadableError."""
    with basis.opened(patient=key) as opened:
        return _read(opened, basis, key)


def _read(opened: snapshots.Opened, basis: Basis, key: str) -> Patient | None:
    backend, records = opened.backend, opened.records
    held = _held(backend, records)
    if not held:
        return None
    p = records.prescriptions
    here = p.filter((p.event_date >= basis.first) | (p.last_covered >= basis.first))
    supplied = here.filter(here.counts_as_supply)
    fills = _oldest(backend, supplied, "event_date", FILL)
    beside = _beside(backend, records, basis)
    lists = {"fills": fills, **beside}
    opioids = [fill for fill in fills[:MOST] if fill["opioid"]]
    dosed = [fill for fill in opioids if fill["mme_day"] is not None and not fill["dose_problem"]]
    return Patient(
        key=key,
        basis=basis,
        fills=[_named(fill) for fill in fills[:MOST]],
        left_out=_count(backend, here.filter(~here.counts_as_supply)),
        steps=dose_line((f["event_date"], f["last_covered"], f["mme_day"]) for f in dosed),
        undosed=len(opioids) - len(dosed),
        mme_set=basis.mme_set,
        visits=beside["visits"][:MOST],
        doses=beside["doses given"][:MOST],
        checks=beside["PDMP checks"][:MOST],
        results=beside["laboratory results"][:MOST],
        cut=[name for name, rows in lists.items() if len(rows) > MOST],
        held=held,
    )


def _beside(backend: Backend, records: Records, basis: Basis) -> dict[str, list[dict]]:
    """Return what else was done since the period began, by what the page calls it."""

    def since(table: Table, day: str, columns: Sequence[str]) -> list[dict]:
        return _oldest(backend, table.filter(table[day] >= basis.first), day, columns)

    return {
        "visits": since(records.encounters, "started_on", VISIT),
        "doses given": since(records.administrations, "started_on", DOSE),
        "PDMP checks": since(records.pdmp_checks, "queried_on", CHECK),
        "laboratory results": since(records.lab_results, "collected_on", RESULT),
    }


def _held(backend: Backend, records: Records) -> int:
    """Return how many rows of any kind are held of the patient."""
    done = (records.encounters, records.administrations, records.pdmp_checks, records.lab_results)
    told = (records.prescriptions, records.conditions)
    return sum(_count(backend, table) for table in (*told, *done))


def _count(backend: Backend, table: Table) -> int:
    return engine.rows(backend, table.count().as_table())[0].popitem()[1]


def _oldest(backend: Backend, table: Table, day: str, columns: Sequence[str]) -> list[dict]:
    """Return the rows by ``day``, one more than are shown where there are more."""
    ordered = table.order_by(_[day], *ORIGIN).limit(MOST + 1)
    return engine.rows(backend, ordered.select(*columns))


def _named(fill: dict) -> dict:
    """Return a fill with a name for its drug, also where no table knows it."""
    return {**fill, "ingredient": fill["ingredient"] or UNKNOWN}
