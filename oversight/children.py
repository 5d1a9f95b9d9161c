"""Processes that live and die with the one that started them.

Each is the first of a process group of its own: Ctrl-C reaches the parent alone, which ends
its children in order, and what a child started is ended with it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from django.conf import settings

from .broker import die_with_parent

GRACE_SECONDS = 30
LOOK_SECONDS = 0.1
SHORT_LIFE = 10  # seconds; a child that ends sooner is counted as a failed start
MOST_FAILED_STARTS = 3


class ChildError(RuntimeError):
    """A child cannot be kept alive; the message names it."""


class Child:
    """A running child and how to start it again."""

    def __init__(self, name: str, command: Sequence[str], *, descriptors: Sequence[int] = ()):
        self.name = name
        self._command = [*_trampoline(), *command]
        self._descriptors = tuple(descriptors)
        self._failed_starts = 0
        self._start()

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._process.poll()

    def keep(self) -> None:
        """Start the child again if it ended; raises ChildError where that is of no use."""
        if self.poll() is None:
            return
        lived = time.monotonic() - self._started_at
        self._failed_starts = self._failed_starts + 1 if lived < SHORT_LIFE else 0
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise ChildError(f"{self.name} ended again and again (exit {self.poll()})")
        self._kill_group()
        self._start()

    def ask(self) -> None:
        """Ask the child to end, in its own order and time."""
        self._process.terminate()

    def end(self) -> None:
        """End the child and all of its group now."""
        self._kill_group()
        self._process.wait()

    def _start(self) -> None:
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            process_group=0,
            pass_fds=self._descriptors,
        )

    def _kill_group(self) -> None:
        """End whatever the child started and left behind."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nobody is left; macOS says it so
            return


def end_all(children: Sequence[Child], patience: Callable[[], bool]) -> None:
    """Ask all children to end, wait while there is ``patience``, then end what is left."""
    for child in children:
        child.ask()
    deadline = time.monotonic() + GRACE_SECONDS
    while any(child.poll() is None for child in children):
        if time.monotonic() > deadline or not patience():
            break
        time.sleep(LOOK_SECONDS)
    for child in children:
        child.end()


def _trampoline() -> list[str]:
    """Return the beginning of a command that first ties itself to this process."""
    return [sys.executable, "-m", "oversight.children", str(os.getpid())]


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell, and the caller is ourselves
