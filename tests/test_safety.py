"""The gate of web and workers on SQLite, and what settings refuse; PostgreSQL's is beside it."""

import os
import subprocess
import sys

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from audits.trail import triggers
from oversight import safety, settings

from .instance import ROOT, new
from .postgres_house import in_use
from .trail_database import create

WSGI = "import oversight.wsgi"


@pytest.fixture
def file(tmp_path, django_db_blocker):
    """A SQLite file with a guarded trail, set as in production, in use."""
    with django_db_blocker.unblock(), in_use(f"sqlite:///{tmp_path}/x.db"):
        create(DEFAULT_DB_ALIAS)
        yield connections[DEFAULT_DB_ALIAS]


def sentences() -> list[str]:
    return [fault.sentence for look in safety.EVERYTHING for fault in look()]


def test_a_database_as_the_product_makes_it_is_without_fault(file):
    assert sentences() == []
    safety.refuse_unless_safe()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("PRAGMA synchronous = OFF", "synchronous = 0"),
        ("PRAGMA synchronous = NORMAL", "synchronous = 1"),
        ("PRAGMA journal_mode = DELETE", "journal_mode = delete"),
        ("PRAGMA foreign_keys = OFF", "foreign_keys = 0"),
        ("PRAGMA recursive_triggers = OFF", "recursive_triggers = 0"),
    ],
)
def test_a_setting_that_loses_what_was_kept_is_said(file, statement, said):
    with file.cursor() as cursor:
        cursor.execute(statement)
    assert sentences() == [f"The database runs with {said}"]
    assert [warning.id for warning in safety.check(None, ["default"])] == ["oversight.W001"]
    assert safety.check(None, []) == safety.check_roles(None, []) == []


def test_a_trail_without_a_guard_keeps_the_doors_shut(file, capsys):
    with file.cursor() as cursor:
        cursor.execute("DROP TRIGGER audits_event_guards_update")
    with pytest.raises(SystemExit) as end:
        safety.refuse_unless_safe()
    assert end.value.code == safety.REFUSED
    assert "audits_event_guards_update is missing" in capsys.readouterr().err
    triggers.install()
    assert sentences() == []


def test_web_and_worker_turn_back_with_one_line_and_migrate_mends(tmp_path):
    place = new(tmp_path)
    web = [sys.executable, "-c", WSGI]
    environment = place.environment | {"PYTHONPATH": str(ROOT)}

    def opened() -> tuple[int, str]:
        done = subprocess.run(web, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert opened() == (0, "")
    place.alter("DROP TRIGGER audits_event_guards_update")
    worker = place.run("worker", "--once")
    for code, told in (opened(), (worker.returncode, worker.stderr)):
        assert code == safety.REFUSED
        assert told.startswith("Oversight: The audit trail on 'default' is not guarded")
        assert told.count("\n") == 1
    assert place.run("migrate", "--verbosity", "0").returncode == 0
    assert opened() == (0, "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DATABASE_URL": "mysql://a:b@db/x"}, "a database is named as"),
        ({"DATABASE_URL": "oversight.db"}, "a database is named as"),
        ({"OVERSIGHT_MME_SET": "cdc2016"}, "it must be one of: cdc2022+2018, cdc2018, nih_heal"),
        ({"OVERSIGHT_AUDITOR_DATABASE_URL": "postgresql://a@db/x"}, "is for PostgreSQL"),
        (
            {
                "DATABASE_URL": "postgresql://a@db/x",
                "OVERSIGHT_AUDITOR_DATABASE_URL": "sqlite:////tmp/x.db",
            },
            "is for PostgreSQL",
        ),
        (
            {
                "DATABASE_URL": "postgresql://a@db/x",
                "OVERSIGHT_AUDITOR_DATABASE_URL": "postgresql://a@db/x",
            },
            "must name another role",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(tmp_path, given, said):
    done = subprocess.run(
        [sys.executable, "-c", "import oversight.settings"],
        env=os.environ | {"OVERSIGHT_VAR": str(tmp_path)} | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ImproperlyConfigured" in done.stderr
    assert said in done.stderr


def test_what_follows_the_question_mark_goes_to_libpq():
    options = settings._database("postgresql://a@db/x?sslmode=verify-full")["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert "lock_timeout=20s" in options["options"]
