"""The second person's word on a loaded version: in force, or set aside."""

from django.db import transaction
from django.utils import timezone

from .. import editions, jobs, proposals, snapshots, trail
from ..models import ReferenceVersion, User
from ..models.reference_version import in_force
from ..reference import TABLES
from ..reference.loaders import LOADERS
from ..reference.published import File, LoadError
from .loading import tell

State = ReferenceVersion.State
OWN = "You loaded this version; another person has to put it in force."
GONE = "The kept file of this version is missing or altered. Discard it and load its files again."


def activate(
    version: ReferenceVersion, *, by: User, actor: trail.Actor, reason: str = ""
) -> ReferenceVersion:
    """Put a version of somebody else in force in place of the former; then all is evaluated.

    Raises Refused with a sentence.
    """
    if version.loaded_by_id == by.pk:
        raise jobs.Refused(OWN)
    if version.digest and not editions.is_whole(version.digest):
        raise jobs.Refused(GONE)
    _refuse_unless_all_stand(version)
    with transaction.atomic():
        version = _waiting(version)
        now = timezone.now()
        ReferenceVersion.objects.filter(table=version.table, state=State.ACTIVE).update(
            state=State.SUPERSEDED, superseded_at=now
        )
        proposals.settle(version, by, reason, state=State.ACTIVE)
        snapshot = snapshots.latest()
        if snapshot and version.loader.FEEDS:
            jobs.enqueue("evaluate", "snapshot", snapshot.number, {"full": True}, actor)
        tell(version, trail.Action.REFERENCE_ACTIVATED, actor)
    return version


def _refuse_unless_all_stand(version: ReferenceVersion) -> None:
    """Raise Refused where a table in force could not be loaded beside what the version brings.

    Each was checked beside the tables of its own day.
    """
    standing = {**in_force(), version.table: version}
    if not version.digest:
        del standing[version.table]
    with editions.in_use([each.as_entry() for each in standing.values()]):
        for table in (name for name in standing if name in TABLES):
            content = editions.path(standing[table].digest).read_bytes()
            try:
                LOADERS[table].load([File(f"{table}.csv", content)])
            except LoadError as error:
                raise jobs.Refused(f"Beside this version one in force is wrong. {error}") from None


def discard(
    version: ReferenceVersion, *, by: User, actor: trail.Actor, reason: str
) -> ReferenceVersion:
    """Set a proposed version aside; whoever loaded it may do so too. Its files stay.

    Raises Refused with a sentence.
    """
    if not reason.strip():
        raise jobs.Refused("Say why it is discarded.")
    with transaction.atomic():
        version = _waiting(version)
        proposals.settle(version, by, reason, state=State.DISCARDED)
        tell(version, trail.Action.REFERENCE_DISCARDED, actor)
    return version


def _waiting(version: ReferenceVersion) -> ReferenceVersion:
    """Return the version, its table's versions locked; raises Refused where it is decided."""
    return proposals.locked(version, ReferenceVersion.objects.filter(table=version.table))
