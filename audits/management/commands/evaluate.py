"""Put the rules to the newest records and raise flags."""

from typing import Any

from django.core.management.base import CommandParser

from audits import evaluation
from audits.catalogue import named
from audits.management.console import Console, actor_of, day, done
from audits.models import Evaluation


class Command(Console):
    """Evaluate in the foreground; no worker is needed."""

    help = "Put the rules to the newest records and raise flags."

    def add_options(self, parser: CommandParser) -> None:
        """Declare which rules, as of which day, and whether to ask about everybody."""
        parser.add_argument(
            "--rule", action="append", default=[], metavar="R", help="R01 or a name"
        )
        parser.add_argument("--full", action="store_true", help="ask about every subject again")
        parser.add_argument("--as-of", default="", metavar="DATE", help="YYYY-MM-DD")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return the counts of the published evaluation."""
        rules = [named(text).name for text in options["rule"]] or None
        as_of = day(options["as_of"]) if options["as_of"] else None
        actor = actor_of(options["acting"])
        job = done(evaluation.ask(rules, actor, full=options["full"], as_of=as_of))
        published = Evaluation.objects.get(job=job.public_id)
        return {
            "evaluation": published.pk,
            "ledger_version": published.snapshot_id,
            "as_of": published.as_of.isoformat(),
            "rules": published.rules,
            "flags": published.flags,
        }, 0

    def tell(self, answer: dict) -> None:
        """Print the counts of each rule and of the flags."""
        self.stdout.write(
            f"evaluation {answer['evaluation']}: ledger version {answer['ledger_version']}, "
            f"as of {answer['as_of']}"
        )
        for name, counts in answer["rules"].items():
            words = ", ".join(f"{value:,} {key.replace('_', ' ')}" for key, value in counts.items())
            self.stdout.write(f"  {name}: {words}")
        self.stdout.write("  flags: " + ", ".join(f"{v:,} {k}" for k, v in answer["flags"].items()))
