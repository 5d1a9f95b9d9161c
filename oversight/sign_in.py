"""How people sign in: what allauth leaves to us, and what it stores too openly."""

import base64
import time
from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audits import accounts

from . import sessions

PERIOD = 30  # seconds a one-time code lasts
ASKED_AGAIN = 300  # seconds after signing in
MOST_FAILURES = 10
FAILURES_WITHIN = timedelta(hours=1)


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; failures are counted by the trail, so in every process alike."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "Name or password are not right.",
        "too_many_login_attempts": "Too many failed attempts. Try again in an hour.",
        "rate_limited": "Too many requests. Wait a minute and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: an administrator makes accounts."""
        return False

    def is_reauthentication_required(self, *, app: str, **more: object) -> bool:
        """Return whether a password is asked for again: not just after it was given."""
        begun = context.request.session.get(sessions.BEGUN, 0)
        fresh = time.time() - begun < ASKED_AGAIN
        return not fresh and super().is_reauthentication_required(app=app, **more)

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Refuse an account, known or not, that failed too often lately."""
        super().pre_authenticate(request, **credentials)
        since = timezone.now() - FAILURES_WITHIN
        if accounts.failures(credentials.get("username", ""), since) >= MOST_FAILURES:
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        """Write the event of a failure."""
        accounts.sign_in_failed(request, credentials.get("username", ""), "password")


class FactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of one-time codes encrypted, by a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        """Return ``text`` under the factor key."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what ``encrypt`` was given; raises InvalidToken under another key."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Return whether codes may be switched off: in a demo only."""
        return settings.DEMO


class _OnceOnly:
    """Refuses a code of an app that was used before, in whatever process."""

    def clean_code(self) -> str:
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not _first_use(
            self.authenticator
        ):
            raise FactorAdapter().validation_error("incorrect_code")
        return code


class OneTimeCode(_OnceOnly, AuthenticateForm):
    """The code that follows the password."""


class OneTimeCodeAgain(_OnceOnly, ReauthenticateForm):
    """The code asked for again before a grave act."""


def _first_use(authenticator: Authenticator) -> bool:
    """Note that a code of the present period was used; return False if one was already."""
    period = int(time.time()) // PERIOD
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        if row.data.get("used_in", 0) >= period:
            return False
        row.data["used_in"] = period
        row.save(update_fields=["data"])
    authenticator.data = row.data
    return True


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(settings.FACTOR_SECRET))
