"""A worker in a process of its own, with kinds of work made to fail in every way.

Forked by ``multiprocessing``'s fork server, which imports this module once, so that a
worker is there in a moment. Nothing happens on import.
"""

import os
import resource
import sys
import time
from pathlib import Path

import django
import duckdb
from django.apps import apps
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connections

if not apps.ready:
    django.setup()

from audits import jobs, tasks  # noqa: F401 - the tasks know the bell
from audits.jobs import timing
from audits.management.commands import worker  # noqa: F401 - imported once, before the fork
from audits.models import Source
from oversight import broker, workers
from oversight.celery import app

# Pairs every row with every other: minutes of work if nobody interrupts it.
LONG_QUERY = (
    "SELECT count(*) FROM range(4000000) a, range(4000000) b WHERE hash(a.range, b.range) = 7"
)


def note(running: jobs.Running, word: str) -> None:
    """Append a line to the file that the test reads: what happened in which process."""
    with Path(running.job.parameters["log"]).open("a") as log:
        log.write(f"{word} {running.job.public_id[:8]} {os.getpid()}\n")


def count(running: jobs.Running) -> None:
    """Count with pauses, then store one row in the fenced transaction."""
    note(running, "start")
    steps = running.job.parameters["steps"]
    for step in range(steps):
        running.progress(step, steps, "counting")
        time.sleep(0.05)
    with running.fence():
        Source.objects.create(
            name=f"{running.job.public_id[:8]} {running.job.token}",
            patient_domain="test",
            change_policy="by_status",
        )
    note(running, "done")


def deaf(running: jobs.Running) -> None:
    """Wait without asking anything until a file appears, then write: the worst of workers."""
    note(running, "start")
    try:
        while not Path(running.job.parameters["go"]).exists():
            time.sleep(0.02)
        with running.fence():
            Source.objects.create(
                name=f"by {os.getpid()}", patient_domain="test", change_policy="by_status"
            )
    except jobs.Fenced:
        note(running, "fenced")
        raise
    note(running, "done")


def query(running: jobs.Running) -> None:
    """Run a query that takes minutes."""
    note(running, "start")
    connection = duckdb.connect()
    with running.on_interrupt(connection.interrupt):
        connection.execute(LONG_QUERY).fetchall()


def poison(running: jobs.Running) -> None:
    """Get a little way, then die as a library does that reads a bad pointer."""
    running.progress(1, 10, "reading")
    note(running, "start")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


HANDLERS = {"count": count, "deaf": deaf, "query": query, "poison": poison}


def live(folder: Path, times: jobs.Timing, words: tuple[str, ...]) -> None:
    """Be a worker of ``folder``: ``("serve", queue)`` by Celery, or a command and its options."""
    for number, name in ((1, "out"), (2, "errors")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.environ["OVERSIGHT_VAR"] = str(folder)
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/oversight.db"
    settings.VAR = folder
    connections.settings["default"]["NAME"] = str(folder / "oversight.db")
    app.conf.broker_url = broker.url()
    timing.TIMING = times
    workers.SWEEP_SECONDS = 0.2
    for kind, handler in HANDLERS.items():
        jobs.handles(kind)(handler)
    if words[0] == "broker":
        (folder / "broker").write_text(str(broker.start().pid))
        time.sleep(60)
    if words[0] == "serve":
        sys.exit(workers.serve(words[1]))
    execute_from_command_line(["manage.py", *words])
