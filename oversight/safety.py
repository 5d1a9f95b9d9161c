"""Whether the database is safe to serve from: durable, guarded, and each role in its place.

The same look is a check of ``manage.py check --deploy --database default`` and the gate at
which web and workers turn back.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from audits.trail import triggers

from . import rights

REFUSED = 4  # gunicorn takes this exit of a worker for "do not try again"
GRANT = "Run manage.py grant_roles as the owner of the tables."
PLACE = "SELECT current_database(), current_schema(), system_identifier FROM pg_control_system()"
POSTGRES_MUST: dict[str, Sequence[str]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
    "server_encoding": ("UTF8",),
}
SQLITE_MUST: dict[str, Sequence[str]] = {
    "journal_mode": ("wal",),
    "synchronous": ("2", "3"),
    "foreign_keys": ("1",),
    "recursive_triggers": ("1",),
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is unsafe, in one sentence, and the remedy. ``grave`` keeps the doors shut."""

    sentence: str
    remedy: str
    number: int
    grave: bool = True


Look = Callable[[], Iterator[Fault]]


def faults() -> Iterator[Fault]:
    """Yield what is unsafe about the database: it could lose what it keeps, or is not guarded."""
    connection = connections[DEFAULT_DB_ALIAS]
    yield from _durability(connection)
    yield from _guards(connection)


def faults_of_product_role() -> Iterator[Fault]:
    """Yield what the role that the product signs in by may do and should not, or cannot do."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        yield from _own_role(connection)


def faults_of_readers() -> Iterator[Fault]:
    """Yield what is unsafe about the connection of those who only read.

    SQLite has none: there the usual one is restricted.
    """
    usual = connections[DEFAULT_DB_ALIAS]
    if usual.vendor != "postgresql":
        return
    if rights.AUDITOR not in connections.settings:
        yield Fault(
            sentence="Those who only read have no connection of their own",
            remedy="Set OVERSIGHT_AUDITOR_DATABASE_URL; the README says how.",
            number=4,
        )
        return
    reader = connections[rights.AUDITOR]
    if _place(reader) != _place(usual):
        yield Fault(
            sentence="OVERSIGHT_AUDITOR_DATABASE_URL leads to another database than DATABASE_URL",
            remedy="Both must name the same database, by different roles.",
            number=5,
        )
        return
    found = rights.of_role(reader)
    for phrase in rights.excess(found, rights.READER) + rights.lack(found, rights.READER):
        yield Fault(sentence=f"The auditor's role {phrase}", remedy=GRANT, number=6)


def check(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Return a warning for each fault of the database: a check under ``Tags.database``.

    Warnings and not errors, or ``migrate``, which mends some, would refuse to start.
    """
    return _warnings(faults) if DEFAULT_DB_ALIAS in (databases or ()) else []


def check_roles(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Return a warning for each role that is out of its place: the same, for ``--deploy``."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    return _warnings(faults_of_product_role, faults_of_readers)


def refuse_unless_safe(*looks: Look) -> None:
    """End this process with one line on standard error where a look finds a grave fault.

    Without ``looks`` all are taken.
    """
    try:
        found = [each for look in looks or EVERYTHING for each in look() if each.grave]
    except Error as error:
        line = " ".join(str(error).split())
        found = [Fault(sentence=f"The database does not answer: {line}", remedy="", number=0)]
    finally:
        connections.close_all()
    if found:
        first, more = found[0], len(found) - 1
        others = f" ({more} more: manage.py check --deploy --database default)" if more else ""
        print(f"Oversight: {first.sentence}. {first.remedy}{others}".strip(), file=sys.stderr)
        sys.exit(REFUSED)


EVERYTHING = (faults, faults_of_product_role, faults_of_readers)


def _warnings(*looks: Look) -> list[checks.CheckMessage]:
    return [
        checks.Warning(f"{each.sentence}.", hint=each.remedy, id=f"oversight.W{each.number:03}")
        for look in looks
        for each in look()
    ]


def _durability(connection: BaseDatabaseWrapper) -> Iterator[Fault]:
    sqlite = connection.vendor == "sqlite"
    if sqlite and connection.is_in_memory_db():
        return
    ask = "PRAGMA" if sqlite else "SHOW"
    with connection.cursor() as cursor:
        for name, good in (SQLITE_MUST if sqlite else POSTGRES_MUST).items():
            cursor.execute(f"{ask} {name}")
            value = str(cursor.fetchone()[0])
            if value not in good:
                yield Fault(
                    sentence=f"The database runs with {name} = {value}",
                    remedy=f"Set it to {good[0]}: what was said to be kept could be lost.",
                    number=1,
                )


def _guards(connection: BaseDatabaseWrapper) -> Iterator[Fault]:
    for message in triggers.check(None, databases=[connection.alias]):
        yield Fault(sentence=message.msg.rstrip("."), remedy=message.hint, number=2)


def _own_role(connection: BaseDatabaseWrapper) -> Iterator[Fault]:
    found = rights.of_role(connection)
    if found.owned:
        yield Fault(
            sentence="The product signs in as the owner of the tables and could unguard the trail",
            remedy="Serve by another role; the README says how.",
            number=3,
            grave=False,
        )
        return
    wanted = rights.of_product(found.tables)
    for phrase in rights.excess(found, wanted) + rights.lack(found, wanted):
        yield Fault(sentence=f"The product's role {phrase}", remedy=GRANT, number=3)


def _place(connection: BaseDatabaseWrapper) -> tuple:
    """Return what tells one database from another, whatever address leads there."""
    with connection.cursor() as cursor:
        cursor.execute(PLACE)
        return cursor.fetchone()
