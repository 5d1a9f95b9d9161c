"""Asking for an evaluation, and beginning the one that may be worked on."""

import time
from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from .. import jobs, snapshots, trail
from ..models import Evaluation, Job, Snapshot
from ..models.proposal import EntrySet

WAIT = 0.2  # seconds between looks whether the evaluation before us is done


def ask(
    rules: list[str] | None,
    actor: trail.Actor,
    *,
    full: bool = False,
    as_of: date | None = None,
    mme_set: str = "",
    **sets: str,
) -> Job:
    """Make the job that puts ``rules`` (all where None) to the newest snapshot.

    ``sets`` are the digests of mappings, changed parameters and reference tables to use by
    their names in ``Evaluation.SETS``, left out or empty: those in force; ``mme_set`` names
    the factors of opioids, empty: those of the settings.
    """
    parameters = {
        "rules": rules,
        "full": full,
        "as_of": as_of.isoformat() if as_of else None,
        "mme_set": mme_set,
        **{name: sets.get(name, "") for name in Evaluation.SETS},
    }
    with transaction.atomic():
        return jobs.enqueue("evaluate", "snapshot", 0, parameters, actor)


def _facts(asked: dict) -> dict:
    """Return what an evaluation begun now is of: the newest snapshot, the day, no rule yet."""
    snapshot = snapshots.latest()
    if snapshot is None:
        raise jobs.Refused("There are no records yet. Upload some first.", code="no_records")
    as_of = date.fromisoformat(asked["as_of"]) if asked.get("as_of") else _default_day(snapshot)
    return {
        "snapshot": snapshot,
        "as_of": as_of,
        **{name: _kept(kind, asked.get(name)) for name, kind in Evaluation.SETS.items()},
        "mme_set": asked.get("mme_set") or settings.MME_SET,
        "full": bool(asked.get("full")),
        "rules": {},
        "digests": {},
    }


def _kept(model: type[EntrySet], digest: str | None) -> EntrySet | None:
    """Return the set of a digest, or where none is asked for the one in force."""
    return model.objects.get(pk=digest) if digest else model.current()


def _default_day(snapshot: Snapshot) -> date:
    """Return the day of the newest accepted record, never the clock's.

    Where all that had a day was withdrawn it is the day of the last evaluation.
    """
    last = Evaluation.objects.filter(unpublished=False).order_by("-pk").first()
    day = snapshot.newest_on or (last and last.as_of)
    if day is None:
        raise jobs.Refused(
            "No dated prescriptions are in the ledger yet. Upload some first.", code="no_records"
        )
    return day


def begin(running: jobs.Running, asked: dict) -> Evaluation:
    """Return the one unpublished evaluation, ours; wait while another job is working on it.

    The snapshot is chosen when the waiting is over: flags never go back to an older one.
    """
    while True:
        facts = _facts(asked)
        try:
            with transaction.atomic():
                return Evaluation.objects.create(job=running.job.public_id, **facts)
        except IntegrityError:
            there = Evaluation.objects.filter(unpublished=True).first()
        if there is None:
            continue
        ours = there.job == running.job.public_id
        if ours or not _is_alive(there.job):
            mine = Evaluation.objects.filter(pk=there.pk, unpublished=True, job=there.job)
            if mine.update(job=running.job.public_id, started_at=timezone.now(), **facts):
                there.refresh_from_db()
                return there
        running.check()
        time.sleep(WAIT)


def _is_alive(job: str) -> bool:
    """Return whether a worker holds the job with a lease that has not run out."""
    held = Job.objects.filter(public_id=job, state__in=Job.HELD)
    return held.exclude(pk__in=Job.objects.lapsed().values("pk")).exists()
