"""What is true of a folder after a trial; read by the process that ``child.call`` makes."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import django
import duckdb
from django.apps import apps
from django.core.management import CommandError, call_command

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")
    django.setup()

from audits import ingestion, review, trail
from audits.models import (
    Decision,
    Evaluation,
    Event,
    Flag,
    FlagState,
    Holding,
    Job,
    SettledConflict,
    Settlement,
    Snapshot,
    Upload,
    User,
)
from audits.schema import KINDS

from . import files

VERIFYING = ("verify_trail", "verify_imports", "verify_flags")
TRANSIENT = ("arriving-*", "engine-*", ".checking-*", "*.partial", "text.parquet*", "afresh-*")
SAID = "said.json"


def decide(folder: Path) -> None:
    """Decide the flag of the patient whom a later file brings up again."""
    person = User.objects.create_user("ada", password="a long pass phrase 1")
    state = FlagState.objects.seen().get(severity="medium")
    reason = "Known and agreed with the clinic."
    review.decide(state.flag, state.pk, "explained", reason, person, trail.Actor.of_user(person))
    assert Flag.objects.get(pk=state.flag_id).handling == "decided"


def queue_promotion(folder: Path, jobs: int) -> None:
    """Queue the promotion of the staged upload, ``jobs`` times."""
    upload = Upload.objects.get(status="staged")
    for _ in range(jobs):
        ingestion.ask_for_promotion(upload, trail.Actor.command("ada"), then_evaluate=False)


def look(folder: Path, expected: dict | None, verify: bool, busy_is_fine: bool) -> None:
    """Write into ``SAID`` what the folder holds, and what of that must not be."""
    told = _told(folder)
    wrong = [
        *_ledger(folder),
        *_uploads(),
        *_settlements(),
        *_jobs(busy_is_fine),
        *_originals(folder),
        *_flags(),
        *(_differences(told, expected) if expected else ()),
        *(_verified() if verify else ()),
    ]
    left = sorted({p.name for kind in TRANSIENT for p in (folder / "ledger").rglob(kind)})
    (folder / SAID).write_text(json.dumps({"told": told, "wrong": wrong, "left": left}))


def _told(folder: Path) -> dict:
    """Return everything that must come out the same as in a folder where nobody died."""
    promoted = Upload.objects.filter(status="promoted").order_by("pk")
    states = FlagState.objects.seen().select_related("flag")
    decisions = Decision.objects.select_related("flag")
    told = {
        "rows": _rows(folder),
        "uploads": [[u.sha256, *(getattr(u, n) for n in files.OUTCOMES)] for u in promoted],
        "snapshots": list(Snapshot.objects.order_by("number").values_list("number", "sequence")),
        "versions": Snapshot.objects.latest("number").versions,
        "holdings": list(Holding.objects.order_by("pk").values_list("kind", "covers_to", "since")),
        "settled": list(
            SettledConflict.objects.order_by("pk").values_list(
                "upload", "row", "accepted_seq", "settlement__choice", "settlement__snapshot"
            )
        ),
        "decisions": [
            [str(d.flag), d.flag.public_id, d.flag.handling, d.outcome, d.reason, d.covers]
            for d in decisions
        ],
        "flags": sorted(
            [str(s.flag), s.verdict, s.state_digest, s.flag.handling, bool(s.flag.recurrence_of_id)]
            for s in states
        ),
    }
    return json.loads(json.dumps(told, default=str))


def _rows(folder: Path) -> list[list]:
    """Return every row of every table at its head, superseded lines included, without uploads."""
    wanted = ("source_system", "source_record_id", "content_hash")
    found = []
    for table in _tables(folder):
        seq = "seq" if table == "superseded" else "accepted_seq"
        row = "lifts" if table == "superseded" else '"row"'
        listed = _files(folder, table)
        if listed:
            sql = f"SELECT {', '.join(wanted)}, {row}, {seq} FROM read_parquet(?)"
            found += [[table, *each] for each in duckdb.execute(sql, [listed]).fetchall()]
    return sorted(found, key=repr)


def _tables(folder: Path) -> list[str]:
    tables = folder / "ledger" / "tables"
    return sorted(path.name for path in tables.iterdir()) if tables.exists() else []


def _files(folder: Path, table: str) -> list[str]:
    """Return the files of a table's head, read off Delta's own log by this reader."""
    live: dict[str, None] = {}
    for entry in sorted((folder / "ledger" / "tables" / table / "_delta_log").glob("*.json")):
        for action in map(json.loads, entry.read_text().splitlines()):
            if "add" in action:
                live[unquote(action["add"]["path"])] = None
            if "remove" in action:
                live.pop(unquote(action["remove"]["path"]), None)
    return [str(folder / "ledger" / "tables" / table / path) for path in live]


def _ledger(folder: Path) -> Iterator[str]:
    """Yield what is wrong in the tables: rows that stand twice, heads that nobody published."""
    for table in (t for t in _tables(folder) if t in KINDS and _files(folder, t)):
        sql = "SELECT upload, row FROM read_parquet(?) GROUP BY ALL HAVING count(*) > 1"
        twice = duckdb.execute(sql, [_files(folder, table)]).fetchall()
        if twice:
            yield f"{table}: {len(twice)} rows stand twice, first {twice[0]}"
    published = Snapshot.objects.latest("number").versions
    for table in _tables(folder):
        log = folder / "ledger" / "tables" / table / "_delta_log"
        head = max(int(path.stem) for path in log.glob("*.json"))
        if head != published.get(table, 0):
            yield f"{table}: head {head}, published {published.get(table)}"


def _uploads() -> Iterator[str]:
    """Yield uploads whose counts do not add up, that are unfinished or were promoted twice."""
    outcomes = [name for name in files.OUTCOMES if name != "read"]
    for upload in Upload.objects.all():
        if upload.status in ("received", "checking", "promoting"):
            yield f"{upload} is {upload.status}"
        if upload.read != sum(getattr(upload, name) for name in outcomes):
            yield f"{upload}: counts do not add up"
    promoted = Counter(Upload.objects.filter(status="promoted").values_list("sha256", flat=True))
    promotions = Snapshot.objects.filter(settlement=None)
    snapshots = Counter(promotions.values_list("upload", flat=True))
    told = Event.objects.filter(action=trail.Action.UPLOAD_PROMOTED)
    events = Counter(told.values_list("object_id", flat=True))
    for name, counts in (
        ("files promoted", promoted),
        ("snapshots of upload", snapshots),
        ("promotions in the trail of upload", events),
    ):
        yield from (f"{name} {what}: {n}" for what, n in counts.items() if n != 1)
    if len(snapshots) != len(promoted) or len(events) != len(promoted):
        yield "uploads promoted, their snapshots and their events are not as many"


def _settlements() -> Iterator[str]:
    """Yield choices that were not carried out, and those with more or less than one event."""
    if pending := Settlement.objects.filter(settled_at=None).count():
        yield f"{pending} choices are not carried out"
    events = Event.objects.filter(action=trail.Action.CONFLICT_SETTLED).count()
    if events != Settlement.objects.count():
        yield f"{events} events of {Settlement.objects.count()} choices"


def _jobs(busy_is_fine: bool) -> Iterator[str]:
    """Yield jobs that have not succeeded."""
    for job in Job.objects.exclude(state="succeeded"):
        if not (busy_is_fine and job.error_code == "busy"):
            yield f"{job.kind} job is {job.state} {job.error_code} {job.error}"


def _originals(folder: Path) -> Iterator[str]:
    """Yield originals that are missing, extra, or not what they are named."""
    kept = {p.name: p for p in (folder / "ledger" / "originals").glob("??/??/*")}
    known = set(Upload.objects.values_list("sha256", flat=True))
    if kept.keys() != known:
        yield f"originals: {len(kept.keys() - known)} extra, {len(known - kept.keys())} missing"
    for name, path in kept.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != name:
            yield f"original {name} holds other bytes"


def _flags() -> Iterator[str]:
    """Yield what is unfinished or doubled among flags and evaluations."""
    if Evaluation.objects.filter(unpublished=True).exists():
        yield "an evaluation is not published"
    running = FlagState.objects.seen().exclude(verdict="withdrawn")
    undecided = running.exclude(flag__handling="decided").select_related("flag")
    yield from (
        f"{subject} has {n} undecided flags"
        for subject, n in Counter(str(state.flag) for state in undecided).items()
        if n != 1
    )
    if Flag.objects.filter(states=None).exists():
        yield "a flag says nothing"


def _differences(told: dict, expected: dict) -> Iterator[str]:
    """Yield in what the folder differs from one where nobody died."""
    for name, value in expected.items():
        if told[name] == value:
            continue
        if isinstance(value, dict):
            yield f"{name}: {told[name]} instead of {value}"
            continue
        ours, theirs = (Counter(map(repr, each)) for each in (told[name], value))
        more, less = ours - theirs, theirs - ours
        first = f"{list(more)[:2]} {list(less)[:2]}"
        yield f"{name}: {more.total()} too many, {less.total()} lost, first {first}"


def _verified() -> Iterator[str]:
    """Yield the verifying commands that do not say ok."""
    for name in VERIFYING:
        out, status = StringIO(), 0
        try:
            call_command(name, json=True, stdout=out, stderr=out)
        except CommandError as error:
            status = str(error)
        except SystemExit as ended:
            status = ended.code
        if status:
            yield f"{name}: {status} {out.getvalue().strip()[-300:]}"
