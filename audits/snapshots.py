"""The only way to the ledger: nobody opens the latest version, everybody a snapshot."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from . import engine
from .enrichment import enrich
from .keys import bucket_of
from .ledger import Ledger, accepted_sql, changed_sql, current_sql, sql
from .models import Holding, Snapshot
from .rule import Records, Rule
from .schema import KINDS


def ledger() -> Ledger:
    """Return the ledger at its place; it opens nothing before it is asked for something."""
    return Ledger(Path(settings.LEDGER))


def web_limits() -> engine.Limits:
    """Return what a page may take of the machine."""
    return engine.Limits(
        memory=settings.WEB_MEMORY, threads=1, scratch=Path(settings.LEDGER) / "scratch"
    )


def worker_limits() -> engine.Limits:
    """Return what a job may take of the machine."""
    return engine.Limits(
        memory=settings.WORKER_MEMORY,
        threads=settings.WORKER_THREADS,
        scratch=Path(settings.LEDGER) / "scratch",
    )


def latest() -> Snapshot | None:
    """Return the newest snapshot, None before the first promotion."""
    return Snapshot.objects.order_by("-number").first()


def views(snapshot: Snapshot | None) -> dict[str, str]:
    """Return the SQL of each kind's current rows at ``snapshot``; all empty where it is None."""
    here = ledger()
    versions = snapshot.versions if snapshot else {}
    sequence = snapshot.sequence if snapshot else 0
    return {kind: current_sql(here, kind, versions, sequence) for kind in KINDS}


def accepted(snapshot: Snapshot, kind: str, wanted: Iterable[str]) -> str:
    """Return the SQL of every row of ``kind`` up to ``snapshot``, in force there or not."""
    return accepted_sql(ledger(), kind, snapshot.versions, snapshot.sequence, wanted)


def changed(snapshot: Snapshot, since: Snapshot, kind: str, wanted: Iterable[str]) -> str:
    """Return the SQL of every row of ``kind`` that may have come or gone ``since``."""
    reached = snapshot.versions, snapshot.sequence
    return changed_sql(ledger(), kind, *reached, since=since.sequence, wanted=wanted)


def holdings(snapshot: Snapshot) -> list[dict]:
    """Return what the silence of ``snapshot`` means: one row a holding and state (None: all)."""
    held = Holding.objects.filter(since__number__lte=snapshot.number).filter(
        Q(until=None) | Q(until__number__gt=snapshot.number)
    )
    return [
        {
            "holding": holding.pk,
            "kind": holding.kind,
            "covers_from": holding.covers_from,
            "covers_to": holding.covers_to,
            "state": state or None,
        }
        for holding in held
        for state in holding.states.split(";")
    ]


def ingest_limits() -> engine.Limits:
    """Return what checking and promoting a file may take: less than an evaluation, it spills."""
    return engine.Limits(
        memory=settings.INGEST_MEMORY,
        threads=settings.WORKER_THREADS,
        scratch=Path(settings.LEDGER) / "scratch",
    )


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An engine with the records of one snapshot in it, as rules see them."""

    backend: Backend
    records: Records


@contextmanager
def opened(
    snapshot: Snapshot, as_of: date, limits: engine.Limits, **meant: Any
) -> Iterator[Opened]:
    """Yield an engine with the enriched records of ``snapshot`` as of a day.

    ``meant`` is what drugs and numbers mean, as ``editions.meaning`` has it of an evaluation.
    """
    with engine.connect(limits) as backend:
        records = enrich(backend, views(snapshot), holdings(snapshot), as_of, **meant)
        yield Opened(backend=backend, records=records)


@contextmanager
def opened_for(
    snapshot: Snapshot,
    as_of: date,
    limits: engine.Limits,
    *,
    patient: str = "",
    prescriber: str = "",
    numbers: Sequence[Mapping] = (),
    **meant: Any,
) -> Iterator[Opened]:
    """Yield an engine with the records of one patient, or of a prescriber's patients.

    ``prescriber`` is a key as enrichment makes it: an NPI, else a DEA number; ``numbers``
    and ``meant`` are as in ``opened``. Kinds that are not about patients are there in full.
    """
    here = views(snapshot)
    rows = here["prescriptions"]
    if patient:
        whose = f"patient_bucket = {bucket_of(patient)} AND patient_key = {sql.text(patient)}"
    else:
        also = [each["number"] for each in numbers if each["means"] == prescriber]
        mine = _patients_of((prescriber, *also), rows, here["practitioners"])
        whose = f"patient_key IN ({mine})"
    for kind in (kind.name for kind in KINDS.values() if kind.about_patient):
        here[kind] = f"SELECT * FROM ({here[kind]}) WHERE {whose}"
    with engine.connect(limits) as backend:
        records = enrich(backend, here, holdings(snapshot), as_of, numbers=numbers, **meant)
        yield Opened(backend=backend, records=records)


def _patients_of(keys: Sequence[str], prescriptions: str, practitioners: str) -> str:
    """Return the SQL of the patients for whom a prescriber wrote, under any NPI or DEA number."""
    mine = ", ".join(map(sql.text, keys))
    numbers = (
        f"SELECT upper(trim(unnest(string_split(dea, ';')))) FROM ({practitioners}) "
        f"WHERE npi IN ({mine}) UNION ALL SELECT unnest([{mine}])"
    )
    return (
        f"SELECT patient_key FROM ({prescriptions}) "
        f"WHERE prescriber_npi IN ({mine}) OR upper(prescriber_dea) IN ({numbers})"
    )


def evidence_folder(evaluation: int, rule: str) -> Path:
    """Return where an evaluation keeps the answers and the evidence of a rule."""
    return Path(settings.LEDGER) / "evidence" / str(evaluation) / rule


def kept_part(folder: Path, name: str) -> Path:
    """Return the file of a part of the records that an evaluation keeps in the folder of a rule."""
    return folder / f"{name}.parquet"


def kept(backend: Backend, rule: Rule, evaluation: int) -> Mapping[str, Table] | None:
    """Return the parts that an evaluation kept for a rule; None where they are not all there."""
    folder = evidence_folder(evaluation, rule.name)
    paths = {name: kept_part(folder, name) for name in rule.keeps}
    if not all(path.exists() for path in paths.values()):
        return None
    return {
        name: engine.view(backend, f"kept_{name}", f"SELECT * FROM {sql.parquet(path)}")
        for name, path in paths.items()
    }
