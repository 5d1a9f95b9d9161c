"""Commands that die on the way, and what an installation says afterwards."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from .instance import ROOT, Instance

PRESCRIPTIONS = ("--kind", "prescriptions")
# The product as it is, in a process that dies of SIGKILL at its first call of a function.
DYING = """
import os, pkgutil, signal, sys, django; django.setup()
from django.core.management import call_command
owner, _, name = sys.argv[1].rpartition(".")
def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
setattr(pkgutil.resolve_name(owner), name, die)
call_command("ingest", sys.argv[2], kind="prescriptions", json=True)
"""


def killed(installation: Instance, target: str, file: Path, *, times: int = 1) -> None:
    """Ingest ``file`` in a process that dies at ``target``; the lease has run out afterwards.

    It counts as so many attempts.
    """
    command = [sys.executable, "-W", "ignore", "-c", DYING, target, str(file)]
    environment = installation.environment | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with sqlite3.connect(installation.database) as database:
        database.execute(
            f"UPDATE audits_job SET lease_until = '2020-01-01', attempts = {times} "
            "WHERE state = 'running'"
        )


def refusal(done: subprocess.CompletedProcess) -> str:
    """Return the one line on standard error of a command that refused."""
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr or done.stdout
    return done.stderr


def actions(installation: Instance, action: str) -> int:
    return len(installation.rows(f"SELECT 1 FROM audits_event WHERE action = '{action}'"))


def rows_in_ledger(installation: Instance) -> int:
    """Return how many records ``verify_imports`` walked through and found right."""
    assert installation.ask("verify_trail")["ok"]
    verified = installation.ask("verify_imports")
    assert verified["ok"]
    return verified["records"]
