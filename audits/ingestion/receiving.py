"""The first step: bytes kept, an upload row, a job that will check it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from .. import jobs, trail
from ..keeping import displayable
from ..models import Job, Upload
from . import folders


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the person who uploads says of the file; empty where he leaves it to the file."""

    file_name: str
    kind: str = ""
    preset: str = "auto"
    source: str = ""
    covers_from: date | None = None
    covers_to: date | None = None
    covers_states: str = ""
    expect_rows: int | None = None
    expect_quantity: Decimal | None = None


def receive(
    blocks: Iterable[bytes], asked: Asked, actor: trail.Actor, *, announced: bool
) -> tuple[Upload, Job]:
    """Keep the bytes, and in one transaction make the upload and the job that checks it.

    ``announced`` writes the event of receipt: for a file that a person leaves to the
    worker. A command that goes on to the end at once has the one event of its end.
    """
    kept = folders.keep(blocks)
    file = {"name": displayable(asked.file_name), "sha256": kept.sha256, "size": kept.size}
    with transaction.atomic():
        upload = make(asked, file, actor)
        job = jobs.enqueue("check", "upload", upload.pk, {}, actor)
        if announced:
            record(upload, trail.Action.UPLOAD_RECEIVED, actor)
    return upload, job


def make(asked: Asked, file: dict, actor: trail.Actor, **facts: object) -> Upload:
    """Make the row of an upload whose records are those of ``file`` (name, sha256, size)."""
    return Upload.objects.create(
        file_name=file["name"],
        sha256=file["sha256"],
        size=file["size"],
        asked_kind=asked.kind,
        asked_preset=asked.preset,
        asked_source=asked.source,
        covers_from=asked.covers_from,
        covers_to=asked.covers_to,
        covers_states=asked.covers_states,
        expect_rows=asked.expect_rows,
        expect_quantity=asked.expect_quantity,
        uploaded_by_id=int(actor.id) if actor.id.isdigit() else None,
        uploaded_label=actor.label or actor.id,
        **facts,
    )


def discard(upload: Upload, actor: trail.Actor) -> bool:
    """Set a staged upload, and what came with it, aside; return whether this call did it.

    The bytes stay. Nothing is done where one of them is no longer staged.
    """
    with transaction.atomic():
        uploads = upload.together()
        moved = [move(u, Upload.Status.STAGED, Upload.Status.DISCARDED) for u in uploads]
        if all(moved):
            for each in uploads:
                record(each, trail.Action.UPLOAD_DISCARDED, actor)
            return True
        transaction.set_rollback(True)
    upload.refresh_from_db()
    return False


def move(upload: Upload, before: Upload.Status, after: Upload.Status, **facts) -> bool:
    """Move an upload between two statuses with ``facts``; return whether this call did it."""
    moved = Upload.objects.filter(pk=upload.pk, status=before).update(status=after, **facts)
    upload.refresh_from_db()
    return bool(moved)


def record(
    upload: Upload, action: trail.Action, actor: trail.Actor, *, reason: str = "", **more: object
) -> None:
    """Write the event of an act on ``upload``: its digest, its counts, never a value of a row."""
    trail.record(
        actor=actor,
        action=action,
        reason=reason,
        object_type="upload",
        object_id=str(upload.pk),
        after={
            "file": upload.file_name,
            "sha256": upload.sha256,
            "status": upload.status,
            "kind": upload.kind,
            "uploaded_by": upload.uploaded_label,
            **{name: getattr(upload, name) for name in COUNTS},
            **({"files": upload.files} if upload.files else {}),
            **more,
        },
    )


COUNTS = (
    "read",
    "new",
    "unchanged",
    "revised",
    "voided",
    "stale",
    "duplicate",
    "conflict",
    "rejected",
    "warned",
)
