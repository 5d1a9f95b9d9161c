"""One writer at a time: who may write to the ledger, on what, and how that is made true."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from .. import jobs, snapshots, trail
from ..ledger import Ledger
from ..models import Job, Snapshot, Upload
from ..schema import KINDS
from .checking import actor_of
from .receiving import move

WRITERS = ("promote", "withdraw", "settle")
BUSY = "Another upload is being promoted. Start this again when it is done."
HELD_UP = (
    "Upload {number} comes first. {outlook} To try at once, use its page, or manage.py "
    "sweep --now, then manage.py worker --once. What stopped it: {error}"
)
UNFINISHED = (
    "What another job began to write of upload {} has to be finished first. Start that job again, "
    "then this one."
)


@contextmanager
def turn(running: jobs.Running, upload: Upload, *, before: Upload.Status, ours: str) -> Iterator:
    """Hold the one turn there is to write to the ledger; raises Refused while it is taken.

    ``before`` is the status the upload comes from and goes back to where the work ends
    before it began to go forward. ``ours`` names its transactions in the ledger.
    """
    release_abandoned()
    _begin(running, upload, before, ours)
    try:
        yield
    except jobs.Released:
        raise
    except BaseException:
        if running.job.cancellable:
            with transaction.atomic():
                running.assert_held(cancellable=False)
                move(upload, Upload.Status.PROMOTING, before)
        raise


def publish_snapshot(upload: Upload, versions: dict[str, int], sequence: int) -> Snapshot:
    """Write the next snapshot; call inside the transaction of what made it."""
    last = snapshots.latest()
    return Snapshot.objects.create(
        number=last.number + 1 if last else 1,
        versions=versions,
        sequence=sequence,
        upload=upload,
        newest_on=_newest_day(),
    )


def begun(upload: Upload, kind: str = "") -> Job | None:
    """Return the failed job of ``upload`` that began to change the ledger and must be finished.

    ``kind`` asks for jobs of one kind only.
    """
    failed = _writing(upload).filter(state=Job.State.FAILED, cancellable=False)
    return (failed.filter(kind=kind) if kind else failed).first()


def held_up() -> str:
    """Return which upload keeps all others from the ledger, why, and what to do; else empty."""
    for upload in Upload.objects.filter(status=Upload.Status.PROMOTING):
        busy = _writing(upload).filter(state__in=(Job.State.QUEUED, *Job.HELD))
        if (job := begun(upload)) and not busy.exists():
            outlook = jobs.outlook(job)
            return HELD_UP.format(number=upload.pk, error=job.error, outlook=outlook)
    return ""


def release_abandoned() -> None:
    """Put an upload back to where it came from if nobody will go on with it.

    That is one whose jobs all ended before they wrote to the ledger, the worker having died.
    """
    for upload in Upload.objects.filter(status=Upload.Status.PROMOTING):
        mine = _writing(upload)
        going = mine.filter(state__in=(Job.State.QUEUED, *Job.HELD)).exists() or begun(upload)
        if mine.exists() and not going:
            back = Upload.Status.PROMOTED if upload.snapshots.exists() else Upload.Status.STAGED
            move(upload, Upload.Status.PROMOTING, back)


def mend_ledger(actor: trail.Actor) -> None:
    """Set aside what a power cut tore in the ledger's logs, and say so.

    Raises LedgerError where the newest snapshot needs what is torn or missing.
    """
    snapshot = snapshots.latest()
    with transaction.atomic():
        for each in snapshots.ledger().mend(snapshot.versions if snapshot else {}):
            trail.record(
                actor=actor,
                action=trail.Action.LEDGER_MENDED,
                object_type="ledger",
                object_id=each.table,
                after={"set_aside": each.file},
            )


def _writing(upload: Upload) -> QuerySet[Job]:
    """Return the jobs that write ``upload`` to the ledger."""
    return Job.objects.filter(kind__in=WRITERS, object_type="upload", object_id=str(upload.pk))


def _begin(running: jobs.Running, upload: Upload, before: Upload.Status, ours: str) -> None:
    """Take the turn, or take it up again after an attempt that died.

    Whoever takes it anew first sets back, in the same transaction, what stands in the ledger
    beyond the newest snapshot. What stands there later is this upload's own work.
    """
    try:
        with transaction.atomic():
            if move(upload, before, Upload.Status.PROMOTING, turn=ours):
                mend_ledger(actor_of(running.job))
                _set_back_strays(snapshots.ledger(), None, running)
            elif upload.status != Upload.Status.PROMOTING:
                raise jobs.Refused(f"Upload {upload.pk} is {upload.get_status_display().lower()}.")
            elif _another_at_work(running.job):
                raise jobs.Refused(f"Another job is working on upload {upload.pk}.", code="busy")
            elif _is_begun_by_another(upload, ours):
                raise jobs.Refused(UNFINISHED.format(upload.pk), code="busy")
            else:
                move(upload, Upload.Status.PROMOTING, Upload.Status.PROMOTING, turn=ours)
                mend_ledger(actor_of(running.job))
                stands = _set_back_strays(snapshots.ledger(), ours, running)
                if stands or begun(upload, running.job.kind):
                    running.go_forward_only()
    except IntegrityError:
        raise jobs.Refused(held_up() or BUSY, code="busy") from None


def _another_at_work(job: Job) -> bool:
    """Return whether a worker holds another job that writes the same upload to the ledger."""
    others = Job.objects.filter(kind__in=WRITERS, object_type="upload", state__in=Job.HELD)
    others = others.filter(object_id=job.object_id).exclude(pk=job.pk)
    return others.exclude(pk__in=Job.objects.lapsed().values("pk")).exists()


def _is_begun_by_another(upload: Upload, ours: str) -> bool:
    """Return whether other work on the upload wrote to the ledger and is not published."""
    here = snapshots.ledger()
    if upload.turn in ("", ours):
        return False
    return any(here.committed(table, upload.turn) for table in here.versions())


def _set_back_strays(here: Ledger, ours: str | None, running: jobs.Running) -> bool:
    """Set tables whose head nobody published back to the newest snapshot, and say so.

    Only one upload is written at a time, so a head beyond the snapshot that is not the
    transaction ``ours`` comes from a restored backup. Returns whether ``ours`` stands in a
    table: then there is only the way forward.
    """
    forward = False
    snapshot = snapshots.latest()
    published = snapshot.versions if snapshot else {}
    for table, head in here.versions().items():
        is_ours = ours is not None and here.committed(table, ours)
        forward |= is_ours
        if head > published.get(table, 0) and not is_ours:
            here.restore(table, published.get(table, 0))
            trail.record(
                actor=actor_of(running.job),
                action=trail.Action.LEDGER_RESTORED,
                object_type="ledger",
                object_id=table,
                before={"version": head},
                after={"version": published.get(table, 0)},
            )
    return forward


def _newest_day() -> date | None:
    """Return the newest day of what happened, in uploads that stand.

    Agreements and licences say nothing of that.
    """
    dated = [kind.name for kind in KINDS.values() if not kind.open_ended]
    standing = Upload.objects.filter(status=Upload.Status.PROMOTED, kind__in=dated)
    return standing.aggregate(newest=Max("last_date"))["newest"]
