"""The doorbell: tells a worker that a job waits. It may be lost; the sweeper rings again."""

from collections.abc import Callable

Ring = Callable[[str, str], bool]

_connected: list[Ring] = []


def connect(ring: Ring) -> Ring:
    """Make ``ring(public_id, queue)`` the doorbell and return it.

    It returns whether the broker took the message, and neither raises nor waits long.
    """
    _connected[:] = [ring]
    return ring


def ring(public_id: str, queue: str) -> bool:
    """Ring for one job; return False where no bell is connected or the broker is away."""
    return bool(_connected) and _connected[0](public_id, queue)
