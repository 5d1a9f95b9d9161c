"""Writing an event: inside the transaction of the change it tells of, or not at all."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from ..models import Event, SealedText, TrailHead
from .actions import ACTIONS, OUTCOMES, Result
from .actor import Actor
from .canonical import (
    FIELDS,
    VERSION,
    canonical_text,
    commitment,
    event_text,
    leaf,
    link,
    stamp,
)

HEAD = 1  # the key of the one row of TrailHead
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
WORD_LENGTH = 255


class OutsideTransactionError(RuntimeError):
    """An event was to be written outside the transaction of its change."""


class UnknownWordError(ValueError):
    """An action or outcome is not in the closed vocabulary of the trail."""


class TrailMissingError(RuntimeError):
    """The trail has no head row: it was never installed, or somebody took it away."""


@dataclass(frozen=True, kw_only=True)
class _Reason:
    """A reason's text with its salt, and the commitment that goes into the event."""

    text: str
    salt: str

    @property
    def commitment(self) -> str:
        return commitment(self.salt, self.text) if self.text else ""


def record(
    *,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: str,
    before: object = None,
    after: object = None,
    reason: str = "",
    outcome: str = Result.SUCCESS,
    using: str = DEFAULT_DB_ALIAS,
) -> Event:
    """Write one event and return it; it is there exactly if the surrounding change is.

    Call it last in the transaction: it locks the head of the trail until commit.
    ``before`` and ``after`` are what ``canonical_text`` takes and hold tokens, never
    patients or free text; free text is ``reason``, of which only a commitment enters
    the event. Words are cut at 255 characters and control characters replaced.

    Raises ``OutsideTransactionError`` outside ``transaction.atomic``, ``UnknownWordError`` for
    an action or outcome not in the vocabulary, ``NotCanonicalError`` for a value that has
    no canonical form, ``TrailMissingError`` where the trail is not installed.
    """
    if not connections[using].in_atomic_block:
        raise OutsideTransactionError(f"{action}: an event belongs in its change's transaction")
    if action not in ACTIONS or outcome not in OUTCOMES:
        raise UnknownWordError(f"the trail knows no action {action!r} with outcome {outcome!r}")
    sealed = _Reason(text=UNSTORABLE.sub(REPLACEMENT, reason), salt=secrets.token_hex(32))
    words = {
        **_words(actor),
        "action": str(action),
        "object_type": _word(object_type),
        "object_id": _word(object_id),
        "before": canonical_text(before),
        "after": canonical_text(after),
        "reason": sealed.commitment,
        "outcome": str(outcome),
    }
    return _append(words, sealed, using)


def _append(words: dict[str, str], sealed: _Reason, using: str) -> Event:
    """Lock the head, write the event after it, move the head on and seal the reason."""
    head = TrailHead.objects.using(using).select_for_update().filter(pk=HEAD).first()
    if head is None:
        raise TrailMissingError("the trail has no head: run manage.py migrate, then verify_trail")
    at = timezone.now()
    guard = at if head.prev_at_guard is None else max(at, head.prev_at_guard)
    seq = head.seq + 1
    digest = _chained(head.hash, words, seq=seq, at=at, guard=guard)
    event = Event.objects.using(using).create(
        **words,
        seq=seq,
        v=VERSION,
        at=at,
        prev_at_guard=guard,
        prev_hash=head.hash,
        hash=digest,
    )
    TrailHead.objects.using(using).filter(pk=HEAD).update(seq=seq, hash=digest, prev_at_guard=guard)
    if sealed.text:
        SealedText.objects.using(using).create(seq=seq, salt=sealed.salt, text=sealed.text)
    return event


def _chained(
    prev_hash: str, words: dict[str, str], *, seq: int, at: datetime, guard: datetime
) -> str:
    """Return the hex hash of the event that follows ``prev_hash``."""
    numbers = {"seq": seq, "v": VERSION, "at": stamp(at), "prev_at_guard": stamp(guard)}
    values = {**words, **numbers}
    text = event_text([values[name] for name in FIELDS])
    return link(bytes.fromhex(prev_hash), leaf(text.encode())).hex()


def _words(actor: Actor) -> dict[str, str]:
    """Return the actor's columns of an event."""
    return {
        "actor_id": _word(actor.id),
        "actor_label": _word(actor.label),
        "role": _word(actor.role),
        "session_fp": _word(actor.session_fp),
        "ip": _word(actor.ip),
        "request_id": _word(actor.request_id),
    }


def _word(text: object) -> str:
    """Return ``text`` on one line, storable on every engine, at most 255 characters long."""
    line = UNPRINTABLE.sub(REPLACEMENT, str(text)[:WORD_LENGTH])
    return UNSTORABLE.sub(REPLACEMENT, line)
