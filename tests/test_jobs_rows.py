"""What the database keeps of a job, and what the commands say of it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from audits import jobs, trail
from audits.models import Job, User

pytestmark = pytest.mark.django_db
ADA = trail.Actor.command("ada")


def test_a_job_remembers_the_user_who_asked():
    user = User.objects.create_user("grace")
    job = jobs.enqueue("check", "upload", 1, {}, trail.Actor.of_user(user))
    assert (job.requested_by, job.requested_by_user) == ("grace", user)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "asleep"},
        {"state": "running"},
        {"state": "failed", "finished_at": Now()},
        {"state": "succeeded"},
        {"lease_until": Now()},
        {"error_code": "x", "error": "y"},
        {"state": "cancelled", "finished_at": Now(), "cancellable": False},
        {"progress_done": 2, "progress_total": 1},
        {"last_progress_attempt": 1},
    ],
)
def test_the_database_refuses_a_job_that_contradicts_itself(fields):
    job = jobs.enqueue("work", "upload", 7, {}, ADA)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**fields)


def test_the_commands_print_json_and_refuse_an_unknown_queue_in_one_line(monkeypatch):
    monkeypatch.setitem(jobs.HANDLERS, "evaluate", lambda running: None)
    job = jobs.enqueue("evaluate", "snapshot", 7, {}, ADA)
    out = StringIO()
    call_command("worker", "--once", "--json", "--queues", "ingest", stdout=out)
    call_command("worker", "--once", "--json", "--queues", "evaluate", stdout=out)
    call_command("sweep", "--json", stdout=out)
    nothing, done, ended, swept = map(json.loads, out.getvalue().splitlines())
    assert nothing == {"jobs": 0, "states": {}}
    assert done == {"job": job.public_id, "kind": "evaluate", "state": "succeeded"}
    assert ended == {"jobs": 1, "states": {"succeeded": 1}}
    assert swept == dict.fromkeys(("freed", "failed", "cancelled", "rung", "resumed"), 0) | {
        "held_up": ""
    }
    with pytest.raises(CommandError, match="There is no queue 'fast'; the queues are"):
        call_command("worker", "--queues", "fast")


def test_a_job_is_never_at_100_percent_before_it_succeeded():
    job = Job(state="running", progress_done=10, progress_total=10)
    assert job.percent == 99
