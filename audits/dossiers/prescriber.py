"""A prescriber: who that is as held, what was written, and whether it was supervised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
from ibis import _
from ibis.backends.duckdb import Backend

from .. import engine, snapshots
from ..keys import DEA
from ..rule import Records
from .basis import Basis
from .supervision import Supervision, supervision_of
from .volumes import Volumes, volumes_of
from .wanted import written_by

ORIGIN = ("source_system", "source_record_id", "upload", "row")
PAPER = ("kind", "state", "number", "schedules", "valid_from", "valid_to", *ORIGIN)
AGREEMENT = (
    "supervisee_npi",
    "supervisor_npi",
    "state",
    "schedules",
    "valid_from",
    "valid_to",
    "exempt_reason",
    *ORIGIN,
)
LISTED = 100


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who a prescriber is, from all sources; ``entries`` are the practitioners' rows as held.

    Profession, role group and practice hours are those the rules read, None where unknown.
    """

    profession: str | None
    role_group: str | None
    practice_hours: int | None
    entries: Sequence[dict]


@dataclass(frozen=True, kw_only=True)
class Prescriber:
    """Everything held of a prescriber at a basis.

    ``papers`` are licences and registrations; ``agreements`` those that supervise him,
    ``supervises`` those in which he supervises; each list ends after the first hundred.
    ``first_on`` and ``last_on`` are the days of his first and last prescription ever.
    """

    key: str
    basis: Basis
    person: Person
    papers: Sequence[dict]
    agreements: Sequence[dict]
    supervises: Sequence[dict]
    volumes: Volumes
    supervision: Supervision
    first_on: date | None
    last_on: date | None


def npi_of(basis: Basis, key: str) -> str | None:
    """Return the NPI under which a DEA number is filed; None where it stands for itself."""
    if not DEA.fullmatch(key):
        return None
    with basis.opened(prescriber=key) as opened:
        p = opened.records.practitioners
        p = p.filter(p.npi.notnull() & p.dea.notnull())
        numbers = p.select("npi", dea=p.dea.split(";").unnest())
        mine = numbers.filter(numbers.dea.strip().upper() == key)
        return engine.rows(opened.backend, mine.agg(npi=mine.npi.min()))[0]["npi"]


def prescriber_of(basis: Basis, key: str, before: date | None = None) -> Prescriber | None:
    """Return the prescriber of ``key`` (NPI, else DEA number); None where nothing is held.

    ``before`` is the day from which supervision is listed backwards. Raises UnreadableError.
    """
    with basis.opened(prescriber=key) as opened:
        return _read(opened, basis, key, before)


def _read(
    opened: snapshots.Opened, basis: Basis, key: str, before: date | None
) -> Prescriber | None:
    backend, records = opened.backend, opened.records
    first_on, last_on = _span(backend, records, key)
    person = _person(backend, records, key)
    papers = _listed(backend, records.licences, "npi", key, PAPER)
    agreements = _listed(backend, records.supervision, "supervisee_npi", key, AGREEMENT)
    supervises = _listed(backend, records.supervision, "supervisor_npi", key, AGREEMENT)
    if not (first_on or person.entries or papers or agreements or supervises):
        return None
    mine = engine.store(backend, "mine", written_by(records.prescriptions, key, basis))
    written = mine.filter(mine.counts_as_prescription)
    return Prescriber(
        key=key,
        basis=basis,
        person=person,
        papers=papers,
        agreements=agreements,
        supervises=supervises,
        volumes=volumes_of(backend, mine, basis.months),
        supervision=supervision_of(backend, records, written, before),
        first_on=first_on,
        last_on=last_on,
    )


def _span(backend: Backend, records: Records, key: str) -> tuple[date | None, date | None]:
    p = records.prescriptions.filter(records.prescriptions.prescriber_key == key)
    found = engine.rows(backend, p.agg(first=p.written_on.min(), last=p.written_on.max()))[0]
    return found["first"], found["last"]


def _person(backend: Backend, records: Records, key: str) -> Person:
    """Return who a prescriber is: as the rules read him from practitioners, else from his rows."""
    p = records.practitioners
    numbers = ibis.literal(";") + p.dea.fill_null("").upper().replace(" ", "") + ";"
    held = p.filter((p.npi == key) | numbers.contains(f";{key};"))
    columns = ("npi", "dea", "prescriber_type", "taxonomy", "state", "practice_hours", *ORIGIN)
    entries = engine.rows(backend, held.order_by(_.accepted_seq.desc()).select(*columns))
    r = records.prescriptions.filter(records.prescriptions.prescriber_key == key)
    latest = r.written_on.max()
    known = r.agg(
        profession=r.prescriber_type.argmax(r.accepted_seq),
        role_group=r.role_group.argmax(r.accepted_seq),
        practice_hours=r.practice_hours.argmax(r.accepted_seq),
        latest=latest,
    )
    found = engine.rows(backend, known)[0]
    stated = next((e["prescriber_type"] for e in entries if e["prescriber_type"]), None)
    return Person(
        profession=found["profession"] or stated,
        role_group=found["role_group"],
        practice_hours=found["practice_hours"],
        entries=entries[:LISTED],
    )


def _listed(
    backend: Backend, table: ibis.Table, column: str, key: str, columns: tuple[str, ...]
) -> list[dict]:
    """Return the rows in which ``column`` is ``key``, the newest valid ones first."""
    mine = table.filter(table[column] == key)
    ordered = mine.order_by(_.valid_from.desc(), *ORIGIN).limit(LISTED)
    return engine.rows(backend, ordered.select(*columns))
