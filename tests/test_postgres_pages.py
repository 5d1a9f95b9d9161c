"""The pages on PostgreSQL: who sees them, what stands in them, in which order."""

import threading
import time
from datetime import date

import pytest
from django.db import connections, transaction
from django.test import Client

from audits import review, trail
from audits.models import Evaluation, Flag, FlagState, Upload, User

from .flag_fixtures import DOSE, actor, evaluate, fill, fill_house, ingest
from .flag_pages import ADMINISTRATOR, AUDITOR, OFFICER, decide, shown_flags, words
from .people import person
from .postgres_house import migrated, needed, serving

pytestmark = pytest.mark.postgres
NAMES = ("ada", ADMINISTRATOR), ("olga", OFFICER), ("otto", OFFICER), ("eve", AUDITOR)
# In the alphabet of a language these stand otherwise than by code point.
HOSTILE = ("Zebra.csv", "apple.csv", "Äpfel.csv", "_x.csv", "a b.csv", "a-b.csv", "ab.csv", "ä.csv")


@pytest.fixture(scope="module")
def filled(tmp_path_factory, django_db_setup, django_db_blocker):
    """A database with records, flags of both rules and people, and the folder of its ledger."""
    needed()
    folder = tmp_path_factory.mktemp("pages")
    with django_db_blocker.unblock(), migrated() as made:
        with serving(made, folder):
            for name, role in NAMES:
                person(role, name)
            fill_house(folder)
        yield made, folder


@pytest.fixture
def house(filled, ledger_of_its_own, django_db_blocker):
    made, folder = filled
    with django_db_blocker.unblock(), serving(made, folder):
        yield made


def browser(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def states() -> list[FlagState]:
    return list(FlagState.objects.seen().select_related("flag"))


@pytest.mark.parametrize(
    ("address", "ada", "olga", "eve"),
    [
        ("/", 200, 200, 200),
        ("/flags/", 403, 200, 200),
        ("/flags/FLAG/", 403, 200, 200),
        ("/flags/FLAG/?recompute=1", 403, 200, 200),
        ("/uploads/", 200, 200, 200),
        ("/uploads/new/", 200, 403, 403),
        ("/uploads/1/", 200, 200, 200),
        ("/holdings/", 200, 200, 200),
        ("/jobs/", 200, 403, 403),
        ("/trail/", 403, 200, 200),
        ("/integrity/", 200, 200, 200),
        ("/rules/", 200, 200, 200),
        ("/health", 200, 200, 200),
        ("/flags/?state=AZ&severity=high&date_from=2025-01-01&date_to=2025-12-31", 403, 200, 200),
        ("/flags/?prescriber=1111111112&status=any", 403, 200, 200),
        ("/trail/?action=upload_promoted&object_type=upload", 403, 200, 200),
    ],
)
def test_pages_are_answered_to_those_who_may_see_them(house, address, ada, olga, eve):
    address = address.replace("FLAG", Flag.objects.first().public_id)
    for name, status in (("ada", ada), ("olga", olga), ("eve", eve)):
        assert browser(name).get(address).status_code == status, name


@pytest.mark.parametrize("name", ["olga", "eve"])
def test_the_rows_that_are_there_are_the_rows_that_are_shown(house, name):
    client = browser(name)
    assert len(states()) == 5
    undecided = {state.flag.public_id for state in states() if state.verdict == "fired"}
    assert set(shown_flags(client.get("/flags/"))) == undecided
    for state in states():
        page = words(client.get(state.flag.get_absolute_url()))
        assert state.severity in page.lower()
    assert "rx.csv" in words(client.get("/uploads/"))
    assert "2024-01-01" in words(client.get("/holdings/"))
    again = words(client.get(f"{states()[0].flag.get_absolute_url()}?recompute=1"))
    assert "cannot be read" not in again


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity=high", lambda s: s.severity == "high" and s.verdict == "fired"),
        ("state=FL", lambda s: s.state == "FL" and s.verdict == "fired"),
        ("status=suppressed", lambda s: s.verdict == "suppressed"),
        ("status=any&prescriber=1111111112", lambda s: "1111111112" in s.flag.subject_id),
        (f"rule={DOSE}", lambda s: s.flag.rule == DOSE and s.verdict == "fired"),
        ("date_from=2030-01-01", lambda s: False),
    ],
)
def test_filters_narrow_the_queue(house, query, expected):
    wanted = {state.flag.public_id for state in states() if expected(state)}
    assert set(shown_flags(browser("olga").get(f"/flags/?{query}"))) == wanted


def walked(client: Client, sort: str) -> list[Upload]:
    """Follow the pages of the list of uploads to the end, and back to the beginning."""
    rows, address = [], f"/uploads/?sort={sort}"
    while address:
        page = client.get(address).context["table"].data.page
        rows += page.rows
        address = page.next and f"/uploads/?sort={sort}&at={page.next}"
    backwards, cursor = list(page.rows), page.previous
    while cursor:
        page = client.get(f"/uploads/?sort={sort}&at={cursor}").context["table"].data.page
        backwards, cursor = page.rows + backwards, page.previous
    assert [row.pk for row in backwards] == [row.pk for row in rows]
    return rows


def test_lists_are_in_the_order_of_code_points_across_pages(house):
    facts = {"sha256": "0", "size": 1, "uploaded_label": "x", "status": "discarded"}
    made = [Upload(file_name=name, **facts) for name in HOSTILE for _ in range(20)]
    Upload.objects.bulk_create(made)
    everything = list(Upload.objects.all())
    for sort in ("file_name", "-file_name", "received_at", "-received_at", "kind"):
        key = sort.lstrip("-")
        down = sort.startswith("-")
        expected = sorted(everything, key=lambda u: (getattr(u, key), u.pk), reverse=down)
        assert [u.pk for u in walked(browser("eve"), sort)] == [u.pk for u in expected], sort


def test_a_decision_by_the_page_and_the_second_one_at_once(house):
    medium = FlagState.objects.seen().get(severity="medium", verdict="fired")
    assert decide(browser("olga"), medium).status_code == 302
    assert decide(browser("otto"), medium).status_code != 302
    medium.flag.refresh_from_db()
    assert (medium.flag.handling, medium.flag.decisions.get().decided_by.username) == (
        "decided",
        "olga",
    )
    assert "Called the clinic." in words(browser("eve").get(medium.flag.get_absolute_url()))
    assert trail.verify().ok


def test_an_export_from_the_page_has_its_event(house):
    answer = browser("eve").post("/flags/export.csv?status=any")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 1 + len(states())


SLOW = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF NEW.rules <> '{}' AND OLD.rules = '{}' THEN PERFORM pg_sleep(1); END IF;
   RETURN NEW; END $$;
CREATE TRIGGER linger BEFORE UPDATE ON audits_evaluation FOR EACH ROW EXECUTE FUNCTION linger()
"""
LINGERS = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
)


def test_a_decision_in_the_very_moment_of_publication_is_settled(house, filled):
    """The officer gets in between the last flag written and the publication, which must wait."""
    made, folder = filled
    state = FlagState.objects.seen().get(severity="high", verdict="fired", flag__rule=DOSE)
    assert state.flag.subject_kind == "patient"
    officer = User.objects.get(username="olga")
    ingest(folder, "more.csv", [fill("severe", 3), fill("severe", 4)], "--kind", "prescriptions")
    made.rows(SLOW)
    failures: list[Exception] = []

    def officer_decides() -> None:
        try:
            deadline = time.monotonic() + 30
            while not made.rows(LINGERS, superuser=True):
                assert time.monotonic() < deadline
            with transaction.atomic():
                review.decide(state.flag, state.pk, "education", "seen", officer, actor(officer))
                time.sleep(1)
        except Exception as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    deciding = threading.Thread(target=officer_decides)
    deciding.start()
    evaluate()
    deciding.join()
    made.rows("DROP TRIGGER linger ON audits_evaluation; DROP FUNCTION linger()")
    assert failures == []
    assert Evaluation.objects.first().published_at
    assert FlagState.objects.seen().get(flag=state.flag).pk == state.pk
    again = FlagState.objects.seen().get(flag__recurrence_of=state.flag)
    assert again.last_on > date(2025, 4, 1)
    assert trail.verify().ok
