"""Making the guards, and seeing whether they still stand.

SQLite drops a table's triggers without a word when Django rebuilds the table, so they are
made again after every migration and compared at start-up and by every verification.
"""

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ..models import TrailHead
from .actions import Action
from .actor import Actor
from .canonical import ZERO_HASH
from .guards import (
    GUARDS,
    TABLES,
    TRUNCATIONS,
    Guard,
    postgres_body,
    postgres_statements,
    postgres_type,
    sqlite_statement,
)
from .recording import HEAD, record

POSTGRES_CATALOGUE = """
SELECT t.tgname, t.tgtype, t.tgenabled, p.prosrc, array_to_string(p.proconfig, ';'),
       t.tgqual IS NULL AND t.tgnargs = 0 AND t.tgattr::text = ''
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
  AND c.relname = ANY(%s)
"""


def install(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Make the trail's head row and every trigger that is missing or differs.

    Safe to repeat. Returns the names of the triggers made, none where all stood or
    the trail's tables do not exist. Where events were there already, triggers that
    had to be made again are themselves an event.
    """
    connection = connections[using]
    if not _tables_stand(connection):
        return []
    with transaction.atomic(using=using):
        made = [guard.name for guard in _guards(connection) if _renewed(connection, guard)]
        head, _ = TrailHead.objects.using(using).get_or_create(
            pk=HEAD, defaults={"seq": 0, "hash": ZERO_HASH}
        )
        if made and head.seq:
            record(
                actor=Actor.job("migrate"),
                action=Action.TRIGGERS_RESTORED,
                object_type="trail",
                object_id="triggers",
                after={"triggers": sorted(made)},
                using=using,
            )
    return made


def after_migrate(sender: object, using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """Install the triggers: a receiver for ``post_migrate``."""
    install(using)


def in_migration(apps: object, schema_editor) -> None:
    """Install the triggers: an operation for ``RunPython``."""
    install(schema_editor.connection.alias)


def remove(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers: for a migration that rebuilds a table of the trail, or a test's clean-up.

    While they stand SQLite refuses to rebuild the events, of which other triggers speak.
    What is done without them shows in ``verify``; ``install`` puts them back.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in _guards(connection) if _tables_stand(connection) else ():
            _drop(connection, cursor, guard)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return what is wrong with the triggers, one phrase each; empty where all is well.

    Compares the database's own catalogue with the expected text: a trigger that is
    absent, altered or switched off, and one on the trail's tables that is not ours.
    """
    found = _found(connection)
    expected = _expected(connection)
    wrong = [
        f"{name} {'differs' if name in found else 'is missing'}"
        for name, state in expected.items()
        if found.get(name) != state
    ]
    return wrong + [f"{name} is not ours" for name in sorted(found.keys() - expected.keys())]


def check(
    app_configs: object, databases: list[str] | None = None, **kwargs
) -> list[checks.CheckMessage]:
    """Return a warning for each trigger that does not stand: a check under ``Tags.database``.

    A warning and not an error, or ``migrate``, which mends it, would refuse to start.
    """
    return [
        checks.Warning(
            f"The audit trail on {alias!r} is not guarded: {problem}.",
            hint="Run manage.py verify_trail, then manage.py migrate.",
            id="audits.W001",
        )
        for alias in databases or []
        if _tables_stand(connections[alias])
        for problem in missing(connections[alias])
    ]


def _guards(connection: BaseDatabaseWrapper) -> tuple[Guard, ...]:
    return GUARDS if connection.vendor == "sqlite" else GUARDS + TRUNCATIONS


def _tables_stand(connection: BaseDatabaseWrapper) -> bool:
    return set(TABLES) <= set(connection.introspection.table_names())


def _expected(connection: BaseDatabaseWrapper) -> dict[str, object]:
    """Return what the catalogue says of each trigger when all is well, by name."""
    if connection.vendor == "sqlite":
        return {guard.name: sqlite_statement(guard) for guard in GUARDS}
    path = f'search_path="{_schema(connection)}", pg_temp'.replace('"', "")
    return {
        guard.name: (postgres_type(guard), "A", postgres_body(guard), path, True)
        for guard in _guards(connection)
    }


def _found(connection: BaseDatabaseWrapper) -> dict[str, object]:
    """Return what the catalogue says of the triggers on the trail's tables, by name."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            return {name: sql for name, table, sql in cursor.fetchall() if table in TABLES}
        cursor.execute(POSTGRES_CATALOGUE, [list(TABLES)])
        return {
            name: (kind, enabled, body, (path or "").replace('"', ""), plain)
            for name, kind, enabled, body, path, plain in cursor.fetchall()
        }


def _renewed(connection: BaseDatabaseWrapper, guard: Guard) -> bool:
    """Make the trigger unless it stands as it should; return whether it was made."""
    if _found(connection).get(guard.name) == _expected(connection)[guard.name]:
        return False
    with connection.cursor() as cursor:
        _drop(connection, cursor, guard)
        if connection.vendor == "sqlite":
            cursor.execute(sqlite_statement(guard))
        else:
            for statement in postgres_statements(guard, _schema(connection)):
                cursor.execute(statement)
    return True


def _drop(connection: BaseDatabaseWrapper, cursor, guard: Guard) -> None:
    if connection.vendor == "sqlite":
        cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
    else:
        cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")


def _schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]
