"""Whom a change of the ledger can touch: an evaluation asks only about them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ibis.backends.duckdb import Backend

from .. import engine, snapshots
from ..ledger import IDENTITY, sql
from ..models import Evaluation, Snapshot
from ..reference.numbers import PHARMACIES
from ..rule import Rule
from ..schema import KINDS, Kind

PHARMACY = "coalesce(pharmacy_ncpdp, pharmacy_npi, pharmacy_dea)"
LINKING = (
    *("patient_key", "prescription_id", "fill_number", "filled_date"),
    *("pharmacy_ncpdp", "pharmacy_npi", "pharmacy_dea"),
)
OF_PATIENTS = tuple(kind for kind in KINDS.values() if kind.about_patient)
OF_PEOPLE = tuple(kind.name for kind in KINDS.values() if not kind.about_patient)


@dataclass(frozen=True, kw_only=True)
class Touched:
    """The subjects that a change touched, and whose records answer for them.

    ``subjects`` is SQL with the part of ``subject_id`` that names the patient or prescriber
    in one column, ``patients`` the engine's table of patients whose records are enough.
    """

    subjects: str
    patients: str

    @property
    def condition(self) -> str:
        """Return the SQL that holds for the subjects that the change touched."""
        return f"split_part(subject_id, '|', 1) IN ({self.subjects})"


def views(snapshot: Snapshot, scopes: Collection[Touched | None]) -> Mapping[str, str]:
    """Return the SQL of each kind's rows that are enough for all of ``scopes``; None: everybody."""
    every = snapshots.views(snapshot)
    if None in scopes:
        return every
    patients = " UNION ".join(f"SELECT patient_key FROM {scope.patients}" for scope in scopes)
    narrowed = {
        kind.name: f"SELECT * FROM ({every[kind.name]}) WHERE patient_key IN ({patients})"
        for kind in OF_PATIENTS
    }
    return {**every, **narrowed}


def may_touch_all(backend: Backend, rule: Rule, snapshot: Snapshot, former: Evaluation) -> bool:
    """Return whether what changed since ``former`` can touch every subject of ``rule``.

    Practitioners can, for they tell who prescribed; agreements, licences and exclusions where
    the rule reads them; so can holdings whose silence it reads. Of a rule about prescribers
    any change can that keeps nothing of their other patients.
    """
    if not (rule.subject.led_by_patient or rule.keeps):
        return True
    watched = set(rule.absence_in)
    if _held(former.snapshot, watched) != _held(snapshot, watched):
        return True
    read = [kind for kind in OF_PEOPLE if kind == "practitioners" or kind in rule.needs]
    changes = (snapshots.changed(snapshot, former.snapshot, kind, IDENTITY) for kind in read)
    return any(engine.rows(backend, f"FROM ({change}) LIMIT 1") for change in changes)


def changed(backend: Backend, former: Evaluation, now: Evaluation, place: int) -> str:
    """Return the engine's table of the patients whom what changed since ``former`` touches.

    They are patients of changed rows, of rows that the as-of date moves over, and of the other
    report of one of their dispenses. ``place`` tells the table from those of other formers, by
    a name that the next evaluation has too: what was compiled for this one serves it.
    """
    snapshot, after = now.snapshot, snapshots.views(now.snapshot)
    rows = " UNION ALL ".join(
        part
        for kind in OF_PATIENTS
        for part in (
            snapshots.changed(snapshot, former.snapshot, kind.name, ("patient_key",)),
            *_moved_over(kind, after[kind.name], former.as_of, now.as_of),
        )
    )
    patients = f"changed_{place}"
    engine.store(backend, patients, _with_partners(rows, _linking(now), _meant(now.numbers)))
    return patients


def touched(backend: Backend, patients: str, now: Evaluation) -> Touched:
    """Return the ``patients`` of a table of ``changed``, and whose records tell all of them."""
    working = f"patients_{patients}"
    told = _with_partners(f"FROM {patients}", _linking(now), _meant(now.numbers))
    engine.store(backend, working, told)
    return Touched(subjects=f"SELECT patient_key FROM {patients}", patients=working)


def _linking(now: Evaluation) -> str:
    """Return the SQL of all accepted prescriptions, by what links people to one another.

    What is no longer in force may have been before, so it links people all the same.
    """
    return snapshots.accepted(now.snapshot, "prescriptions", LINKING)


def _held(snapshot: Snapshot, kinds: Collection[str]) -> list[dict]:
    """Return what is held of ``kinds``; every upload adds to what is held of its own kind."""
    return [holding for holding in snapshots.holdings(snapshot) if holding["kind"] in kinds]


def _moved_over(kind: Kind, rows: str, former: date, now: date) -> Iterator[str]:
    """Yield the SQL of the patients of rows dated after one as-of date but not the other."""
    if former == now:
        return
    first, last = min(former, now), max(former, now)
    day = f"coalesce({', '.join(f'{column}::DATE' for column in kind.dates)})"
    yield (
        f"SELECT patient_key FROM ({rows}) WHERE {day} > DATE '{first}' AND {day} <= DATE '{last}'"
    )


def _meant(numbers: Sequence[Mapping]) -> str:
    """Return the SQL of the numbers that local mappings read as another, whatever the day.

    Two rows that are of one key on their days are so too where every day is taken for one.
    """
    rows = ((each["whose"], each["number"], each["means"]) for each in numbers)
    values = ", ".join(f"({', '.join(map(sql.text, row))})" for row in rows)
    values = values or "(NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR)"
    return f"SELECT * FROM (VALUES {values}) AS meant(whose, number, means)"


def _with_partners(patients: str, rows: str, meant: str) -> str:
    """Return the SQL of ``patients`` and of those who share a dispense with one of them.

    One dispense told by two sources under two pseudonyms counts once, so that what one
    source says changes what the other's row counts.
    """
    pharmacies = f"SELECT * FROM ({meant}) WHERE whose = '{PHARMACIES}'"
    dispense = (
        f"SELECT patient_key, coalesce(means, {PHARMACY}) AS pharmacy, prescription_id, "
        f"fill_number, filled_date FROM ({rows}) LEFT JOIN ({pharmacies}) ON number = {PHARMACY} "
        "WHERE fill_number IS NOT NULL AND prescription_id IS NOT NULL AND filled_date IS NOT NULL"
    )
    return f"""
        WITH mine AS (SELECT DISTINCT patient_key FROM ({patients})),
        told AS (SELECT * FROM ({dispense}) WHERE pharmacy IS NOT NULL)
        SELECT patient_key FROM mine
        UNION SELECT patient_key FROM told SEMI JOIN (
            SELECT * FROM told SEMI JOIN mine USING (patient_key)
        ) shared USING (pharmacy, prescription_id, fill_number, filled_date)
    """
