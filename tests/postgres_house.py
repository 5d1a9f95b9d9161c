"""PostgreSQL as in production: a database of one's own, and a role for each who signs in.

The alphabet of the database is a natural language's, unlike that of the server the tests
are given, so that an order which leans on it shows.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

from oversight import settings
from oversight.rights import AUDITOR

POSTGRES = os.environ.get("OVERSIGHT_TEST_POSTGRES", "")
NO_POSTGRES = "no PostgreSQL: set OVERSIGHT_TEST_POSTGRES to a postgresql:// URL"
ALPHABET = "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database with its owner, the product's role and the auditors'."""

    name: str

    @property
    def owner(self) -> str:
        return f"{self.name}_owner"

    @property
    def app(self) -> str:
        return f"{self.name}_app"

    @property
    def auditor(self) -> str:
        return f"{self.name}_auditor"

    @property
    def roles(self) -> tuple[str, ...]:
        return self.owner, self.app, self.auditor

    def url(self, role: str) -> str:
        server = urlsplit(POSTGRES)
        return f"postgresql://{role}@{server.hostname}:{server.port or 5432}/{self.name}"

    def rows(self, statement: str, *, superuser: bool = False) -> list[tuple]:
        """Run a statement as the owner, or as the superuser of the tests."""
        role = urlsplit(POSTGRES).username if superuser else self.owner
        with psycopg.connect(self.url(role), autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []


@contextmanager
def database() -> Iterator[Database]:
    """Yield an empty database; it and its roles are gone afterwards."""
    made = Database(name=f"oversight_{secrets.token_hex(4)}")
    names = {"name": sql.Identifier(made.name), "owner": sql.Identifier(made.owner)}
    for role in made.roles:
        on_server("CREATE ROLE {role} LOGIN", role=sql.Identifier(role))
    on_server(f"CREATE DATABASE {{name}} OWNER {{owner}} TEMPLATE template0 {ALPHABET}", **names)
    try:
        yield made
    finally:
        on_server("DROP DATABASE {name} WITH (FORCE)", **names)
        for role in made.roles:
            on_server("DROP ROLE {role}", role=sql.Identifier(role))


@contextmanager
def migrated() -> Iterator[Database]:
    """Yield a database with its tables, made in this process, and with the grants."""
    with database() as made:
        with in_use(made.url(made.owner)):
            call_command("migrate", verbosity=0, interactive=False)
            roles = ("--app", made.app, "--auditor", made.auditor)
            call_command("grant_roles", *roles, stdout=StringIO())
        yield made


@contextmanager
def in_use(url: str, auditor: str = "") -> Iterator[None]:
    """Make PostgreSQL the database of this process, as if it had been started with these URLs."""
    kept = connections[DEFAULT_DB_ALIAS], connections.settings[DEFAULT_DB_ALIAS]
    urls = {DEFAULT_DB_ALIAS: url} | ({AUDITOR: auditor} if auditor else {})
    configured = connections.configure_settings(
        {alias: settings._database(each) for alias, each in urls.items()}
    )
    connections.settings.update(configured)
    connections[DEFAULT_DB_ALIAS] = connections.create_connection(DEFAULT_DB_ALIAS)
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        if auditor:
            connections[AUDITOR].close()
            del connections[AUDITOR], connections.settings[AUDITOR]
        connections[DEFAULT_DB_ALIAS], connections.settings[DEFAULT_DB_ALIAS] = kept
        ContentType.objects.clear_cache()


@contextmanager
def serving(made: Database, folder: Path) -> Iterator[None]:
    """Serve from ``made`` by its roles, with the ledger in ``folder``, by passwords alone."""
    names = ("VAR", "LEDGER", "DEMO")
    kept = {name: getattr(django_settings, name) for name in names}
    facts = {"VAR": folder, "LEDGER": folder / "ledger", "DEMO": True}
    with in_use(made.url(made.app), made.url(made.auditor)):
        for name in names:
            setattr(django_settings, name, facts[name])
        try:
            yield
        finally:
            for name in names:
                setattr(django_settings, name, kept[name])


def needed() -> None:
    """Leave out, and count as not run, what has no server to run on."""
    if not POSTGRES:
        pytest.skip(NO_POSTGRES)


def on_server(statement: str, **names: sql.Composable) -> None:
    """Run a statement as the superuser of the tests, in a database that stays."""
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(**names))
