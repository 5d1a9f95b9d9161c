"""Write flags, or what a rule said of everybody, to a file."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audits import exports
from audits.catalogue import named
from audits.exports import Column, Row
from audits.management.console import Console, Refusal, actor_of
from audits.models import Flag
from audits.vocabulary import Severity


class Command(Console):
    """Export in the foreground; the file appears whole or not at all."""

    help = "Write flags, or what a rule said of everybody, to a CSV or JSON file."

    def add_options(self, parser: CommandParser) -> None:
        """Declare what to write, where, and how to narrow it."""
        parser.add_argument("what", choices=("flags", "answers"))
        parser.add_argument("--format", choices=tuple(exports.FORMATS), default="csv")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--rule", default="", metavar="R", help="R01 or a name")
        parser.add_argument("--severity", choices=[s.value for s in Severity], default="")
        parser.add_argument("--status", choices=Flag.Status.values, default="")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return what was written: rows, bytes and SHA-256."""
        actor = actor_of(options["acting"])
        facts = {n: options[n] for n in ("rule", "severity", "status", "format") if options[n]}
        columns, rows = _asked(options)
        try:
            made = exports.deliver(
                options["output"],
                options["format"],
                columns,
                rows,
                lambda made: exports.tell(made, options["what"], actor, **facts),
            )
        except exports.NotWritable as error:
            raise Refusal(str(error)) from None
        return {
            "what": options["what"],
            "file": str(options["output"]),
            "rows": made.rows,
            "bytes": made.size,
            "sha256": made.sha256,
        }, 0

    def tell(self, answer: dict) -> None:
        """Print one line on the file."""
        self.stdout.write(
            f"{answer['file']}: {answer['rows']:,} {answer['what']}, SHA-256 {answer['sha256']}"
        )


def _asked(options: dict) -> tuple[Sequence[Column], Iterable[Row]]:
    """Return the columns and rows that the options ask for; raises Refusal."""
    rule = named(options["rule"]) if options["rule"] else None
    if options["what"] == "flags":
        name = rule.name if rule else ""
        states = exports.exportable(name, options["severity"], options["status"])
        return exports.FLAG_COLUMNS, exports.flag_rows(states)
    if rule is None:
        raise Refusal("Say which rule's answers to write: --rule R01.")
    if options["severity"] or options["status"]:
        raise Refusal("--severity and --status narrow flags, not answers.")
    try:
        return exports.ANSWER_COLUMNS, exports.answer_rows(rule)
    except exports.NothingEvaluated as error:
        raise Refusal(str(error)) from None
