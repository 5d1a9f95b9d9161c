"""What the commands share: who asks, one line for a refusal, one object on request."""

import getpass
import json
import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, ProgrammingError

from audits import jobs, trail
from audits.ledger import LedgerError
from audits.models import Job, User
from audits.rule import RuleError

NO_DATABASE = "The database has no tables yet, or none that fit. Run: manage.py migrate"

UNDEFINED_TABLE = "42P01"  # PostgreSQL's number; its words are in the server's language


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The command cannot do what it is asked; the message is one line with the remedy."""


class Console(BaseCommand):
    """A command with ``--json`` and ``--as``; a refusal is one line on standard error, exit 1."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what every command takes, then what this one does."""
        # They look at pages and forms, which no command has; what serves pages looks at its start.
        parser.set_defaults(skip_checks=True)
        parser.add_argument("--json", action="store_true", help="print one JSON object, no words")
        parser.add_argument(
            "--as", dest="acting", metavar="USER", default="", help="act as this user"
        )
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """Declare the options of this command alone."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer and print; end with the status that the answer carries."""
        try:
            answer, status = self.answer(**options)
        except (Refusal, RuleError, LedgerError, jobs.Refused) as refusal:
            self.refuse(str(refusal))
        except (OperationalError, ProgrammingError) as error:
            self.refuse(NO_DATABASE if _lacks_tables(error) else f"Database: {_first_line(error)}")
        if options["json"]:
            self.stdout.write(json.dumps(answer, default=_plain))
        else:
            self.tell(answer)
        if status:
            sys.exit(status)

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Do the work and return what to print and the exit status."""
        raise NotImplementedError

    def tell(self, answer: dict) -> None:
        """Print the answer in words."""
        for name, value in answer.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")

    def refuse(self, sentence: str) -> None:
        """Say why not, on one line of standard error, and end with 1."""
        self.stderr.write(" ".join(sentence.split()), style_func=str)
        sys.exit(1)


def actor_of(username: str) -> trail.Actor:
    """Return the user named by ``--as``, else the account that runs the command."""
    if not username:
        return trail.Actor.command(getpass.getuser())
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Refusal(f"No active user is called {username!r}.")
    return trail.Actor.of_user(user)


def done(job: Job) -> Job:
    """Run ``job`` here and return it succeeded; raises Refusal with its sentence."""
    job = jobs.run_in_foreground(job)
    if job.state != Job.State.SUCCEEDED:
        raise Refusal(job.error or f"The work was {job.get_state_display().lower()}.")
    return job


def day(text: str) -> date:
    """Return the date that ``text`` writes as YYYY-MM-DD; raises Refusal."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text!r} is not a date written YYYY-MM-DD.") from None


def _lacks_tables(error: Exception) -> bool:
    """Return whether a table was not found, in either engine's words."""
    undefined = getattr(error.__cause__, "sqlstate", None) == UNDEFINED_TABLE
    return undefined or "no such table" in str(error)


def _first_line(error: Exception) -> str:
    """Return what is wrong without the lines in which PostgreSQL quotes statement and values."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _plain(value: object) -> str:
    """Return dates and exact numbers as text for JSON."""
    return str(value)
