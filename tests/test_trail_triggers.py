"""The triggers: they refuse, they are missed when gone, and they are put back."""

import pytest
from django.core import checks
from django.db import DatabaseError, connections, models, transaction

from audits.models import Event, SealedText
from audits.trail import Action, triggers, verify
from audits.trail.guards import GUARDS, TRUNCATIONS

from .trail_database import NO_POSTGRES, POSTGRES, execute, postgres_trail, sqlite_trail, write

COLUMNS = ", ".join(field.column for field in Event._meta.concrete_fields)
OTHERS = COLUMNS.removeprefix("seq, ")
NEXT = f"SELECT seq + %s, {OTHERS} FROM audits_event WHERE seq = 3"
FORBIDDEN = {
    "update": "UPDATE audits_event SET object_id = '9' WHERE seq = 2",
    "update of nothing": "UPDATE audits_event SET object_id = object_id",
    "delete": "DELETE FROM audits_event WHERE seq = 3",
    "delete all": "DELETE FROM audits_event",
    "duplicate": f"INSERT INTO audits_event ({COLUMNS}) {NEXT % 0}",
    "insert out of the chain": f"INSERT INTO audits_event ({COLUMNS}) {NEXT % 1}",
    "insert beyond the head": f"INSERT INTO audits_event ({COLUMNS}) {NEXT % 9}",
    "upsert": f"INSERT INTO audits_event ({COLUMNS}) {NEXT % 0} AND 1 = 1"
    " ON CONFLICT (seq) DO UPDATE SET object_id = '9'",
    "reason changed": "UPDATE audits_sealedtext SET text = 'x' WHERE seq = 2",
    "reason sealed twice": "INSERT INTO audits_sealedtext (seq, salt, text) VALUES (3, '', 'x')",
    "reason sealed later": "INSERT INTO audits_sealedtext (seq, salt, text) VALUES (9, '', 'x')",
    "head deleted": "DELETE FROM audits_trailhead",
    "head set back": "UPDATE audits_trailhead SET seq = 1",
    "head set on": "UPDATE audits_trailhead SET seq = 4",
    "head given another hash": "UPDATE audits_trailhead SET hash = 'x'",
    "second head": "INSERT INTO audits_trailhead (id, seq, hash) VALUES (2, 0, 'x')",
}
SQLITE_FORBIDDEN = {
    "replace": f"REPLACE INTO audits_event ({COLUMNS}) {NEXT % 0}",
    "replace reason": "REPLACE INTO audits_sealedtext (seq, salt, text) VALUES (2, '', 'x')",
    "replace head": "REPLACE INTO audits_trailhead (id, seq, hash) VALUES (1, 0, 'x')",
}
POSTGRES_FORBIDDEN = {
    "truncate": "TRUNCATE audits_event",
    "truncate reasons": "TRUNCATE audits_sealedtext",
    "truncate head": "TRUNCATE audits_trailhead",
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def trail(request, tmp_path, django_db_blocker):
    if request.param == "postgres" and not POSTGRES:
        pytest.skip(NO_POSTGRES)
    opened = postgres_trail() if request.param == "postgres" else sqlite_trail(tmp_path)
    with django_db_blocker.unblock(), opened as alias:
        write(alias, 3, reason="why")
        yield alias


def refusals(alias):
    """Return the names of the forbidden statements that the database lets through."""
    more = SQLITE_FORBIDDEN if connections[alias].vendor == "sqlite" else POSTGRES_FORBIDDEN
    return [name for name, statement in (FORBIDDEN | more).items() if passes(alias, statement)]


def passes(alias, statement):
    try:
        with transaction.atomic(using=alias):
            execute(alias, statement)
    except DatabaseError:
        return False
    return True


def rebuild(alias, model):
    """Rebuild the table of ``model`` as a migration does that alters a column."""
    old = model._meta.get_field("text" if model is SealedText else "object_type")
    new = models.CharField(max_length=77)
    new.set_attributes_from_name(old.name)
    new.model = model
    with connections[alias].schema_editor() as editor:
        editor.alter_field(model, old, new, strict=True)


def test_every_way_to_change_the_trail_is_refused(trail):
    assert refusals(trail) == []
    assert verify(using=trail).ok


def test_replace_is_refused_even_with_recursive_triggers_off(trail):
    if connections[trail].vendor == "sqlite":
        execute(trail, "PRAGMA recursive_triggers = OFF")
    assert refusals(trail) == []


def test_triggers_that_stand_are_not_made_again(trail):
    assert triggers.install(trail) == []
    assert triggers.missing(connections[trail]) == []
    assert Event.objects.using(trail).count() == 3


def test_each_dropped_trigger_is_missed_and_put_back(trail):
    connection = connections[trail]
    for guard in GUARDS if connection.vendor == "sqlite" else GUARDS + TRUNCATIONS:
        on_table = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
        execute(trail, f"DROP TRIGGER {guard.name}{on_table}")
        assert triggers.missing(connection) == [f"{guard.name} is missing"]
        assert triggers.install(trail) == [guard.name]
    assert triggers.missing(connection) == []
    assert refusals(trail) == []


def test_putting_triggers_back_on_a_living_trail_is_an_event(trail):
    triggers.remove(trail)
    made = triggers.install(trail)
    event = Event.objects.using(trail).last()
    assert (event.seq, event.action) == (4, Action.TRIGGERS_RESTORED)
    assert all(name in event.after for name in made)
    assert verify(using=trail).ok


def test_a_weakened_trigger_differs(trail):
    name = "audits_event_guards_delete"
    if connections[trail].vendor == "sqlite":
        execute(trail, f"DROP TRIGGER {name}")
        execute(
            trail,
            f"CREATE TRIGGER {name} BEFORE DELETE ON audits_event BEGIN"
            " SELECT RAISE(ABORT, 'an event of the trail is never deleted') WHERE 1 = 2; END",
        )
    else:
        execute(trail, f"ALTER TABLE audits_event DISABLE TRIGGER {name}")
    assert triggers.missing(connections[trail]) == [f"{name} differs"]
    assert triggers.install(trail) == [name]


def test_a_strange_trigger_is_named(trail):
    if connections[trail].vendor == "sqlite":
        body = "BEGIN SELECT RAISE(IGNORE); END"
        execute(trail, f"CREATE TRIGGER hush BEFORE INSERT ON audits_event {body}")
    else:
        execute(
            trail,
            "CREATE TRIGGER hush BEFORE INSERT ON audits_event FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        )
    verdict = verify(using=trail)
    assert (verdict.kind, verdict.detail) == ("trigger_missing", "hush is not ours")


def test_verification_and_the_system_check_report_a_missing_trigger(trail):
    triggers.remove(trail)
    verdict = verify(using=trail)
    assert (verdict.ok, verdict.kind, verdict.first_bad_seq) == (False, "trigger_missing", None)
    messages = triggers.check(None, databases=[trail])
    assert {message.level for message in messages} == {checks.WARNING}
    assert "audits_event_guards_update is missing" in messages[0].msg


def test_a_table_rebuilt_is_guarded_again_after_install(trail):
    rebuild(trail, SealedText)
    triggers.install(trail)
    assert triggers.missing(connections[trail]) == []
    assert refusals(trail) == []


def test_sqlite_drops_the_triggers_of_a_rebuilt_table_and_they_are_missed(
    tmp_path, django_db_blocker
):
    with django_db_blocker.unblock(), sqlite_trail(tmp_path) as alias:
        rebuild(alias, SealedText)
        assert triggers.missing(connections[alias]) == [
            "audits_sealedtext_guards_update is missing",
            "audits_sealedtext_guards_insert is missing",
        ]


def test_sqlite_rebuilds_the_events_only_once_the_triggers_are_removed(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), sqlite_trail(tmp_path) as alias:
        write(alias, 3, reason="why")
        with pytest.raises(DatabaseError):
            rebuild(alias, Event)
        triggers.remove(alias)
        rebuild(alias, Event)
        triggers.install(alias)
        assert refusals(alias) == []
        assert verify(using=alias).ok


@pytest.mark.postgres
def test_a_superuser_in_replica_mode_is_refused_too(django_db_blocker):
    if not POSTGRES:
        pytest.skip(NO_POSTGRES)
    with django_db_blocker.unblock(), postgres_trail() as alias:
        write(alias, 3, reason="why")
        execute(alias, "SET session_replication_role = replica")
        assert refusals(alias) == []


def test_without_tables_there_is_nothing_to_install(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), sqlite_trail(tmp_path) as alias:
        triggers.remove(alias)
        execute(alias, "DROP TABLE audits_sealedtext")
        assert triggers.install(alias) == []
        assert triggers.check(None, databases=[alias]) == []
