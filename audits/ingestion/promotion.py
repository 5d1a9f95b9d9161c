"""The third step: rows into the ledger, and the one transaction that makes it true."""

from functools import partial
from itertools import chain

from django.db import transaction
from django.utils import timezone
from ibis.backends.duckdb import Backend

from .. import engine, jobs, snapshots, trail, validation
from ..ledger import Counts, Ledger
from ..ledger.sql import parquet
from ..mapping import Plan
from ..models import Holding, Job, Snapshot, Source, Upload
from ..schema import KINDS
from . import folders
from .checking import actor_of
from .comparing import compared
from .reading import planned_again
from .receiving import COUNTS, move, record
from .turns import begun, publish_snapshot, turn

STEPS = 4
APPEND, LINES = "append.parquet", "lines.parquet"
LEAVES_AT_ONCE = 8_192
ROWS_OF_A_LEAF = "SELECT content_hash FROM read_parquet(?) ORDER BY accepted_seq"


def ask_for_promotion(upload: Upload, actor: trail.Actor, *, then_evaluate: bool) -> Job:
    """Make the job that promotes a staged upload; raises Refused for any other.

    Of several in a receipt the last goes first and each is followed by the one before it, so
    that what the rules look for is in the ledger when what they judge comes.
    """
    due = [each for each in upload.together() if each.status != Upload.Status.PROMOTED]
    upload = due[-1] if due else upload
    if upload.snapshots.exists() and upload.status == Upload.Status.PROMOTING:
        doing = "withdrawn" if upload.withdrawal_asked_by else "settled"
        raise jobs.Refused(f"Upload {upload.pk} is being {doing}.")
    if upload.status not in (Upload.Status.STAGED, Upload.Status.PROMOTING):
        raise jobs.Refused(f"Upload {upload.pk} is {upload.get_status_display().lower()}.")
    if upload.status == Upload.Status.PROMOTING and (job := begun(upload, "promote")):
        return jobs.retry(job, actor)
    with transaction.atomic():
        return jobs.enqueue("promote", "upload", upload.pk, {"then_evaluate": then_evaluate}, actor)


@jobs.handles("promote")
def promote(running: jobs.Running) -> None:
    """Put the staged rows into the ledger. Safe to repeat from any point until it is done."""
    upload = Upload.objects.get(pk=running.job.object_id)
    if upload.snapshots.exists():
        return
    with (
        turn(running, upload, before=Upload.Status.STAGED, ours=_transaction(upload)),
        engine.connect(snapshots.ingest_limits()) as backend,
        running.on_interrupt(backend.con.interrupt),
    ):
        running.progress(0, STEPS, "comparing with the ledger")
        plan = planned_again(upload).plan
        sources = _sources(upload, backend)
        classified = compared(backend, upload, plan, sources)
        running.go_forward_only()
        running.progress(1, STEPS, "writing to the ledger")
        versions = _commit(snapshots.ledger(), backend, upload, plan)
        running.progress(2, STEPS, "publishing")
        root = merkle_root(backend, folders.folder_of(upload) / APPEND)
        _publish(running, upload, plan, sources, classified, versions, root)


def merkle_root(backend: Backend, rows) -> str:
    """Return the Merkle root over the content hashes of appended rows, in their order."""
    cursor = backend.con.execute(ROWS_OF_A_LEAF, [str(rows)])
    some = iter(partial(cursor.fetchmany, LEAVES_AT_ONCE), [])
    hashes = (trail.leaf(bytes.fromhex(row[0])) for row in chain.from_iterable(some))
    return trail.merkle_root(hashes).hex()


def _transaction(upload: Upload) -> str:
    """Return the name under which the ledger knows the promotion."""
    return f"upload-{upload.pk}"


def _sources(upload: Upload, backend: Backend) -> tuple[str, ...]:
    accepted = folders.folder_of(upload) / validation.ACCEPTED
    found = backend.con.execute(
        f"SELECT DISTINCT source_system FROM {parquet(accepted)} ORDER BY 1"
    )
    return tuple(row[0] for row in found.fetchall())


def _commit(here: Ledger, backend: Backend, upload: Upload, plan: Plan) -> dict[str, int]:
    """Append rows and superseded lines, each commit once however often this runs."""
    folder, name = folders.folder_of(upload), _transaction(upload)
    accepted = folder / validation.ACCEPTED
    here.append(backend.con, plan.kind, folder / APPEND, of=accepted, transaction=name)
    here.append(backend.con, "superseded", folder / LINES, transaction=name)
    return here.versions()


def _publish(  # noqa: PLR0917 - everything that one transaction makes true
    running: jobs.Running,
    upload: Upload,
    plan: Plan,
    sources: tuple[str, ...],
    classified: Counts,
    versions: dict[str, int],
    root: str,
) -> None:
    """Write snapshot, holding, status and event: from here on it is true."""
    with transaction.atomic():
        running.assert_held(cancellable=False)
        counts = {name: classified.outcomes.get(name, 0) for name in COUNTS[1:-2]}
        if not move(upload, Upload.Status.PROMOTING, Upload.Status.PROMOTED, **counts):
            return
        for name in sources:
            source, _ = Source.objects.get_or_create(
                name=name,
                defaults={
                    "patient_domain": name,
                    "change_policy": plan.change_policy,
                    "synthetic": plan.synthetic,
                },
            )
            upload.sources.add(source)
        snapshot = publish_snapshot(upload, versions, classified.next_seq - 1)
        _hold(upload, plan, snapshot)
        record(
            upload,
            trail.Action.UPLOAD_PROMOTED,
            actor_of(running.job),
            ledger_version=snapshot.number,
            merkle_root=root,
        )
        _go_on(running, upload, snapshot)


def _go_on(running: jobs.Running, upload: Upload, snapshot: Snapshot) -> None:
    """Ask for what comes next: the promotion of what is left of the receipt, then the rules."""
    actor, parameters = actor_of(running.job), running.job.parameters
    staged = [each for each in upload.together() if each.status == Upload.Status.STAGED]
    if staged:
        jobs.enqueue("promote", "upload", staged[-1].pk, parameters, actor)
    elif parameters.get("then_evaluate"):
        jobs.enqueue("evaluate", "snapshot", snapshot.number, {}, actor)


def _hold(upload: Upload, plan: Plan, snapshot: Snapshot) -> None:
    """State the period for which the upload's kind is complete, as told or read off the file."""
    kind = KINDS[plan.kind]
    today = timezone.localdate(upload.received_at)
    begins = upload.covers_from or upload.first_date
    ends = upload.covers_to or (today if kind.open_ended else upload.last_date)
    if begins and ends and begins <= ends:
        Holding.objects.create(
            kind=kind.name,
            covers_from=begins,
            covers_to=ends,
            states=upload.covers_states,
            stated=upload.covers_from is not None,
            upload=upload,
            since=snapshot,
        )
