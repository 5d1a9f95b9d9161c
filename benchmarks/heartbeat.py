"""How long a heartbeat waits while an evaluation writes its flags, on SQLite.

Run: ``python -m benchmarks.heartbeat --flags 1000000``. Flags go through the product's own
``Sync`` into a database file; another process renews a lease each tenth of a second. The
goal is that none of its writes waits a second: exit 1 where one does.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from multiprocessing.connection import Connection

if __name__ == "__main__":
    # Before Django reads its settings; the other process inherits it.
    SCRATCH = tempfile.TemporaryDirectory(prefix="heartbeat-")
    os.environ["OVERSIGHT_VAR"] = SCRATCH.name
    os.environ["DATABASE_URL"] = f"sqlite:///{SCRATCH.name}/oversight.db"
    os.environ["DJANGO_SETTINGS_MODULE"] = "oversight.settings"

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from audits.catalogue import CATALOGUE
from audits.evaluation.answering import Occurrence
from audits.evaluation.flags import Found, Sync
from audits.in_force import settings_of
from audits.jobs import lease
from audits.models import Evaluation, FlagState, Job, Snapshot, Upload

BEAT = 0.1  # seconds between the end of a write and the next
GOAL = 1.0  # seconds that a write may wait
RULE = "opioid_high_dose_90d"
DAY = date(2025, 1, 1)


def main() -> None:
    """Write the flags while another process beats; print its waits; exit 1 beyond the goal."""
    flags = _flags()
    call_command("migrate", verbosity=0, interactive=False)
    snapshot = _snapshot()
    job = Job.objects.create(kind="evaluate", object_type="snapshot", object_id="1")
    job = lease.take(job.public_id)
    connection.close()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    beating = multiprocessing.get_context("spawn").Process(target=beat, args=(job.pk, theirs))
    beating.start()
    ours.recv()
    began = time.monotonic()
    chunks = _written(snapshot, flags)
    seconds = time.monotonic() - began
    ours.send("stop")
    waits = sorted(ours.recv())
    beating.join()
    longest, most = waits[-1], waits[int(len(waits) * 0.99)]
    print(
        f"{flags:,} flags in {seconds:.1f} s ({flags / seconds:,.0f} a second), {chunks:,} writes"
    )
    print(f"{len(waits):,} heartbeats: longest wait {longest:.3f} s, 99 of 100 below {most:.3f} s")
    SCRATCH.cleanup()
    sys.exit(longest >= GOAL)


def beat(job: int, orders: Connection) -> None:
    """Renew the lease of a job until told to stop; send how long each write took, in seconds."""
    held = Job.objects.get(pk=job)
    waits = []
    orders.send("ready")
    while not orders.poll(BEAT):
        began = time.monotonic()
        assert lease.renew(held)
        waits.append(time.monotonic() - began)
    orders.send(waits)


def _flags() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.heartbeat", description=__doc__)
    parser.add_argument("--flags", type=int, default=100_000, help="subjects to flag")
    return parser.parse_args().flags


def _snapshot() -> Snapshot:
    upload = Upload.objects.create(file_name="made up", sha256="0" * 64, size=0, asked_kind="")
    return Snapshot.objects.create(number=1, versions={}, sequence=0, upload=upload, newest_on=DAY)


def _written(snapshot: Snapshot, flags: int) -> int:
    """Write the flags as an evaluation does and return in how many transactions."""
    evaluation = Evaluation.objects.create(snapshot=snapshot, as_of=DAY, full=True, job="0" * 32)
    in_force, writes = settings_of(CATALOGUE[RULE]), []
    sync = Sync(in_force=in_force, evaluation=evaluation, is_touched=lambda subject: True)
    sync.write(_found(flags), writes.append)
    with transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(unpublished=False)
    assert FlagState.objects.seen().count() == flags
    return len(writes)


def _found(flags: int) -> Iterator[Found]:
    """Yield made-up subjects with one occurrence each."""
    for number in range(flags):
        digest = sha256(str(number).encode()).hexdigest()
        yield f"p_{digest[:32]}", [_occurrence(number, digest)]


def _occurrence(number: int, digest: str) -> Occurrence:
    return Occurrence(
        definition="rolling_90_day_average",
        occurred_on=DAY,
        last_on=DAY,
        value=10_800_900 + number,
        severity="medium",
        excluded_by=None,
        digest=digest,
        records=3,
        keys=tuple(f"clinic/{number}-{each}" for each in range(3)),
        notes=(),
        state="AZ",
        prescriber="1245319599",
        shown={"peak_on": DAY, "escalated": False},
    )


if __name__ == "__main__":
    main()
