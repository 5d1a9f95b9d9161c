"""Those who only read, on PostgreSQL: the database refuses their connection every other write."""

from functools import partial

import pytest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from audits import trail
from audits.models import Event, Flag, Job, Upload, User
from audits.views.permitted import signed_in
from oversight import rights

from .people import browser_of
from .postgres_house import migrated, needed, serving

pytestmark = pytest.mark.postgres
SQLSTATE_PRIVILEGE = "42501"
UPLOAD = {"file_name": "x", "sha256": "0", "size": 1, "uploaded_label": "x"}
ASKED_FOR = {"kind": "export", "object_type": "flag", "object_id": "1", "requested_by": "x"}
SAID = {"action": "flag_viewed", "object_type": "flag", "object_id": "1"}


def sql(statement: str) -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement)


def every_table() -> None:
    """Try all writes on all tables; raise the refusal when every one but the allowed had one."""
    connection = connections[DEFAULT_DB_ALIAS]
    for table in sorted(rights.of_role(connection).tables):
        for act in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            if table in rights.READER.get(act, ()):
                continue
            with pytest.raises(DatabaseError) as refused, transaction.atomic():
                sql(attack(act, table))
            assert refused.value.__cause__.sqlstate == SQLSTATE_PRIVILEGE, (act, table)


def attack(act: str, table: str) -> str:
    column = connections[DEFAULT_DB_ALIAS].introspection.get_table_description
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        first = column(cursor, table)[0].name
    return {
        "INSERT": f"INSERT INTO {table} DEFAULT VALUES",
        "UPDATE": f"UPDATE {table} SET {first} = {first}",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }[act]


REFUSED = {
    "an upload": lambda: Upload.objects.create(**UPLOAD),
    "a role": lambda: User.objects.update(is_superuser=True),
    "a group": lambda: User.objects.first().groups.set([]),
    "a job that is there": lambda: Job.objects.update(state="cancelled"),
    "a flag": lambda: Flag.objects.update(rule="x"),
    "a permission": lambda: sql("INSERT INTO auth_permission DEFAULT VALUES"),
    "an event that is there": lambda: sql("UPDATE audits_event SET action = 'x'"),
    "an event taken away": lambda: sql("DELETE FROM audits_event"),
    "a reason taken away": lambda: sql("DELETE FROM audits_sealedtext"),
    "the trail emptied": lambda: sql("TRUNCATE audits_event"),
    "a table": lambda: sql("CREATE TABLE mine (x int)"),
    "a table of this session": lambda: sql("CREATE TEMPORARY TABLE mine (x int)"),
    "a table taken away": lambda: sql("DROP TABLE audits_event"),
    "a trigger taken away": lambda: sql("DROP TRIGGER audits_event_guards_delete ON audits_event"),
    "triggers left out": lambda: sql("SET session_replication_role = replica"),
    "a number drawn": lambda: sql("SELECT nextval('audits_job_id_seq')"),
    "rights for oneself": lambda: sql("ALTER ROLE CURRENT_USER SUPERUSER"),
    "the product's role": lambda: sql(f"SET ROLE {place['made'].app}"),
    "the owner's role": lambda: sql(f"RESET ROLE; SET SESSION AUTHORIZATION {place['made'].owner}"),
    "a file of the server": lambda: sql("COPY audits_event TO '/tmp/stolen'"),
}
ALLOWED = {
    "an event": lambda: trail.record(actor=trail.Actor(id="9"), **SAID),
    "an event with a reason": lambda: trail.record(
        actor=trail.Actor(id="9"), **SAID, reason="asked by the board"
    ),
    "a job asked for": lambda: Job.objects.create(**ASKED_FOR),
}
tried: dict = {}
place: dict = {}


@signed_in
def writing(request):
    """Try to write, as a page with a fault would."""
    request.session["note"] = "x"
    request.session.save()
    try:
        with transaction.atomic():
            tried["act"]()
    except DatabaseError as error:
        return HttpResponse(getattr(error.__cause__, "sqlstate", str(error)), status=599)
    return HttpResponse("done")


urlpatterns = [path("writing/", writing), path("", include("oversight.urls"))]


@pytest.fixture(scope="module")
def made(tmp_path_factory, django_db_setup, django_db_blocker):
    needed()
    with django_db_blocker.unblock(), migrated() as place["made"]:
        with serving(place["made"], tmp_path_factory.mktemp("auditor")):
            for role in ("administrator", "compliance officer", "auditor"):
                place[role] = browser_of(role)
            Job.objects.create(**ASKED_FOR)
        yield place["made"]


@pytest.fixture
def house(made, ledger_of_its_own, tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), serving(made, tmp_path):
        yield made


def attempt(role: str, act) -> tuple[int, str]:
    tried["act"] = act
    with override_settings(ROOT_URLCONF=__name__):
        answer = place[role].get("/writing/")
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses_an_auditor(house, what):
    assert attempt("auditor", REFUSED[what]) == (599, SQLSTATE_PRIVILEGE)


def test_the_database_refuses_an_auditor_every_write_to_every_table(house):
    assert attempt("auditor", every_table) == (200, "done")


@pytest.mark.parametrize("what", ALLOWED)
def test_an_auditor_may_write_the_trail_and_ask_for_work(house, what):
    assert attempt("auditor", ALLOWED[what]) == (200, "done")
    assert trail.verify().ok


@pytest.mark.parametrize("role", ["administrator", "compliance officer"])
def test_others_write_as_before(house, role):
    assert attempt(role, REFUSED["an upload"]) == (200, "done")


def test_the_product_itself_cannot_change_the_past_or_what_roles_may_do(house):
    past = ("an event that is there", "an event taken away", "a reason taken away")
    for what in (*past, "the trail emptied", "a trigger taken away", "a permission", "a table"):
        assert attempt("administrator", REFUSED[what]) == (599, SQLSTATE_PRIVILEGE), what
    for table in ("audits_decision", "audits_upload", "audits_job", "audits_user"):
        taken_away = partial(sql, f"DELETE FROM {table}")
        assert attempt("administrator", taken_away) == (599, SQLSTATE_PRIVILEGE), table


def test_an_auditor_s_pages_work_and_leave_the_usual_connection_in_place(house):
    before = connections[DEFAULT_DB_ALIAS]
    for address in ("/", "/flags/", "/uploads/", "/holdings/", "/trail/", "/rules/", "/integrity/"):
        assert place["auditor"].get(address).status_code == 200, address
    assert place["auditor"].get("/jobs/").status_code == 403
    assert place["auditor"].post("/integrity/verify/").status_code == 302
    assert {"trail_verified", "access_denied"} <= set(
        Event.objects.filter(actor_label="auditor").values_list("action", flat=True)
    )
    assert connections[DEFAULT_DB_ALIAS] is before


def test_an_auditor_signs_in_and_out_by_his_pages(house):
    browser = Client()
    browser.force_login(User.objects.get(username="auditor"))
    assert browser.get("/account/password/").status_code == 200
    assert browser.post("/sign-out/").status_code == 302
    assert browser.get("/").status_code == 302
