"""Doing one job: take it, keep its lease, call its function, say how it ended."""

import errno
import logging
import os
import secrets
import time
import traceback
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

from ..ledger import LedgerError
from ..models import Job
from . import lease, sweeper, timing
from .heart import Heart
from .lease import Ending
from .registry import HANDLERS
from .running import Cancelled, Fenced, Refused, Released, Running

logger = logging.getLogger(__name__)

NO_SPACE = "There is no space left on the disk. Make room, then start the job again."
NO_MEMORY = "The memory was not enough for this job. Give the worker more, then start it again."
NO_HANDLER = "This server does not know how to do this kind of work; it may need an update."
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
DONE = Ending(state=Job.State.SUCCEEDED)


def run(public_id: str) -> Job:
    """Do the job in this process if it is free, and return it as it is then.

    A job that another worker holds, or that has ended, is returned untouched. Raises
    Job.DoesNotExist for an unknown id; whatever the work itself raises ends in the job's row.
    """
    sweeper.sweep(Job.objects.filter(public_id=public_id), rings=False)
    job = lease.take(public_id)
    if job is not None:
        attempt(Running(job))
    return Job.objects.get(public_id=public_id)


def run_in_foreground(job: Job) -> Job:
    """Do the job here, or wait while another worker does it; return it ended.

    An interruption by the keyboard puts it back in the queue and goes on up.
    """
    while not (job := run(job.public_id)).is_ended:
        time.sleep(timing.TIMING.look)
    return job


def attempt(running: Running) -> None:
    """Call the function of a taken job and write how that ended, if it still is ours to write."""
    error: BaseException | None = None
    try:
        with Heart(running):
            _work(running)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        lease.give_back(running.job)
        raise
    except BaseException as raised:  # a panic in the ledger's engine is no Exception
        error = raised
    _conclude(running, error)


def _work(running: Running) -> None:
    handler = HANDLERS.get(running.job.kind)
    if handler is None:
        raise Refused(NO_HANDLER, code="no_handler")
    handler(running)


def _conclude(running: Running, error: BaseException | None) -> None:
    """Write the end of an attempt. Where even that fails the lease lapses and the sweeper acts."""
    if error is not None and running.stopped is not None:
        error = running.stopped()  # an interrupted query raises what its engine likes
    try:
        if isinstance(error, Released):
            lease.give_back(running.job)
        elif isinstance(error, (OperationalError, InterfaceError)):
            logger.warning("%s lost the database: %s", running.job, _trace(error))
            sweeper.sweep(lease.let_lapse(running.job))
        elif not isinstance(error, Fenced):
            job = running.job
            held = Job.objects.held(job)
            lease.settle(held, job, _ending(job, error), **running.settlement())
    except (OperationalError, InterfaceError) as lost:
        logger.warning("%s could not be settled: %s", running.job, _trace(lost))


def _ending(job: Job, error: BaseException | None) -> Ending:
    """Return the final state for what the work raised, None meaning that it returned."""
    if error is None:
        return DONE
    if isinstance(error, Cancelled):
        return Ending(state=Job.State.CANCELLED)
    if isinstance(error, Refused):
        return _failed(error.code, str(error))
    if lacking := _lacking(error):
        return lacking
    if isinstance(error, LedgerError):
        return _failed("ledger", str(error))
    reference = secrets.token_hex(4)
    logger.error("%s failed, reference %s: %s", job, reference, _trace(error))
    return _failed(
        "unexpected", f"The job met an error of the program; the log has it as {reference}."
    )


def _lacking(error: BaseException) -> Ending | None:
    """Return the ending for what the machine had too little of; None for any other error.

    The engine and the ledger say it in the text of errors of their own.
    """
    for each in _causes(error):
        said = str(each)
        full = isinstance(each, OSError) and each.errno in DISK_FULL
        if full or any(os.strerror(number) in said for number in DISK_FULL):
            return _failed("no_space", NO_SPACE)
        if isinstance(each, MemoryError) or said.startswith("Out of Memory Error"):
            return _failed("no_memory", NO_MEMORY)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and what is behind it."""
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__ or each.__context__


def _failed(code: str, sentence: str) -> Ending:
    return Ending(state=Job.State.FAILED, code=code[:40], error=sentence[:400])


def _trace(error: BaseException) -> str:
    """Return the type of ``error`` and where it was raised, on one line.

    Never its message, which may quote a value of a record.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))
    cause = error.__cause__ or error.__context__
    behind = f" after {type(cause).__name__}" if cause else ""
    return f"{type(error).__name__}{behind} at {places}"
