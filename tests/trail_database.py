"""Databases that hold nothing but a trail, for the tests of the trail: SQLite files, PostgreSQL."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from audits.models import Event, SealedText, TrailHead
from audits.trail import Action, Actor, record, triggers
from oversight import settings

POSTGRES = os.environ.get("OVERSIGHT_TEST_POSTGRES", "")
NO_POSTGRES = "no PostgreSQL: set OVERSIGHT_TEST_POSTGRES to a postgresql:// URL"
OFFICER = Actor(
    id="17", label="officer", role="compliance officer", session_fp="0123456789abcdef", ip="::1"
)


@contextmanager
def sqlite_trail(folder: Path) -> Iterator[str]:
    """Yield the alias of a new SQLite file with an empty, guarded trail, set as in production."""
    with _alias(settings._database(f"sqlite:///{folder}/trail.db")) as alias:
        create(alias)
        yield alias


@contextmanager
def postgres_trail() -> Iterator[str]:
    """Yield the alias of a new PostgreSQL schema with an empty, guarded trail."""
    schema = f"trail_{secrets.token_hex(4)}"
    options = {"OPTIONS": {"options": f"-c search_path={schema}"}}
    with _alias(settings._database(POSTGRES) | options) as alias:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {schema}")
        try:
            create(alias)
            yield alias
        finally:
            with connections[alias].cursor() as cursor:
                cursor.execute(f"DROP SCHEMA {schema} CASCADE")


@contextmanager
def _alias(database: dict) -> Iterator[str]:
    alias = f"trail_{secrets.token_hex(4)}"
    configured = connections.configure_settings({DEFAULT_DB_ALIAS: {}, alias: database})
    connections.settings[alias] = configured[alias]
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections.settings[alias]


def create(alias: str) -> None:
    with connections[alias].schema_editor() as editor:
        for model in (Event, SealedText, TrailHead):
            editor.create_model(model)
    triggers.install(alias)


def write(alias: str, count: int, **words) -> list[Event]:
    """Write ``count`` events in one transaction and return them."""
    asked = {"action": Action.FLAG_VIEWED, "object_type": "flag", **words}
    with transaction.atomic(using=alias):
        return [
            record(actor=OFFICER, using=alias, **{"object_id": f"{n}", "after": {"n": n}, **asked})
            for n in range(count)
        ]


def execute(alias: str, statement: str, *values) -> None:
    """Run raw SQL, as somebody with the database in hand would."""
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, values or None)
