"""What a job may do and what becomes of it, in one process."""

import logging
from datetime import timedelta

import duckdb
import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from audits import jobs, trail
from audits.jobs import lease, timing
from audits.models import Event, Job
from audits.trail import triggers

pytestmark = pytest.mark.django_db
ADA = trail.Actor.command("ada")


@pytest.fixture(autouse=True)
def _trail(db):
    triggers.install()


@pytest.fixture
def bell(monkeypatch):
    """Return the list of jobs rung for."""
    rung = []
    monkeypatch.setattr(jobs.doorbell, "_connected", [lambda *ring: rung.append(ring) or True])
    return rung


def job_that(monkeypatch, work, kind="work", **fields) -> Job:
    """Return a queued job whose work is the function ``work``."""
    monkeypatch.setitem(jobs.HANDLERS, kind, work)
    job = jobs.enqueue(kind, "upload", 7, {}, ADA)
    Job.objects.filter(pk=job.pk).update(**fields)
    return job


def lapse(job: Job) -> None:
    """Let the lease of ``job`` have run out, as if its worker had died."""
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_job_that_returns_has_succeeded_with_its_last_progress(monkeypatch):
    def work(running):
        for done in range(1, 401):
            running.progress(done, 400, "reading")

    job = jobs.run(job_that(monkeypatch, work).public_id)
    assert (job.state, job.progress_done, job.progress_total, job.stage) == (
        "succeeded",
        400,
        400,
        "reading",
    )
    assert (job.percent, job.attempts, job.lease_until) == (100, 1, None)
    assert job.created_at <= job.started_at <= job.finished_at


def test_progress_is_written_at_most_twice_a_second(monkeypatch, django_assert_max_num_queries):
    def work(running):
        with django_assert_max_num_queries(2):
            for done in range(10_000):
                running.progress(done, 10_000, "reading")

    assert jobs.run(job_that(monkeypatch, work).public_id).state == "succeeded"


def test_a_refusal_fails_the_job_at_once_with_its_sentence(monkeypatch):
    def work(running):
        raise jobs.Refused("The file has no header.", code="no_header")

    job = jobs.run(job_that(monkeypatch, work).public_id)
    assert (job.state, job.error_code, job.error) == (
        "failed",
        "no_header",
        "The file has no header.",
    )
    event = Event.objects.get(action="job_failed")
    assert (event.object_id, event.actor_id, event.outcome) == (
        job.public_id,
        "job:work",
        "failure",
    )


@pytest.mark.parametrize("fault", [ValueError, BaseException])
def test_an_unexpected_fault_is_logged_without_the_values_in_its_message(
    monkeypatch, caplog, fault
):
    def work(running):
        raise fault("patient Jane Roe")

    with caplog.at_level(logging.ERROR, "audits.jobs.runner"):
        job = jobs.run(job_that(monkeypatch, work).public_id)
    reference = job.error.rstrip(".").split()[-1]
    assert (job.state, job.error_code) == ("failed", "unexpected")
    assert reference in caplog.text
    assert fault.__name__ in caplog.text
    assert "test_jobs_rules.py" in caplog.text
    assert "Jane" not in caplog.text + job.error


@pytest.mark.parametrize(
    ("fault", "code"), [(OSError(28, "No space left"), "no_space"), (MemoryError(), "no_memory")]
)
def test_what_the_machine_lacks_is_said_in_words(monkeypatch, fault, code):
    def work(running):
        raise fault

    job = jobs.run(job_that(monkeypatch, work).public_id)
    assert (job.state, job.error_code) == ("failed", code)


def test_a_lost_database_costs_an_attempt_and_not_the_job(monkeypatch):
    def work(running):
        if running.job.attempts < 3:
            raise OperationalError("server closed the connection")

    job = job_that(monkeypatch, work)
    states = [jobs.run(job.public_id).state for _ in range(3)]
    assert states == ["queued", "queued", "succeeded"]


def test_a_job_of_an_unknown_kind_fails_and_says_so():
    job = jobs.run(jobs.enqueue("unknown", "upload", 1, {}, ADA).public_id)
    assert (job.state, job.error_code) == ("failed", "no_handler")


def test_a_job_that_another_holds_is_left_alone(monkeypatch):
    job = job_that(monkeypatch, lambda running: pytest.fail("done twice"))
    held = lease.take(job.public_id)
    assert lease.take(job.public_id) is None
    assert jobs.run(job.public_id).state == "running"
    assert Job.objects.get(pk=job.pk).token == held.token == 1


def test_a_holder_that_lost_the_job_can_write_nothing(monkeypatch):
    stale = jobs.Running(lease.take(job_that(monkeypatch, None).public_id))
    lapse(stale.job)
    assert jobs.sweep().freed == 1
    lease.take(stale.job.public_id)
    with pytest.raises(jobs.Fenced):
        stale.progress(1, 2, "reading")
    with pytest.raises(jobs.Fenced), stale.fence():
        pytest.fail("inside the fence")
    with pytest.raises(jobs.Fenced):
        stale.go_forward_only()
    assert not lease.renew(stale.job)
    assert not lease.give_back(stale.job)
    assert not lease.settle(Job.objects.held(stale.job), stale.job, lease.STALLED)
    assert Job.objects.get(pk=stale.job.pk).state == "running"


def test_three_attempts_without_progress_fail_the_job(monkeypatch):
    job = job_that(monkeypatch, None)
    for expected in ("queued", "queued", "failed"):
        jobs.Running(lease.take(job.public_id)).progress(5, 10, "reading")
        lapse(job)
        jobs.sweep()
        assert Job.objects.get(pk=job.pk).state == expected
    assert Job.objects.get(pk=job.pk).error_code == "stalled"


def test_a_job_without_attempts_left_is_not_taken_before_it_is_swept(monkeypatch):
    job = job_that(monkeypatch, None)
    lease.take(job.public_id)
    Job.objects.filter(pk=job.pk).update(attempts=3)
    lapse(job)
    assert lease.take(job.public_id) is None
    assert jobs.run(job.public_id).error_code == "stalled"


def test_an_attempt_that_gets_further_earns_three_more(monkeypatch):
    job = job_that(monkeypatch, None)
    for done in (1, 1, 6, 6, 6, 6):
        jobs.Running(lease.take(job.public_id)).progress(done, 10, "reading")
        lapse(job)
        jobs.sweep()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_progress_attempt) == ("failed", 6, 3)


def test_a_waiting_job_is_cancelled_at_once_and_started_again_by_a_person(monkeypatch, bell):
    job = job_that(monkeypatch, lambda running: None)
    assert jobs.cancel(job, ADA).state == "cancelled"
    with pytest.raises(jobs.Refused, match="ended already"):
        jobs.cancel(job, ADA)
    assert jobs.retry(job, ADA).state == "queued"
    with pytest.raises(jobs.Refused, match="failed or was cancelled"):
        jobs.retry(job, ADA)
    assert jobs.run(job.public_id).state == "succeeded"
    events = Event.objects.values_list("action", "before", "after")
    assert list(events) == [
        ("job_cancelled", '{"state":"queued"}', '{"state":"cancelled"}'),
        ("job_retried", '{"state":"cancelled"}', '{"state":"queued"}'),
    ]


def test_a_failed_job_starts_again_with_all_its_attempts(monkeypatch):
    job = job_that(monkeypatch, None)
    jobs.Running(lease.take(job.public_id)).progress(5, 10, "reading")
    Job.objects.filter(pk=job.pk).update(attempts=3)
    lapse(job)
    jobs.sweep()
    job = jobs.retry(job, ADA)
    assert (job.state, job.attempts, job.progress_done, job.furthest) == ("queued", 0, 0, {})
    assert (job.error_code, job.error, job.finished_at) == ("", "", None)


def test_a_running_job_asked_to_stop_ends_at_its_next_report(monkeypatch):
    def work(running):
        jobs.cancel(running.job, ADA)
        assert jobs.cancel(running.job, ADA).state == "cancelling"
        running.progress(1, 2, "reading")
        pytest.fail("went on")

    assert jobs.run(job_that(monkeypatch, work).public_id).state == "cancelled"


def test_the_end_of_a_query_that_was_interrupted_counts_as_what_was_asked(monkeypatch):
    def work(running):
        running.stop(jobs.Cancelled)
        raise duckdb.InterruptException("INTERRUPT Error")

    assert jobs.run(job_that(monkeypatch, work).public_id).state == "cancelled"


def test_a_cancelling_job_whose_worker_died_becomes_cancelled(monkeypatch):
    job = job_that(monkeypatch, None)
    lease.take(job.public_id)
    jobs.cancel(job, ADA)
    lapse(job)
    assert jobs.sweep_if_stalled(job).state == "cancelled"


def test_work_that_can_only_go_forward_is_not_cancelled_any_more(monkeypatch):
    job = job_that(monkeypatch, None)
    jobs.Running(lease.take(job.public_id)).go_forward_only()
    with pytest.raises(jobs.Refused, match="must be finished"):
        jobs.cancel(job, ADA)
    lapse(job)
    jobs.sweep()
    with pytest.raises(jobs.Refused, match="must be finished"):
        jobs.cancel(job, ADA)


def test_the_final_transaction_does_not_happen_once_the_job_is_cancelled(monkeypatch):
    running = jobs.Running(lease.take(job_that(monkeypatch, None).public_id))
    jobs.cancel(running.job, ADA)
    with pytest.raises(jobs.Cancelled), running.fence():
        pytest.fail("inside the fence")
    with running.fence(cancellable=False):
        pass


def test_an_interruption_by_the_keyboard_gives_the_job_back(monkeypatch):
    def work(running):
        running.progress(1, 2, "reading")
        raise KeyboardInterrupt

    job = job_that(monkeypatch, work)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_in_foreground(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.token) == ("queued", 0, 2)


def test_the_bell_rings_after_the_commit_with_the_id_and_the_queue(
    bell, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("evaluate", "snapshot", 1, {"rules": ["a"]}, ADA)
        assert bell == []
    assert bell == [(job.public_id, "evaluate")]
    assert len(job.public_id) == 32


def test_a_sweep_rings_again_for_jobs_long_unheard_and_a_second_one_does_nothing(bell, monkeypatch):
    old = job_that(monkeypatch, None, queued_at=Now() - timedelta(seconds=21))
    job_that(monkeypatch, None)
    assert jobs.sweep() == jobs.Swept(rung=1)
    assert jobs.sweep() == jobs.Swept()
    assert bell == [(old.public_id, "ingest")]


def test_a_sweep_of_a_quiet_table_only_reads(django_assert_num_queries, monkeypatch):
    job_that(monkeypatch, None)
    with django_assert_num_queries(4) as queries:
        jobs.sweep()
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_a_sweep_does_not_fill_the_broker_with_a_backlog(bell, monkeypatch):
    for _ in range(timing.RUNG_AT_ONCE + 5):
        job_that(monkeypatch, None, queued_at=Now() - timedelta(seconds=60))
    assert jobs.sweep().rung == timing.RUNG_AT_ONCE
