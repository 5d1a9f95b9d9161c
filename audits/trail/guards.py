"""The triggers that refuse changes to the trail, written once and spelled for both engines."""

from dataclasses import dataclass

from ..models import Event, SealedText, TrailHead

EVENT, SEALED, HEAD = (model._meta.db_table for model in (Event, SealedText, TrailHead))
TABLES = (EVENT, SEALED, HEAD)
ALWAYS = "1 = 1"


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One BEFORE trigger: ``operation`` on ``table`` is refused with ``message`` if ``condition``.

    ``condition`` is SQL over NEW and OLD that both engines understand.
    """

    table: str
    operation: str
    message: str
    condition: str = ALWAYS

    @property
    def name(self) -> str:
        """Return the name of the trigger, and on PostgreSQL of its function."""
        return f"{self.table}_guards_{self.operation.lower()}"


# The whole condition of a guard stands in its trigger, so that one look at the catalogue
# of the database shows whether anybody has weakened it.
NOT_NEXT = f"""EXISTS (SELECT 1 FROM {EVENT} e WHERE e.seq = NEW.seq)
 OR NOT EXISTS (SELECT 1 FROM {HEAD} h
 WHERE h.id = 1 AND h.seq + 1 = NEW.seq AND h.hash = NEW.prev_hash)"""
NOT_ITS_REASON = f"""EXISTS (SELECT 1 FROM {SEALED} s WHERE s.seq = NEW.seq)
 OR NOT EXISTS (SELECT 1 FROM {EVENT} e JOIN {HEAD} h ON h.id = 1 AND h.seq = e.seq
 WHERE e.seq = NEW.seq AND e.reason <> '')"""
NOT_FIRST = f"""NEW.id <> 1 OR NEW.seq <> 0
 OR EXISTS (SELECT 1 FROM {HEAD}) OR EXISTS (SELECT 1 FROM {EVENT})"""
NOT_ONWARD = f"""NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1
 OR NOT EXISTS (SELECT 1 FROM {EVENT} e WHERE e.seq = NEW.seq AND e.hash = NEW.hash
 AND e.prev_hash = OLD.hash AND e.prev_at_guard = NEW.prev_at_guard)"""

GUARDS = (
    Guard(table=EVENT, operation="UPDATE", message="an event of the trail is never changed"),
    Guard(table=EVENT, operation="DELETE", message="an event of the trail is never deleted"),
    Guard(
        table=EVENT,
        operation="INSERT",
        message="an event follows the head of the trail",
        condition=NOT_NEXT,
    ),
    Guard(table=SEALED, operation="UPDATE", message="a sealed reason is never changed"),
    Guard(
        table=SEALED,
        operation="INSERT",
        message="a reason is sealed once, with its event",
        condition=NOT_ITS_REASON,
    ),
    Guard(table=HEAD, operation="DELETE", message="the head of the trail is never deleted"),
    Guard(
        table=HEAD,
        operation="INSERT",
        message="the trail has one head",
        condition=NOT_FIRST,
    ),
    Guard(
        table=HEAD,
        operation="UPDATE",
        message="the head of the trail moves on with an event",
        condition=NOT_ONWARD,
    ),
)
TRUNCATIONS = tuple(
    Guard(table=table, operation="TRUNCATE", message="the trail is never emptied")
    for table in TABLES
)


def sqlite_statement(guard: Guard) -> str:
    """Return the CREATE TRIGGER, to the letter as SQLite keeps it in ``sqlite_master``."""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.operation} ON {guard.table} BEGIN"
        f" SELECT RAISE(ABORT, '{guard.message}') WHERE {guard.condition}; END"
    )


def postgres_body(guard: Guard) -> str:
    """Return the body of the trigger's function, to the letter as PostgreSQL keeps it."""
    answer = "NEW" if guard.operation in ("INSERT", "UPDATE") else "NULL"
    return (
        f"BEGIN IF {guard.condition} THEN RAISE EXCEPTION '{guard.message}'"
        f" USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {answer}; END"
    )


def postgres_statements(guard: Guard, schema: str) -> tuple[str, ...]:
    """Return what makes the function and the trigger in ``schema``.

    The search path is pinned, so a temporary table of the same name cannot stand in;
    ALWAYS keeps the trigger alive under ``session_replication_role = replica``.
    """
    each = "STATEMENT" if guard.operation == "TRUNCATE" else "ROW"
    return (
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql"
        f' SET search_path = "{schema}", pg_temp AS $guard${postgres_body(guard)}$guard$',
        f"CREATE OR REPLACE TRIGGER {guard.name} BEFORE {guard.operation} ON {guard.table}"
        f" FOR EACH {each} EXECUTE FUNCTION {guard.name}()",
        f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}",
    )


def postgres_type(guard: Guard) -> int:
    """Return ``pg_trigger.tgtype``: bits for row 1, before 2, and the operation."""
    operation = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}[guard.operation]
    return 2 + operation + (0 if guard.operation == "TRUNCATE" else 1)
