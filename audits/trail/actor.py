"""Who did it, as the trail remembers them."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, a command or a job at the moment of an act; unknown parts are empty.

    ``id`` is the user's key, ``command:<login>``, ``job:<kind>`` or ``anonymous``;
    ``role`` the groups held then, joined by commas; ``session_fp`` 16 hex digits that
    tell sessions apart without giving one away.
    """

    id: str
    label: str = ""
    role: str = ""
    session_fp: str = ""
    ip: str = ""
    request_id: str = ""

    @classmethod
    def command(cls, login: str) -> Self:
        """Return the actor of a management command started by the system account ``login``."""
        return cls(id=f"command:{login}", label=login, role="command")

    @classmethod
    def job(cls, kind: str) -> Self:
        """Return the actor of a background job of ``kind``, a word such as ``evaluate``."""
        return cls(id=f"job:{kind}", label=kind, role="job")

    @classmethod
    def of_user(cls, user) -> Self:
        """Return the actor of a person outside a request, as by ``--as USER``."""
        return cls(id=str(user.pk), label=user.get_username(), role=_role(user))

    @classmethod
    def of_request(cls, request: HttpRequest) -> Self:
        """Return the actor of a web request, signed in or not.

        ``request_id`` is the attribute of that name if a middleware sets one. The
        address is the peer's, never a header's, which anybody can write.
        """
        user = getattr(request, "user", None)
        known = user is not None and user.is_authenticated
        session = getattr(request, "session", None)
        return cls(
            id=str(user.pk) if known else "anonymous",
            label=user.get_username() if known else "",
            role=_role(user) if known else "",
            session_fp=_fingerprint(session.session_key if session is not None else None),
            ip=request.META.get("REMOTE_ADDR", ""),
            request_id=str(getattr(request, "request_id", "")),
        )


def _role(user) -> str:
    """Return the names of the user's groups, sorted, joined by commas."""
    return ",".join(sorted(group.name for group in user.groups.all()))


def _fingerprint(session_key: str | None) -> str:
    return sha256(session_key.encode()).hexdigest()[:16] if session_key else ""
