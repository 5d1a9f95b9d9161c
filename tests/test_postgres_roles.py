"""Roles on PostgreSQL: what is out of its place is said, and keeps web and workers from serving."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from oversight import reading, safety

from .postgres_house import database, in_use, migrated, needed, serving

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    needed()
    with django_db_blocker.unblock(), migrated() as made:
        yield made


def test_without_a_connection_of_their_own_nobody_reads(made, django_db_blocker):
    with django_db_blocker.unblock(), in_use(made.url(made.app)):
        with pytest.raises(ImproperlyConfigured, match="OVERSIGHT_AUDITOR_DATABASE_URL"):
            reading.restricted().__enter__()
        said = [fault.sentence for fault in safety.faults_of_readers()]
    assert said == ["Those who only read have no connection of their own"]


def sentences(look) -> list[str]:
    return [fault.sentence for fault in look()]


def test_roles_in_their_places_are_without_fault(made, tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), serving(made, tmp_path):
        assert [line for look in safety.EVERYTHING for line in sentences(look)] == []


@pytest.mark.parametrize(
    ("change", "undo", "said"),
    [
        (
            "GRANT UPDATE (outcome) ON audits_decision TO {auditor}",
            "REVOKE UPDATE (outcome) ON audits_decision FROM {auditor}",
            "The auditor's role may update in audits_decision",
        ),
        (
            "GRANT DELETE ON audits_flag TO PUBLIC",
            "REVOKE DELETE ON audits_flag FROM PUBLIC",
            "The auditor's role may delete in audits_flag",
        ),
        (
            "GRANT TRIGGER ON audits_event TO {auditor}",
            "REVOKE TRIGGER ON audits_event FROM {auditor}",
            "The auditor's role may empty or rewire audits_event",
        ),
        (
            "REVOKE SELECT ON audits_flag FROM {auditor}",
            "GRANT SELECT ON audits_flag TO {auditor}",
            "The auditor's role cannot read audits_flag",
        ),
        (
            "REVOKE INSERT ON audits_event FROM {auditor}",
            "GRANT INSERT ON audits_event TO {auditor}",
            "The auditor's role cannot insert in audits_event",
        ),
        (
            "GRANT UPDATE ON audits_event TO {app}",
            "REVOKE UPDATE ON audits_event FROM {app}",
            "The product's role may update in audits_event",
        ),
        (
            "REVOKE INSERT ON audits_flag FROM {app}",
            "GRANT INSERT ON audits_flag TO {app}",
            "The product's role cannot insert in audits_flag",
        ),
        (
            "ALTER TABLE audits_event DISABLE TRIGGER audits_event_guards_delete",
            "ALTER TABLE audits_event ENABLE ALWAYS TRIGGER audits_event_guards_delete",
            "The audit trail on 'default' is not guarded: audits_event_guards_delete differs",
        ),
        (
            "ALTER ROLE {app} SET synchronous_commit = off",
            "ALTER ROLE {app} RESET synchronous_commit",
            "The database runs with synchronous_commit = off",
        ),
    ],
)
def test_what_is_out_of_its_place_is_said_and_keeps_the_doors_shut(
    made, tmp_path, django_db_blocker, capsys, change, undo, said
):
    names = {"app": made.app, "auditor": made.auditor}
    made.rows(change.format(**names), superuser=True)
    try:
        with django_db_blocker.unblock(), serving(made, tmp_path):
            assert [line for look in safety.EVERYTHING for line in sentences(look)] == [said]
            with pytest.raises(SystemExit) as end:
                safety.refuse_unless_safe()
            found = safety.check(None, ["default"]) + safety.check_roles(None, ["default"])
    finally:
        made.rows(undo.format(**names), superuser=True)
    assert end.value.code == safety.REFUSED
    told = capsys.readouterr().err
    assert told.startswith(f"Oversight: {said}. ") and told.count("\n") == 1
    assert [message.msg for message in found] == [f"{said}."]


def test_an_auditor_who_may_become_the_owner_is_a_fault(made, tmp_path, django_db_blocker):
    made.rows(f"GRANT {made.owner} TO {made.auditor}", superuser=True)
    try:
        with django_db_blocker.unblock(), serving(made, tmp_path):
            found = sentences(safety.faults_of_readers)
    finally:
        made.rows(f"REVOKE {made.owner} FROM {made.auditor}", superuser=True)
    assert found == ["The auditor's role may take the place of the owner of the tables"]


def test_a_connection_to_another_database_is_a_fault(made, django_db_blocker):
    with database() as other, django_db_blocker.unblock():
        elsewhere = made.url(made.auditor).replace(made.name, other.name, 2)
        elsewhere = elsewhere.replace(f"{other.name}_auditor", made.auditor)
        with in_use(made.url(made.app), elsewhere):
            (said,) = sentences(safety.faults_of_readers)
    assert said == "OVERSIGHT_AUDITOR_DATABASE_URL leads to another database than DATABASE_URL"


def test_an_owner_who_serves_is_warned_of_and_serves(made, django_db_blocker):
    with django_db_blocker.unblock(), in_use(made.url(made.owner), made.url(made.auditor)):
        (fault,) = safety.faults_of_product_role()
        safety.refuse_unless_safe()
    assert "as the owner of the tables" in fault.sentence
    assert not fault.grave


@pytest.mark.parametrize(
    ("app", "auditor", "said"),
    [
        ("{app}", "{app}", "a role each"),
        ("{app}", "nobody_at_all", "There is no role nobody_at_all"),
        ("{owner}", "{auditor}", "no grant binds it"),
    ],
)
def test_roles_that_cannot_be_bound_are_refused(
    made, django_db_blocker, capsys, app, auditor, said
):
    names = {"app": made.app, "auditor": made.auditor, "owner": made.owner}
    words = ("--app", app.format(**names), "--auditor", auditor.format(**names))
    with django_db_blocker.unblock(), in_use(made.url(made.owner)), pytest.raises(SystemExit):
        call_command("grant_roles", *words)
    assert said in capsys.readouterr().err


def test_only_the_owner_grants(made, django_db_blocker, capsys):
    words = ("--app", made.app, "--auditor", made.auditor)
    with django_db_blocker.unblock(), in_use(made.url(made.app)), pytest.raises(SystemExit):
        call_command("grant_roles", *words)
    assert "no grant binds it" in capsys.readouterr().err
    with django_db_blocker.unblock(), in_use(made.url(made.auditor)), pytest.raises(SystemExit):
        call_command("grant_roles", "--app", made.app, "--auditor", made.owner)
    assert "the role that ran migrate" in capsys.readouterr().err
