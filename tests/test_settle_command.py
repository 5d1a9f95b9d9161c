"""``manage.py settle``: all or some, by whom, why, and what it refuses."""

import json

import pytest
from django.core.management import call_command

from audits import snapshots
from audits.ingestion import conflicts
from audits.models import Event, Settlement

from .paths import in_force, ingest, row, stage, withdraw
from .people import person

pytestmark = pytest.mark.django_db
WHY = ("--reason", "the clinic was asked")


@pytest.fixture
def arrived():
    ingest([row(n) for n in range(1, 4)])
    return ingest([row(n, quantity="90") for n in range(1, 4)])


def told(capsys, *words) -> dict:
    call_command("settle", *map(str, words), "--json")
    said = capsys.readouterr()
    assert said.err == ""
    return json.loads(said.out)


def refusal(capsys, *words) -> str:
    with pytest.raises(SystemExit) as ended:
        call_command("settle", *map(str, words))
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_records_that_are_named_are_settled_and_the_others_wait(arrived, capsys):
    assert told(capsys, arrived.pk, "--keep", "--record", 1, "--record", "clinic/2", *WHY) == {
        "upload": arrived.pk,
        "choice": "keep",
        "settled": 2,
        "waiting": 1,
        "ledger_version": 2,
    }
    assert told(capsys, arrived.pk, "--replace", *WHY)["settled"] == 1
    assert in_force()["3"] == (arrived.pk, 4)
    assert told(capsys, arrived.pk, "--replace", *WHY) == {
        "upload": arrived.pk,
        "choice": "replace",
        "settled": 0,
        "waiting": 0,
        "ledger_version": 3,
    }


def test_more_than_a_hundred_are_settled_in_choices_of_a_hundred_with_an_event_each(capsys):
    ingest([row(n) for n in range(1, 103)])
    twice = [row(n, quantity=q) for q in (90, 60) for n in (1, 2, *range(3, 103))]
    upload = ingest(twice)
    assert told(capsys, upload.pk, "--replace", *WHY)["settled"] == 102
    sizes = [len(each.asked) for each in Settlement.objects.order_by("pk")]
    assert sizes == [100, 2]
    assert Event.objects.filter(action="conflict_settled").count() == 2
    assert {number for _, number in in_force().values()} == set(range(104, 206))
    assert conflicts.tally(upload) == conflicts.Tally(waiting=0, settled=102, overtaken=102)


def test_it_is_done_in_the_name_of_a_person_who_may(arrived, capsys):
    person("administrator", "ann")
    person("auditor", "bea")
    told(capsys, arrived.pk, "--keep", "--as", "ann", *WHY)
    assert Event.objects.get(action="conflict_settled").actor_label == "ann"
    assert Settlement.objects.get().asked_by.username == "ann"
    said = refusal(capsys, arrived.pk, "--keep", "--as", "bea", *WHY)
    assert said == "bea may not settle conflicts.\n"


def test_it_says_in_words_what_it_did(arrived, capsys):
    call_command("settle", str(arrived.pk), "--replace", "--record", "2", *WHY)
    assert capsys.readouterr().out == (
        f"upload {arrived.pk}: 1 replaced, 2 still wait, at ledger version 3. "
        "Evaluate for the flags.\n"
    )


def test_what_it_cannot_do_it_says_in_one_line_and_does_nothing(arrived, capsys):
    staged = stage([row(9)])
    ingest([row(1, quantity=45, source_system="other")])
    number = arrived.pk
    assert "--reason" in refusal(capsys, number, "--keep")
    assert "no upload 99" in refusal(capsys, 99, "--keep", *WHY)
    assert "ready to promote" in refusal(capsys, staged.pk, "--keep", *WHY)
    assert "record 7 waits" in refusal(capsys, number, "--keep", "--record", 7, *WHY)
    withdraw(arrived)
    assert "is withdrawn" in refusal(capsys, number, "--keep", *WHY)
    assert not Settlement.objects.exists()
    assert snapshots.latest().number == 4


def test_a_record_of_two_sources_has_to_be_named_with_its_source(capsys):
    sources = [{"source_system": "clinic"}, {"source_system": "other"}]
    ingest([row(1, **source) for source in sources])
    upload = ingest([row(1, quantity=90, **source) for source in sources])
    said = refusal(capsys, upload.pk, "--keep", "--record", 1, *WHY)
    assert said == "Several sources have a record 1; write SOURCE/1.\n"
    assert told(capsys, upload.pk, "--keep", "--record", "other/1", *WHY)["waiting"] == 1
