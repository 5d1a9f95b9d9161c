"""``manage.py withdraw``: take a promoted upload back out of the ledger, with two people."""

from typing import Any

import pyarrow.parquet as pq
from django.core.management.base import CommandParser

from audits import ingestion, snapshots, trail
from audits.management.console import Console, Refusal, actor_of, done
from audits.models import Decision, Job, Upload, User
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
        uploads = upload.together()
        touched = _resting_on(uploads)
        if options["dry_run"]:
            rows = sum(each.new + each.revised for each in uploads)
            return _said(upload, touched) | {"rows": rows}, 0
        first, second = _two_people(options)
        if upload.withdrawal_asked_by != first.label:
            ingestion.ask_for_withdrawal(upload, options["reason"], first)
        done(ingestion.confirm_withdrawal(upload, second))
        for each in uploads:  # each but the first was asked for by the one before it
            each.refresh_from_db()
            if each.status != Upload.Status.WITHDRAWN:
                done(Job.objects.filter(kind="withdraw", object_id=str(each.pk)).first())
        upload.refresh_from_db()
        return _said(upload, touched) | _lines(uploads), 0

    def tell(self, answer: dict) -> None:
        """Print what was taken back, and what rests on it."""
        touched = f"{answer['flags']:,} flags and {answer['decisions']:,} decisions rest on it"
        if "rows" in answer:
            self.stdout.write(
                f"{_named(answer)}: {answer['rows']:,} rows; {touched}. Nothing was done."
            )
            return
        self.stdout.write(
            f"{_named(answer)}: {answer['status']} at ledger version "
            f"{answer['ledger_version']}; {answer['superseded']:,} rows out of force, "
            f"{answer['lifted']:,} lines lifted; {touched}. Decisions stay; evaluate for the flags."
        )


def _named(answer: dict) -> str:
    """Return the number of the upload and of those that came with it."""
    numbers = [answer["upload"], *answer.get("together_with", ())]
    return f"upload{'s' if len(numbers) > 1 else ''} {' and '.join(map(str, numbers))}"


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
    others = [each.pk for each in upload.together() if each.pk != upload.pk]
    return {
        "upload": upload.pk,
        **({"together_with": others} if others else {}),
        "status": upload.status,
        "ledger_version": snapshot.number,
        "flags": len(touched.flags),
        "decisions": Decision.objects.filter(flag__in=touched.decided).count(),
    }


def _resting_on(uploads: list[Upload]) -> Reliance:
    """Return what rests on any of the uploads."""
    found = [resting_on(upload) for upload in uploads]
    return Reliance(
        flags=tuple(sorted({flag for each in found for flag in each.flags})),
        decided=tuple(sorted({flag for each in found for flag in each.decided})),
    )


def _lines(uploads: list[Upload]) -> dict[str, int]:
    """Return how many rows went out of force and how many lines were lifted."""
    lines = [ingestion.folder_of(each) / "withdrawal" / "lines.parquet" for each in uploads]
    found = [pq.read_table(path, columns=["lifts"]).column("lifts") for path in lines]
    superseded = sum(lifts.null_count for lifts in found)
    return {"superseded": superseded, "lifted": sum(map(len, found)) - superseded}
