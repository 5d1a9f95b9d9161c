"""A job in work, as the function that does it sees it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.functions import Now

from ..models import Job
from . import timing


class Interrupted(BaseException):
    """The attempt must stop now. Not an ``Exception``, so that no step catches it by accident."""


class Fenced(Interrupted):
    """The job is held by another worker, or by nobody: this one may write nothing more."""


class Cancelled(Interrupted):
    """A person cancelled the job."""


class Released(Interrupted):
    """The worker was asked to stop, and the job goes back to the queue."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The work cannot be done and trying again is no help; the message says why to a person.

    The message names no value of a record.
    """

    def __init__(self, sentence: str, *, code: str = "refused"):
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an attempt is; ``total`` is None where the whole is not known."""

    done: int = 0
    total: int | None = None
    stage: str = ""


class Running:
    """The handle by which a job's function reports, asks and closes its work.

    Every write goes by the token of this attempt: once the job was taken over, each raises
    ``Fenced``. Used by the one thread that does the work; only ``stop`` is for others.
    """

    def __init__(self, job: Job):
        self.job = job
        self.latest = Progress(done=job.progress_done, total=job.progress_total, stage=job.stage)
        self.stopped: type[Interrupted] | None = None
        self.confirmed_at = time.monotonic()
        self._written_at = 0.0
        self._furthest = dict(job.furthest)
        self._interrupts: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def progress(self, done: int, total: int | None = None, stage: str = "") -> None:
        """Report ``done`` of ``total`` in ``stage``; written at most twice a second.

        The names of stages are few and fixed. Raises ``Fenced``, ``Cancelled``, ``Released``.
        """
        self.check()
        stage = stage[:60]
        stage_began = stage != self.latest.stage
        done = done if total is None else min(done, total)
        self.latest = Progress(done=done, total=total, stage=stage)
        if stage_began or time.monotonic() - self._written_at >= timing.TIMING.write:
            self._write_progress()

    def check(self) -> None:
        """Raise ``Fenced``, ``Cancelled`` or ``Released`` if the work must stop.

        Cheap enough for every chunk: it asks the database only when the heartbeat has not
        for two looks, as after the process was suspended.
        """
        if self.stopped is None:
            age = time.monotonic() - self.confirmed_at
            if age > 2 * timing.TIMING.look:
                self._confirm()
        if self.stopped is not None:
            raise self.stopped

    def assert_held(self, using: str = DEFAULT_DB_ALIAS, *, cancellable: bool = True) -> None:
        """Raise ``Fenced`` unless this attempt still holds the job; call in the final transaction.

        The job's row stays locked until that transaction ends, so nobody takes the job over
        between this and the commit. Raises ``Cancelled`` too, unless ``cancellable`` is false.
        """
        held = Job.objects.using(using).held(self.job)
        if not held.update(heartbeat_at=Now()):
            raise Fenced
        if cancellable and held.filter(state=Job.State.CANCELLING).exists():
            raise Cancelled

    @contextmanager
    def fence(self, using: str = DEFAULT_DB_ALIAS, *, cancellable: bool = True) -> Iterator[None]:
        """Open the step's final transaction, in which the job is certain to be held."""
        with transaction.atomic(using=using):
            self.assert_held(using, cancellable=cancellable)
            yield

    def go_forward_only(self) -> None:
        """Note that from here the work is finished and no longer cancelled, in any attempt.

        Raises ``Cancelled`` if a person was quicker.
        """
        held = Job.objects.held(self.job).filter(state=Job.State.RUNNING)
        if not held.update(cancellable=False):
            self._confirm()
            raise self.stopped or Fenced
        self.job.cancellable = False

    def on_interrupt(self, interrupt: Callable[[], object]) -> ExitStack:
        """Have ``interrupt`` called, from another thread, when the work must stop.

        Used as ``with running.on_interrupt(connection.interrupt):`` around the query; it is
        called again and again until the block is left, for a query may begin just after one call.
        """
        with self._lock:
            self._interrupts.append(interrupt)
        undo = ExitStack()
        undo.callback(self._forget_interrupt, interrupt)
        return undo

    def stop(self, reason: type[Interrupted]) -> None:
        """Ask the work to stop for ``reason`` (the first one counts) and interrupt its query."""
        self.stopped = self.stopped or reason
        with self._lock:
            for interrupt in self._interrupts:
                with suppress(Exception):  # a connection closed meanwhile has nothing to stop
                    interrupt()

    def settlement(self) -> dict:
        """Return the latest progress as fields of the job, for the write that ends it."""
        return {
            "progress_done": self.latest.done,
            "progress_total": self.latest.total,
            "stage": self.latest.stage,
        }

    def _forget_interrupt(self, interrupt: Callable[[], object]) -> None:
        with self._lock:
            self._interrupts.remove(interrupt)

    def _write_progress(self) -> None:
        facts = self.settlement()
        if self._went_further():
            facts["furthest"] = self._furthest
            # The first attempt has none behind it to get beyond.
            if self.job.attempts > 1:
                facts["last_progress_attempt"] = self.job.attempts
        held = Job.objects.held(self.job).filter(state=Job.State.RUNNING)
        if not held.update(**facts):
            self._confirm()
            raise self.stopped or Fenced
        self._written_at = time.monotonic()

    def _went_further(self) -> bool:
        """Note the latest progress if no attempt got that far before; return whether it is so."""
        latest = self.latest
        before = self._furthest.get(latest.stage)
        step = max(1, (latest.total or 0) // timing.PROGRESS_STEPS)
        if before is not None and latest.done < before + step:
            return False
        self._furthest[latest.stage] = latest.done
        return True

    def _confirm(self) -> None:
        """Look at the job's row; stop the work where it is held no more or being cancelled."""
        row = Job.objects.filter(pk=self.job.pk).values("token", "state").first()
        if row is None or row["token"] != self.job.token or row["state"] not in Job.HELD:
            self.stop(Fenced)
        elif row["state"] == Job.State.CANCELLING:
            self.stop(Cancelled)
        self.confirmed_at = time.monotonic()
