"""Prescribers and pharmacies that are not identified: counted by hand, each with its rows."""

import re

import pytest
from django.conf import settings as django_settings

from audits import coverage, snapshots
from audits.models import Event

from .flag_pages import words
from .paths import ingest, row
from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
LISTED, TYPELESS, PLAIN, STRANGER = "1234567893", "1245319599", "1111111112", "1222222228"
DEA, KNOWN_DEA = "FS1234563", "MB1607677"
PRESCRIBERS = [
    (LISTED, {}),
    (TYPELESS, {}),
    (PLAIN, {}),
    (STRANGER, {}),
    (STRANGER, {}),
    (STRANGER, {"species": "animal"}),
    ("", {"prescriber_dea": DEA}),
    ("", {"prescriber_dea": KNOWN_DEA}),
    ("", {}),
]
PHARMACIES = [
    {"pharmacy_ncpdp": "0312345"},
    {"pharmacy_ncpdp": "0312345", "pharmacy_npi": "1952345676"},
    {"pharmacy_ncpdp": "0399999"},
    {"pharmacy_npi": "1962345674"},
    {"pharmacy_dea": "FP1234563"},
    {},
    {"record_type": "order", "filled_date": "", "written_date": "2025-01-01"},
]


def blank(**cells):
    return {"pharmacy_ncpdp": "", "pharmacy_npi": "", "pharmacy_dea": ""} | cells


@pytest.fixture
def held(settings, tmp_path):
    """Prescriptions of prescribers and pharmacies of every sort, and three practitioners."""
    settings.LEDGER = tmp_path / "ledger"
    ingest(
        [
            {"source_system": "hr", "source_record_id": npi, "npi": npi, "dea": dea,
             "prescriber_type": said, "taxonomy": taxonomy}
            for npi, dea, said, taxonomy in (
                (LISTED, KNOWN_DEA, "", "363LP0808X"),
                (TYPELESS, "", "", "0000000000"),
                (PLAIN, "", "physician", ""),
            )
        ],
        kind="practitioners",
    )  # fmt: skip
    whole = {"pharmacy_ncpdp": "0300001", "pharmacy_npi": "1972345672"}
    rows = [
        row(n, prescriber_npi=npi, **(blank(**whole) | cells))
        for n, (npi, cells) in enumerate(PRESCRIBERS)
    ]
    rows += [
        row(100 + n, **(blank(record_type="dispense") | cells))
        for n, cells in enumerate(PHARMACIES)
    ]
    return ingest(rows, kind="prescriptions")


def test_every_prescriber_that_is_not_identified_is_counted_with_the_reason(held):
    found = coverage.unmatched(snapshots.latest())["prescribers"]
    assert {(each.key, each.reason, each.rows) for each in found.found} == {
        (STRANGER, "not_listed", 2),
        (DEA, "not_listed", 1),
        (TYPELESS, "type_unknown", 1),
        (PLAIN, "specialty_unknown", 1),
        ("", "no_number", 1),
    }
    assert found.totals[0] == ("not_listed", 2, 3)
    assert found.left_off == 0


def test_every_pharmacy_with_one_kind_of_number_or_none_is_counted(held):
    found = coverage.unmatched(snapshots.latest())["pharmacies"]
    assert {(each.key, each.reason, each.rows) for each in found.found} == {
        ("0399999", "ncpdp_alone", 1),
        ("1962345674", "npi_alone", 1),
        ("FP1234563", "dea_alone", 1),
        ("", "no_number", 1),
    }


def test_each_count_leads_to_as_many_rows_and_reading_them_is_noted(held):
    browser = browser_of("auditor", "eve")
    page = browser.get("/coverage/")
    assert page.status_code == 200
    links = re.findall(r'<a href="(/coverage/[^"]+)"[^>]*>([\d,]+)</a>', page.content.decode())
    assert len(links) == 9
    for address, count in links:
        rows = browser.get(address.replace("&amp;", "&"))
        assert f"{count} row" in words(rows)
        assert rows.content.decode().count("<tr><td>") == int(count)
    assert Event.objects.filter(action="records_searched").count() == 9
    assert "not among the practitioners held: 3 rows under 2 numbers" in words(page)


def test_an_administrator_sees_the_counts_without_a_way_to_the_rows(held):
    browser = browser_of("administrator", "ann")
    page = browser.get("/coverage/")
    assert STRANGER in words(page)
    assert "/coverage/prescribers/rows/" not in page.content.decode()
    assert browser.get(f"/coverage/prescribers/rows/?key={STRANGER}").status_code == 403


def test_rows_come_a_page_at_a_time(held, monkeypatch):
    snapshot, seen, after = snapshots.latest(), [], None
    while True:
        page = coverage.rows_of(snapshot, "prescribers", STRANGER, after=after, limit=1)
        seen += [each["source_record_id"] for each in page.rows]
        assert page.total == 2
        after = page.next
        if after is None:
            break
    assert seen == ["3", "4"]


def test_with_nothing_held_the_page_says_so(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"
    browser = browser_of("auditor", "eve")
    assert "None held." in words(browser.get("/coverage/"))
    assert browser.get("/coverage/nobody/rows/").status_code == 404


def test_a_ledger_that_cannot_be_read_is_said_and_no_error(held):
    for path in django_settings.LEDGER.rglob("prescriptions/**/*.parquet"):
        path.write_bytes(b"torn")
    browser = browser_of("auditor", "eve")
    coverage._unmatched.cache_clear()
    assert browser.get("/coverage/").status_code == 200
    assert browser.get(f"/coverage/prescribers/rows/?key={STRANGER}").status_code == 200
