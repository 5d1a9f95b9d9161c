"""Free the jobs of dead workers, and ring again for those that wait."""

import getpass
import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audits import ingestion, jobs, tasks, trail  # noqa: F401 - the tasks know the bell and every kind of work

from .worker import NO_DATABASE


class Command(BaseCommand):
    """One sweep, as the workers make each 20 seconds, and what keeps uploads from the ledger."""

    help = "Free jobs whose worker died, fail hopeless ones, and ring again for waiting ones."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")
        parser.add_argument(
            "--now", action="store_true", help="do not wait to try again what must be finished"
        )

    def handle(self, **options) -> None:
        """Sweep once and print how many jobs moved."""
        try:
            counts = asdict(jobs.sweep())
            if options["now"]:
                counts["resumed"] += jobs.retry_unfinished(trail.Actor.command(getpass.getuser()))
            ingestion.release_abandoned()
            held_up = ingestion.held_up()
        except DatabaseError as error:
            raise CommandError(NO_DATABASE) from error
        words = ", ".join(f"{number:,} {what}" for what, number in counts.items())
        if options["json"]:
            self.stdout.write(json.dumps(counts | {"held_up": held_up}))
            return
        self.stdout.write(f"jobs {words}")
        if held_up:
            self.stdout.write(held_up)
