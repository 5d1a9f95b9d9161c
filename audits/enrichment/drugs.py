"""Which drug each row means: every distinct description is matched once.

What the reference tables do not know may mean something by a local mapping, on the days of
that mapping: such a description has a row for each period, together all days.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import StringValue, Table

from .. import engine
from ..derived import built_once
from ..reference import drugs, factors, local, schedules
from ..reference.directory import SHIPPED, Directory
from ..reference.drugs import Drug, DrugIdentity

DESCRIBED_BY = (
    "ndc11",
    "rxcui",
    "drug_name",
    "strength_value",
    "strength_unit",
    "dose_form",
    "route",
    "is_compound",
    "ingredients",
)
COLUMNS = {
    "drug": "VARCHAR",
    "applies_from": "DATE",
    "applies_to": "DATE",
    "matched": "BOOLEAN",
    "compounded": "BOOLEAN",
    "ingredient": "VARCHAR",
    "drug_class": "VARCHAR",
    "drug_subclass": "VARCHAR",
    "drug_form": "VARCHAR",
    "long_acting": "BOOLEAN",
    "schedule": "VARCHAR",
    "earlier_schedule": "VARCHAR",
    "schedule_since": "DATE",
    "strength": "DECIMAL(18,6)",
    "strength_millionths": "BIGINT",
    "strength_unit_used": "VARCHAR",
    "factor": "DECIMAL(9,3)",
    "factor_thousandths": "BIGINT",
    "fentanyl_patch": "BOOLEAN",
    "dose_opioid": "BOOLEAN",
    "analgesic_opioid": "BOOLEAN",
    "route_taken": "VARCHAR",
    "moud_product": "BOOLEAN",
    "moud_if_treatment": "BOOLEAN",
    "drug_notes": "VARCHAR",
}
MILLION, THOUSAND = 1_000_000, 1_000
MOUD_TREATMENT = "02"


def description(prescriptions: Table) -> StringValue:
    """Return one text for everything a row says of its drug: equal texts are equal drugs."""
    parts = [prescriptions[column].cast("string").fill_null("") for column in DESCRIBED_BY]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.concat(ibis.literal("\x1f"), part)
    return joined


def tabulate(
    backend: Backend,
    prescriptions: Table,
    mme_set: str,
    mappings: Iterable[Mapping[str, str | None]] = (),
    directory: Directory = SHIPPED,
) -> Table:
    """Return the table of the drugs that ``prescriptions`` describe.

    One row a description, or a row for each period (``applies_from`` and ``applies_to``,
    inclusive) where ``mappings``, entries as ``reference.local`` has them, give it one.
    ``directory`` says what NDCs mean.
    """
    found = engine.rows(backend, _described(prescriptions))
    book = local.book_of(mappings)
    rows = [row for each in found for row in _rows(each, mme_set, book, directory)]
    return engine.load(backend, "drugs", rows, COLUMNS)


@built_once
def _described(prescriptions: Table) -> Table:
    return prescriptions.select(*DESCRIBED_BY, drug=description(prescriptions)).distinct()


def unmatched(backend: Backend, prescriptions: Table, directory: Directory = SHIPPED) -> int:
    """Return how many rows of ``prescriptions`` describe a drug that no reference table knows."""
    known = tabulate(backend, prescriptions, factors.MME_SET, directory=directory)
    rows = prescriptions.mutate(drug=description(prescriptions)).join(known, "drug")
    return engine.rows(backend, rows.filter(~rows.matched).count().as_table())[0].popitem()[1]


def _rows(described: dict, mme_set: str, book: local.Book, directory: Directory) -> Iterator[dict]:
    """Yield the rows of the drug table for one description, which cover every day."""
    identity = DrugIdentity(**{column: described[column] for column in DESCRIBED_BY})
    drug = drugs.match(identity, directory)
    spans = local.periods(identity, {} if drug else book)
    for begins, ends, meant in spans:
        means = drugs.match_locally(identity, meant, directory) if meant else drug
        yield {
            "drug": described["drug"],
            "applies_from": begins,
            "applies_to": ends,
            **_row(identity, means, mme_set),
        }


def _row(identity: DrugIdentity, drug: Drug | None, mme_set: str) -> dict:
    """Return what a row's drug is; all but four facts are null where nobody knows it."""
    made = drugs.compounded(identity)
    if drug is None:
        not_opioids = {"dose_opioid": False, "analgesic_opioid": False}
        return {"matched": False, "compounded": made, **not_opioids}
    return {
        "matched": True,
        "compounded": made,
        "route_taken": drugs.route_taken(identity, drug),
        **_facts(drug, mme_set),
    }


def _facts(drug: Drug, mme_set: str) -> dict:
    """Return what the rules need of a matched drug; amounts also as exact whole numbers."""
    factor = factors.factor(drug, mme_set)
    former, since = _former_schedule(drug)
    return {
        "ingredient": drug.ingredient,
        "drug_class": drug.drug_class,
        "drug_subclass": drug.drug_subclass,
        "drug_form": drug.form,
        "long_acting": drug.long_acting,
        "schedule": drug.schedule,
        "earlier_schedule": former,
        "schedule_since": since,
        "strength": drug.strength,
        "strength_millionths": _scaled(drug.strength, MILLION),
        "strength_unit_used": drug.strength_unit,
        "factor": factor,
        "factor_thousandths": _scaled(factor, THOUSAND),
        "fentanyl_patch": factors.is_fentanyl_patch(drug),
        "dose_opioid": factors.is_dose_opioid(drug),
        "analgesic_opioid": factors.is_analgesic_opioid(drug),
        "moud_product": factors.is_moud(drug, None),
        "moud_if_treatment": factors.is_moud(drug, MOUD_TREATMENT),
        "drug_notes": ";".join(drug.notes),
    }


def _former_schedule(drug: Drug) -> tuple[str | None, date]:
    """Return the schedule before the one in force now and the first day of that one.

    One change is all that any drug in the table may have; more would need a row a period.
    """
    changes = schedules.turns(schedules.rows_for(drug.ingredients, drug.form))
    if not changes:
        return None, date.min
    since = max(changes)
    return drugs.schedule_on(drug, since - timedelta(days=1)), since


def _scaled(value: Decimal | None, scale: int) -> int | None:
    """Return ``value`` times ``scale`` as a whole number, rounded half even; None stays None."""
    return None if value is None else int((value * scale).to_integral_value())
