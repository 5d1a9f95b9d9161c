"""The heartbeat of a running job: a thread that keeps the lease and looks for a reason to stop."""

import threading
import time
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connection, connections

from ..models import Job
from . import lease, shutdown, timing
from .running import Cancelled, Fenced, Released, Running

NUDGE = 0.2  # seconds between interrupts while the work has not stopped yet


class Heart(threading.Thread):
    """Beats while the ``with`` block lasts, on a database connection of its own."""

    def __init__(self, running: Running):
        super().__init__(name=f"heart of {running.job}", daemon=True)
        self._running = running
        self._ended = threading.Event()
        self._beaten_at = time.monotonic()

    def __enter__(self) -> "Heart":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look and beat until the work ends; then close the connection."""
        try:
            while not self._ended.wait(self._pause()):
                self._look()
        finally:
            connections.close_all()

    def _pause(self) -> float:
        return NUDGE if self._running.stopped else timing.TIMING.look

    def _look(self) -> None:
        running = self._running
        if running.stopped is None and shutdown.grace_is_over():
            running.stop(Released)
        try:
            self._beat()
        except (DatabaseError, InterfaceError):
            # The database may be away for a moment. Once the lease has run out by our own
            # clock another worker may hold the job, and this one must not go on.
            connection.close()
            if time.monotonic() - running.confirmed_at > timing.TIMING.lease:
                running.stop(Fenced)
        if running.stopped:
            running.stop(running.stopped)

    def _beat(self) -> None:
        """Renew the lease when it is time, and learn what became of the job."""
        running, job = self._running, self._running.job
        held = True
        if time.monotonic() - self._beaten_at >= timing.TIMING.beat:
            held = lease.renew(job)
            self._beaten_at = time.monotonic()
        state = Job.objects.held(job).values_list("state", flat=True).first()
        if not held or state is None:
            running.stop(Fenced)
        elif state == Job.State.CANCELLING:
            running.stop(Cancelled)
        running.confirmed_at = time.monotonic()
