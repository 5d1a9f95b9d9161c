"""``manage.py withdraw``: take a promoted upload back out of the ledger, with two people."""

from typing import Any

import pyarrow.parquet as pq
from django.core.management.base import CommandParser

from audits import ingestion, snapshots, trail
from audits.management.console import Console, Refusal, actor_of, done
from audits.models import Decision, Upload, User
from audits.verification.reliance import Reliance, resting_on

MAY = "audits.upload_records"


class Command(Console):
    """Ask and confirm in one go, each in the name of another person, and do the work here."""

    help = "Take a promoted upload back out of the ledger; nothing is deleted."

    def add_options(self, parser: CommandParser) -> None:
        """Declare which upload, why, and who confirms."""
        parser.add_argument("upload", type=int, metavar="UPLOAD", help="number of the upload")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why it is taken back")
        parser.add_argument("--second", default="", metavar="USER", help="who confirms it")
        parser.add_argument("--dry-run", action="store_true", help="only show what rests on it")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return what the withdrawal took back, or with --dry-run what it would touch."""
        upload = _promoted(options["upload"])
        touched = resting_on(upload)
        if options["dry_run"]:
            return _said(upload, touched) | {"rows": upload.new + upload.revised}, 0
        first, second = _two_people(options)
        if upload.withdrawal_asked_by != first.label:
            ingestion.ask_for_withdrawal(upload, options["reason"], first)
        done(ingestion.confirm_withdrawal(upload, second))
        upload.refresh_from_db()
        return _said(upload, touched) | _lines(upload), 0

    def tell(self, answer: dict) -> None:
        """Print what was taken back, and what rests on it."""
        touched = f"{answer['flags']:,} flags and {answer['decisions']:,} decisions rest on it"
        if "rows" in answer:
            self.stdout.write(
                f"upload {answer['upload']}: {answer['rows']:,} rows; {touched}. Nothing was done."
            )
            return
        self.stdout.write(
            f"upload {answer['upload']}: {answer['status']} at ledger version "
            f"{answer['ledger_version']}; {answer['superseded']:,} rows out of force, "
            f"{answer['lifted']:,} lines lifted; {touched}. Decisions stay; evaluate for the flags."
        )


def _promoted(number: int) -> Upload:
    """Return the upload; raises Refusal unless it stands in the ledger, or is on its way out."""
    upload = Upload.objects.filter(pk=number).first()
    if upload is None:
        raise Refusal(f"There is no upload {number}.")
    going = upload.status == Upload.Status.PROMOTING and upload.snapshots.exists()
    if upload.status != Upload.Status.PROMOTED and not going:
        raise Refusal(
            f"Upload {number} is {upload.get_status_display().lower()}; "
            "only a promoted one can be withdrawn."
        )
    return upload


def _two_people(options: dict) -> tuple[trail.Actor, trail.Actor]:
    """Return who asks and who confirms; raises Refusal where that is one, or may not."""
    if not options["reason"].strip():
        raise Refusal("Say why with --reason.")
    if not options["second"]:
        raise Refusal("Name the person who confirms with --second.")
    first, second = actor_of(options["acting"]), actor_of(options["second"])
    if first.label == second.label:
        raise Refusal("A second person must confirm the withdrawal, not the one who asks.")
    for actor in (first, second):
        if actor.id.isdigit() and not User.objects.get(pk=actor.id).has_perm(MAY):
            raise Refusal(f"{actor.label} may not withdraw uploads.")
    return first, second


def _said(upload: Upload, touched: Reliance) -> dict:
    snapshot = upload.snapshots.order_by("-number").first() or snapshots.latest()
    return {
        "upload": upload.pk,
        "status": upload.status,
        "ledger_version": snapshot.number,
        "flags": len(touched.flags),
        "decisions": Decision.objects.filter(flag__in=touched.decided).count(),
    }


def _lines(upload: Upload) -> dict[str, int]:
    """Return how many rows went out of force and how many lines were lifted."""
    path = ingestion.folder_of(upload) / "withdrawal" / "lines.parquet"
    lifts = pq.read_table(path, columns=["lifts"]).column("lifts")
    return {"superseded": lifts.null_count, "lifted": len(lifts) - lifts.null_count}
