"""Processes that do jobs: one for each queue, and one that keeps them running."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence

from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from audits import jobs

from .celery import SWEEP_SECONDS, app

RESTART_SECONDS = 1
# A worker that does not end by itself after its grace is ended; its lease then lapses.
END_SECONDS = 40


def serve(queue: str) -> int:
    """Run a Celery worker for ``queue`` in this process until it is told to stop.

    Returns its exit code. It sweeps at its start and each 20 seconds on a thread of its
    own, also while a long job runs.
    """
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    worker_shutting_down.connect(_stop_jobs)
    sweeping = threading.Thread(target=_sweep_on, name="sweeper", daemon=True)
    sweeping.start()
    worker = app.Worker(
        hostname=f"{queue}@%h",
        queues=[queue],
        pool="solo",
        concurrency=1,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return worker.exitcode or 0


def stop_on_signals() -> None:
    """Have SIGTERM and SIGINT ask the polling worker of this process to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop_jobs_at_signal)


def supervise(commands: Sequence[Sequence[str]], started: Callable[[], object]) -> None:
    """Keep one process running for each of ``commands`` until SIGTERM or SIGINT, then end them.

    A process that dies, as of a fault in a library, is started again after a second.
    """
    stop_on_signals()
    processes = [_start(command) for command in commands]
    started()
    while not jobs.asked_to_stop():
        time.sleep(RESTART_SECONDS)
        for place, process in enumerate(processes):
            if process.poll() is not None and not jobs.asked_to_stop():
                processes[place] = _start(commands[place])
    _end(processes)


def _start(command: Sequence[str]) -> subprocess.Popen:
    return subprocess.Popen([*command, "--parent", str(os.getpid())], cwd=settings.BASE_DIR)


def _end(processes: Sequence[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + END_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _stop_jobs(**_: object) -> None:
    jobs.ask_to_stop()


def _stop_jobs_at_signal(number: int, frame: object) -> None:
    jobs.ask_to_stop()


def _sweep_on() -> None:
    """Sweep now and each 20 seconds; a database that is away is tried again then."""
    while not jobs.asked_to_stop():
        try:
            jobs.sweep()
        except (DatabaseError, InterfaceError) as error:
            print(f"sweep: the database does not answer ({type(error).__name__})", file=sys.stderr)
        finally:
            connections.close_all()
        time.sleep(SWEEP_SECONDS)
