"""Who comes and goes: the signals of sign-in turned into events of the trail."""

from allauth.account.signals import password_changed
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from audits import accounts
from audits.models import User

from . import sessions


def connect() -> None:
    """Connect the receivers; once, at start-up."""
    user_logged_in.connect(_came)
    user_logged_out.connect(_went)
    password_changed.connect(_new_password)
    factors.authentication_failed.connect(_wrong_code)
    factors.authenticator_used.connect(_used)
    factors.authenticator_added.connect(_added)
    factors.authenticator_removed.connect(_removed)
    factors.authenticator_reset.connect(_renewed)


def _came(request: HttpRequest, user: User, **_: object) -> None:
    request.user = user
    sessions.begin(request)
    accounts.signed_in(request, user)


def _went(request: HttpRequest, user: User | None, **_: object) -> None:
    if user is not None and not getattr(request, "session_ended", False):
        accounts.signed_out(request, user)


def _new_password(request: HttpRequest, user: User, **_: object) -> None:
    accounts.password_changed(request, user)


def _wrong_code(request: HttpRequest, user: User, **_: object) -> None:
    accounts.sign_in_failed(request, user.get_username(), "code")


def _used(request: HttpRequest, **_: object) -> None:
    request.session[sessions.SECOND_FACTOR] = True


def _added(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    request.session[sessions.SECOND_FACTOR] = True
    accounts.factor_changed(request, user, "added", authenticator.type)


def _removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    accounts.factor_changed(request, user, "removed", authenticator.type)


def _renewed(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    accounts.factor_changed(request, user, "renewed", authenticator.type)
