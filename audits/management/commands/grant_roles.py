"""``manage.py grant_roles``: on PostgreSQL, who may write what, said to the database itself."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import ProgrammingError, connection, transaction

from audits.management.console import Console, Refusal
from oversight import rights


class Command(Console):
    """Give each role exactly its rights; run by the owner of the tables, after each migration."""

    help = "On PostgreSQL: give the roles of product and auditors exactly the rights they need."

    def add_options(self, parser: CommandParser) -> None:
        """Declare the roles."""
        parser.add_argument("--app", required=True, metavar="ROLE", help="signs in for the product")
        parser.add_argument("--auditor", required=True, metavar="ROLE", help="for who only reads")
        parser.add_argument("--dry-run", action="store_true", help="print the SQL; change nothing")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return the SQL, applied unless ``--dry-run``."""
        if connection.vendor != "postgresql":
            raise Refusal("SQLite has no roles: there the product itself restricts who only reads.")
        app, auditor = options["app"], options["auditor"]
        _refuse_unfit(app, auditor)
        tables = rights.of_role(connection).owned
        if rights.EVENT not in tables:
            raise Refusal("Run this as the role that ran migrate and owns the tables.")
        lines = [
            *rights.grants(connection, app, rights.of_product(tables)),
            *rights.grants(connection, auditor, rights.READER),
        ]
        if not options["dry_run"]:
            _apply(lines)
        return {"applied": not options["dry_run"], "sql": lines}, 0

    def tell(self, answer: dict) -> None:
        """Print the SQL."""
        for line in answer["sql"]:
            self.stdout.write(f"{line};")
        self.stdout.write("-- applied" if answer["applied"] else "-- nothing was changed")


def _refuse_unfit(app: str, auditor: str) -> None:
    """Raise Refusal for a role that is not there, or that no grant can bind."""
    if app == auditor:
        raise Refusal("The product and the auditors need a role each.")
    for role in (app, auditor):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles WHERE rolname = %s",
                [role],
            )
            found = cursor.fetchone()
        if found is None:
            raise Refusal(
                f"There is no role {role}. Make it: CREATE ROLE {role} LOGIN PASSWORD ..."
            )
        if found[0]:
            raise Refusal(f"{role} owns the tables or may act for their owner: no grant binds it.")


def _apply(lines: list[str]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for line in lines:
                cursor.execute(line)
    except ProgrammingError as error:
        raise Refusal(f"PostgreSQL refuses the grants: {error}") from error
