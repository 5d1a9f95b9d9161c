"""Working without a broker: look into the table, do the oldest waiting job, look again."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable

from django.db import InterfaceError, OperationalError, close_old_connections

from ..models import Job
from . import shutdown, timing
from .registry import waits_in
from .runner import run
from .sweeper import sweep

logger = logging.getLogger(__name__)

Tally = Counter[str]


def work_off(queues: Iterable[str], report: Callable[[Job], object]) -> Tally:
    """Do the waiting jobs of ``queues``, the oldest first, until none is left or a stop is asked.

    Sweeps first, and rings no bell: it looks by itself. Calls ``report`` with each job as it
    was left; returns their number by state.
    """
    sweep(rings=False)
    tally: Tally = Counter()
    while not shutdown.asked_to_stop() and (public_id := _oldest(queues)) is not None:
        job = run(public_id)
        tally[job.state] += 1
        report(job)
    return tally


def work_on(queues: Iterable[str], report: Callable[[Job], object]) -> None:
    """Do waiting jobs as they come, looking each second, until the process is asked to stop.

    A database that is away for a while is waited for.
    """
    while not shutdown.asked_to_stop():
        try:
            work_off(queues, report)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database does not answer (%s)", type(error).__name__)
        close_old_connections()
        time.sleep(timing.TIMING.look)


def _oldest(queues: Iterable[str]) -> str | None:
    """Return the id of the job that has waited longest in ``queues``."""
    waiting = Job.objects.filter(waits_in(queues), state=Job.State.QUEUED)
    return waiting.order_by("queued_at", "pk").values_list("public_id", flat=True).first()
