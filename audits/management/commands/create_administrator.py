"""Makes an account from the command line: the first administrator, or one of another role."""

import getpass
import json

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits import accounts, trail


class Command(BaseCommand):
    """Make one account and print its random password, this once."""

    help = "Make an account, by default an administrator's, and print its password once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the name, the role and the form of the answer."""
        parser.add_argument("username", help="The name to sign in with.")
        parser.add_argument("--role", default="administrator", choices=list(accounts.ROLES))
        parser.add_argument("--json", action="store_true", help="Answer as one line of JSON.")

    def handle(self, **options: object) -> None:
        """Make the account."""
        actor = trail.Actor.command(getpass.getuser())
        try:
            user, password = accounts.create(options["username"], options["role"], actor)
        except accounts.AccountError as error:
            raise CommandError(str(error)) from None
        facts = {"username": user.username, "role": options["role"], "password": password}
        self.stdout.write(_line(facts) if options["json"] else _words(facts))


def _line(facts: dict[str, str]) -> str:
    return json.dumps(facts)


def _words(facts: dict[str, str]) -> str:
    return (
        f"Account {facts['username']} ({facts['role']}) made. "
        f"Password, shown this once: {facts['password']}"
    )
