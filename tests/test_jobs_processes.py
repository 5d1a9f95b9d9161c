"""Jobs under crashes: real processes, a database file, a real broker."""

import base64
import json
import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connections

from audits import jobs, tasks, trail
from audits.jobs import Timing, timing
from audits.models import Event, Job, Source
from audits.trail import triggers
from oversight import broker
from oversight.celery import app
from tests.jobs_process import live

pytestmark = pytest.mark.django_db

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", "tests.jobs_process"])
TIMING = Timing(lease=1.6, beat=0.25, look=0.1, ring_again=0.3, grace=0.5, write=0.02)
ADA = trail.Actor.command("ada")


class House:
    """A folder with a database file, a log that jobs write, and the workers started in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()
        self.workers: list[BaseProcess] = []

    def start(self, *words: str) -> BaseProcess:
        """Start a worker process; it is killed at the end of the test."""
        worker = FORKS.Process(target=live, args=(self.folder, TIMING, words))
        worker.start()
        self.workers.append(worker)
        return worker

    def ended(self, worker: BaseProcess) -> tuple[int | None, str]:
        """Wait for ``worker``; return its exit code and all that was written to standard error."""
        worker.join(30)
        return worker.exitcode, (self.folder / "errors").read_text()

    def poll(self) -> BaseProcess:
        """Start a worker that needs no broker."""
        return self.start("worker", "--poll", "--queues", "ingest")

    def job(self, kind: str, **parameters) -> Job:
        """Queue a job whose log is this folder's."""
        parameters = {"log": str(self.log), **parameters}
        return jobs.enqueue(kind, "upload", 1, parameters, ADA)

    def said(self, word: str) -> list[str]:
        """Return the processes that wrote ``word`` into the log, in order."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [line[-1] for line in lines if line[0] == word]


@pytest.fixture
def house(tmp_path, settings, db, monkeypatch):
    """Make a database file with the test database's tables, for this process and its workers."""
    monkeypatch.setattr(timing, "TIMING", TIMING)
    settings.VAR = tmp_path
    monkeypatch.setattr(app.conf, "broker_url", broker.url())
    house = House(tmp_path)
    memory = connections["default"]
    with closing(sqlite3.connect(tmp_path / "oversight.db")) as file, memory.cursor() as cursor:
        file.execute("PRAGMA synchronous=OFF")
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql <> '' AND name NOT LIKE 'sqlite%'")
        for (statement,) in cursor.fetchall():
            file.execute(statement)
    name = memory.settings_dict["NAME"]
    memory.settings_dict["NAME"] = str(tmp_path / "oversight.db")
    connections["default"] = connections.create_connection("default")
    triggers.install()
    yield house
    for worker in house.workers:
        worker.kill()
        worker.join()
        worker.close()
    if (tmp_path / "errors").exists():
        print((tmp_path / "errors").read_text())  # shown where the test failed
    connections["default"].close()
    connections["default"] = memory
    memory.settings_dict["NAME"] = name


def until(condition, seconds: float = 30):
    """Wait for ``condition`` and return what it gave; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


def ends(job: Job, seconds: float = 30) -> Job:
    """Wait until ``job`` has ended and return it."""
    return until(lambda: Job.objects.filter(pk=job.pk, state__in=Job.ENDED).first(), seconds)


def test_two_workers_racing_do_each_job_once(house):
    waiting = [house.job("count", steps=2) for _ in range(8)]
    racers = [house.poll(), house.poll()]
    for job in waiting:
        assert ends(job).state == "succeeded"
    assert len(house.said("start")) == Source.objects.count() == 8
    assert {job.attempts for job in Job.objects.all()} == {1}
    assert [racer.is_alive() for racer in racers] == [True, True]


def test_a_job_longer_than_its_lease_stays_with_its_worker(house):
    job = house.job("count", steps=50)
    house.poll()
    until(lambda: house.said("start"))
    house.poll()
    job = ends(job)
    assert (job.finished_at - job.started_at).total_seconds() > TIMING.lease
    assert (job.state, job.attempts, job.token) == ("succeeded", 1, 1)


def test_a_killed_worker_s_job_is_swept_and_finished(house):
    job = house.job("count", steps=20)
    first = house.poll()
    until(lambda: Job.objects.get(pk=job.pk).progress_done > 3)
    first.kill()
    house.poll()
    job = ends(job)
    assert (job.state, job.attempts, job.token) == ("succeeded", 2, 3)
    assert len(house.said("done")) == Source.objects.count() == 1


def test_a_worker_suspended_beyond_its_lease_is_fenced_at_its_next_write(house):
    job = house.job("deaf", go=str(house.folder / "go"))
    stale = house.poll()
    until(lambda: house.said("start"))
    os.kill(stale.pid, signal.SIGSTOP)
    successor = house.poll()
    until(lambda: len(house.said("start")) == 2)
    (house.folder / "go").touch()
    assert ends(job).state == "succeeded"
    os.kill(stale.pid, signal.SIGCONT)
    until(lambda: house.said("fenced"))
    assert house.said("fenced") == [str(stale.pid)]
    assert Source.objects.get().name == f"by {successor.pid}"


def test_cancelling_stops_a_long_query_within_five_seconds(house):
    job = house.job("query")
    worker = house.poll()
    until(lambda: house.said("start"))
    asked = time.monotonic()
    assert jobs.cancel(job, ADA).state == "cancelling"
    assert ends(job).state == "cancelled"
    assert time.monotonic() - asked < 5
    assert worker.is_alive()
    assert Event.objects.get(action="job_cancelled").object_id == job.public_id


def test_a_job_that_kills_every_worker_fails_after_three_attempts_and_the_queue_goes_on(house):
    poison, after = house.job("poison"), house.job("count", steps=1)
    house.poll()
    assert ends_under_restarts(house, after).state == "succeeded"
    poison = ends_under_restarts(house, poison)
    assert (poison.state, poison.error_code, poison.attempts) == ("failed", "stalled", 3)
    assert len(house.said("start")) == 4
    assert Event.objects.get(action="job_failed").object_id == poison.public_id


def ends_under_restarts(house: House, job: Job) -> Job:
    """Start a worker whenever the last one died, until ``job`` has ended."""

    def ended() -> Job | None:
        if not house.workers[-1].is_alive():
            house.poll()
        return Job.objects.filter(pk=job.pk, state__in=Job.ENDED).first()

    return until(ended, 60)


def test_a_worker_asked_to_stop_gives_its_job_back_without_counting_the_attempt(house):
    job = house.job("query")
    worker = house.poll()
    until(lambda: house.said("start"))
    worker.terminate()
    assert house.ended(worker) == (0, "")
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_no_broker_holds_nothing_up_and_loses_nothing(house):
    assert not tasks.ring("0" * 32, "ingest")
    broker.socket_path().touch()  # as a broker leaves it that was killed
    began = time.monotonic()
    job = house.job("count", steps=1)
    assert time.monotonic() - began < 2
    assert house.ended(house.start("worker", "--once", "--json")) == (0, "")
    said = (house.folder / "out").read_text().splitlines()
    assert json.loads(said[-1]) == {"jobs": 1, "states": {"succeeded": 1}}
    assert ends(job).state == "succeeded"


def test_the_message_in_the_broker_carries_the_public_id_and_nothing_else(house):
    with broker.start():
        job = house.job("count", steps=1, canary="CANARY-7731")
        client = redis.Redis(unix_socket_path=str(broker.socket_path()))
        message = json.loads(client.lindex("ingest", 0))
        everything = b"".join(client.dump(key) for key in client.scan_iter())
        client.close()
    args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert (args, kwargs) == ([job.public_id], {})
    assert (message["headers"]["argsrepr"], message["headers"]["kwargsrepr"]) == ("(id)", "{}")
    assert b"CANARY" not in everything
    assert str(house.log).encode() not in everything


def test_an_emptied_broker_loses_no_job_and_forged_messages_do_nothing(house):
    with broker.start():
        client = redis.Redis(unix_socket_path=str(broker.socket_path()))
        lost = [house.job("count", steps=1) for _ in range(3)]
        client.flushall()
        assert client.llen("ingest") == 0
        app.send_task("celery.map", args=(["audits.run_job"], []), queue="ingest")
        app.send_task("audits.run_job", args=({"a": 1},), queue="ingest")
        client.close()
        worker = house.start("serve", "ingest")
        for job in lost:
            assert ends(job).state == "succeeded"
        worker.terminate()
        assert house.ended(worker)[0] == 0


def test_a_broker_that_dies_during_a_job_costs_neither_the_job_nor_the_worker(house):
    with broker.start():
        running = house.job("deaf", go=str(house.folder / "go"))
        worker = house.start("serve", "ingest")
        until(lambda: house.said("start"))
    (house.folder / "go").touch()
    assert ends(running).state == "succeeded"
    waiting = house.job("count", steps=1)
    with broker.start():
        assert ends(waiting).state == "succeeded"
        assert house.said("done") == [str(worker.pid)] * 2


def test_the_supervised_workers_serve_both_queues_and_leave_no_process(house):
    with broker.start() as server:
        ingest, evaluate = house.job("nothing"), house.job("evaluate")
        supervisor = house.start("worker")
        assert (ends(ingest).error_code, ends(evaluate).error_code) == ("no_handler", "no_records")
        children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text()
        supervisor.terminate()
        assert house.ended(supervisor) == (0, "")
        assert len(children.split()) == 2
        assert not any(Path(f"/proc/{child}").exists() for child in children.split())
        assert server.is_alive()
    assert not Path(f"/proc/{server.pid}").exists()
    assert django_settings.REDIS_URL == ""


def test_the_embedded_broker_dies_with_the_process_that_started_it(house):
    owner = house.start("broker")
    server = until(lambda: (house.folder / "broker").exists() and broker.answers()) and int(
        (house.folder / "broker").read_text()
    )
    with pytest.raises(broker.BrokerError, match="another instance"):
        broker.start()
    owner.kill()
    until(lambda: not broker.answers())
    until(lambda: not Path(f"/proc/{server}/exe").exists())


@pytest.mark.parametrize("fault", ["suspended", "full"])
def test_a_broker_that_fails_holds_a_request_up_for_seconds_at_most(house, fault):
    with broker.start() as server:
        if fault == "suspended":
            os.kill(server.pid, signal.SIGSTOP)
        else:
            client = redis.Redis(unix_socket_path=str(broker.socket_path()))
            client.config_set("maxmemory", 1)
            client.close()
        began = time.monotonic()
        assert not tasks.ring("0" * 32, "ingest")
        assert time.monotonic() - began < 3
        if fault == "suspended":
            os.kill(server.pid, signal.SIGCONT)
