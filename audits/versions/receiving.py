"""Files of a published table as a page brings them: kept, then read by a job."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction

from .. import editions, jobs, trail
from ..keeping import displayable
from ..models import Job, ReferenceLoad, User
from ..reference.published import Fault, File, LoadError
from .loading import propose, read, refuse_edition, refuse_waiting

KIND = "load_reference"
STEPS = 3
State = ReferenceLoad.State


class Arriving(NamedTuple):
    """A file on its way: its name and its bytes in blocks."""

    name: str
    blocks: Iterable[bytes]


def receive(
    table: str,
    files: Sequence[Arriving],
    *,
    edition: str,
    by: User,
    actor: trail.Actor,
    status: str = "",
) -> tuple[ReferenceLoad, Job]:
    """Keep the files of a table and ask for the job that reads them, with the event of receipt.

    Raises Refused with a sentence where they could not become a version; then nothing is kept.
    """
    refuse_edition(edition)
    refuse_waiting(table)
    kept = [_kept(each) for each in files]
    with transaction.atomic():
        load = ReferenceLoad.objects.create(
            table=table,
            edition=edition.strip()[:64],
            status=status.strip()[:200],
            files=kept,
            sent_by=by,
        )
        job = jobs.enqueue(KIND, "reference_load", load.pk, {}, actor)
        _tell(load, trail.Action.REFERENCE_RECEIVED, actor)
    return load, job


@jobs.handles(KIND)
def read_in_a_job(running: jobs.Running) -> None:
    """Read the files that were sent; propose what they hold, or refuse them with every fault.

    Safe to repeat: the version and the end of the load are one transaction.
    """
    load = ReferenceLoad.objects.select_related("sent_by").get(pk=running.job.object_id)
    if load.state != State.RECEIVED:
        return
    actor = trail.Actor.of_user(load.sent_by)
    try:
        running.progress(0, STEPS, "reading the files")
        files = [_file(each) for each in load.files]
        running.progress(1, STEPS, "checking every row")
        loaded = read(load.table, files)
        running.progress(2, STEPS, "comparing with what is in force")
        said = {"edition": load.edition, "status": load.status}
        with running.fence():
            version = propose(loaded, load.files, by=load.sent_by, actor=actor, **said)
            load.state, load.version = State.READ, version
            load.save(update_fields=["state", "version"])
    except LoadError as error:
        _refuse(running, load, error.faults, error.total, actor)
    except jobs.Refused as refusal:
        whole = Fault(file=_names(load), problem=str(refusal), remedy="")
        _refuse(running, load, [whole], 1, actor)


def _refuse(
    running: jobs.Running,
    load: ReferenceLoad,
    faults: Sequence[Fault],
    total: int,
    actor: trail.Actor,
) -> None:
    """Set the load to refused with its faults, and write the event."""
    with running.fence():
        load.state, load.faults, load.faults_total = State.REFUSED, [vars(f) for f in faults], total
        load.save(update_fields=["state", "faults", "faults_total"])
        _tell(load, trail.Action.REFERENCE_REFUSED, actor)


def _kept(file: Arriving) -> dict:
    kept = editions.receive(file.blocks)
    return {"name": displayable(file.name), "sha256": kept.sha256, "size": kept.size}


def _file(kept: dict) -> File:
    """Return a file as it was sent; raises LoadError where it is not what was kept."""
    if not editions.is_whole(kept["sha256"]):
        problem = "The kept file is missing or altered."
        raise LoadError([Fault(file=kept["name"], problem=problem, remedy="Send it again.")])
    return File(kept["name"], editions.path(kept["sha256"]).read_bytes())


def _names(load: ReferenceLoad) -> str:
    return ", ".join(each["name"] for each in load.files)


def _tell(load: ReferenceLoad, action: trail.Action, actor: trail.Actor) -> None:
    """Write the event of an act on a load: digests and counts, never a cell of a file."""
    trail.record(
        actor=actor,
        action=action,
        object_type="reference_load",
        object_id=str(load.pk),
        after={
            "table": load.table,
            "edition": load.edition,
            "files": [file["sha256"] for file in load.files],
            "state": load.state,
            "faults": load.faults_total,
        },
    )
