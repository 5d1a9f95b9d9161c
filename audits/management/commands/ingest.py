"""Take files into the ledger and say what became of every row."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.core.management.base import CommandParser

from audits import ingestion, jobs, snapshots, trail, validation
from audits.ingestion import Asked
from audits.keeping import blocks_of
from audits.management.console import Console, Refusal, actor_of, day, done
from audits.mapping import AUTO, PRESETS
from audits.models import Job, Snapshot, Source, Upload
from audits.schema import KINDS

LISTED = 1_000
# As wide as the columns that keep them: SQLite would keep more, PostgreSQL breaks off.
SOURCE = re.compile(r"[\w.:-]{1,40}")
STATES = re.compile(r"[A-Z]{2}(;[A-Z]{2})*")
LONGEST_STATES = 300
MOST_QUANTITY = Decimal(10) ** 15
COUNTS = (
    "read",
    "new",
    "unchanged",
    "revised",
    "voided",
    "stale",
    "duplicate",
    "conflict",
    "rejected",
    "warned",
)


class Command(Console):
    """Take each file, or files that belong together, through the whole path.

    That is: keep, read, check, promote.
    """

    help = "Take files into the ledger and say what became of every row."

    def add_options(self, parser: CommandParser) -> None:
        """Declare what may be said of the files."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--kind", choices=list(KINDS), default="", help="kind of record")
        parser.add_argument("--preset", choices=[AUTO, *PRESETS], default=AUTO)
        parser.add_argument("--source", default="", help="source system, where the file names none")
        parser.add_argument(
            "--covers", default="", metavar="FROM..TO", help="period it is whole for"
        )
        parser.add_argument("--states", default="", metavar="LIST", help="states, joined by ; or ,")
        parser.add_argument("--expect-rows", type=int, default=None, metavar="N")
        parser.add_argument("--expect-sum-quantity", type=str, default=None, metavar="SUM")
        parser.add_argument("--dry-run", action="store_true", help="check only; leave it staged")
        parser.add_argument("--synthetic", action="store_true", help="mark the source synthetic")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return what became of every file; status 1 when one was refused."""
        for path in options["files"]:
            if not path.is_file():
                raise Refusal(f"{path}: there is no such file.")
        asked, actor = _asked(options), actor_of(options["acting"])
        uploads = []
        for paths in ingestion.grouped(options["files"], asked.preset):
            for upload in _taken(paths, asked, actor, options["dry_run"]):
                if options["synthetic"]:
                    Source.objects.filter(uploads=upload).update(synthetic=True)
                uploads.append(_said(upload))
        return {"uploads": uploads}, int(any(u["status"] == "refused" for u in uploads))

    def tell(self, answer: dict) -> None:
        """Print a line for each file and one for each reason of a rejection."""
        for each in answer["uploads"]:
            counts = ", ".join(f"{each[name]:,} {name}" for name in COUNTS if each[name])
            kind = f" ({each['kind']})" if each["receipt"] and each["kind"] else ""
            told = f"{each['file']}{kind}: {each['status']}"
            self.stdout.write(f"{told}; {counts or 'no rows'}")
            if each["reason"]:
                self.stdout.write(f"  {each['reason']}")
            for line in each["rejections"][:20]:
                self.stdout.write(
                    f"  row {line['row']}, {line['column'] or 'the row'}: {line['reason']}"
                )


def _asked(options: dict) -> Asked:
    begins, ends = _period(options["covers"])
    states = ";".join(re.split(r"[;, ]+", options["states"].upper())).strip(";")
    if options["source"] and not SOURCE.fullmatch(options["source"]):
        raise Refusal("--source takes up to 40 letters, digits and . : - _ only.")
    if len(states) > LONGEST_STATES or (states and not STATES.fullmatch(states)):
        raise Refusal("--states takes two letters for each state, joined by ; as in FL;TX.")
    if options["expect_rows"] is not None and options["expect_rows"] < 0:
        raise Refusal("--expect-rows takes a number from 0 on.")
    return Asked(
        file_name="",
        kind=options["kind"],
        preset=options["preset"],
        source=options["source"],
        covers_from=begins,
        covers_to=ends,
        covers_states=states,
        expect_rows=options["expect_rows"],
        expect_quantity=_number(options["expect_sum_quantity"]),
    )


def _period(text: str) -> tuple[date | None, date | None]:
    """Return both ends of ``FROM..TO``; None, None where nothing is said."""
    if not text:
        return None, None
    begins, separator, ends = text.partition("..")
    if not separator:
        raise Refusal(f"{text!r} is not a period written FROM..TO, as 2026-01-01..2026-06-30.")
    first, last = day(begins.strip()), day(ends.strip())
    if last < first:
        raise Refusal(f"The period {text} ends before it begins.")
    return first, last


def _number(text: str | None) -> Decimal | None:
    try:
        number = None if text is None else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not (number.is_finite() and abs(number) < MOST_QUANTITY):
        raise Refusal(f"{text!r} is not a number of up to 15 digits before the point.")
    return number


def _taken(paths: list[Path], asked: Asked, actor: trail.Actor, dry_run: bool) -> list[Upload]:
    """Return the uploads of one file, or of files that belong together, as far as they came."""
    uploads, job = _received(paths, asked, actor)
    done(job)
    _refresh(uploads)
    if all(upload.repeats for upload in uploads):
        uploads = _taken_up(uploads, actor, dry_run)
    for upload in reversed([] if dry_run else uploads):
        if upload.status == Upload.Status.STAGED:
            _promote(upload, actor)
    return uploads


def _promote(upload: Upload, actor: trail.Actor) -> None:
    """Promote a staged upload, by the job that the one promoted before it asked for if any did."""
    waiting = Job.objects.filter(kind="promote", object_type="upload", object_id=str(upload.pk))
    job = waiting.exclude(state__in=Job.ENDED).first()
    done(job or ingestion.ask_for_promotion(upload, actor, then_evaluate=False))
    upload.refresh_from_db()


def _received(paths: list[Path], asked: Asked, actor: trail.Actor) -> tuple[list[Upload], Job]:
    if len(paths) > 1:
        sent = [ingestion.Sent(name=path.name, blocks=blocks_of(path)) for path in paths]
        return ingestion.receive_together(sent, asked, actor, announced=False)
    named = replace(asked, file_name=paths[0].name)
    upload, job = ingestion.receive(blocks_of(paths[0]), named, actor, announced=False)
    return [upload], job


def _refresh(uploads: list[Upload]) -> None:
    for upload in uploads:
        upload.refresh_from_db()


def _taken_up(repeats: list[Upload], actor: trail.Actor, dry_run: bool) -> list[Upload]:
    """Return the uploads that ``repeats`` repeat, with the work done that was cut short on them.

    The repeats themselves where the earlier ones are in the ledger, or are only to be checked.
    """
    earlier = [repeat.repeats for repeat in repeats]
    if earlier[0].status in (Upload.Status.RECEIVED, Upload.Status.CHECKING):
        _finish("check", earlier[0], actor)
        _refresh(earlier)
    if dry_run or all(upload.snapshots.exists() for upload in earlier):
        return repeats
    for upload in earlier:
        if upload.status == Upload.Status.PROMOTING and not upload.snapshots.exists():
            _finish("promote", upload, actor)
    _refresh(earlier)
    return earlier


def _finish(kind: str, upload: Upload, actor: trail.Actor) -> None:
    """Do the last job of this kind on ``upload`` again, or wait for who is doing it."""
    job = Job.objects.filter(kind=kind, object_type="upload", object_id=str(upload.pk)).first()
    if job.state in (Job.State.FAILED, Job.State.CANCELLED):
        job = jobs.retry(job, actor)
    done(job)
    upload.refresh_from_db()


def _said(upload: Upload) -> dict:
    """Return an upload as the object that ``--json`` prints."""
    repeated = upload.repeats and upload.repeats.status == Upload.Status.PROMOTED
    snapshot = (upload.repeats if repeated else upload).snapshots.order_by("number").first()
    total, rejections = _rejections(upload.repeats if repeated else upload)
    return {
        "upload": upload.repeats_id if repeated else upload.pk,
        "file": upload.file_name,
        "files": _files(upload),
        "receipt": upload.receipt,
        "kind": upload.kind,
        "preset": upload.preset,
        "status": "unchanged" if repeated else upload.status,
        **{name: getattr(upload, name) for name in COUNTS},
        "ledger_version": _version(snapshot),
        "reason": upload.refusal,
        "rejections_total": total,
        "rejections": rejections,
        "unmatched_drugs": (upload.repeats if repeated else upload).unmatched_drugs,
    }


def _files(upload: Upload) -> list[dict]:
    """Return the files that came with the upload; ``part`` is empty for one that came alone."""
    alone = {"part": "", "name": upload.file_name, "sha256": upload.sha256, "size": upload.size}
    return upload.files or [alone]


def _version(snapshot: Snapshot | None) -> int | None:
    latest = snapshot or snapshots.latest()
    return latest.number if latest else None


def _rejections(upload: Upload) -> tuple[int, list[dict]]:
    """Return how many reasons there are and the first thousand, in the order of the file."""
    total = sum(each["count"] for each in upload.rejection_counts)
    path = ingestion.folder_of(upload) / validation.REJECTIONS
    if not total or not path.exists():
        return total, []
    table = pq.read_table(path).sort_by("row").slice(0, LISTED)
    return total, [
        {**line, "reason": validation.explain(line["code"], line["column"])}
        for line in table.to_pylist()
    ]
