"""``manage.py verify_trail`` says in one line whether the trail is whole, and leaves an event."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection

from audits.models import Event
from audits.trail import Action, triggers

from .trail_database import write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _guarded_trail():
    triggers.install()


def tamper():
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audits_event SET object_id = 'x' WHERE seq = 2")


def test_a_whole_trail_is_one_line_and_an_event(capsys):
    write("default", 3)
    call_command("verify_trail")
    output = capsys.readouterr()
    assert output.out.startswith("The trail is whole: 3 events, head ")
    assert (output.out.count("\n"), output.err) == (1, "")
    event = Event.objects.last()
    assert (event.action, event.outcome) == (Action.TRAIL_VERIFIED, "success")
    assert event.actor_id.startswith("command:")


def test_json_has_the_facts(capsys):
    events = write("default", 3)
    call_command("verify_trail", "--json")
    facts = json.loads(capsys.readouterr().out)
    assert facts.pop("seconds") >= 0
    assert facts == {
        "ok": True,
        "events": 3,
        "head": events[-1].hash,
        "first_bad": None,
        "erased": 0,
    }


def test_a_bad_trail_names_the_event_and_fails(capsys):
    write("default", 3)
    tamper()
    with pytest.raises(CommandError, match="NOT whole: altered at event 2") as failure:
        call_command("verify_trail")
    assert failure.value.returncode == 1
    assert capsys.readouterr().out == ""
    assert Event.objects.last().outcome == "failure"


def test_a_bad_trail_as_json_names_the_event_and_fails(capsys):
    write("default", 3)
    tamper()
    with pytest.raises(CommandError):
        call_command("verify_trail", "--json")
    facts = json.loads(capsys.readouterr().out)
    assert facts["ok"] is False
    assert facts["first_bad"] == {"seq": 2, "kind": "altered", "detail": ""}


def test_a_trail_without_head_is_said_to_be_bad_all_the_same():
    write("default", 3)
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audits_trailhead")
    with pytest.raises(CommandError, match="head_mismatch at event 3"):
        call_command("verify_trail")


def test_verification_is_logged_in_the_name_of_a_user():
    user = get_user_model().objects.create_user("auditor")
    user.groups.set([Group.objects.get_or_create(name="auditor")[0]])
    call_command("verify_trail", "--as", "auditor")
    event = Event.objects.last()
    assert (event.actor_id, event.actor_label, event.role) == (str(user.pk), "auditor", "auditor")


def test_an_unknown_user_is_refused_with_exit_2():
    with pytest.raises(CommandError, match="no user 'nobody'") as failure:
        call_command("verify_trail", "--as", "nobody")
    assert failure.value.returncode == 2
    assert not Event.objects.exists()
