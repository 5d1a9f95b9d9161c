"""Do background jobs: with a broker as they are rung, without one by looking each second."""

import getpass
import json
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audits import ingestion, jobs, tasks, trail  # noqa: F401 - tasks know the bell and all work
from audits.ledger import LedgerError
from audits.models import Job
from oversight import broker, safety, workers

NO_DATABASE = "The database does not answer or has no tables yet; manage.py migrate makes them."


class Command(BaseCommand):
    """One process a queue under one that restarts them; ``--once`` stays in this process."""

    help = "Do background jobs until told to stop (SIGTERM finishes or gives back the running job)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="empty the queues, then exit")
        parser.add_argument(
            "--poll", action="store_true", help="look into the table each second; use no broker"
        )
        parser.add_argument(
            "--queues", default=",".join(jobs.QUEUES), help="which to serve: %(default)s"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        # Given by the supervising process to its own, which end when it ends.
        parser.add_argument("--parent", type=int, help="process to end with")

    def handle(self, **options) -> None:
        """Serve the queues asked for; raise CommandError for a queue that does not exist."""
        self.as_json = options["json"]
        queues = _queues(options["queues"])
        if options["parent"]:
            broker.die_with_parent(options["parent"])
        safety.refuse_unless_safe(safety.faults, safety.faults_of_product_role)
        if not options["parent"]:
            _mend()
        if options["once"]:
            self._once(queues)
        elif len(queues) > 1:
            self._supervise(queues, options)
        elif options["poll"] or not (settings.REDIS_URL or broker.answers()):
            workers.stop_on_signals()
            jobs.work_on(queues, self._report)
        else:
            sys.exit(workers.serve(queues[0]))

    def _once(self, queues: list[str]) -> None:
        workers.stop_on_signals()
        try:
            tally = jobs.work_off(queues, self._report)
        except DatabaseError as error:
            raise CommandError(NO_DATABASE) from error
        done = {state: tally[state] for state in sorted(tally)}
        words = ", ".join(f"{number:,} {state}" for state, number in done.items())
        self._say({"jobs": tally.total(), "states": done}, f"jobs done: {words or 'none'}")

    def _supervise(self, queues: list[str], options: dict) -> None:
        base = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
        flags = [f"--{flag}" for flag in ("poll", "json") if options[flag]]
        # This process ran the checks already, and every restart would run them again.
        commands = [[*base, "--skip-checks", "--queues", queue, *flags] for queue in queues]
        serving = {"serving": queues}
        workers.supervise(commands, lambda: self._say(serving, f"serving {' and '.join(queues)}"))

    def _report(self, job: Job) -> None:
        facts = {"job": job.public_id, "kind": job.kind, "state": job.state}
        if job.error:
            facts |= {"error_code": job.error_code, "error": job.error}
        ending = f": {job.error}" if job.error else ""
        self._say(facts, f"{job}: {job.state}{ending}")

    def _say(self, facts: dict, line: str) -> None:
        self.stdout.write(json.dumps(facts) if self.as_json else line)
        self.stdout.flush()


def _mend() -> None:
    """Set aside what a power cut tore; raise CommandError where the ledger cannot be used."""
    try:
        ingestion.mend_ledger(trail.Actor.command(getpass.getuser()))
    except LedgerError as error:
        raise CommandError(str(error)) from error
    except DatabaseError:
        return  # the work itself says so, or waits for the database


def _queues(text: str) -> list[str]:
    """Return the queues named in ``text``, in their fixed order, each once."""
    asked = {name.strip() for name in text.split(",")}
    if unknown := sorted(asked - set(jobs.QUEUES)):
        known = " and ".join(jobs.QUEUES)
        raise CommandError(f"There is no queue {unknown[0]!r}; the queues are {known}.")
    return [queue for queue in jobs.QUEUES if queue in asked]
