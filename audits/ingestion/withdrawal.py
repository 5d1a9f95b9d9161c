"""Taking a promoted upload back: two people, one snapshot, nothing deleted."""

from pathlib import Path

from django.db import transaction
from ibis.backends.duckdb import Backend

from .. import engine, jobs, ledger, snapshots, trail
from ..models import Holding, Job, Snapshot, Upload
from ..vocabulary import Outcome
from . import folders
from .checking import actor_of
from .comparing import withdrawn
from .promotion import LINES
from .receiving import move, record
from .turns import begun, publish_snapshot, turn

STEPS = 3


def ask_for_withdrawal(upload: Upload, reason: str, actor: trail.Actor) -> None:
    """Note that a person wants a promoted upload taken back; raises Refused for any other.

    What came in the same receipt is taken back with it.
    """
    if not reason.strip():
        raise jobs.Refused("Say why the upload should be withdrawn.")
    numbers = [each.pk for each in upload.together()]
    asked = Upload.objects.filter(
        pk__in=numbers, status=Upload.Status.PROMOTED, withdrawal_asked_by=""
    )
    with transaction.atomic():
        noted = asked.update(withdrawal_reason=reason, withdrawal_asked_by=actor.label)
        if noted < len(numbers):
            transaction.set_rollback(True)
    if noted < len(numbers):
        raise jobs.Refused("Only a promoted upload can be withdrawn, and asked for once.")
    upload.refresh_from_db()


def confirm_withdrawal(upload: Upload, actor: trail.Actor) -> Job:
    """Make the job that withdraws the upload, if somebody else asked for it; raises Refused.

    Of several in a receipt the first goes first and each is followed by the next.
    """
    upload.refresh_from_db()
    left = [each for each in upload.together() if each.status != Upload.Status.WITHDRAWN]
    upload = left[0] if left else upload
    if not upload.withdrawal_asked_by:
        raise jobs.Refused("Nobody has asked for this withdrawal yet.")
    if upload.withdrawal_asked_by == actor.label:
        raise jobs.Refused("A second person must confirm the withdrawal, not the one who asked.")
    if upload.status not in (Upload.Status.PROMOTED, Upload.Status.PROMOTING):
        raise jobs.Refused(f"Upload {upload.pk} is {upload.get_status_display().lower()}.")
    if upload.status == Upload.Status.PROMOTING and (job := begun(upload, "withdraw")):
        return jobs.retry(job, actor)
    with transaction.atomic():
        parameters = {"confirmed_by": actor.label, "then_evaluate": actor.id.isdigit()}
        return jobs.enqueue("withdraw", "upload", upload.pk, parameters, actor)


@jobs.handles("withdraw")
def withdraw(running: jobs.Running) -> None:
    """Append the lines that take an upload back and publish. Safe to repeat until it is done."""
    upload = Upload.objects.get(pk=running.job.object_id)
    if upload.status == Upload.Status.WITHDRAWN:
        return
    if not upload.withdrawal_asked_by:
        raise jobs.Refused("Nobody has asked for this withdrawal yet.")
    name = f"withdraw-{upload.pk}"
    with (
        turn(running, upload, before=Upload.Status.PROMOTED, ours=name),
        engine.connect(snapshots.ingest_limits()) as backend,
        running.on_interrupt(backend.con.interrupt),
    ):
        here, snapshot = snapshots.ledger(), snapshots.latest()
        folder = folders.folder_of(upload) / "withdrawal"
        running.progress(0, STEPS, "finding what the upload changed")
        taken = ledger.withdraw(
            backend.con,
            upload.pk,
            kind=upload.kind,
            ledger=here,
            versions=snapshot.versions,
            sequence=snapshot.sequence,
            withdrawn_uploads=withdrawn(),
            first_seq=snapshot.sequence + 1,
            restated=_restated(backend, upload, folder),
            into=folder,
        )
        running.go_forward_only()
        running.progress(1, STEPS, "writing to the ledger")
        here.append(backend.con, "superseded", folder / LINES, transaction=name)
        running.progress(2, STEPS, "publishing")
        _publish(running, upload, here.versions(), taken.next_seq - 1)


def _restated(backend: Backend, upload: Upload, folder: Path) -> Path | None:
    """Write the list of rows that other uploads in force state too; None where there are none.

    Raises Refused where such a list is lost: what only that upload restates would vanish.
    """
    others = Upload.objects.filter(status=Upload.Status.PROMOTED, kind=upload.kind, unchanged__gt=0)
    paths = {other.pk: folders.folder_of(other) / "outcomes.parquet" for other in others}
    if lost := [number for number, path in paths.items() if not path.exists()]:
        raise jobs.Refused(
            f"The list of outcomes of upload {lost[0]} is missing on the disk. Restore it from "
            "the backup, then withdraw again."
        )
    there = [str(path) for path in paths.values()]
    if not there:
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    into = folder / "restated.parquet"
    backend.con.execute(
        "COPY (SELECT source_system, source_record_id, content_hash, seq "
        f"FROM read_parquet({there!r}) WHERE outcome = '{Outcome.UNCHANGED}') "
        f"TO '{into}' (FORMAT parquet)"
    )
    return into


def _publish(running: jobs.Running, upload: Upload, versions: dict, sequence: int) -> None:
    """Write snapshot, ended holdings, status and event: from here on it is withdrawn."""
    with transaction.atomic():
        running.assert_held(cancellable=False)
        if not move(upload, Upload.Status.PROMOTING, Upload.Status.WITHDRAWN):
            return
        snapshot = publish_snapshot(upload, versions, sequence)
        Holding.objects.filter(upload=upload, until=None).update(until=snapshot)
        record(
            upload,
            trail.Action.UPLOAD_WITHDRAWN,
            actor_of(running.job),
            reason=upload.withdrawal_reason,
            ledger_version=snapshot.number,
            asked_by=upload.withdrawal_asked_by,
            confirmed_by=running.job.parameters["confirmed_by"],
        )
        _go_on(running, upload, snapshot)


def _go_on(running: jobs.Running, upload: Upload, snapshot: Snapshot) -> None:
    """Ask for what comes next: the withdrawal of what is left of the receipt, then the rules."""
    actor, parameters = actor_of(running.job), running.job.parameters
    left = [each for each in upload.together() if each.status == Upload.Status.PROMOTED]
    if left:
        jobs.enqueue("withdraw", "upload", left[0].pk, parameters, actor)
    elif parameters.get("then_evaluate"):
        jobs.enqueue("evaluate", "snapshot", snapshot.number, {}, actor)
