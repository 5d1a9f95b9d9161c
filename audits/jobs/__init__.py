"""Background work: the Job row is the truth, the broker a doorbell that may be lost.

Doors ask by ``enqueue``; step modules do the work in functions marked ``handles``; every
job is queued, leased by somebody alive, or ended, and ``sweep`` keeps it so.
"""

from .doorbell import connect, ring
from .forward import again_at, outlook
from .polling import Tally, work_off, work_on
from .queueing import cancel, enqueue, retry, retry_unfinished
from .registry import HANDLERS, QUEUES, handles, queue_of
from .runner import run, run_in_foreground
from .running import Cancelled, Fenced, Interrupted, Refused, Released, Running
from .shutdown import ask_to_stop, asked_to_stop
from .sweeper import Swept, sweep, sweep_if_stalled
from .timing import Timing

__all__ = [
    "HANDLERS",
    "QUEUES",
    "Cancelled",
    "Fenced",
    "Interrupted",
    "Refused",
    "Released",
    "Running",
    "Swept",
    "Tally",
    "Timing",
    "again_at",
    "ask_to_stop",
    "asked_to_stop",
    "cancel",
    "connect",
    "enqueue",
    "handles",
    "outlook",
    "queue_of",
    "retry",
    "retry_unfinished",
    "ring",
    "run",
    "run_in_foreground",
    "sweep",
    "sweep_if_stalled",
    "work_off",
    "work_on",
]
