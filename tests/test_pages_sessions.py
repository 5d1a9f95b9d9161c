"""What becomes of a form that is sent after the session has ended."""

import time

import pytest
from django.test import Client

from oversight import sessions

from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.mark.parametrize(
    ("sent_from", "back"),
    [
        ("http://testserver/flags/?state=FL", "/flags/"),
        ("http://elsewhere.example/flags/", "/"),
        ("", "/"),
    ],
)
def test_what_is_sent_too_late_is_said_to_be_undone_and_the_way_leads_back(sent_from, back):
    client = browser_of("compliance officer")
    session = client.session
    session[sessions.SEEN] = time.time() - 901
    session.save()
    answer = client.post("/flags/export.csv", headers={"referer": sent_from}, follow=True)
    assert "Nothing was done" in answer.content.decode()
    (to, _), *_ = answer.redirect_chain
    assert to == "/sign-in/?next=" + back
    assert (
        "Nothing was done" not in Client().post("/flags/export.csv", follow=True).content.decode()
    )
