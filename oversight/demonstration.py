"""Filling an empty place: tables, invented records by the real path, an account a role.

Run as a process of its own by ``make run``; each step is safe to repeat, so that what an
interruption left is finished by the next start.
"""

import argparse
import io
import json
import signal
import sys
import threading
import time
from contextlib import contextmanager

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections

ACCOUNTS = {
    "administrator": "administrator",
    "officer": "compliance officer",
    "auditor": "auditor",
}
LOOK_SECONDS = 0.5
BLANK = "\r\x1b[K"


def main(arguments: list[str]) -> None:
    """Fill what is missing and say so on the terminal."""
    parser = argparse.ArgumentParser(prog="oversight.demonstration")
    parser.add_argument("--prescriptions", type=int, required=True)
    wanted = parser.parse_args(arguments)
    django.setup()
    with step("Preparing the database"):
        call_command("migrate", verbosity=0, interactive=False)
    _mend()
    if not _is_filled():
        _fill(wanted.prescriptions)
    _make_accounts()


@contextmanager
def step(title: str):
    """Print the title, how far its job is while it runs, and how long it took."""
    _say(f"{title} ...", end="")
    began, ended = time.monotonic(), threading.Event()
    watching = threading.Thread(target=_watch, args=(title, ended), daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
        _say(f"{_again(title)} {time.monotonic() - began:.1f} s")


def _mend() -> None:
    """Set aside what a power cut tore in the ledger; end with one line where it cannot be used."""
    from audits import ingestion, trail  # noqa: PLC0415 - only after Django is set up
    from audits.ledger import LedgerError  # noqa: PLC0415

    try:
        ingestion.mend_ledger(trail.Actor.command("make run"))
    except LedgerError as error:
        sys.exit(f"Oversight: {error}")


def _is_filled() -> bool:
    return apps.get_model("audits", "Evaluation").objects.filter(unpublished=False).exists()


def _fill(prescriptions: int) -> None:
    """Make the synthetic files, take them in, and put the rules to them."""
    folder = settings.VAR / "synthetic"
    made = io.StringIO()
    with step(f"Inventing {prescriptions:,} prescriptions with planted schemes"):
        call_command(
            "synthesise", output=folder, prescriptions=prescriptions, json=True, stdout=made
        )
    facts = json.loads(made.getvalue())
    # The truth is no record; the rest stands in the order in which it is to be taken in.
    for name, covers in facts["covers"].items():
        kind = name.removesuffix(".csv")
        with step(f"Taking in {facts['rows'][name]:,} rows of {kind}"):
            call_command(
                "ingest",
                folder / name,
                kind=kind,
                covers=covers,
                synthetic=True,
                json=True,
                stdout=io.StringIO(),
            )
    told = io.StringIO()
    with step("Putting the rules to them"):
        call_command("evaluate", json=True, stdout=told)
    for name, counts in json.loads(told.getvalue())["rules"].items():
        _say(f"  {name.replace('_', ' ')}: {counts['fired']:,} flags")


def _make_accounts() -> None:
    """Make the account of each role that nobody has, and print its password this once."""
    users = apps.get_model("audits", "User").objects
    missing = {n: r for n, r in ACCOUNTS.items() if not users.filter(groups__name=r).exists()}
    if not missing:
        _say("The accounts are there already; their passwords are not shown again. For another:")
        _say('  .venv/bin/python manage.py create_administrator NAME --role "compliance officer"')
        return
    _say("Accounts, with passwords that are shown this once:")
    for name, role in missing.items():
        made = io.StringIO()
        call_command("create_administrator", name, role=role, json=True, stdout=made)
        _say(f"  {name:14} {role:19} {json.loads(made.getvalue())['password']}")


def _watch(title: str, ended: threading.Event) -> None:
    """Show the progress of the running job until ``ended``; only to a person at a terminal."""
    jobs = apps.get_model("audits", "Job").objects
    while sys.stdout.isatty() and not ended.wait(LOOK_SECONDS):
        try:
            job = jobs.filter(state="running").order_by("-pk").first()
        except DatabaseError:  # before the first migration there is no table
            job = None
        if job and job.progress_total:
            share = 100 * job.progress_done // job.progress_total
            _say(f"{_again(title)} {job.stage} {share} %", end="")
    connections.close_all()


def _again(title: str) -> str:
    return f"{BLANK}{title} ..." if sys.stdout.isatty() else ""


def _say(line: str, end: str = "\n") -> None:
    print(line, end=end, flush=True)


if __name__ == "__main__":
    # As at the keyboard: the running job is given back instead of lapsing after its lease.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
