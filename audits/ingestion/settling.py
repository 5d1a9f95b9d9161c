"""Carrying out what a person chose for conflicts: keep what is held, or take what the file says."""

from collections.abc import Collection
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from ibis.backends.duckdb import Backend

from .. import engine, jobs, ledger, snapshots, trail
from ..ledger.sql import parquet
from ..models import Job, SettledConflict, Settlement, Snapshot, Upload
from . import conflicts, folders
from .checking import actor_of
from .comparing import withdrawn
from .conflicts import KEY, Conflict
from .listing import OUTCOMES
from .promotion import APPEND, LINES
from .receiving import move
from .turns import publish_snapshot, turn

STEPS = 3
NOTHING = "Choose at least one record."
TOO_MANY = f"Choose at most {Settlement.MOST} records at a time."
BUSY = "A job is working on this upload already. Choose again when it is done."
CHANGED = (
    "What is held has changed for {} of the records since you looked, or somebody else settled "
    "them. Nothing was done; look at the list again."
)


def ask_to_settle(
    upload: Upload,
    choice: str,
    seen: Collection[tuple[int, str]],
    reason: str,
    actor: trail.Actor,
    *,
    then_evaluate: bool,
) -> Job:
    """Make the job that carries out a choice for conflicts of a promoted upload.

    ``seen`` are rows with the content that was held when the person looked, as
    ``Conflict.seen`` gives them. Raises Refused where that is no longer so, without a reason,
    for none or more than 100 rows, and while another job works on the upload.
    """
    if not reason.strip():
        raise jobs.Refused("Say why.")
    seen = dict(seen)
    if not seen or len(seen) > Settlement.MOST:
        raise jobs.Refused(TOO_MANY if seen else NOTHING)
    upload.refresh_from_db()
    _refuse_unless_free(upload)
    with engine.connect(snapshots.web_limits()) as backend:
        _as_seen(backend, upload, seen)
    with transaction.atomic():
        # The upload's row is locked, so that of two who choose at once one is told.
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        _refuse_unless_free(locked)
        settlement = Settlement.objects.create(
            upload=upload,
            choice=choice,
            reason=reason.strip(),
            asked=sorted(seen.items()),
            asked_by_id=int(actor.id) if actor.id.isdigit() else None,
            asked_label=actor.label or actor.id,
        )
        parameters = {"settlement": settlement.pk, "then_evaluate": then_evaluate}
        return jobs.enqueue("settle", "upload", upload.pk, parameters, actor)


@jobs.handles("settle")
def settle(running: jobs.Running) -> None:
    """Carry out a choice for conflicts and publish it. Safe to repeat until it is done."""
    number = running.job.parameters["settlement"]
    settlement = Settlement.objects.select_related("upload").get(pk=number)
    upload, name = settlement.upload, f"settle-{settlement.pk}"
    if settlement.settled_at:
        return
    with (
        turn(running, upload, before=Upload.Status.PROMOTED, ours=name),
        engine.connect(snapshots.ingest_limits()) as backend,
        running.on_interrupt(backend.con.interrupt),
    ):
        running.progress(0, STEPS, "looking at what is held")
        chosen = _as_seen(backend, upload, dict(settlement.asked))
        if settlement.choice == Settlement.Choice.KEEP:
            _publish(running, settlement, chosen, {}, None)
            return
        into = folders.folder_of(upload) / "settlements" / str(settlement.pk)
        counts = _written(backend, upload, chosen, into)
        running.go_forward_only()
        running.progress(1, STEPS, "writing to the ledger")
        here = snapshots.ledger()
        accepted = conflicts.accepted_of(upload)
        here.append(backend.con, upload.kind, into / APPEND, of=accepted, transaction=name)
        here.append(backend.con, "superseded", into / LINES, transaction=name)
        running.progress(2, STEPS, "publishing")
        taken = _accepted(backend, into)
        _publish(running, settlement, chosen, taken, (here.versions(), counts.next_seq - 1))


def _refuse_unless_free(upload: Upload) -> None:
    """Raise Refused unless the upload stands in the ledger and no job works on it."""
    jobs_on_it = Job.objects.filter(object_type="upload", object_id=str(upload.pk))
    if jobs_on_it.exclude(state__in=Job.ENDED).exists():
        raise jobs.Refused(BUSY, code="busy")
    if upload.status != Upload.Status.PROMOTED:
        raise jobs.Refused(f"Upload {upload.pk} is {upload.get_status_display().lower()}.")


def _as_seen(backend: Backend, upload: Upload, seen: dict[int, str]) -> list[Conflict]:
    """Return the conflicts chosen; raises Refused unless all still stand as they were seen."""
    found = conflicts.open_among(backend, upload, seen)
    same = [each for each in found if each.held_hash[:KEY] == seen[each.row]]
    if len(same) != len(seen):
        raise jobs.Refused(CHANGED.format(len(seen) - len(same)), code="changed")
    return same


def _written(backend: Backend, upload: Upload, chosen: list[Conflict], into: Path) -> ledger.Counts:
    """Write the rows and lines that make the chosen rows current."""
    snapshot = snapshots.latest()
    return ledger.replace(
        backend.con,
        [each.row for each in chosen],
        accepted=conflicts.accepted_of(upload),
        kind=upload.kind,
        ledger=snapshots.ledger(),
        versions=snapshot.versions,
        sequence=snapshot.sequence,
        withdrawn_uploads=withdrawn(),
        upload=upload.pk,
        into=into,
    )


def _accepted(backend: Backend, into: Path) -> dict[int, int]:
    """Return the sequence number of every chosen row that went into the ledger."""
    words = ", ".join(f"'{outcome}'" for outcome in ledger.APPENDED)
    query = f'SELECT "row", seq FROM {parquet(into / OUTCOMES)} WHERE outcome IN ({words})'
    return dict(backend.con.execute(query).fetchall())


def _publish(
    running: jobs.Running,
    settlement: Settlement,
    chosen: list[Conflict],
    taken: dict[int, int],
    reached: tuple[dict[str, int], int] | None,
) -> None:
    """Write snapshot, settled conflicts, status and event: from here on it is true.

    ``reached`` are versions and sequence of the ledger, None where it was not written.
    """
    upload = settlement.upload
    with transaction.atomic():
        running.assert_held(cancellable=reached is None)
        if not move(upload, Upload.Status.PROMOTING, Upload.Status.PROMOTED):
            return
        snapshot = publish_snapshot(upload, *reached) if reached else None
        SettledConflict.objects.bulk_create(
            _settled(settlement, each, taken.get(each.row)) for each in chosen
        )
        done = {"settled_at": timezone.now(), "snapshot": snapshot}
        Settlement.objects.filter(pk=settlement.pk).update(**done)
        _record(running, settlement, chosen, snapshot)
        if snapshot and running.job.parameters.get("then_evaluate"):
            jobs.enqueue("evaluate", "snapshot", snapshot.number, {}, actor_of(running.job))


def _settled(settlement: Settlement, conflict: Conflict, seq: int | None) -> SettledConflict:
    return SettledConflict(
        settlement=settlement,
        upload=settlement.upload,
        row=conflict.row,
        source_system=conflict.source_system,
        source_record_id=conflict.source_record_id,
        content_hash=conflict.content_hash,
        held_hash=conflict.held_hash,
        accepted_seq=seq,
    )


def root_of(settled: Collection[Conflict | SettledConflict]) -> str:
    """Return the Merkle root over row, held and arriving content of conflicts, in file order."""
    ordered = sorted(settled, key=lambda each: each.row)
    texts = (f"{each.row} {each.held_hash} {each.content_hash}" for each in ordered)
    return trail.merkle_root(trail.leaf(text.encode()) for text in texts).hex()


def _record(
    running: jobs.Running,
    settlement: Settlement,
    chosen: list[Conflict],
    snapshot: Snapshot | None,
) -> None:
    """Write the one event of a choice: which rows of the upload, never a value of them."""
    trail.record(
        actor=actor_of(running.job),
        action=trail.Action.CONFLICT_SETTLED,
        reason=settlement.reason,
        object_type="upload",
        object_id=str(settlement.upload_id),
        after={
            "choice": settlement.choice,
            "settlement": settlement.pk,
            "records": len(chosen),
            "rows": [each.row for each in chosen],
            "merkle_root": root_of(chosen),
            "ledger_version": snapshot.number if snapshot else None,
        },
    )
