"""Lists: every ordering of every table shows each row once, from the first page to the last."""

from datetime import date, timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audits.models import Event, Holding, Job, Snapshot, Upload
from audits.tables.jobs import JobTable
from audits.tables.keyset import SALT, KeysetRows
from audits.tables.listed import listed
from audits.tables.trail import EventTable
from audits.tables.uploads import HoldingTable, UploadTable
from audits.trail import Action, Actor, record

from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
ROWS = 41
SIZE = 7
ANYBODY = Actor(id="command:tester")


def make_uploads() -> None:
    for number in range(ROWS):
        upload = Upload.objects.create(
            file_name=f"file {number % 3}",
            sha256=f"{number:064}",
            size=number,
            kind="prescriptions" if number % 2 else "",
            read=number % 5,
            uploaded_label="somebody",
        )
        moment = timezone.now() - timedelta(microseconds=number % 4)
        Upload.objects.filter(pk=upload.pk).update(received_at=moment)


def make_jobs() -> None:
    for number in range(ROWS):
        ended = {"state": "succeeded", "finished_at": timezone.now()} if number % 2 else {}
        Job.objects.create(
            kind="check", object_type="upload", object_id=str(number % 6), requested_by="x", **ended
        )


def make_holdings() -> None:
    make_uploads()
    upload = Upload.objects.first()
    since = Snapshot.objects.create(number=1, versions={}, sequence=0, upload=upload)
    for number in range(ROWS):
        Holding.objects.create(
            kind="supervision" if number % 2 else "licences",
            covers_from=date(2026, 1, 1 + number % 3),
            covers_to=date(2026, 2, 1),
            stated=bool(number % 2),
            upload=Upload.objects.all()[number % 4],
            since=since,
        )


def make_events() -> None:
    for number in range(ROWS):
        record(
            actor=ANYBODY, action=Action.FLAG_VIEWED, object_type="flag", object_id=str(number % 3)
        )


TABLES = {
    UploadTable: (make_uploads, Upload),
    JobTable: (make_jobs, Job),
    HoldingTable: (make_holdings, Holding),
    EventTable: (make_events, Event),
}


def page_of(table, queryset, sort: str, cursor: str):
    return table(KeysetRows(queryset, cursor=cursor, size=SIZE), order_by=sort).data.page


def walk(table, queryset, sort: str) -> tuple[list, list]:
    """Return the keys of all rows as pages are turned to the end, and from there back again."""
    page = page_of(table, queryset, sort, "")
    there = [row.pk for row in page.rows]
    while page.next:
        page = page_of(table, queryset, sort, page.next)
        there += [row.pk for row in page.rows]
    back = [row.pk for row in page.rows]
    while page.previous:
        page = page_of(table, queryset, sort, page.previous)
        back = [row.pk for row in page.rows] + back
    return there, back


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_ordering_walks_every_row_once_there_and_back(table):
    make, model = TABLES[table]
    make()
    columns = table.base_columns.items()
    orderable = [name for name, column in columns if column.orderable is not False]
    assert orderable
    for sort in [f"{sign}{name}" for name in orderable for sign in ("", "-")]:
        there, back = walk(table, model.objects.all(), sort)
        assert len(there) == len(set(there)) == model.objects.count(), sort
        assert back == there, sort


def test_an_ordering_is_the_one_asked_for():
    make_uploads()
    keys, _ = walk(UploadTable, Upload.objects.all(), "-read")
    read = [Upload.objects.get(pk=key).read for key in keys]
    assert read == sorted(read, reverse=True)


def test_rows_that_arrive_meanwhile_move_nothing():
    make_uploads()
    first = UploadTable(KeysetRows(Upload.objects.all(), size=SIZE)).data.page
    make_uploads()
    second = UploadTable(KeysetRows(Upload.objects.all(), cursor=first.next, size=SIZE)).data.page
    assert second.rows[0].pk == first.rows[-1].pk - 1


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "a:b:c", signing.dumps([False, ["name"], [1]], salt=SALT)],
    ids=["a word", "empty", "not signed", "of another list"],
)
def test_a_cursor_that_is_not_of_this_list_gives_its_first_page(cursor):
    make_uploads()
    page = UploadTable(KeysetRows(Upload.objects.all(), cursor=cursor, size=SIZE)).data.page
    assert page.rows[0].pk == Upload.objects.first().pk
    assert not page.previous


def test_counts_are_exact_up_to_ten_thousand(monkeypatch):
    make_uploads()
    rows = UploadTable(KeysetRows(Upload.objects.all())).data
    assert rows.count_in_words == "41"
    monkeypatch.setattr("audits.tables.keyset.COUNTED", 40)
    rows = UploadTable(KeysetRows(Upload.objects.all())).data
    assert rows.count_in_words == "more than 40"


def test_a_list_asks_the_database_the_same_number_of_times_however_long_it_is():
    asked = []
    for _ in range(2):
        make_uploads()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            table = listed(RequestFactory().get("/"), UploadTable, Upload.objects.all())
            list(table.rows)
        asked.append(len(queries))
    assert asked == [1, 1]


def test_one_address_answers_page_and_fragment():
    make_uploads()
    browser = browser_of("administrator")
    page = browser.get("/uploads/?sort=read")
    part = browser.get("/uploads/?sort=read", headers={"HX-Request": "true", "HX-Target": "list"})
    assert b"<h1>Uploads</h1>" in page.content
    assert b"<html" not in part.content
    assert b'hx-swap-oob="innerHTML"' in part.content
    assert part.context["table"].rows[0].record == page.context["table"].rows[0].record
    assert "HX-Request" in page.headers["Vary"]
