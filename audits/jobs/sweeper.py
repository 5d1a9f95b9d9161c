"""What makes every job end: frees leases that lapsed, fails hopeless jobs, rings again."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Now

from ..models import Job
from . import doorbell, forward, lease, timing
from .registry import QUEUES, queue_of, waits_in


@dataclass(frozen=True, kw_only=True)
class Swept:
    """How many jobs one sweep moved, by what became of them."""

    freed: int = 0
    failed: int = 0
    cancelled: int = 0
    rung: int = 0
    resumed: int = 0


def sweep(jobs: QuerySet[Job] | None = None, *, rings: bool = True) -> Swept:
    """Sweep ``jobs``, or all: each is queued, leased by somebody alive, or ended afterwards.

    A failed job that must be finished is queued again after its pause.

    Safe to repeat and to run in many places at once. Writes nothing where nothing is to do.
    """
    jobs = Job.objects.all() if jobs is None else jobs
    freed = failed = cancelled = 0
    if jobs.lapsed().exists():
        cancelled = jobs.lapsed().filter(state=Job.State.CANCELLING).update(**lease.cancelled())
        running = jobs.lapsed().filter(state=Job.State.RUNNING)
        hopeless = list(running.filter(lease.EXHAUSTED))
        failed = sum(lease.settle(running, job, lease.STALLED) for job in hopeless)
        freed = running.exclude(lease.EXHAUSTED).update(**lease.queued())
    resumed = forward.resume(jobs)
    rung = _ring_again(jobs) if rings else 0
    return Swept(freed=freed, failed=failed, cancelled=cancelled, rung=rung, resumed=resumed)


def sweep_if_stalled(job: Job) -> Job:
    """Sweep one job that a page shows, and return it as it is then.

    A reader whose connection may not write gets the job unswept.
    """
    try:
        sweep(Job.objects.filter(pk=job.pk))
    except DatabaseError:
        return job
    return Job.objects.get(pk=job.pk)


def _ring_again(jobs: QuerySet[Job]) -> int:
    """Ring for the longest waiting jobs of each queue; stop where the broker is away."""
    rung = 0
    for queue in QUEUES:
        for job in _unheard(jobs, queue)[: timing.RUNG_AT_ONCE]:
            if not doorbell.ring(job.public_id, queue_of(job.kind)):
                return rung
            Job.objects.filter(pk=job.pk).update(rung_at=Now())
            rung += 1
    return rung


def _unheard(jobs: QuerySet[Job], queue: str) -> QuerySet[Job]:
    """Return jobs waiting in ``queue`` whose bell has not rung lately, the oldest first.

    One that was taken before and came back, as its token tells, has not been rung for at all.
    """
    since = Now() - timedelta(seconds=timing.TIMING.ring_again)
    waiting = jobs.filter(waits_in([queue]), state=Job.State.QUEUED)
    return (
        waiting.alias(rung=Coalesce("rung_at", "queued_at"))
        .filter(Q(rung__lt=since) | Q(rung_at=None, token__gt=0))
        .order_by("queued_at", "pk")
    )
