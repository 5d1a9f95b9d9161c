"""Work that can only go forward: after a failure it is tried again by itself until it is done."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from ..models import Job
from . import lease, timing

DOUBLED_AT_MOST = 20  # times; beyond that the longest pause holds anyway


def again_at(job: Job) -> datetime | None:
    """Return when a failed job is tried again by itself; None where only a person starts it.

    The pause doubles with every attempt, up to an hour.
    """
    if job.state != Job.State.FAILED or job.cancellable:
        return None
    doubled = min(max(job.attempts - 1, 0), DOUBLED_AT_MOST)
    pause = min(timing.TIMING.again * 2**doubled, timing.TIMING.longest_pause)
    return job.finished_at + timedelta(seconds=pause)


def outlook(job: Job) -> str:
    """Return what will happen to a failed job without anybody's doing; empty where nothing will."""
    due = again_at(job)
    if due is None:
        return ""
    times = f"{job.attempts:,} times" if job.attempts > 1 else "once"
    return (
        f"What it began must be finished: tried {times}, it is tried again by itself "
        f"at {due:%Y-%m-%d %H:%M:%S} UTC."
    )


def resume(jobs: QuerySet[Job]) -> int:
    """Put failed jobs that must be finished back in the queue once their pause is over.

    Their attempts go on counting, so that the pauses grow. Returns how many.
    """
    failed = jobs.filter(state=Job.State.FAILED, cancellable=False)
    due = [job for job in failed.annotate(now=Now()) if again_at(job) <= job.now]
    back = lease.queued() | {"error_code": "", "error": "", "finished_at": None}
    return sum(failed.filter(pk=job.pk, token=job.token).update(**back) for job in due)
