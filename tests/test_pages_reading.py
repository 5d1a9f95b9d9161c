"""Those who only read: their connection is refused every other write by the database itself."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from audits import trail
from audits.models import Event, Flag, Job, Upload, User
from audits.trail import triggers
from audits.views.permitted import signed_in

from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
if connection.vendor != "sqlite":
    pytest.skip("the authorizer is SQLite's; PostgreSQL has grants", allow_module_level=True)

UPLOAD = {"file_name": "x", "sha256": "0", "size": 1, "uploaded_label": "x"}
ASKED_FOR = {"kind": "export", "object_type": "flag", "object_id": "1", "requested_by": "x"}
SAFE = "UPDATE audits_job SET state = 'cancelled'"


def statement(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


REFUSED = {
    "an upload": lambda: Upload.objects.create(**UPLOAD),
    "a role": lambda: User.objects.update(is_superuser=True),
    "a group": lambda: User.objects.first().groups.set([]),
    "a job that is there": lambda: statement(SAFE),
    "a flag": lambda: Flag.objects.all().update(rule="x"),
    "an event that is there": lambda: statement("UPDATE audits_event SET action = 'x'"),
    "an event taken away": lambda: statement("DELETE FROM audits_event"),
    "a reason taken away": lambda: statement("DELETE FROM audits_sealedtext"),
    "a table": lambda: statement("CREATE TABLE mine (x)"),
    "a table taken away": lambda: statement("DROP TABLE audits_event"),
    "a trigger taken away": lambda: statement("DROP TRIGGER audits_event_guards_delete"),
    "another file": lambda: statement("ATTACH ':memory:' AS other"),
    "a setting": lambda: statement("PRAGMA writable_schema = ON"),
}
ALLOWED = {
    "an event": lambda: trail.record(
        actor=trail.Actor(id="9"), action="flag_viewed", object_type="flag", object_id="1"
    ),
    "an event with a reason": lambda: trail.record(
        actor=trail.Actor(id="9"),
        action="identity_revealed",
        object_type="flag",
        object_id="1",
        reason="asked by the board",
    ),
    "a job asked for": lambda: Job.objects.create(**ASKED_FOR),
}
tried: dict = {}


@signed_in
def writing(request):
    """Try to write, as a page with a fault would."""
    request.session["note"] = "x"
    request.session.save()
    try:
        with transaction.atomic():
            tried["act"]()
    except DatabaseError as error:
        return HttpResponse(str(error), status=599)
    return HttpResponse("done")


urlpatterns = [path("writing/", writing), path("", include("oversight.urls"))]


def attempt(role: str, act) -> tuple[int, str]:
    tried["act"] = act
    with override_settings(ROOT_URLCONF=__name__):
        answer = browser_of(role).get("/writing/")
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses_an_auditor(what):
    assert attempt("auditor", REFUSED[what]) == (599, "not authorized")


@pytest.mark.parametrize("what", ALLOWED)
def test_an_auditor_may_write_the_trail_and_ask_for_work(what):
    assert attempt("auditor", ALLOWED[what]) == (200, "done")


@pytest.mark.parametrize("role", ["administrator", "compliance officer"])
def test_others_write_as_before(role):
    assert attempt(role, REFUSED["an upload"]) == (200, "done")


def test_the_connection_is_as_before_after_an_auditor_s_request():
    attempt("auditor", REFUSED["an upload"])
    Upload.objects.create(**UPLOAD)
    assert Upload.objects.count() == 1


def test_an_auditor_verifies_the_trail_and_that_is_an_event():
    browser = browser_of("auditor", "art")
    page = browser.post("/integrity/verify/", follow=True)
    assert "The trail is whole" in page.content.decode()
    assert Event.objects.filter(action="trail_verified", actor_label="art").count() == 1


def test_a_trail_that_was_changed_is_shown_as_such_to_whoever_verifies():
    browser = browser_of("auditor")
    triggers.remove()
    statement("UPDATE audits_event SET actor_label = 'nobody' WHERE seq = 1")
    page = browser.post("/integrity/verify/").content.decode()
    assert "not as it was written" in page and "Event 1" in page


def test_an_officer_reads_his_own_acts_and_an_auditor_all():
    officer, auditor = browser_of("compliance officer"), browser_of("auditor")
    own = {row.record.actor_label for row in officer.get("/trail/").context["table"].rows}
    every = {row.record.actor_label for row in auditor.get("/trail/").context["table"].rows}
    assert own == {"compliance-officer"}
    assert every == {"compliance-officer", "auditor"}


def test_the_trail_is_narrowed_by_act_thing_and_person():
    browser_of("compliance officer")
    auditor = browser_of("auditor")
    for words, found in [
        ({"action": "signed_in"}, 2),
        ({"actor_label": "auditor"}, 1),
        ({"object_type": "user", "action": "signed_out"}, 0),
    ]:
        assert len(auditor.get("/trail/", words).context["table"].rows) == found


def test_each_role_has_its_own_way_through_the_pages():
    def named(role: str) -> set[str]:
        page = browser_of(role).get("/").content.decode()
        nav = page[page.index('aria-label="Main"') : page.index("</nav>")]
        return {part.rsplit(">", 1)[-1] for part in nav.split("</a>")[:-1]}

    everybody = {"Home", "Overview", "Uploads", "Holdings", "Rules", "Field dictionary"}
    everybody |= {"Drugs", "Guide", "Integrity", "Calendar", "Reference"}
    assert named("administrator") == everybody | {"Jobs"}
    assert named("auditor") == everybody | {"Flags", "Trail"}


def test_health_needs_nobody():
    assert Client().get("/health").content == b"ok\n"
