"""The second step: what a file says, row by row, and what it would change."""

from collections.abc import Callable

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from ibis.backends.duckdb import Backend

from .. import engine, enrichment, formats, jobs, keys, mapping, snapshots, trail, validation
from ..formats import Reading, Shape
from ..ledger import Counts, classify
from ..mapping import Plan
from ..models import Source, Upload
from ..validation import Checked
from . import folders
from .receiving import COUNTS, move, record

REFUSALS = (formats.FormatError, mapping.MappingError, validation.ValidationError)
STEPS = 4
SETTLED = (Upload.Status.STAGED, Upload.Status.PROMOTING, Upload.Status.PROMOTED)


class Mismatch(Exception):  # noqa: N818 - an answer, not a fault
    """The file is not what its control totals say; the message gives both figures."""


@jobs.handles("check")
def check(running: jobs.Running) -> None:
    """Read, map and validate a received file; leave it staged, or refused with the reason."""
    upload = Upload.objects.get(pk=running.job.object_id)
    move(upload, Upload.Status.RECEIVED, Upload.Status.CHECKING)
    if upload.status != Upload.Status.CHECKING:
        return
    try:
        facts = _checked(upload, running)
    except (*REFUSALS, Mismatch) as refusal:
        _refuse(running, upload, " ".join(str(refusal).split()))
        return
    with transaction.atomic():
        running.assert_held()
        move(upload, Upload.Status.CHECKING, Upload.Status.STAGED, **facts)


def policies(sources: tuple[str, ...], planned: str) -> dict[str, str]:
    """Return how changes of each source are understood; unknown ones as the plan says."""
    known = dict(Source.objects.filter(name__in=sources).values_list("name", "change_policy"))
    return {name: known.get(name, planned) for name in sources}


def planned_again(upload: Upload) -> Plan:
    """Return the plan an upload was checked by; its header decides, so it comes out the same."""
    shape = formats.inspect(folders.original_of(upload), upload.encoding or None)
    return mapping.choose(shape.header, kind=upload.kind, preset=upload.preset)


def _checked(upload: Upload, running: jobs.Running) -> dict:
    """Return the facts of the staged upload; raises one of REFUSALS or Mismatch."""
    original = folders.original_of(upload)
    running.progress(0, STEPS, "reading")
    shape = formats.inspect(original)
    plan = mapping.choose(shape.header, kind=upload.asked_kind or None, preset=upload.asked_preset)
    plan_facts = {
        "kind": plan.kind,
        "preset": plan.preset,
        "mapping_version": plan.version,
        "encoding": shape.encoding,
        "notes": [*shape.notes, *plan.notes],
        "repeats": None,
    }
    Upload.objects.filter(pk=upload.pk).update(**plan_facts)
    upload.refresh_from_db()
    if earlier := _same_file(upload):
        return _repeat(upload, earlier, running)
    with (
        engine.connect(snapshots.ingest_limits()) as backend,
        running.on_interrupt(backend.con.interrupt),
    ):
        checked = _validated(backend, upload, shape, plan, running)
        _compare_totals(upload, checked)
        running.progress(3, STEPS, "comparing with the ledger")
        classified = compared(backend, upload, plan, checked.sources)
        unmatched = _unmatched(backend, upload) if plan.kind == "prescriptions" else 0
    folders.settle(folders.folder_of(upload))
    return _facts(checked, classified) | {"unmatched_drugs": unmatched}


def _validated(
    backend: Backend, upload: Upload, shape: Shape, plan: Plan, running: jobs.Running
) -> Checked:
    folder = folders.emptied(folders.folder_of(upload))
    text = folder / "text.parquet"
    try:
        reading = formats.read(folders.original_of(upload), shape, text)
        running.progress(1, STEPS, "checking")
        return validation.check(
            backend.con,
            text,
            plan,
            into=folder,
            source=upload.asked_source or None,
            received_on=upload.received_at.date(),
            pseudonym=pseudonyms(),
            **left_out(reading),
        )
    finally:
        text.unlink(missing_ok=True)


def pseudonyms() -> Callable[[str, str], str]:
    """Return the function from source and patient number to the patient's key.

    Sources of one identity domain give one person one key; domains are looked up once.
    """
    domains = dict(Source.objects.values_list("name", "patient_domain"))

    def key(source: str, patient_id: str) -> str:
        return keys.patient_key(settings.PATIENT_SECRET, domains.get(source, source), patient_id)

    return key


def left_out(reading: Reading) -> dict[str, list[tuple]]:
    """Return the records that are not in the text, as validation takes them by name."""
    return {"ragged": _pairs(reading.ragged), "too_long": _pairs(reading.too_long)}


def _pairs(table: pa.Table) -> list[tuple]:
    """Return the rows of a table of two columns."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


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


def compared(backend: Backend, upload: Upload, plan: Plan, sources: tuple[str, ...]) -> Counts:
    """Return what the accepted rows would change in the newest snapshot, and write the lists."""
    snapshot = snapshots.latest()
    folder = folders.folder_of(upload)
    withdrawn = Upload.objects.filter(status=Upload.Status.WITHDRAWN).values_list("pk", flat=True)
    return classify(
        backend.con,
        folder / validation.ACCEPTED,
        kind=plan.kind,
        ledger=snapshots.ledger(),
        versions=snapshot.versions if snapshot else {},
        sequence=snapshot.sequence if snapshot else 0,
        policies=policies(sources, plan.change_policy),
        withdrawn_uploads=set(withdrawn),
        upload=upload.pk,
        first_seq=(snapshot.sequence if snapshot else 0) + 1,
        into=folder,
    )


def _unmatched(backend: Backend, upload: Upload) -> int:
    """Return how many accepted rows describe a drug that no reference table knows."""
    accepted = folders.folder_of(upload) / validation.ACCEPTED
    rows = engine.view(backend, "accepted", f"FROM read_parquet('{accepted}')")
    return enrichment.unmatched(backend, rows)


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


def _same_file(upload: Upload) -> Upload | None:
    """Return another upload of these very bytes, read the same way and still in force.

    Of two that are being checked the earlier goes on.
    """
    return (
        Upload.objects.filter(
            sha256=upload.sha256,
            kind=upload.kind,
            preset=upload.preset,
            mapping_version=upload.mapping_version,
            asked_source=upload.asked_source,
        )
        .filter(Q(pk__lt=upload.pk) | Q(status__in=SETTLED))
        .exclude(Q(pk=upload.pk) | Q(status__in=Upload.ENDED))
        .order_by("-pk")
        .first()
    )


def _repeat(upload: Upload, earlier: Upload, running: jobs.Running) -> dict:
    """Raise the refusal of a file that is there already; its counts say that nothing is new."""
    settled = earlier.rejected + earlier.duplicate
    facts = {
        "repeats": earlier,
        "read": earlier.read,
        "rejected": earlier.rejected,
        "duplicate": earlier.duplicate,
        "unchanged": earlier.read - settled,
    }
    Upload.objects.filter(pk=upload.pk).update(**facts)
    upload.refresh_from_db()
    raise Mismatch(
        f"This is the same file as upload {earlier.pk} ({earlier.get_status_display().lower()}); "
        "nothing was changed."
    )


def _refuse(running: jobs.Running, upload: Upload, reason: str) -> None:
    """Set the upload to refused with the reason, and write the event."""
    action = trail.Action.UPLOAD_REPEATED if upload.repeats_id else trail.Action.UPLOAD_REFUSED
    with transaction.atomic():
        running.assert_held()
        if move(upload, Upload.Status.CHECKING, Upload.Status.REFUSED, refusal=reason):
            record(upload, action, actor_of(running.job), why=reason)


def actor_of(job) -> trail.Actor:
    """Return the actor of a job: the work, with the label of the person who asked for it."""
    who = str(job.requested_by_user_id) if job.requested_by_user_id else f"job:{job.kind}"
    return trail.Actor(id=who, label=job.requested_by, role="job")
