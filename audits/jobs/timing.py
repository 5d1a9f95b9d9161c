"""The times and limits of jobs. Leases are measured by the database's clock alone."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds. ``lease`` lapses unless a ``beat`` renews it; ``look`` is how often a worker looks.

    A worker looks whether it was cancelled or lost the job. ``ring_again`` is how long a job
    may stay queued before its bell is rung again, ``grace`` what a worker asked to stop gives
    its job to finish, ``write`` the least time between two writes of progress. Work that must
    be finished is tried again ``again`` after its first failure, then after twice that and so
    on, up to ``longest_pause``.
    """

    lease: float = 30
    beat: float = 10
    look: float = 1
    ring_again: float = 20
    grace: float = 20
    write: float = 0.5
    again: float = 30
    longest_pause: float = 3_600


TIMING = Timing()

MOST_ATTEMPTS_WITHOUT_PROGRESS = 3
# Progress is measured twice a second, so a job that dies at one place may seem to creep
# forward; this bounds it however it seems.
MOST_ATTEMPTS = 10
# What counts as getting further: one twentieth of the whole.
PROGRESS_STEPS = 20
# Waiting jobs rung again in one sweep of a queue. Each worker takes one at a time, so
# ringing for a whole backlog would only fill the broker.
RUNG_AT_ONCE = 10
