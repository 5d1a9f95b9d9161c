"""Write flags, what a rule said of everybody, or the tables it read, to a file."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audits import exports, trail
from audits.catalogue import named
from audits.evaluation.statements import write_tables
from audits.exports import Column, Row
from audits.management.console import Console, Refusal, actor_of
from audits.models import Flag
from audits.rule import Rule
from audits.vocabulary import Severity


class Command(Console):
    """Export in the foreground; the file appears whole or not at all."""

    help = (
        "Write flags, or what a rule said of everybody, to a CSV, JSON or Excel file; or the "
        "tables that a rule reads to a DuckDB file, for the SQL on its page."
    )

    def add_options(self, parser: CommandParser) -> None:
        """Declare what to write, where, and how to narrow it."""
        parser.add_argument("what", choices=("flags", "answers", "tables"))
        named = "by default as the file is named, else csv"
        parser.add_argument("--format", choices=tuple(exports.FORMATS), help=named)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--rule", default="", metavar="R", help="R01 or a name")
        parser.add_argument("--severity", choices=[s.value for s in Severity], default="")
        parser.add_argument("--status", choices=Flag.Status.values, default="")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return what was written: rows, bytes and SHA-256."""
        actor = actor_of(options["acting"])
        ending = options["output"].suffix.lower().removeprefix(".")
        options["format"] = options["format"] or (ending if ending in exports.FORMATS else "csv")
        narrowed = ("rule", "severity", "status", *(() if _is_tables(options) else ("format",)))
        facts = {n: options[n] for n in narrowed if options[n]}

        def tell_of(made: exports.Made) -> None:
            exports.tell(made, options["what"], actor, **facts)

        try:
            made = _made(options, actor, facts, tell_of)
        except (exports.NotWritable, exports.NothingEvaluated, exports.CellTooLong) as error:
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


def _is_tables(options: dict) -> bool:
    return options["what"] == "tables"


def _made(
    options: dict,
    actor: trail.Actor,
    facts: dict[str, str],
    tell_of: Callable[[exports.Made], None],
) -> exports.Made:
    """Write the file that the options ask for; raises NotWritable, NothingEvaluated, Refusal."""
    path = options["output"]
    if not _is_tables(options):
        columns, rows = _asked(options)
        about = _about(options, actor, facts)
        layout = options["format"]
        return exports.deliver(path, layout, columns, rows, about=about, tell_of=tell_of)
    rule = _whose(options)
    evaluation = exports.last_of(rule)
    return exports.deliver_made(path, lambda into: write_tables(evaluation, rule, into), tell_of)


def _whose(options: dict) -> Rule:
    """Return the one rule that was asked for; raises Refusal."""
    if not options["rule"]:
        raise Refusal(f"Say which rule's {options['what']} to write: --rule R01.")
    if options["severity"] or options["status"]:
        raise Refusal(f"--severity and --status narrow flags, not {options['what']}.")
    return named(options["rule"])


def _asked(options: dict) -> tuple[Sequence[Column], Iterable[Row]]:
    """Return the columns and rows that the options ask for; raises Refusal."""
    if options["what"] == "flags":
        name = named(options["rule"]).name if options["rule"] else ""
        states = exports.exportable(name, options["severity"], options["status"])
        return exports.FLAG_COLUMNS, exports.flag_rows(states)
    return exports.ANSWER_COLUMNS, exports.answer_rows(_whose(options))


def _about(options: dict, actor: trail.Actor, facts: dict[str, str]) -> exports.About:
    """Return what the export is, once ``_asked`` has found it possible."""
    if options["what"] == "answers":
        return exports.about_answers(actor, named(options["rule"]))
    narrowed = {name: text for name, text in facts.items() if name != "format"}
    return exports.about_flags(actor, narrowed)
