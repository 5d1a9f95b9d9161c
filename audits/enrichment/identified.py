"""Which prescribers and pharmacies of the records are not known by what else is held."""

import ibis
from ibis import _
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from ..reference.numbers import PHARMACIES, PRESCRIBERS
from . import people
from .prescriptions import keyed

__all__ = ["PHARMACIES", "PRESCRIBERS", "numbered", "unmatched_pharmacies", "unmatched_prescribers"]
NO_NUMBER, NOT_LISTED = "no_number", "not_listed"
TYPE_UNKNOWN, SPECIALTY_UNKNOWN = "type_unknown", "specialty_unknown"
NCPDP_ALONE, NPI_ALONE, DEA_ALONE = "ncpdp_alone", "npi_alone", "dea_alone"
NUMBERS = {
    "pharmacy_ncpdp": NCPDP_ALONE,
    "pharmacy_npi": NPI_ALONE,
    "pharmacy_dea": DEA_ALONE,
}
READ = (
    "species",
    "filled_date",
    "record_type",
    "prescriber_npi",
    "prescriber_dea",
    *NUMBERS,
)


def numbered(backend: Backend, prescriptions: Table, practitioners: Table, *more: str) -> Table:
    """Return the rows of people with the keys of prescriber and pharmacy, null where none.

    ``more`` are columns to keep. ``dispensed`` tells fills, which ought to name a pharmacy.
    """
    p = prescriptions.select(*dict.fromkeys((*READ, *more)))
    p = p.filter(p.species.fill_null("human") != "animal")
    filled = ibis.coalesce(p.record_type == "dispense", p.filled_date.notnull())
    return keyed(p.mutate(dispensed=filled), people.registrations(backend, practitioners))


def unmatched_prescribers(backend: Backend, rows: Table, practitioners: Table) -> Table:
    """Return key, reason and rows of prescribers whom no practitioners' record tells enough of.

    ``rows`` are those of ``numbered``; the key is null for rows that name nobody. What a
    prescription itself says of its prescriber's profession is not looked at.
    """
    known = people.people(backend, practitioners, people.roles(backend, practitioners))
    known = known.select("npi", "profession", "role_group")
    said = rows.group_by(key=rows.prescriber_key).agg(rows=rows.count())
    said = said.left_join(known, said.key == known.npi)
    reason = ibis.cases(
        (said.key.isnull(), NO_NUMBER),
        (said.npi.isnull(), NOT_LISTED),
        (said.profession.isnull(), TYPE_UNKNOWN),
        (said.role_group.isnull(), SPECIALTY_UNKNOWN),
    )
    return said.select("key", "rows", reason=reason).filter(_.reason.notnull())


def unmatched_pharmacies(rows: Table) -> Table:
    """Return key, reason and rows of pharmacies named by one kind of number alone, or by none.

    ``rows`` are those of ``numbered``; orders are left out. A pharmacy named by one kind in
    one source and by another in the next counts as two.
    """
    fills = rows.filter(rows.dispensed)
    kinds = {name: fills[name].notnull().any() for name in NUMBERS}
    said = fills.group_by(key=fills.pharmacy_key).agg(rows=fills.count(), **kinds)
    count = sum((said[name].cast("int64") for name in NUMBERS), start=ibis.literal(0))
    alone = [(said[name] & (count == 1), reason) for name, reason in NUMBERS.items()]
    reason = ibis.cases((said.key.isnull(), NO_NUMBER), *alone)
    return said.select("key", "rows", reason=reason).filter(_.reason.notnull())
