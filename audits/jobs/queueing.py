"""What people do to jobs: ask for one, cancel it, ask again. Each runs in one transaction."""

from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from ..models import Job
from ..trail import Action, Actor, record
from . import doorbell, lease
from .registry import queue_of
from .running import Refused


def enqueue(kind: str, object_type: str, object_id: object, parameters: dict, actor: Actor) -> Job:
    """Make a queued job inside the caller's transaction; its bell rings once that commits.

    ``parameters`` are ids and options that JSON can hold, never a value of a record.
    """
    user_id, label = _who(actor)
    job = Job.objects.create(
        kind=kind,
        object_type=object_type,
        object_id=str(object_id),
        parameters=parameters,
        requested_by=label[:150],
        requested_by_user_id=user_id,
    )
    _ring_after_commit(job)
    return job


def cancel(job: Job, actor: Actor) -> Job:
    """Cancel a waiting job at once; ask the worker of a running one to stop. Return the job.

    Raises Refused for a job that has ended or that can only go forward.
    """
    with transaction.atomic():
        before = Job.objects.select_for_update().get(pk=job.pk)
        if before.state == Job.State.CANCELLING:
            return before
        if before.is_ended:
            raise Refused("The job has ended already.", code="job_ended")
        if not before.cancellable:
            raise Refused(
                "The job can no longer be cancelled: what it began must be finished.",
                code="job_goes_forward",
            )
        waiting = before.state == Job.State.QUEUED
        changes = lease.cancelled() if waiting else {"state": Job.State.CANCELLING}
        return _change(before, changes, Action.JOB_CANCELLED, actor)


def retry(job: Job, actor: Actor) -> Job:
    """Put a failed or cancelled job back in the queue with all its attempts; return it.

    Raises Refused for a job in any other state.
    """
    with transaction.atomic():
        before = Job.objects.select_for_update().get(pk=job.pk)
        if before.state not in (Job.State.FAILED, Job.State.CANCELLED):
            raise Refused(
                "Only a job that failed or was cancelled can be started again.",
                code="job_not_ended",
            )
        changes = lease.queued() | {
            "attempts": 0,
            "last_progress_attempt": 0,
            "furthest": {},
            "progress_done": 0,
            "progress_total": None,
            "stage": "",
            "error_code": "",
            "error": "",
            "finished_at": None,
            "rung_at": Now(),
        }
        after = _change(before, changes, Action.JOB_RETRIED, actor)
        _ring_after_commit(after)
        return after


def retry_unfinished(actor: Actor) -> int:
    """Start every failed job again that must be finished, without a pause; return how many."""
    failed = Job.objects.filter(state=Job.State.FAILED, cancellable=False)
    return len([retry(job, actor) for job in failed])


def _who(actor: Actor) -> tuple[int | None, str]:
    """Return the key of the user behind ``actor``, None for a command or job, and a label."""
    return (int(actor.id) if actor.id.isdigit() else None), actor.label or actor.id


def _change(before: Job, changes: dict, action: Action, actor: Actor) -> Job:
    """Write ``changes`` and their event in the trail; return the job as it is then."""
    Job.objects.filter(pk=before.pk).update(**changes)
    after = Job.objects.get(pk=before.pk)
    record(
        actor=actor,
        action=action,
        object_type="job",
        object_id=before.public_id,
        before={"state": before.state},
        after={"state": after.state},
    )
    return after


def _ring_after_commit(job: Job) -> None:
    ring = partial(doorbell.ring, job.public_id, queue_of(job.kind))
    transaction.on_commit(ring, robust=True)
