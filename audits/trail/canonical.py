"""The bytes that are hashed: canonical JSON, leaves, links and commitments. Frozen: docs/trail.md.

Nothing here may change for events of format 1; tests/golden/trail.json holds it fast.
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring

VERSION = 1
ZERO_HASH = "0" * 64
LEAF, LINK, COMMITMENT = b"\x00", b"\x02", b"\x03"  # 0x01 marks the inner nodes of a Merkle tree

FIELDS = (
    "action",
    "actor_id",
    "actor_label",
    "after",
    "at",
    "before",
    "ip",
    "object_id",
    "object_type",
    "outcome",
    "prev_at_guard",
    "reason",
    "request_id",
    "role",
    "seq",
    "session_fp",
    "v",
)
_NUMBERS = ("seq", "v")
_QUOTED = "{" + ",".join(f'"{n}":%d' if n in _NUMBERS else f'"{n}":"%s"' for n in FIELDS) + "}"
_BARE = _QUOTED.replace('"%s"', "%s")
_PLAIN_QUOTES = _QUOTED.count('"')


class NotCanonicalError(ValueError):
    """A value has no canonical form: a float, a date, a key that is no text, half a character."""


def canonical_text(value: object) -> str:
    """Return the one canonical JSON text of ``value``.

    Keys sorted by code point, no spaces, characters beyond ASCII as they are.
    Only None, bool, int, str, list, tuple and dict are taken; raises ``NotCanonicalError``
    for anything else, floats above all: write an amount as a text or in thousandths.
    """
    _refuse_others(value, "value")
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError(
            f"{error.object[error.start : error.end]!r} is not a character"
        ) from None
    return text


def canonical(value: object) -> bytes:
    """Return the canonical JSON of ``value`` as UTF-8."""
    return canonical_text(value).encode()


def _refuse_others(value: object, path: str) -> None:
    """Raise ``NotCanonicalError``, naming the place, if ``value`` holds a type not taken."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonicalError(f"{path}: key {key!r} is not text")
            _refuse_others(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            _refuse_others(inner, f"{path}[{position}]")
    elif not (value is None or isinstance(value, bool | int | str)):
        raise NotCanonicalError(f"{path}: {type(value).__name__} has no canonical form")


def _refuse_number(text: str) -> None:
    raise NotCanonicalError(f"{text} is not a whole number")


_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def all_canonical(texts: Collection[str]) -> bool:
    """Return whether each of ``texts`` is JSON in the one form that ``canonical_text`` writes.

    One encoding serves them all: each text is one whole JSON value, so a list of the
    values written anew equals the texts joined only if every one of them does.
    """
    try:
        values = [_DECODER.decode(text) for text in texts]
        return _ENCODER.encode(values) == f"[{','.join(texts)}]"
    except (TypeError, ValueError, RecursionError):
        return False


def stamp(at: datetime) -> str:
    """Return an aware time as it is hashed: UTC, always six decimals, ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event_text(row: Sequence) -> str:
    """Return the canonical JSON of an event, given its values in the order of ``FIELDS``.

    The same as ``canonical_text`` of the mapping and three times as fast; values past
    the seventeenth are ignored. Raises TypeError where a value is not text or a number.
    """
    "".join(row[:14])  # refuses what is not text, which the template would take
    after, before = row[3], row[5]
    quotes = after.count('"') + before.count('"')
    text = _QUOTED % (
        *row[:3],
        after.replace('"', '\\"'),
        row[4],
        before.replace('"', '\\"'),
        *row[6:17],
    )
    if (
        text.isprintable()
        and text.count("\\") == quotes
        and text.count('"') == _PLAIN_QUOTES + quotes
        and type(row[15]) is str
    ):
        return text
    return _escaped(row)


def _escaped(row: Sequence) -> str:
    """Return the canonical JSON of an event that has quotes, backslashes or controls in it."""
    words = map(encode_basestring, (*row[:14], row[15]))
    *others, session = words
    return _BARE % (*others, row[14], session, row[16])


def leaf(data: bytes) -> bytes:
    """Return the 32-byte leaf hash of ``data``, as RFC 9162 section 2.1.1 makes it."""
    return sha256(LEAF + data).digest()


def link(prev_hash: bytes, leaf_hash: bytes) -> bytes:
    """Return the 32-byte chain hash that binds a leaf to all before it."""
    return sha256(LINK + prev_hash + leaf_hash).digest()


def commitment(salt: str, text: str) -> str:
    """Return the hex commitment to a reason: nothing of ``text`` can be guessed without the salt.

    ``salt`` is hex of 32 bytes; raises ValueError where it is not hex.
    """
    return sha256(COMMITMENT + bytes.fromhex(salt) + text.encode()).hexdigest()
