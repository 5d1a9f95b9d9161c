"""The prescriptions held by schedule and by the prescriber's role group, and their rows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import duckdb
import ibis
from django.conf import settings
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import editions, engine, snapshots
from ..dossiers import SCHEDULES, UNKNOWN
from ..dossiers.wanted import schedule_told
from ..enrichment import drugs, meanings, people, prescriptions
from ..ledger import LedgerError
from ..models import Evaluation, Snapshot
from ..reference import taxonomy, using
from ..reference.factors import MME_SET

KEPT_SPLITS = 8
SCHEDULE, ROLE_GROUP = "schedule", "role_group"
Split = Mapping[str, int]


def last_evaluation() -> Evaluation | None:
    """Return the published evaluation by which drugs are taken to mean something."""
    return Evaluation.objects.filter(unpublished=False).order_by("-pk").first()


def words() -> Mapping[str, tuple[str, ...]]:
    """Return by what a count may be split, and the words it may have there."""
    return _words(_meaning(last_evaluation()))


def _words(meaning: Mapping) -> Mapping[str, tuple[str, ...]]:
    with using(meaning["tables"]):
        return {SCHEDULE: SCHEDULES, ROLE_GROUP: (*taxonomy.role_groups(), UNKNOWN)}


def _meaning(used: Evaluation | None) -> dict:
    """Return what an evaluation takes drugs and numbers to mean; before any what ships."""
    return editions.meaning(used) if used else {"mme_set": MME_SET, "numbers": (), "tables": {}}


def split_of(snapshot: Snapshot) -> Mapping[str, Split]:
    """Return the rows of prescriptions for people by each of the ``words``.

    Drugs and numbers mean what they meant to the last evaluation, before any what the shipped
    tables say. A snapshot never changes: counted once. Raises LedgerError.
    """
    last = getattr(last_evaluation(), "pk", None)
    with readable():
        return _counted(str(settings.LEDGER), snapshot.number, snapshot.made_at.isoformat(), last)


@contextmanager
def readable() -> Iterator[None]:
    """Raise LedgerError where a file of the ledger is not there or not whole."""
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise LedgerError("a file of the ledger cannot be read") from error


@lru_cache(maxsize=KEPT_SPLITS)
def _counted(
    _ledger: str, number: int, _made_at: str, evaluation: int | None
) -> Mapping[str, Split]:
    words = _words(_meaning(Evaluation.objects.filter(pk=evaluation).first()))
    with engine.connect(snapshots.web_limits()) as backend:
        rows = told(backend, Snapshot.objects.get(pk=number), evaluation)
        counted = rows.group_by(SCHEDULE, ROLE_GROUP).agg(n=ibis._.count())
        found = engine.rows(backend, counted)
    sums: dict[str, Counter] = {column: Counter() for column in words}
    for row in found:
        for column, counts in sums.items():
            counts[row[column]] += row["n"]
    return {c: {word: counts[word] for word in words[c]} for c, counts in sums.items()}


def told(backend: Backend, snapshot: Snapshot, evaluation: int | None) -> Table:
    """Return upload, row, schedule and role group of every prescription for a person.

    Neither of the two is null: what is not known is said so.
    """
    views = snapshots.views(snapshot)
    held = engine.view(backend, "current_prescriptions", views["prescriptions"])
    practitioners = engine.view(backend, "current_practitioners", views["practitioners"])
    known = prescriptions.dated(held.select(*prescriptions.READ))
    meaning = _meaning(Evaluation.objects.filter(pk=evaluation).first())
    numbers = meaning.pop("numbers")
    with using(meaning.pop("tables")):
        roles = people.roles(backend, practitioners, known)
        described = drugs.tabulate(backend, known, **meaning)
    persons = people.people(backend, practitioners, roles)
    p = prescriptions.scheduled(known, described)
    keyed = prescriptions.keyed(p, people.registrations(backend, practitioners))
    p = prescriptions.typed(meanings.meant(backend, keyed, practitioners, numbers), persons, roles)
    schedule, role_group = schedule_told(p), p.role_group.fill_null(UNKNOWN)
    return p.select("upload", "row", schedule=schedule, role_group=role_group)
