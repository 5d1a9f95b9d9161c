"""People of each role and their browsers, for the tests of pages."""

from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client

from audits.models import User

ROLES = ("administrator", "compliance officer", "auditor")
PASSWORD = "a long pass phrase 1"


@pytest.fixture
def demo(settings) -> None:
    """Sign-in by password alone."""
    settings.DEMO = True


def person(role: str, name: str = "") -> User:
    """Make a person of a role; the password is ``PASSWORD``."""
    made = User.objects.create(username=name or role.replace(" ", "-"), password=_hashed())
    made.groups.add(Group.objects.get(name=role))
    return made


@cache
def _hashed() -> str:
    """The password's hash, made once: it is meant to take long."""
    return make_password(PASSWORD)


def browser_of(role: str, name: str = "") -> Client:
    """Return the browser of a new person of a role, signed in."""
    client = Client()
    client.force_login(person(role, name))
    return client
