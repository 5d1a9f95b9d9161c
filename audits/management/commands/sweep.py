"""Free the jobs of dead workers, and ring again for those that wait."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audits import jobs, tasks  # noqa: F401 - the tasks know the bell and every kind of work

from .worker import NO_DATABASE


class Command(BaseCommand):
    """One sweep, as the workers make each 20 seconds; safe to repeat."""

    help = "Free jobs whose worker died, fail hopeless ones, and ring again for waiting ones."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, **options) -> None:
        """Sweep once and print how many jobs moved."""
        try:
            counts = asdict(jobs.sweep())
        except DatabaseError as error:
            raise CommandError(NO_DATABASE) from error
        words = ", ".join(f"{number:,} {what}" for what, number in counts.items())
        self.stdout.write(json.dumps(counts) if options["json"] else f"jobs {words}")
