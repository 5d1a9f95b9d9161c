"""What every answer carries: what its page may load, that nobody keeps it, and its number."""

import ipaddress
import secrets
from collections.abc import Callable
from types import MappingProxyType

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
UNUSED_FEATURES = ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
ALWAYS = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    }
)
GetResponse = Callable[[HttpRequest], HttpResponse]


class Headers:
    """Numbers each request and sets the headers of each answer; in a demo refuses other machines.

    Pages are never stored by a browser or proxy; files that say how long they last keep that.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with its headers."""
        request.request_id = secrets.token_hex(8)
        if settings.DEMO and not _is_here(request.META.get("REMOTE_ADDR", "")):
            response = HttpResponse(
                "The demonstration answers this machine only.\n", "text/plain", status=403
            )
        else:
            response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-ID"] = request.request_id
        return response


def _is_here(address: str) -> bool:
    """Return whether ``address`` is this machine's own; a socket file has none."""
    try:
        return not address or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
