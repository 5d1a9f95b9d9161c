"""The table in docs/permissions.md, cell by cell, through the real middleware.

A new address needs its rows there; where its pattern has a part to fill in, ``PARTS`` says
with what, and ``POSTED`` what a form sends that is to succeed.
"""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from audits.models import Job, User
from audits.views.permitted import addresses

from .people import ROLES, browser_of, demo  # noqa: F401
from .prescription_files import checked, prescriptions, promoted
from .reference_files import nucc_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
TABLE = Path(__file__).parents[1] / "docs" / "permissions.md"
WHO = ("anonymous", *ROLES)
METHODS = ("GET", "POST")
Cell = tuple[str, str, str]  # address, method, who

# Filled in for <...>; by the whole address where one word means different things.
PARTS = {
    "<int:pk>": "1",
    "<str:public_id>": "0" * 32,
    "<str:outcome>": "new",
    "<str:whose>": "prescribers",
    "<str:key>": "1245319599",
    "<str:role_group>/<str:state>": "general_np/FL",
    "<str:pseudonym>": "p_" + "0" * 32,
    "dictionary/<str:name>": "dictionary/supervision",
    "rules/<str:name>": "rules/supervision_missing",
    "reference/<str:table>": "reference/schedules",
    "reference/<str:table>/file": "reference/schedules/file",
    "reference/<str:table>/load": "reference/nucc/load",
    "records/<str:name>": "records/supervision",
    "uploads/<int:pk>/withdraw": "uploads/2/withdraw",
    "jobs/<str:public_id>": "jobs/{job}",
}
KEPT: dict[Cell, int] = {}


def posted(address: str) -> dict:
    """Return what a form sends to ``address`` so that it is done."""
    if address == "uploads/new/":
        return {"file": SimpleUploadedFile("more.csv", prescriptions(2))}
    if address == "reference/<str:table>/load/":
        return {"file": SimpleUploadedFile("nucc.csv", nucc_csv().content), "edition": "26.1"}
    if address.endswith("/withdraw/"):
        return {"reason": "It was mapped by the wrong preset."}
    if address.endswith("/settle/"):
        return {"keep": "2-", "reason": "The clinic was asked."}
    return {}


def table() -> dict[Cell, int]:
    """Return the status that the documents promise for each cell."""
    cells = {}
    for line in TABLE.read_text().splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if len(parts) == 2 + len(WHO) and parts[1] in METHODS:
            address = parts[0].strip("`").removeprefix("/")
            for who, status in zip(WHO, parts[2:], strict=True):
                assert (address, parts[1], who) not in cells, f"{address} has two rows"
                cells[address, parts[1], who] = int(status)
    return cells


def filled(address: str, job: Job) -> str:
    """Return ``address`` with an example for each of its parts."""
    for part, example in sorted(PARTS.items(), key=lambda pair: -len(pair[0])):
        address = address.replace(part, example)
    return "/" + address.replace("{job}", job.public_id)


def asked(browser: Client, method: str, address: str, job: Job) -> tuple[int, str]:
    """Return status and target of one request, of which nothing stays behind."""
    cookies = {name: cookie.value for name, cookie in browser.cookies.items()}
    with transaction.atomic():
        path = filled(address, job)
        answer = browser.get(path) if method == "GET" else browser.post(path, posted(address))
        answer.close()
        transaction.set_rollback(True)
    browser.cookies.clear()
    browser.cookies.load(cookies)
    return answer.status_code, answer.headers.get("Location", "")


def mismatches(promised: dict[Cell, int], answered: dict[Cell, int]) -> set[Cell]:
    """Return the cells in which promise and answer differ or of which one is missing."""
    cells = promised.keys() | answered.keys()
    return {cell for cell in cells if promised.get(cell) != answered.get(cell)}


@pytest.fixture
def answered() -> dict[Cell, int]:
    """The status of every address, method and role: asked once for all tests here."""
    if not KEPT:
        staged = checked(prescriptions(3, patient_id={2: ""}))
        promoted(checked(prescriptions(2, patient_id={2: "pat-7"})))
        assert staged.pk == 1
        job = Job.objects.create(
            kind="evaluate", object_type="snapshot", object_id="1", requested_by="tester"
        )
        browsers = {"anonymous": Client()} | {role: browser_of(role) for role in ROLES}
        for address, _ in addresses():
            for method in METHODS:
                for who, browser in browsers.items():
                    status, target = asked(browser, method, address, job)
                    if status == 302 and not address.startswith("sign-"):
                        assert target.startswith("/sign-in/") == (who == "anonymous"), address
                    KEPT[address, method, who] = status
    return KEPT


def test_every_address_answers_as_the_table_says(answered):
    promised = table()
    wrong = [
        f"{method} /{address} for {who}: table {promised.get((address, method, who))}, "
        f"site {answered.get((address, method, who))}"
        for address, method, who in sorted(mismatches(promised, answered))
    ]
    assert not wrong, "\n".join(wrong)


def test_flipping_any_cell_is_seen(answered):
    promised = table()
    assert len(promised) == len(answered) > 200
    for cell, status in promised.items():
        flipped = promised | {cell: 403 if status == 200 else 200}
        assert mismatches(flipped, answered) == {cell}


def test_an_address_without_its_rows_is_seen(answered):
    promised = table()
    for address in {address for address, _, _ in promised}:
        fewer = {cell: status for cell, status in promised.items() if cell[0] != address}
        assert {cell[0] for cell in mismatches(fewer, answered)} == {address}


def test_a_person_switched_off_gets_what_a_stranger_gets():
    browser = browser_of("administrator")
    User.objects.update(is_active=False)
    for address, pattern in addresses():
        if pattern.callback.declared != ("everybody",):
            path = "/" + re.sub("<[^>]+>", "1", address)
            assert browser.get(path).status_code == 302, address


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_page_of_ours_takes_another_method(method):
    browser = browser_of("administrator")
    for address, pattern in addresses():
        if pattern.callback.__module__.startswith("audits."):
            path = "/" + re.sub("<[^>]+>", "1", address)
            assert getattr(browser, method)(path).status_code in {403, 405}, address
