"""``manage.py settle``: choose where a file says something else than is held."""

from typing import Any

from django.core.management.base import CommandParser

from audits import ingestion, jobs, snapshots, trail
from audits.ingestion import conflicts
from audits.ingestion.conflicts import Conflict
from audits.management.console import Console, Refusal, actor_of, done
from audits.models import Job, Settlement, Upload, User

MAY = "audits.upload_records"
MOST_OF_ONE = 1_000  # rows of one record in one file


class Command(Console):
    """Settle the conflicts of an upload, all or those named, at most 100 in one choice."""

    help = (
        "Settle conflicts of a promoted upload: keep what is held, or take what the file says. Of "
        "several rows of one record the last in the file is taken. Nothing is deleted."
    )

    def add_options(self, parser: CommandParser) -> None:
        """Declare which conflicts, the choice and why."""
        parser.add_argument("upload", type=int, metavar="UPLOAD", help="number of the upload")
        choice = parser.add_mutually_exclusive_group(required=True)
        for each, meaning in (("keep", "what is held stays"), ("replace", "take the file's")):
            choice.add_argument(
                f"--{each}", dest="choice", action="store_const", const=each, help=meaning
            )
        parser.add_argument(
            "--record",
            action="append",
            default=[],
            metavar="ID",
            help="only this record; SOURCE/ID where several sources have it; may be repeated",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; the trail keeps it")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return how many conflicts were settled and how many still wait."""
        if not options["reason"].strip():
            raise Refusal("Say why with --reason.")
        actor = _permitted(options["acting"])
        upload = Upload.objects.filter(pk=options["upload"]).first()
        if upload is None:
            raise Refusal(f"There is no upload {options['upload']}.")
        _finish(upload, actor)
        before = upload.settled_conflicts.count()
        last = options["choice"] == "replace"
        if options["record"]:
            named = [each for name in options["record"] for each in _named(upload, name, last)]
            _settle(upload, options, list(dict.fromkeys(named)), actor)
        else:
            while some := conflicts.waiting(upload, limit=Settlement.MOST, last=last):
                _settle(upload, options, some, actor)
        snapshot = snapshots.latest()
        return {
            "upload": upload.pk,
            "choice": options["choice"],
            "settled": upload.settled_conflicts.count() - before,
            "waiting": conflicts.tally(upload).waiting,
            "ledger_version": snapshot.number if snapshot else None,
        }, 0

    def tell(self, answer: dict) -> None:
        """Print what was settled and what waits."""
        done_to = {"keep": "kept", "replace": "replaced"}[answer["choice"]]
        self.stdout.write(
            f"upload {answer['upload']}: {answer['settled']:,} {done_to}, "
            f"{answer['waiting']:,} still wait, at ledger version {answer['ledger_version']}."
            + (" Evaluate for the flags." if done_to == "replaced" and answer["settled"] else "")
        )


def _permitted(username: str) -> trail.Actor:
    actor = actor_of(username)
    if actor.id.isdigit() and not User.objects.get(pk=actor.id).has_perm(MAY):
        raise Refusal(f"{actor.label} may not settle conflicts.")
    return actor


def _finish(upload: Upload, actor: trail.Actor) -> None:
    """Do to its end the choice that was cut short or waits, or wait for who is doing it.

    Raises Refusal for an upload that is not in the ledger.
    """
    job = Job.objects.filter(kind="settle", object_type="upload", object_id=str(upload.pk)).first()
    if job is not None and not job.is_ended:
        done(job)
    elif job is not None and job.error_code and upload.status == Upload.Status.PROMOTING:
        done(jobs.retry(job, actor))
    upload.refresh_from_db()
    if upload.status != Upload.Status.PROMOTED:
        raise Refusal(f"Upload {upload.pk} is {upload.get_status_display().lower()}.")


def _named(upload: Upload, name: str, last: bool) -> list[Conflict]:
    """Return the open conflicts of a record; raises Refusal where it has none or is ambiguous."""
    found = conflicts.waiting(upload, limit=MOST_OF_ONE, record=name, last=last)
    if not found:
        raise Refusal(f"No conflict of record {name} waits in upload {upload.pk}.")
    if len({each.source_system for each in found}) > 1:
        raise Refusal(f"Several sources have a record {name}; write SOURCE/{name}.")
    return found


def _settle(upload: Upload, options: dict, chosen: list[Conflict], actor: trail.Actor) -> None:
    """Carry out one choice after the other, each of at most 100 rows."""
    for begin in range(0, len(chosen), Settlement.MOST):
        seen = [each.seen for each in chosen[begin : begin + Settlement.MOST]]
        job = ingestion.ask_to_settle(
            upload, options["choice"], seen, options["reason"], actor, then_evaluate=False
        )
        done(job)
