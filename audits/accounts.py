"""Accounts: the roles there are, making a person's account, and who came and went."""

import secrets
from datetime import datetime
from types import MappingProxyType

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from . import trail
from .models import Event, User

ROLES = MappingProxyType(
    {
        "administrator": (
            "upload_records",
            "correct_rows",
            "map_drugs",
            "propose_parameters",
            "manage_reference",
            "manage_users",
            "count_flags",
            "verify_trail",
        ),
        "compliance officer": (
            "count_flags",
            "view_records",
            "decide_flags",
            "approve_drugs",
            "approve_parameters",
            "export_flags",
            "verify_trail",
        ),
        "auditor": ("count_flags", "view_records", "export_flags", "read_trail", "verify_trail"),
    }
)
PASSWORD_BYTES = 18


class AccountError(ValueError):
    """An account cannot be made as asked; the message says why."""


def install_roles(using: str = "default") -> None:
    """Make the groups and give each exactly its permissions; safe to repeat."""
    for role, names in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        wanted = Permission.objects.using(using).filter(
            content_type__app_label="audits", content_type__model="user", codename__in=names
        )
        group.permissions.set(wanted)


def create(username: str, role: str, actor: trail.Actor) -> tuple[User, str]:
    """Make an account with a random password; return both, the password for this once.

    Raises AccountError for an unknown role and a name that is taken or not allowed.
    """
    if role not in ROLES:
        raise AccountError(f"there is no role {role!r}; there are: {', '.join(ROLES)}")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = User(username=username)
    user.set_password(password)
    _refuse_bad_name(user)
    with transaction.atomic():
        user.save()
        user.groups.add(Group.objects.get(name=role))
        trail.record(
            actor=actor,
            action=trail.Action.USER_CREATED,
            object_type="user",
            object_id=str(user.pk),
            after={"username": username, "role": role},
        )
    return user, password


def failures(username: str, since: datetime) -> int:
    """Return how many sign-ins under this name failed since then."""
    return Event.objects.filter(
        object_type="sign_in",
        object_id=_name_fingerprint(username),
        action=trail.Action.SIGN_IN_FAILED,
        at__gte=since,
    ).count()


def sign_in_failed(request: HttpRequest, username: str, factor: str) -> None:
    """Write the event of a failed sign-in.

    The name is kept as a keyed digest: people type passwords into that field.
    """
    _record(
        request,
        trail.Action.SIGN_IN_FAILED,
        object_type="sign_in",
        object_id=_name_fingerprint(username),
        after={"factor": factor},
        outcome=trail.Result.FAILURE,
    )


def signed_in(request: HttpRequest, user: User) -> None:
    """Write the event of a person who signed in."""
    _record(request, trail.Action.SIGNED_IN, **_of(user))


def signed_out(request: HttpRequest, user: User) -> None:
    """Write the event of a person who signed out."""
    _record(request, trail.Action.SIGNED_OUT, **_of(user))


def password_changed(request: HttpRequest, user: User) -> None:
    """Write the event of a new password."""
    _record(request, trail.Action.PASSWORD_CHANGED, **_of(user))


def factor_changed(request: HttpRequest, user: User, change: str, kind: str) -> None:
    """Write the event of a second factor added, removed or renewed."""
    _record(request, trail.Action.MFA_CHANGED, after={"change": change, "kind": kind}, **_of(user))


def access_denied(request: HttpRequest) -> None:
    """Write the event of a person who asked for what he may not have."""
    _record(
        request,
        trail.Action.ACCESS_DENIED,
        object_type="page",
        object_id=request.path,
        after={"method": request.method},
        outcome=trail.Result.DENIED,
    )


def _of(user: User) -> dict[str, str]:
    return {"object_type": "user", "object_id": str(user.pk)}


def _record(request: HttpRequest, action: trail.Action, **words: object) -> None:
    with transaction.atomic():
        trail.record(actor=trail.Actor.of_request(request), action=action, **words)


def _name_fingerprint(username: str) -> str:
    return salted_hmac("sign-in", username.strip().lower()).hexdigest()[:32]


def _refuse_bad_name(user: User) -> None:
    field = User._meta.get_field("username")
    if User.objects.filter(username__iexact=user.username).exists():
        raise AccountError(f"there is an account {user.username!r} already")
    try:
        field.clean(user.username, user)
    except Exception as error:
        raise AccountError("; ".join(getattr(error, "messages", [str(error)]))) from None
