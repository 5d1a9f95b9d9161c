"""Loading a published table: read whole, kept, and proposed; it counts once another agrees."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from .. import editions, jobs, trail
from ..formats.signatures import other_kind
from ..models import ReferenceVersion, User
from ..models.reference_version import SHIPPED, in_force
from ..reference import TABLES, shipped
from ..reference.loaders import LOADERS
from ..reference.published import Fault, File, Loaded, LoadError

State = ReferenceVersion.State
REFERENCE_PERMISSION = "manage_reference"
NOT_CHECKED, ON_ROWS = "as published, not checked by us", "on every row"
WAITS = "A version of this table waits for a second person already. Activate or discard it first."
TAKEN_OUT = "taken out of force"
HEAD = 1 << 16
DOWNLOAD = "Give the text or CSV file that is published."
UNPACK = "Unpack it and give the files inside."
SAVE = "Save its sheet as CSV UTF-8 and give that."
REMEDIES = {
    "a PDF document": "Give the text or CSV file that is published beside it.",
    "a ZIP archive": UNPACK,
    "a gzip archive": UNPACK,
    "an Excel workbook (.xlsx)": SAVE,
    "an OpenDocument spreadsheet (.ods)": SAVE,
    "an old Microsoft Office document (.xls or .doc)": SAVE,
    "an HTML page": "The download went wrong: a web page was saved in place of the file.",
}


def load(
    table: str,
    files: Sequence[File],
    *,
    edition: str,
    by: User,
    actor: trail.Actor,
    status: str = "",
) -> ReferenceVersion:
    """Read a table's files, keep them and what they hold, and propose it as a new version.

    Raises Refused with a sentence that names file, line and column; then nothing is kept.
    """
    refuse_edition(edition)
    try:
        loaded = read(table, files)
    except LoadError as error:
        raise jobs.Refused(str(error), code="wrong_file") from None
    refuse_waiting(table)
    kept = [_kept(file) for file in files]
    return propose(loaded, kept, edition=edition, status=status, by=by, actor=actor)


def read(table: str, files: Sequence[File]) -> Loaded:
    """Return what a table's files hold, beside the tables in force.

    Raises LoadError, also for what is no text at all.
    """
    strangers = [(file.name, other_kind(file.content[:HEAD])) for file in files]
    faults = [_stranger(name, kind) for name, kind in strangers if kind]
    if faults:
        raise LoadError(faults)
    with editions.in_use():
        return LOADERS[table].load(files)


def propose(
    loaded: Loaded,
    files: Sequence[dict],
    *,
    edition: str,
    by: User,
    actor: trail.Actor,
    status: str = "",
) -> ReferenceVersion:
    """Propose what was read as a new version of its table, with the event.

    ``files`` are those it was read from, which are kept already: name, sha256, size. Raises
    Refused with a sentence.
    """
    refuse_waiting(loaded.table)
    digest = editions.keep(loaded.content())
    former = in_force().get(loaded.table)
    if former and former.digest == digest:
        raise jobs.Refused(f"Its content is that of the version in force, {former.edition}.")
    if not former and _as_shipped(loaded):
        raise jobs.Refused("Its content is that of the shipped table, which is in force.")
    version = ReferenceVersion(
        table=loaded.table,
        digest=digest,
        edition=edition.strip()[:64],
        source=LOADERS[loaded.table].SOURCE,
        status=status.strip()[:200] or unchecked(loaded.table),
        rows=len(loaded.rows),
        counts=dict(loaded.counts),
        left_out=dict(loaded.left_out),
        files=list(files),
        loaded_by=by,
    )
    return _proposed(version, actor)


def take_out(table: str, *, by: User, actor: trail.Actor) -> ReferenceVersion:
    """Propose that no loaded version is in force, so that the shipped tables speak alone.

    Raises Refused with a sentence.
    """
    if table not in in_force():
        raise jobs.Refused("No loaded version of this table is in force.")
    refuse_waiting(table)
    version = ReferenceVersion(
        table=table,
        edition=TAKEN_OUT,
        source=LOADERS[table].SOURCE,
        status="the shipped tables alone",
        rows=0,
        loaded_by=by,
    )
    return _proposed(version, actor)


def unchecked(table: str) -> str:
    """Return what is known of a version where nobody says anything: rows may say it themselves."""
    return ON_ROWS if table in TABLES else NOT_CHECKED


def refuse_edition(edition: str) -> None:
    """Raise Refused where ``edition`` is no name of one."""
    if not edition.strip() or edition.strip() == SHIPPED:
        raise jobs.Refused("Say which edition it is, as its publisher calls it.")


def refuse_waiting(table: str) -> None:
    """Raise Refused where a version of the table waits for a second person."""
    if ReferenceVersion.objects.filter(table=table, state=State.PROPOSED).exists():
        raise jobs.Refused(WAITS)


def _as_shipped(loaded: Loaded) -> bool:
    return loaded.table in TABLES and list(loaded.rows) == list(shipped(loaded.table))


def _stranger(name: str, kind: str) -> Fault:
    problem = f"It is {kind}, not a text table."
    return Fault(file=name, problem=problem, remedy=REMEDIES.get(kind, DOWNLOAD))


def _kept(file: File) -> dict:
    """Keep a file as it came and return what the version remembers of it."""
    kept = editions.keep(file.content)
    return {"name": file.name[-255:], "sha256": kept, "size": len(file.content)}


def _proposed(version: ReferenceVersion, actor: trail.Actor) -> ReferenceVersion:
    """Write a version with its event."""
    try:
        with transaction.atomic():
            version.save(force_insert=True)
            tell(version, trail.Action.REFERENCE_LOADED, actor)
    except IntegrityError:
        raise jobs.Refused(WAITS) from None
    return version


def tell(version: ReferenceVersion, action: trail.Action, actor: trail.Actor) -> None:
    """Write the event of an act on a version; its files are in it by their digests."""
    trail.record(
        actor=actor,
        action=action,
        object_type="reference_version",
        object_id=str(version.pk),
        after={
            "table": version.table,
            "digest": version.digest,
            "edition": version.edition,
            "rows": version.rows,
            "counts": version.counts,
            "files": [file["sha256"] for file in version.files],
            "state": version.state,
        },
        reason=version.decision_reason,
    )
