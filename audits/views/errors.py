"""Pages for what went wrong: what, what to do, and a number to quote."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .. import accounts


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request for what the person may not have, and write the event."""
    if request.user.is_authenticated:
        accounts.access_denied(request)
    return render(request, "403.html", status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from our own page, or from one too old."""
    return render(request, "403_form.html", status=403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request for what is not there, or not there for this person."""
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer a request that met an error of the program; the page needs no database."""
    number = getattr(request, "request_id", "")
    return render(None, "500.html", {"number": number}, status=500)
