"""The drug descriptions of the newest records that no reference table knows.

They are looked up once for a ledger version and kept in a file beside the ledger: the first
who asks waits for it (two seconds for ten million rows that name 20,000 drugs), everybody after
him does not. Where a page has not the memory for it, a job does it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

import duckdb
from django.conf import settings
from django.db import transaction
from ibis.backends.duckdb import Backend

from .. import editions, engine, jobs, snapshots, trail
from ..enrichment import unmatched_descriptions
from ..ledger.sql import parquet
from ..models import DrugMapping, Job, Snapshot
from ..models.reference_version import in_force
from ..reference import local
from ..reference.drugs import DrugIdentity

KIND = "look_up_drugs"
REFERENCE = Path(local.__file__).parent


class TooMany(Exception):  # noqa: N818 - an answer, not a fault
    """There are too many descriptions to look them up within a page; ``ask`` for a job."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """One way in which the newest records name a drug that no reference table knows.

    ``key`` stands for it in addresses. Names are as the source wrote them, None where it
    wrote nothing. ``first_on`` and ``last_on`` are the event dates of its rows.
    """

    place: int
    key: str
    ndc11: str | None
    rxcui: str | None
    drug_name: str | None
    ingredients: str | None
    rows: int
    first_on: date
    last_on: date
    sources: str

    @property
    def names(self) -> dict[str, str]:
        """Return what a mapping can go by, the one that decides first; empty: by nothing."""
        return local.names_of(
            DrugIdentity(ndc11=self.ndc11, rxcui=self.rxcui, drug_name=self.drug_name)
        )


def total() -> int:
    """Return how many such descriptions the newest records have; raises TooMany."""
    return _read("count(*) AS n", "true")[0]["n"]


def shown(*, after: int = 0, limit: int | None = None) -> list[Description]:
    """Return the descriptions behind place ``after``, the most frequent first; raises TooMany."""
    upto = f" AND place <= {int(after) + int(limit)}" if limit is not None else ""
    return [Description(**row) for row in _read("*", f"place > {int(after)}{upto} ORDER BY place")]


def description(key: str) -> Description | None:
    """Return the description that ``key`` stands for, None where there is none now.

    Raises TooMany.
    """
    found = _read("*", "key = $key", key=key)
    return Description(**found[0]) if found else None


def mapped(descriptions: Iterable[Description]) -> Mapping[str, list[DrugMapping]]:
    """Return by key the mappings in force, and those proposed, that fit each description."""
    wanted = {each.key: set(each.names.items()) for each in descriptions}
    texts = {text for names in wanted.values() for _, text in names}
    there = DrugMapping.objects.in_force() | DrugMapping.objects.waiting()
    by_name = defaultdict(list)
    for mapping in there.filter(described__in=texts).order_by("valid_from", "pk"):
        by_name[mapping.by, mapping.described].append(mapping)
    return {
        key: [mapping for name in sorted(names) for mapping in by_name.get(name, ())]
        for key, names in wanted.items()
    }


def look_up() -> None:
    """Look the descriptions of the newest records up with what a job may take of the machine."""
    snapshot = snapshots.latest()
    if snapshot and not _kept(snapshot).exists():
        with engine.connect(snapshots.worker_limits()) as backend:
            _keep(backend, snapshot, _kept(snapshot))


def ask(actor: trail.Actor) -> Job:
    """Return the job that looks the descriptions up, made unless there is one already."""
    with transaction.atomic():
        newest = snapshots.latest()
        there = Job.objects.filter(kind=KIND, object_id=str(newest.number))
        waits = there.exclude(state=Job.State.SUCCEEDED).order_by("-pk").first()
        return waits or jobs.enqueue(KIND, "snapshot", newest.number, {}, actor)


@jobs.handles(KIND)
def look_up_in_a_job(running: jobs.Running) -> None:
    """Look up the descriptions of the snapshot that the job names. Safe to repeat."""
    snapshot = Snapshot.objects.get(number=running.job.object_id)
    with (
        engine.connect(snapshots.worker_limits()) as backend,
        running.on_interrupt(backend.con.interrupt),
    ):
        _keep(backend, snapshot, _kept(snapshot))


def _read(columns: str, where: str, **values: str) -> list[dict]:
    """Return rows of the kept list; none before the first promotion."""
    snapshot = snapshots.latest()
    if snapshot is None:
        return [{"n": 0}] if columns.startswith("count") else []
    with engine.connect(snapshots.web_limits()) as backend:
        path = _kept(snapshot)
        if not path.exists():
            try:
                _keep(backend, snapshot, path)
            except duckdb.OutOfMemoryException as error:
                raise TooMany from error
        cursor = backend.con.execute(
            f"SELECT {columns} FROM {parquet(path)} WHERE {where}", values or None
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _keep(backend: Backend, snapshot: Snapshot, path: Path) -> None:
    """Look the descriptions up and keep them; of two who do so at once the last one stays."""
    rows = engine.view(backend, "prescriptions", snapshots.views(snapshot)["prescriptions"])
    with editions.in_use() as directory:
        found = unmatched_descriptions(backend, rows, directory)
    ours = path.with_name(f"{path.stem}-{token_hex(8)}.parquet")
    engine.write(backend, found.order_by("place"), ours)
    ours.replace(path)


def _kept(snapshot: Snapshot) -> Path:
    """Return where the list is kept: another snapshot or other reference tables, another file.

    The moment is in it because a restored backup gives the same numbers to other records.
    """
    of = f"{snapshot.sequence} {sorted(snapshot.versions.items())} {snapshot.made_at.isoformat()}"
    loaded = sorted((name, version.digest) for name, version in in_force().items())
    digest = sha256(f"{of} {_reference_digest()} {loaded}".encode()).hexdigest()[:16]
    return Path(settings.LEDGER) / "drugs" / f"unmatched-{snapshot.number}-{digest}.parquet"


@cache
def _reference_digest() -> str:
    """Return the digest of the tables and of the code that reads them."""
    files = sorted(path for path in REFERENCE.rglob("*") if path.suffix in (".csv", ".py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
