"""Who prescribes: professions, practice hours and identifiers, one row a person."""

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..derived import built_once
from ..reference import taxonomy

ROLE_COLUMNS = {"taxonomy": "VARCHAR", "role_type": "VARCHAR", "role_group": "VARCHAR"}


def roles(backend: Backend, *tables: Table) -> Table:
    """Return the profession and role group of every taxonomy code that ``tables`` hold."""
    codes = {row["taxonomy"] for t in tables for row in engine.rows(backend, _codes(t))}
    found = [(code, taxonomy.role_of(code)) for code in sorted(codes)]
    rows = [
        {"taxonomy": code, "role_type": role[0], "role_group": role[1]}
        for code, role in found
        if role
    ]
    return engine.load(backend, "roles", rows, ROLE_COLUMNS)


@built_once
def _codes(table: Table) -> Table:
    return table.select("taxonomy").filter(table.taxonomy.notnull()).distinct()


def people(backend: Backend, practitioners: Table, known_roles: Table) -> Table:
    """Return one row an NPI: profession, role group, practice hours.

    Where several sources speak of one person the last accepted record that says
    something wins. The profession is the column's, else the taxonomy's.
    """
    return engine.store(backend, "people", _newest(practitioners, known_roles))


@built_once
def _newest(practitioners: Table, known_roles: Table) -> Table:
    p = practitioners.filter(practitioners.npi.notnull()).left_join(known_roles, "taxonomy")
    p = p.mutate(profession=ibis.coalesce(p.prescriber_type, p.role_type))
    newest = p.accepted_seq
    return p.group_by("npi").agg(
        profession=p.profession.argmax(newest),
        role_group=p.role_group.argmax(newest),
        practice_hours=p.practice_hours.argmax(newest),
    )


def states_of_practice(practitioners: Table) -> Table:
    """Return the state of practice of each NPI, as the last accepted record that says it."""
    known = practitioners.filter(practitioners.npi.notnull())
    return known.group_by("npi").agg(state=known.state.argmax(known.accepted_seq))


def registrations(backend: Backend, practitioners: Table) -> Table:
    """Return the NPI behind each DEA number that practitioners' records carry."""
    return engine.store(backend, "registrations", _registered(practitioners))


@built_once
def _registered(practitioners: Table) -> Table:
    p = practitioners.filter(practitioners.npi.notnull() & practitioners.dea.notnull())
    numbers = p.select("npi", dea=p.dea.split(";").unnest()).mutate(dea=ibis._.dea.strip().upper())
    return numbers.group_by("dea").agg(npi=ibis._.npi.min())
