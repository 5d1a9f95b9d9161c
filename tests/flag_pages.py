"""Browsers on the pages of flags, for the tests of what they show and do."""

import re
from html import unescape

from django.test import Client
from django.urls import reverse

OFFICER, AUDITOR, ADMINISTRATOR = "compliance officer", "auditor", "administrator"


def signed_in(house, role=OFFICER, name="ada", **facts) -> Client:
    """Return the browser of a person with a role."""
    client = Client()
    client.force_login(house.person(name, role, **facts))
    return client


def words(answer) -> str:
    """Return the text of a page, spaces and line breaks made one space."""
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(unescape(bare).split())


def shown_flags(answer) -> list[str]:
    """Return the addresses of the flags that a list shows, in order."""
    return re.findall(r'<td class="text"><a href="/flags/(\w+)/"', answer.content.decode())


def post(client, state, act, /, **fields):
    """Send a form of a flag's page."""
    return client.post(reverse(f"flag_{act}", args=[state.flag.public_id]), fields)


def decide(client, state, /, **fields):
    """Send the decision form as the page fills it in, changed by ``fields``."""
    filled = {"state": state.pk, "outcome": "education", "reason": "Called the clinic."}
    return post(client, state, "decide", **{**filled, **fields})
