"""One process of a trial: the product in the trial's folder, with its death laid out.

Forked from a server that imported the product once, so that it is there in a moment.
"""

import functools
import itertools
import os
import pkgutil
import signal
from collections.abc import Callable
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connections

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")
    django.setup()

from audits import jobs, tasks  # noqa: F401 - the tasks know every kind of job
from audits.evaluation import flags
from audits.formats import delimited
from audits.jobs import timing
from audits.management.commands import evaluate, ingest, settle, sweep, worker  # noqa: F401 - once
from oversight.celery import app

from .points import AFTER, BEFORE, Point

# A lease is long enough for a busy machine and short enough to be waited for.
TIMES = jobs.Timing(lease=2.0, beat=0.3, look=0.1, ring_again=1, grace=0.5, write=0.02)
SMALL_BLOCK = 1_024  # bytes read at once, so that small files have several
FEW, SOME = 2, 3  # subjects in a transaction


def command(folder: Path, words: tuple[str, ...], point: Point | None, out: str) -> None:
    """Be ``manage.py`` with ``words`` in ``folder``, writing to the file ``out`` there."""
    settle_in(folder, out)
    if point:
        lay(point)
    execute_from_command_line(["manage.py", *words])


def call(folder: Path, function: Callable, arguments: tuple, out: str) -> None:
    """Be a process in ``folder`` that calls ``function`` with it and ``arguments``."""
    settle_in(folder, out)
    function(folder, *arguments)


def settle_in(folder: Path, out: str) -> None:
    """Make ``folder`` the whole installation of this process, and its times short."""
    for number in (1, 2):
        os.dup2(os.open(folder / out, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    keys = folder / "keys"
    os.environ |= {"OVERSIGHT_VAR": str(folder), "OVERSIGHT_KEYS": str(keys)}
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/oversight.db"
    os.environ["DJANGO_SETTINGS_MODULE"] = "oversight.settings"
    settings.VAR, settings.LEDGER, settings.KEYS = folder, folder / "ledger", keys
    settings.PATIENT_SECRET = bytes.fromhex((keys / "patient.key").read_text())
    connections.settings["default"]["NAME"] = str(folder / "oversight.db")
    app.conf.broker_url = "memory://"
    timing.TIMING = TIMES
    flags.FEWEST, flags.MOST = FEW, SOME
    delimited.read.__kwdefaults__["block"] = SMALL_BLOCK


def lay(point: Point) -> None:
    """Wrap the function of ``point`` so that this process is killed at its call."""
    module, _, path = point.target.partition(":")
    owner_path, _, name = path.rpartition(".")
    owner = pkgutil.resolve_name(f"{module}:{owner_path}" if owner_path else module)
    original, calls = getattr(owner, name), itertools.count(1)

    @functools.wraps(original)
    def wrapped(*given, **named):
        here = next(calls) == point.hit
        if here and point.moment == BEFORE:
            die()
        result = original(*given, **named)
        if here and point.moment == AFTER:
            die()
        return result

    setattr(owner, name, wrapped)


def die() -> None:
    """End as by ``kill -9``: no handler, no finally, no buffer written."""
    os.kill(os.getpid(), signal.SIGKILL)
