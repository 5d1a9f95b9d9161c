"""What a connection may write, once for both engines: in the name of whom, and in which table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from audits.models import (
    Decision,
    DrugMapping,
    Evaluation,
    Event,
    Holding,
    Job,
    MappingSet,
    NumberMapping,
    NumberSet,
    ParameterChange,
    ParameterSet,
    PeerDispute,
    Recusal,
    ReferenceLoad,
    ReferenceSet,
    ReferenceVersion,
    SealedText,
    SettledConflict,
    Settlement,
    Snapshot,
    Source,
    TrailHead,
    Upload,
    User,
)

AUDITOR = "auditor"
EVENT, SEALED, HEAD, JOB, SESSION = (
    model._meta.db_table for model in (Event, SealedText, TrailHead, Job, Session)
)
# The whole of what somebody may write who only reads: that he was there, his session, and
# a job that he asks for.
READER: Mapping[str, frozenset[str]] = {
    "INSERT": frozenset({EVENT, SEALED, JOB, SESSION}),
    "UPDATE": frozenset({HEAD, SESSION}),
    "DELETE": frozenset({SESSION}),
}
# All that the product may do to the trail.
TRAIL: Mapping[str, frozenset[str]] = {
    "INSERT": frozenset({EVENT, SEALED}),
    "UPDATE": frozenset({HEAD}),
}
# Written by migrations alone: which roles there are, and what they are allowed.
SETTLED = frozenset(
    {
        *(model._meta.db_table for model in (ContentType, Permission, Group)),
        Group.permissions.through._meta.db_table,
        MigrationRecorder.Migration._meta.db_table,
    }
)
# Changed, but never deleted: whoever looks back must find them.
KEPT = frozenset(
    model._meta.db_table
    for model in (
        Decision,
        Recusal,
        PeerDispute,
        DrugMapping,
        MappingSet,
        NumberMapping,
        NumberSet,
        ParameterChange,
        ParameterSet,
        ReferenceLoad,
        ReferenceSet,
        ReferenceVersion,
        Settlement,
        SettledConflict,
        Evaluation,
        Upload,
        Source,
        Snapshot,
        Holding,
        Job,
        User,
    )
)
OWNED = """
SELECT c.relname, has_table_privilege(c.oid, 'SELECT'),
       has_any_column_privilege(c.oid, 'INSERT'), has_any_column_privilege(c.oid, 'UPDATE'),
       has_table_privilege(c.oid, 'DELETE'),
       has_table_privilege(c.oid, 'TRUNCATE') OR has_table_privilege(c.oid, 'TRIGGER'),
       pg_has_role(c.relowner, 'MEMBER')
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY c.relname
"""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What the role of a connection may do now; ``owned`` are tables it could change at will.

    ``written`` has the tables by INSERT, UPDATE and DELETE, ``emptied`` those it may
    truncate or put triggers on.
    """

    tables: frozenset[str]
    read: frozenset[str]
    written: Mapping[str, frozenset[str]]
    emptied: frozenset[str] = field(default=frozenset())
    owned: frozenset[str] = field(default=frozenset())


def of_role(connection: BaseDatabaseWrapper) -> Rights:
    """Return what PostgreSQL lets the role of ``connection`` do, by its own catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED)
        rows = cursor.fetchall()

    def where(place: int) -> frozenset[str]:
        return frozenset(row[0] for row in rows if row[place])

    return Rights(
        tables=where(0),
        read=where(1),
        written={"INSERT": where(2), "UPDATE": where(3), "DELETE": where(4)},
        emptied=where(5),
        owned=where(6),
    )


def of_product(tables: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Return what the product's own role may write of ``tables``: all but the past."""
    free = tables - SETTLED - {EVENT, SEALED, HEAD}
    return {
        "INSERT": free | TRAIL["INSERT"],
        "UPDATE": free | TRAIL["UPDATE"],
        "DELETE": free - KEPT,
    }


def grants(
    connection: BaseDatabaseWrapper, role: str, writes: Mapping[str, frozenset[str]]
) -> list[str]:
    """Return the SQL that gives ``role`` these rights and reading, and takes all others away."""
    quote, schema, tables = connection.ops.quote_name, _schema(connection), _tables(connection)
    to, here = quote(role), quote(schema)
    database = quote(connection.settings_dict["NAME"])
    lines = [
        f"REVOKE CREATE ON SCHEMA {here} FROM PUBLIC, {to}",
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {to}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {here} FROM PUBLIC, {to}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {here} FROM PUBLIC, {to}",
        f"GRANT CONNECT ON DATABASE {database} TO {to}",
        f"GRANT USAGE ON SCHEMA {here} TO {to}",
    ]
    for act, wanted in {"SELECT": tables, **writes}.items():
        names = ", ".join(f"{here}.{quote(name)}" for name in sorted(wanted & tables))
        lines.append(f"GRANT {act} ON {names} TO {to}")
    return lines


def excess(rights: Rights, writes: Mapping[str, frozenset[str]]) -> list[str]:
    """Return what a role may do beyond ``writes``, one phrase each."""
    if rights.owned:
        return ["may take the place of the owner of the tables"]
    beyond = [
        f"may {act.lower()} in {name}"
        for act, wanted in writes.items()
        for name in sorted(rights.written[act] - wanted)
    ]
    return beyond + [f"may empty or rewire {name}" for name in sorted(rights.emptied)]


def lack(rights: Rights, writes: Mapping[str, frozenset[str]]) -> list[str]:
    """Return what a role may not do although it must, one phrase each."""
    missing = [f"cannot read {name}" for name in sorted(rights.tables - rights.read)]
    return missing + [
        f"cannot {act.lower()} in {name}"
        for act, wanted in writes.items()
        for name in sorted((wanted & rights.tables) - rights.written[act])
    ]


def _schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def _tables(connection: BaseDatabaseWrapper) -> frozenset[str]:
    return of_role(connection).tables
