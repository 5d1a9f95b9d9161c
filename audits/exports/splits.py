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
from ..reference import rows as reference_rows
from ..reference.factors import MME_SET

KEPT_SPLITS = 8
SCHEDULE, ROLE_GROUP = "schedule", "role_group"
ROLE_GROUPS = tuple(sorted({row["role_group"] for row in reference_rows("taxonomy")} - {""}))
# By which a count may be split, and the words it may have there.
WORDS: Mapping[str, tuple[str, ...]] = {
    SCHEDULE: SCHEDULES,
    ROLE_GROUP: (*ROLE_GROUPS, UNKNOWN),
}
Split = Mapping[str, int]


def last_evaluation() -> Evaluation | None:
    """Return the published evaluation by which drugs are taken to mean something."""
    return Evaluation.objects.filter(unpublished=False).order_by("-pk").first()


def split_of(snapshot: Snapshot) -> Mapping[str, Split]:
    """Return the rows of prescriptions for people by each word of ``WORDS``.

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
    with engine.connect(snapshots.web_limits()) as backend:
        rows = told(backend, Snapshot.objects.get(pk=number), evaluation)
        counted = rows.group_by(SCHEDULE, ROLE_GROUP).agg(n=ibis._.count())
        found = engine.rows(backend, counted)
    sums: dict[str, Counter] = {column: Counter() for column in WORDS}
    for row in found:
        for column, counts in sums.items():
            counts[row[column]] += row["n"]
    return {c: {word: counts[word] for word in WORDS[c]} for c, counts in sums.items()}


def told(backend: Backend, snapshot: Snapshot, evaluation: int | None) -> Table:
    """Return upload, row, schedule and role group of every prescription for a person.

    Neither of the two is null: what is not known is said so.
    """
    views = snapshots.views(snapshot)
    held = engine.view(backend, "current_prescriptions", views["prescriptions"])
    practitioners = engine.view(backend, "current_practitioners", views["practitioners"])
    known = prescriptions.dated(held.select(*prescriptions.READ))
    used = Evaluation.objects.filter(pk=evaluation).first()
    meaning = editions.meaning(used) if used else {"mme_set": MME_SET, "numbers": ()}
    numbers = meaning.pop("numbers")
    roles = people.roles(backend, practitioners, known)
    persons = people.people(backend, practitioners, roles)
    p = prescriptions.scheduled(known, drugs.tabulate(backend, known, **meaning))
    keyed = prescriptions.keyed(p, people.registrations(backend, practitioners))
    p = prescriptions.typed(meanings.meant(backend, keyed, practitioners, numbers), persons, roles)
    schedule, role_group = schedule_told(p), p.role_group.fill_null(UNKNOWN)
    return p.select("upload", "row", schedule=schedule, role_group=role_group)
