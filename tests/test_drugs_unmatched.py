"""Which drugs nobody knows: listed once each, counted, dated, with their sources, and kept."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command

from audits import drugs
from audits.models import Snapshot

from .paths import ingest, row, withdraw

pytestmark = pytest.mark.django_db
COMPOUND = json.dumps([{"name": "moonstone", "quantity": 1, "unit": "mg"}])


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def listed(*words: str) -> dict:
    """Return what the command says as JSON."""
    printed = io.StringIO()
    call_command("drugs", "--json", *words, stdout=printed)
    return json.loads(printed.getvalue())


def fills() -> list[dict]:
    strange = [
        row(
            n,
            drug_name="Dolorex",
            filled_date=f"2025-01-{n:02}",
            strength_value=n,
            strength_unit="mg",
        )
        for n in (3, 1, 2)
    ]
    coded = [
        row(n, drug_name="", ndc11="00000000017", rxcui="99999991", filled_date="2025-02-01")
        for n in (4, 5)
    ]
    mixed = row(6, drug_name="", is_compound="true", ingredients=COMPOUND)
    animal = row(7, drug_name="Caninex", species="animal")
    return [*strange, *coded, mixed, animal, row(8), row(9, drug_name="gabapentin 300 mg capsule")]


def test_each_way_of_naming_an_unknown_drug_is_listed_once_the_most_frequent_first():
    ingest(fills())
    ingest([row(20, drug_name="Dolorex", source_system="east", filled_date="2024-12-31")])
    found = drugs.shown()
    told = [
        (d.drug_name, d.ndc11, d.rxcui, d.rows, d.first_on, d.last_on, d.sources) for d in found
    ]
    assert told == [
        ("Dolorex", None, None, 4, date(2024, 12, 31), date(2025, 1, 3), "clinic;east"),
        (None, "00000000017", "99999991", 2, date(2025, 2, 1), date(2025, 2, 1), "clinic"),
        (None, None, None, 1, date(2025, 1, 1), date(2025, 1, 1), "clinic"),
    ]
    assert json.loads(found[2].ingredients)[0]["name"] == "moonstone"
    assert [d.place for d in found] == [1, 2, 3] and drugs.total() == 3
    assert [d.names for d in found] == [
        {"name": "Dolorex"},
        {"ndc": "00000000017", "rxcui": "99999991"},
        {},
    ]
    assert [drugs.description(d.key) for d in found] == found
    assert drugs.description("0" * 32) is None


def test_the_list_comes_in_pages():
    ingest([row(n, drug_name=f"Strange {n:02}") for n in range(7)])
    assert [d.place for d in drugs.shown(limit=3)] == [1, 2, 3]
    assert [d.place for d in drugs.shown(after=3, limit=3)] == [4, 5, 6]
    assert [d.place for d in drugs.shown(after=6, limit=3)] == [7]


def test_before_the_first_promotion_there_is_nothing():
    assert drugs.shown() == [] and drugs.total() == 0 and drugs.description("0" * 32) is None
    assert listed("--unmatched") == {"unmatched": []} and listed() == {"mappings": []}


def test_the_records_are_read_once_for_a_version_and_again_for_the_next(settings):
    upload, kept = ingest(fills()), settings.LEDGER / "drugs"
    before = drugs.shown()
    (file,) = kept.iterdir()
    written = file.stat().st_mtime_ns
    assert drugs.shown() == before and drugs.total() == len(before)
    assert [each.stat().st_mtime_ns for each in kept.iterdir()] == [written]
    withdraw(upload)
    assert drugs.shown() == [] and len(list(kept.iterdir())) == 2


def test_a_restored_backup_does_not_show_the_list_of_other_records():
    ingest(fills())
    assert drugs.total() == 3
    Snapshot.objects.update(made_at="2020-01-01T00:00Z", sequence=0)
    assert drugs.total() == 0


def test_the_command_lists_them_in_words_too():
    ingest(fills())
    told = listed("--unmatched")["unmatched"]
    assert told[0] == {
        "drug_name": "Dolorex",
        "ndc": None,
        "rxcui": None,
        "ingredients": None,
        "rows": 3,
        "first_on": "2025-01-01",
        "last_on": "2025-01-03",
        "sources": "clinic",
        "mappings": [],
    }
    printed = io.StringIO()
    call_command("drugs", "--unmatched", stdout=printed)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 3 and lines[0].split() == [
        "3",
        "2025-01-01",
        "to",
        "2025-01-03",
        "clinic",
        "Dolorex",
    ]
