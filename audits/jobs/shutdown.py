"""Whether this process was asked to stop, and until when its job may still finish."""

import time

from . import timing

_deadline: list[float] = []


def ask_to_stop() -> None:
    """Note that the process shall stop; the first call starts the grace. Safe in a signal handler.

    A job that is not finished at the end of the grace goes back to the queue.
    """
    if not _deadline:
        _deadline.append(time.monotonic() + timing.TIMING.grace)


def asked_to_stop() -> bool:
    """Return whether the process shall take no further job."""
    return bool(_deadline)


def grace_is_over() -> bool:
    """Return whether the running job must be given back now."""
    return bool(_deadline) and time.monotonic() >= _deadline[0]
