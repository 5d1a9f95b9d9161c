"""Taking a job and giving it up: single conditional updates by the database's clock."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Least, Now

from ..models import Job
from ..trail import Action, Actor, Result, record
from . import timing

EXHAUSTED = Q(attempts__gte=F("last_progress_attempt") + timing.MOST_ATTEMPTS_WITHOUT_PROGRESS) | Q(
    attempts__gte=timing.MOST_ATTEMPTS
)

# What began to go forward is never given up; after a failure it only pauses.
MAY_BE_TRIED = ~EXHAUSTED | Q(state=Job.State.QUEUED, cancellable=False)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an attempt ended: a final state, and for ``failed`` a code and a sentence."""

    state: Job.State
    code: str = ""
    error: str = ""


STALLED = Ending(
    state=Job.State.FAILED,
    code="stalled",
    error="Its worker stopped again and again before it got any further; "
    "it may be too large for this machine, or its file may stop the reader.",
)


def expiry() -> CombinedExpression:
    """Return the expression of a lease that begins now."""
    return Now() + timedelta(seconds=timing.TIMING.lease)


def take(public_id: str) -> Job | None:
    """Take the job if it waits, or if its holder's lease ran out; return it with its new token.

    None where another holds it, it has ended, is being cancelled or has no attempt left.
    """
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=Now())
    with transaction.atomic():
        taken = Job.objects.filter(free, MAY_BE_TRIED, public_id=public_id).update(
            state=Job.State.RUNNING,
            token=F("token") + 1,
            attempts=F("attempts") + 1,
            lease_until=expiry(),
            heartbeat_at=Now(),
            started_at=Coalesce("started_at", Now()),
        )
        # Read in the same transaction: the token is ours and not that of a later holder.
        return Job.objects.get(public_id=public_id) if taken else None


def renew(job: Job) -> bool:
    """Move the lease of a held job on; return False where it is held no more."""
    renewed = Job.objects.held(job).update(lease_until=expiry(), heartbeat_at=Now())
    return bool(renewed)


def settle(held: QuerySet[Job], job: Job, ending: Ending, **facts: object) -> bool:
    """End ``job`` with ``facts``, its last progress, if it is in ``held``; return whether it was.

    A failure is an event in the trail.
    """
    with transaction.atomic():
        settled = held.filter(pk=job.pk).update(
            state=ending.state,
            error_code=ending.code,
            error=ending.error,
            lease_until=None,
            finished_at=Now(),
            **facts,
        )
        if settled and ending.state == Job.State.FAILED:
            record(
                actor=Actor.job(job.kind),
                action=Action.JOB_FAILED,
                object_type="job",
                object_id=job.public_id,
                before={"state": job.state},
                after={"state": ending.state.value, "error_code": ending.code},
                outcome=Result.FAILURE,
            )
    return bool(settled)


def queued() -> dict:
    """Return the fields of a job that waits again, for whoever takes it next."""
    return {
        "state": Job.State.QUEUED,
        "token": F("token") + 1,
        "lease_until": None,
        "queued_at": Now(),
        "rung_at": None,
    }


def cancelled() -> dict:
    """Return the fields of a job that nobody shall do any more."""
    return {
        "state": Job.State.CANCELLED,
        "token": F("token") + 1,
        "lease_until": None,
        "finished_at": Now(),
    }


def give_back(job: Job) -> bool:
    """Put a held job back in the queue, its attempt not counted; return False if not held.

    For a worker that stops in good order: the attempt ended by no fault of the job. A job
    that is being cancelled becomes cancelled instead.
    """
    held = Job.objects.held(job)
    if held.filter(state=Job.State.CANCELLING).update(**cancelled()):
        return True
    earlier = F("attempts") - 1
    back = held.filter(state=Job.State.RUNNING).update(
        attempts=earlier,
        last_progress_attempt=Least("last_progress_attempt", earlier),
        **queued(),
    )
    return bool(back)


def let_lapse(job: Job) -> QuerySet[Job]:
    """End the lease of a held job now, as if its worker had died; return the job as a query."""
    Job.objects.held(job).update(lease_until=Now() - timedelta(seconds=1))
    return Job.objects.filter(pk=job.pk)
