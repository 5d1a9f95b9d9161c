"""Sessions: who is signed in, for how long, and with a second factor."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from audits import trail

BEGUN, SEEN, SECOND_FACTOR = "begun", "seen", "second_factor"
POLL = "Oversight-Poll"  # a page that asks by itself is nobody's activity
ENDED = "You had been signed out after a time without use. Nothing was done; please send it again."
REFRESH = 30  # seconds between two notes that somebody is there
GetResponse = Callable[[HttpRequest], HttpResponse]


def begin(request: HttpRequest) -> None:
    """Start the clocks of a session; for the moment somebody signs in."""
    request.session[BEGUN] = request.session[SEEN] = time.time()


class SessionLimits:
    """Ends a session ``SESSION_IDLE`` seconds after the last act, at ``SESSION_LONGEST`` anyway."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, to nobody signed in once the time is over."""
        if request.session.session_key and request.user.is_authenticated:
            self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        now = time.time()
        begun, seen = request.session.get(BEGUN, 0), request.session.get(SEEN, 0)
        if now - begun > settings.SESSION_LONGEST or now - seen > settings.SESSION_IDLE:
            _end(request)
        elif now - seen > REFRESH and POLL not in request.headers:
            request.session[SEEN] = now


class SignedIn(LoginRequiredMiddleware):
    """Sends strangers to sign in; a fragment's request sends the whole page there."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        """Return the way to the sign-in page."""
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": reverse(settings.LOGIN_URL)})
        if request.method in ("GET", "HEAD"):
            return redirect_to_login(request.get_full_path(), reverse(settings.LOGIN_URL))
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            messages.warning(request, ENDED)
        return redirect_to_login(_page_of(request), reverse(settings.LOGIN_URL))


def _page_of(request: HttpRequest) -> str:
    """Return the page of ours that a form was sent from, home where it is not told."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return "/"
    return urlsplit(page).path or "/"


class SecondFactor:
    """Sends whoever signed in with a password alone to set up one-time codes; not in a demo."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer of what follows; ``process_view`` decides."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: list, kwargs: dict
    ) -> HttpResponse | None:
        """Return the way to the set-up page where a second factor is due."""
        due = not settings.DEMO and request.user.is_authenticated
        if not due or getattr(view, "before_second_factor", False):
            return None
        if request.session.get(SECOND_FACTOR) or not getattr(view, "login_required", True):
            return None
        totp = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP)
        if totp.exists():  # its code was asked for elsewhere: this session never gave one
            logout(request)
            return redirect(settings.LOGIN_URL)
        return redirect("mfa_activate_totp")


def _end(request: HttpRequest) -> None:
    """End the session and write the event of its end, in its name."""
    actor = trail.Actor.of_request(request)
    with transaction.atomic():
        trail.record(
            actor=actor,
            action=trail.Action.SESSION_ENDED,
            object_type="session",
            object_id=actor.session_fp,
        )
    request.session_ended = True
    logout(request)
