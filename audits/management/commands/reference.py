"""``manage.py reference``: list, load, compare and put in force the reference tables."""

from argparse import SUPPRESS
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from audits import editions, jobs, trail, versions
from audits.management.console import Console, Refusal, actor_of, day
from audits.models import ReferenceVersion, User
from audits.models.reference_version import current_entry, in_force
from audits.reference import TABLES
from audits.reference.loaders import LOADERS
from audits.reference.published import File

MAY = f"audits.{versions.REFERENCE_PERMISSION}"
SHOWN = 1_000
NAMES = tuple(name.replace("_", "-") for name in LOADERS)
OWN = tuple(name for name in NAMES if name.replace("-", "_") in TABLES)
State = ReferenceVersion.State


class Command(Console):
    """Reference tables: what is in force, new versions, what they change, where two disagree."""

    help = "List reference tables; load, compare, activate or discard a version of one."

    def add_options(self, parser: CommandParser) -> None:
        """Declare what can be done."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="WHAT")
        acts.add_parser("list", help="every table and its version in force")
        load = acts.add_parser("load", help="read files and propose them as a new version")
        load.add_argument("table", choices=NAMES)
        load.add_argument("files", nargs="+", type=Path, metavar="FILE")
        load.add_argument("--edition", required=True, help="as its publisher calls it: 2026-11")
        load.add_argument("--status", default="", help="what is known of it, if it was checked")
        for act, says in (
            ("diff", "what the proposed version changes"),
            ("activate", "put the proposed version in force; not by who loaded it"),
            ("discard", "set the proposed version aside"),
            ("take-out", "propose that the shipped tables speak alone again"),
        ):
            of_table = acts.add_parser(act, help=says)
            of_table.add_argument("table", choices=NAMES)
            if act in ("activate", "discard"):
                of_table.add_argument("--reason", default="", metavar="TEXT")
        write = acts.add_parser("write", help="write a table that ships, as it is in force, as CSV")
        write.add_argument("table", choices=OWN)
        write.add_argument("--output", required=True, type=Path, metavar="FILE")
        apart = acts.add_parser("disagreements", help="schedules that FDA and CDC list differently")
        apart.add_argument("--on", default="", metavar="YYYY-MM-DD", help="the day; default today")

        for each in acts.choices.values():
            each.add_argument("--json", action="store_true", default=SUPPRESS)
            each.add_argument("--as", dest="acting", metavar="USER", default=SUPPRESS)

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Do what is asked; the answer has the act and what came of it."""
        table = options.get("table", "").replace("-", "_")
        act = options["act"]
        if act == "list":
            return {"act": act, "tables": _listed()}, 0
        if act == "disagreements":
            return {"act": act, **_disagreements(options["on"])}, 0
        if act == "write":
            return {"act": act, **_written(table, options["output"])}, 0
        if act == "diff":
            return {"act": act, **_difference(_proposed(table))}, 0
        by, actor = _permitted(options["acting"])
        return {"act": act, **_told(_acted(act, table, options, by, actor))}, 0

    def tell(self, answer: dict) -> None:
        """Print one line for each thing found."""
        for each in answer.get("tables", ()):
            since = f" since {each['since']}" if each["since"] else ""
            self.stdout.write(
                f"{each['table']}: {each['edition']}, {each['rows']:,} rows, "
                f"{each['digest'][:12]}{since}"
            )
        for each in answer.get("found", ()):
            self.stdout.write("  ".join(str(value) for value in each.values() if value))
        for name, value in answer.items():
            if name not in ("tables", "found"):
                self.stdout.write(f"{name.replace('_', ' ')}: {_words(value)}")


def _acted(act: str, table: str, options: dict, by: User, actor: trail.Actor) -> ReferenceVersion:
    """Do the act of a person and return the version."""
    if act == "load":
        files = [_file(path) for path in options["files"]]
        edition, status = options["edition"], options["status"]
        return versions.load(table, files, edition=edition, status=status, by=by, actor=actor)
    if act == "take-out":
        return versions.take_out(table, by=by, actor=actor)
    settle = versions.activate if act == "activate" else versions.discard
    return settle(_proposed(table), by=by, actor=actor, reason=options["reason"])


def _permitted(username: str) -> tuple[User, trail.Actor]:
    """Return who acts; raises Refusal unless it is a person who may."""
    actor = actor_of(username)
    if not actor.id.isdigit():
        raise Refusal("Say who you are with --as USER: a version in force is of two people.")
    by = User.objects.get(pk=actor.id)
    if not by.has_perm(MAY):
        raise Refusal(f"{username} may not manage reference tables.")
    return by, actor


def _file(path: Path) -> File:
    try:
        return File(path.name, path.read_bytes())
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from None


def _written(table: str, path: Path) -> dict:
    content = editions.content(table)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.") from None
    return {"table": table, "output": str(path), "sha256": sha256(content).hexdigest()}


def _proposed(table: str) -> ReferenceVersion:
    version = ReferenceVersion.objects.filter(table=table, state=State.PROPOSED).first()
    if version is None:
        raise jobs.Refused("No version of this table waits. Load one first.")
    return version


def _told(version: ReferenceVersion) -> dict:
    return {
        "version": version.pk,
        **version.as_entry(),
        "state": version.state,
        "rows": version.rows,
        "counts": version.counts,
        "left_out": version.left_out,
    }


def _listed() -> list[dict]:
    """Return every table that ships or is loaded, as it is in force."""
    loaded = in_force()
    names = [*TABLES, *(name for name in loaded if name not in TABLES)]
    entries = [current_entry(name, loaded.get(name)) for name in names]
    return [{"rows" if k == "row_count" else k: v for k, v in each.items()} for each in entries]


def _difference(version: ReferenceVersion) -> dict:
    found = versions.compare(version)
    return {
        "edition": version.edition,
        "against": found.against,
        "counts": found.counts,
        "reordered": found.reordered,
        "codes_in_records": len(found.held or {}),
        "rows_of_records": found.held_rows,
        "found": [
            {
                "code": each.code,
                "kind": each.kind,
                "facts": ", ".join(each.facts),
                "before": _words(each.before or {}),
                "after": _words(each.after or {}),
                "rows": (found.held or {}).get(each.code, 0),
            }
            for each in found.found[:SHOWN]
        ],
    }


def _disagreements(on: str) -> dict:
    moment = day(on) if on else timezone.now().date()
    found = versions.differing_schedules(moment)
    if found is None:
        raise Refusal("Load and activate both fda-ndc and cdc-mme first.")
    return {"on": moment, "total": len(found), "found": [vars(each) for each in found]}


def _words(value: object) -> object:
    """Return facts and counts in words."""
    if not isinstance(value, dict):
        return value
    return ", ".join(f"{name.replace('_', ' ')} {told}" for name, told in value.items() if told)
