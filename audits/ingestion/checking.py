"""The second step: what a file says, row by row, and what it would change."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from duckdb import DuckDBPyConnection
from ibis.backends.duckdb import Backend

from .. import (
    editions,
    engine,
    enrichment,
    formats,
    jobs,
    mapping,
    snapshots,
    trail,
    validation,
)
from ..ledger import Counts, sql
from ..models import Source, Upload
from ..validation import Checked, Pseudonyms
from . import folders, repeats
from .comparing import compared
from .reading import TEXT, Planned, planned, read
from .receiving import COUNTS, move, record

REFUSALS = (formats.FormatError, mapping.MappingError, validation.ValidationError)
STEPS = 4


class Mismatch(Exception):  # noqa: N818 - an answer, not a fault
    """The file is not what its control totals say; the message gives both figures."""


@jobs.handles("check")
def check(running: jobs.Running) -> None:
    """Read, map and validate what came; leave it staged, or refused with the reason.

    Uploads of one receipt are checked as one: all are staged, or all refused.
    """
    uploads = Upload.objects.get(pk=running.job.object_id).together()
    for upload in uploads:
        move(upload, Upload.Status.RECEIVED, Upload.Status.CHECKING)
    if any(upload.status != Upload.Status.CHECKING for upload in uploads):
        return
    try:
        facts = _all_checked(uploads, running)
    except (*REFUSALS, Mismatch) as refusal:
        _refuse(running, uploads, " ".join(str(refusal).split()))
        return
    with transaction.atomic():
        running.assert_held()
        for upload, found in zip(uploads, facts, strict=True):
            move(upload, Upload.Status.CHECKING, Upload.Status.STAGED, **found)


def _all_checked(uploads: list[Upload], running: jobs.Running) -> list[dict]:
    """Return the facts of the staged uploads; raises one of REFUSALS or Mismatch."""
    steps = STEPS * len(uploads)
    running.progress(0, steps, "reading")
    plans = [_planned(upload) for upload in uploads]
    if said := repeats.noted(uploads):
        raise Mismatch(said)
    facts = []
    for number, (upload, how) in enumerate(zip(uploads, plans, strict=True)):
        facts.append(_checked(upload, how, running, _Place(before=STEPS * number, steps=steps)))
    return facts


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where the steps of one upload lie among those of its receipt."""

    before: int
    steps: int

    def tell(self, running: jobs.Running, done: int, stage: str) -> None:
        running.progress(self.before + done, self.steps, stage)


def _planned(upload: Upload) -> Planned:
    """Return how the upload is read, and note it on its row."""
    how = planned(upload)
    facts = {
        "kind": how.plan.kind,
        "preset": how.plan.preset,
        "mapping_version": how.plan.version,
        "encoding": how.shape.encoding,
        "notes": [*how.shape.notes, *how.plan.notes],
        "repeats": None,
    }
    Upload.objects.filter(pk=upload.pk).update(**facts)
    upload.refresh_from_db()
    return how


def _checked(upload: Upload, how: Planned, running: jobs.Running, place: _Place) -> dict:
    """Return the facts of one staged upload."""
    with (
        engine.connect(snapshots.ingest_limits()) as backend,
        running.on_interrupt(backend.con.interrupt),
    ):
        folder = folders.emptied(folders.folder_of(upload))
        place.tell(running, 0, "reading")
        told = partial(place.tell, running, 1, "checking")
        checked, notes = validated(backend.con, upload, how, folder, told)
        _compare_totals(upload, checked)
        place.tell(running, 3, "comparing with the ledger")
        classified = compared(backend, upload, how.plan, checked.sources)
        unmatched = _unmatched(backend, upload) if upload.kind == "prescriptions" else 0
    more = {"unmatched_drugs": unmatched, "notes": [*upload.notes, *notes]}
    return _facts(checked, classified) | more


def validated(
    connection: DuckDBPyConnection,
    upload: Upload,
    how: Planned,
    folder: Path,
    told: Callable[[], None] = lambda: None,
) -> tuple[Checked, tuple[str, ...]]:
    """Read the stored files and validate them into ``folder``; return that and notes.

    ``told`` is called between the two. The text, which has patients' numbers, does not stay.
    """
    try:
        found = read(connection, upload, how, folder)
        told()
        checked = validation.check(
            connection,
            found.text,
            how.plan,
            into=folder,
            source=upload.asked_source or how.plan.source or None,
            received_on=upload.received_at.date(),
            pseudonyms=pseudonyms(),
            **found.left_out,
        )
        return checked, found.notes
    finally:
        (folder / TEXT).unlink(missing_ok=True)


def pseudonyms() -> Pseudonyms:
    """Return how patients are named now: sources of one identity domain give one person one key."""
    domains = dict(Source.objects.values_list("name", "patient_domain"))
    return Pseudonyms(secret=settings.PATIENT_SECRET, domains=domains)


def _compare_totals(upload: Upload, checked: Checked) -> None:
    """Raise Mismatch where a control total differs from what the file holds."""
    if upload.expect_rows is not None and upload.expect_rows != checked.read:
        raise Mismatch(
            f"The control total says {upload.expect_rows:,} rows and the file has "
            f"{checked.read:,}. Ask the sender which is right, then send the file again."
        )
    quantity = checked.sums.get("quantity")
    if upload.expect_quantity is not None and upload.expect_quantity != quantity:
        raise Mismatch(
            f"The control total says a quantity of {upload.expect_quantity:,} in all and the file "
            f"adds up to {quantity:,}. Ask the sender which is right, then send the file again."
        )


def _unmatched(backend: Backend, upload: Upload) -> int:
    """Return how many accepted rows describe a drug that no reference table knows."""
    accepted = folders.folder_of(upload) / validation.ACCEPTED
    rows = engine.view(backend, "accepted", f"FROM {sql.parquet(accepted)}")
    with editions.in_use() as directory:
        return enrichment.unmatched(backend, rows, directory)


def _facts(checked: Checked, classified: Counts) -> dict:
    """Return the counts of an upload: read = the sum of the outcomes."""
    snapshot = snapshots.latest()
    return {
        **{name: classified.outcomes.get(name, 0) for name in COUNTS[1:-2]},
        "read": checked.read,
        "rejected": checked.rejected,
        "warned": checked.warned,
        "rejection_counts": _listed(checked.rejection_counts),
        "warning_counts": _listed(checked.warning_counts),
        "sum_quantity": checked.sums.get("quantity"),
        "first_date": checked.first_date,
        "last_date": checked.last_date,
        "staged_on": snapshot.number if snapshot else 0,
    }


def _listed(counts) -> list[dict]:
    return [
        {"column": column, "code": code, "count": count}
        for (column, code), count in sorted(counts.items(), key=lambda item: -item[1])
    ]


def _refuse(running: jobs.Running, uploads: list[Upload], reason: str) -> None:
    """Set the uploads to refused with the reason, and write an event for each."""
    with transaction.atomic():
        running.assert_held()
        moved = [
            upload
            for upload in uploads
            if move(upload, Upload.Status.CHECKING, Upload.Status.REFUSED, refusal=reason)
        ]
        for upload in moved:
            again = trail.Action.UPLOAD_REPEATED if upload.repeats_id else None
            action = again or trail.Action.UPLOAD_REFUSED
            record(upload, action, actor_of(running.job), why=reason)


def actor_of(job) -> trail.Actor:
    """Return the actor of a job: the work, with the label of the person who asked for it."""
    who = str(job.requested_by_user_id) if job.requested_by_user_id else f"job:{job.kind}"
    return trail.Actor(id=who, label=job.requested_by, role="job")
