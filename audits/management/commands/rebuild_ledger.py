"""``manage.py rebuild_ledger``: do the stored files still make the ledger that is in use?"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import transaction

from audits import trail
from audits.ingestion.checking import REFUSALS
from audits.management.console import Console, Refusal, actor_of
from audits.verification.rebuilding import UNREADABLE, Rebuilt, rebuild


class Command(Console):
    """Rebuild every table from the stored originals into a folder, and compare."""

    help = "Rebuild the ledger from the stored files into a folder; exit 1 where it differs."

    def add_options(self, parser: CommandParser) -> None:
        """Declare where the new ledger goes."""
        parser.add_argument("--into", required=True, type=Path, metavar="FOLDER")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return whether the rebuilt ledger is the one in use, or the first difference."""
        into = _empty(options["into"])
        actor = actor_of(options["acting"])
        try:
            rebuilt = rebuild(into, lambda done, of: None)
        except (*REFUSALS, OSError) as error:
            raise Refusal(f"A stored file no longer goes through: {error}") from error
        _record(rebuilt, actor)
        return {
            "equal": rebuilt.difference is None,
            "into": str(into),
            "snapshots": rebuilt.snapshots,
            "rows": rebuilt.rows,
            "difference": asdict(rebuilt.difference) if rebuilt.difference else None,
            "fits": rebuilt.fits,
        }, int(rebuilt.difference is not None)

    def tell(self, answer: dict) -> None:
        """Print one line: equal, or the first difference."""
        told = f"{answer['snapshots']:,} ledger versions, {answer['rows']:,} rows in force"
        if answer["equal"]:
            self.stdout.write(f"The rebuilt ledger is equal to the one in use: {told}.")
            return
        words = [
            f"{name.replace('_', ' ')} {value}" for name, value in answer["difference"].items()
        ]
        self.stdout.write(f"The rebuilt ledger is NOT equal; first difference: {', '.join(words)}.")
        if answer["difference"]["side"] == UNREADABLE:
            self.stdout.write(_remedy(answer))


def _remedy(answer: dict) -> str:
    """Return what to do about a ledger in use that cannot be read."""
    theirs, ours = Path(answer["into"]) / "tables", Path(settings.LEDGER).absolute() / "tables"
    if answer["fits"]:
        return (
            f"The ledger in use cannot be read there. Stop the site and the workers, keep {ours} "
            f"elsewhere, put {theirs} in its place, and run manage.py verify_imports."
        )
    return (
        "The ledger in use cannot be read there, and the rebuilt tables number their versions "
        f"otherwise, so they cannot take its place: put {ours} back from the backup."
    )


def _empty(folder: Path) -> Path:
    """Return the folder, made where missing; raises Refusal where it is in use."""
    folder = folder.absolute()
    ledger = Path(settings.LEDGER).absolute()
    if folder == ledger or ledger in folder.parents:
        raise Refusal(f"{folder} belongs to the ledger in use. Name another folder.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} is not an empty folder. Name another one.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _record(rebuilt: Rebuilt, actor: trail.Actor) -> None:
    """Write the event of a rebuilding and how it came out."""
    equal = rebuilt.difference is None
    with transaction.atomic():
        trail.record(
            actor=actor,
            action=trail.Action.LEDGER_REBUILT,
            object_type="ledger",
            object_id="all",
            after={"snapshots": rebuilt.snapshots, "rows": rebuilt.rows, "equal": equal},
            outcome=trail.Result.SUCCESS if equal else trail.Result.FAILURE,
        )
