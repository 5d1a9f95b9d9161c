"""How a Celery worker acknowledges a message."""

from celery.utils.log import get_logger
from celery.worker.request import Request

logger = get_logger(__name__)


class HonestRequest(Request):
    """A request whose failed acknowledgement is a lost connection, and not a line in the log.

    Celery 5.7 only logs it. With a prefetch of 1 the message then counts as in work for ever,
    the worker asks for no other, and so never finds out that its broker is another one now.
    Raised, the error reaches the consumer's loop, which connects again.
    """

    def acknowledge(self) -> None:
        """Acknowledge the message once; raises what the broker's client raises."""
        if not self.acknowledged:
            self._on_ack(logger, ())
            self.acknowledged = True
