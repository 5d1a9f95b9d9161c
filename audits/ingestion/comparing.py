"""The accepted rows of an upload held against the ledger, once for each state of it."""

import json
from pathlib import Path

from ibis.backends.duckdb import Backend

from .. import snapshots, validation
from ..ledger import Counts, classify
from ..mapping import Plan
from ..models import Snapshot, Source, Upload
from ..vocabulary import Outcome
from . import folders

BASIS = "compared.json"


def compared(backend: Backend, upload: Upload, plan: Plan, sources: tuple[str, ...]) -> Counts:
    """Return what the accepted rows would change in the newest snapshot, with the lists on disk.

    Lists that are there already and follow from the very same are not written again.
    """
    snapshot, folder = snapshots.latest(), folders.folder_of(upload)
    understood, gone = policies(sources, plan.change_policy), withdrawn()
    basis = _basis(snapshot, understood, gone)
    if found := _counted(folder / BASIS, basis):
        return found
    (folder / BASIS).unlink(missing_ok=True)
    folders.sync(folder)
    counts = classify(
        backend.con,
        folder / validation.ACCEPTED,
        kind=plan.kind,
        ledger=snapshots.ledger(),
        versions=snapshot.versions if snapshot else {},
        sequence=snapshot.sequence if snapshot else 0,
        policies=understood,
        withdrawn_uploads=gone,
        upload=upload.pk,
        first_seq=(snapshot.sequence if snapshot else 0) + 1,
        into=folder,
    )
    folders.settle(folder)
    _note(folder, {"basis": basis, **_written(counts)})
    return counts


def policies(sources: tuple[str, ...], planned: str) -> dict[str, str]:
    """Return how changes of each source are understood; unknown ones as the plan says."""
    known = dict(Source.objects.filter(name__in=sources).values_list("name", "change_policy"))
    return {name: known.get(name, planned) for name in sources}


def withdrawn() -> set[int]:
    """Return the uploads that were taken back."""
    gone = Upload.objects.filter(status=Upload.Status.WITHDRAWN)
    return set(gone.values_list("pk", flat=True))


def _basis(snapshot: Snapshot | None, understood: dict[str, str], gone: set[int]) -> dict:
    """Return everything besides the accepted rows that their comparison follows from.

    A snapshot is known by its time too: after a backup came back, another may have its number.
    """
    known = [snapshot.number, snapshot.made_at.isoformat()] if snapshot else None
    return {"snapshot": known, "policies": understood, "withdrawn": sorted(gone)}


def _counted(path: Path, basis: dict) -> Counts | None:
    """Return the counts of the lists on disk; None where they follow from something else."""
    if not path.exists():
        return None
    noted = json.loads(path.read_bytes())
    if noted["basis"] != basis:
        return None
    outcomes = {Outcome(word): count for word, count in noted["outcomes"].items()}
    return Counts(outcomes=outcomes, notes=noted["notes"], next_seq=noted["next_seq"])


def _written(counts: Counts) -> dict:
    outcomes = {outcome.value: count for outcome, count in counts.outcomes.items()}
    return {"outcomes": outcomes, "notes": dict(counts.notes), "next_seq": counts.next_seq}


def _note(folder: Path, said: dict) -> None:
    """Write the basis of the lists, which are on the disk by now, whole or not at all."""
    arriving = folder / f"{BASIS}.arriving"
    arriving.write_text(json.dumps(said))
    folders.sync(arriving)
    arriving.replace(folder / BASIS)
    folders.sync(folder)
