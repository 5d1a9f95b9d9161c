"""Which function does which kind of job, and in which queue it waits."""

from collections.abc import Callable, Iterable
from types import MappingProxyType

from django.db.models import Q

from .running import Running

Handler = Callable[[Running], None]

HANDLERS: dict[str, Handler] = {}
QUEUES = ("ingest", "evaluate")
# Every other kind changes the ledger and waits in ``ingest``, where one worker at a time writes.
QUEUE_OF = MappingProxyType(
    {"evaluate": "evaluate", "export": "evaluate", "look_up_drugs": "evaluate"}
)


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Return a decorator that makes a function the one that does jobs of ``kind``.

    The function takes the ``Running`` job, may be started again after any crash, and so
    must be safe to repeat from its beginning. Raises ValueError where a kind has one already.
    """

    def register(handler: Handler) -> Handler:
        if HANDLERS.setdefault(kind, handler) is not handler:
            raise ValueError(f"jobs of kind {kind} have a handler already")
        return handler

    return register


def queue_of(kind: str) -> str:
    """Return the queue in which jobs of ``kind`` wait: one of ``QUEUES``."""
    return QUEUE_OF.get(kind, QUEUES[0])


def waits_in(queues: Iterable[str]) -> Q:
    """Return the condition that a job's kind waits in one of ``queues``."""
    condition = Q(pk__in=[])
    for queue in queues:
        elsewhere = [kind for kind, other in QUEUE_OF.items() if other != queue]
        here = [kind for kind, other in QUEUE_OF.items() if other == queue]
        condition |= ~Q(kind__in=elsewhere) if queue == QUEUES[0] else Q(kind__in=here)
    return condition
