"""withdraw, pseudonym, rules, and an ingest that goes on where a killed one stopped."""

import json

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from audits import accounts, ingestion, jobs, keys
from audits.catalogue import CATALOGUE
from audits.models import Event, Job, Source, Upload, User

from .paths import ADA, evaluate, in_force, ingest, row, stage, written

pytestmark = pytest.mark.django_db
FILLS = [row(n, filled_date=f"2025-0{n}-01") for n in (1, 2, 3)]


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


@pytest.fixture
def bob() -> User:
    user, _ = accounts.create("bob", "administrator", ADA)
    return user


@pytest.fixture
def said(capsys):
    """Run a command with ``--json``; return its object, or its line of refusal."""

    def run(*words: object) -> dict | str:
        try:
            call_command(*map(str, words), "--json")
        except SystemExit as end:
            ended = end.code
        else:
            ended = 0
        told = capsys.readouterr()
        assert ended == int(bool(told.err))
        assert told.out.count("\n") + told.err.count("\n") == 1
        return json.loads(told.out) if told.out else told.err.strip()

    return run


def test_a_withdrawal_shows_what_rests_on_the_upload_and_then_takes_it_back(said, bob):
    upload = ingest(FILLS)
    other = ingest([row(9, patient_id="B")])
    evaluate()
    assert said("withdraw", upload.pk, "--dry-run") == {
        "upload": upload.pk,
        "status": "promoted",
        "ledger_version": 1,
        "rows": 3,
        "flags": 1,
        "decisions": 0,
    }
    assert said("withdraw", other.pk, "--dry-run")["flags"] == 0
    told = said("withdraw", upload.pk, "--reason", "wrong mapping", "--second", "bob")
    assert told == {
        "upload": upload.pk,
        "status": "withdrawn",
        "ledger_version": 3,
        "superseded": 3,
        "lifted": 0,
        "flags": 1,
        "decisions": 0,
    }
    assert in_force().keys() == {"9"}
    assert Event.objects.filter(action="upload_withdrawn").count() == 1


def test_one_person_alone_withdraws_nothing(said, bob):
    upload = ingest(FILLS)
    accounts.create("eve", "auditor", ADA)
    refusals = [
        said("withdraw", upload.pk, "--second", "bob"),
        said("withdraw", upload.pk, "--reason", "x"),
        said("withdraw", upload.pk, "--reason", "x", "--second", "bob", "--as", "bob"),
        said("withdraw", upload.pk, "--reason", "x", "--second", "eve"),
        said("withdraw", upload.pk, "--reason", "x", "--second", "nobody"),
        said("withdraw", 99, "--reason", "x", "--second", "bob"),
    ]
    assert refusals == [
        "Say why with --reason.",
        "Name the person who confirms with --second.",
        "A second person must confirm the withdrawal, not the one who asks.",
        "eve may not withdraw uploads.",
        "No active user is called 'nobody'.",
        "There is no upload 99.",
    ]
    upload.refresh_from_db()
    assert (upload.status, upload.withdrawal_asked_by) == ("promoted", "")


def test_a_pseudonym_is_that_of_the_domain_and_its_event_has_no_number(said):
    Source.objects.create(name="clinic", patient_domain="town", change_policy="by_status")
    secret = django_settings.PATIENT_SECRET
    told = said("pseudonym", "--source", "clinic", "pat-1", "pat-2")
    assert told == {n: keys.patient_key(secret, "town", n) for n in ("pat-1", "pat-2")}
    other = said("pseudonym", "--source", "elsewhere", "pat-1")
    assert other == {"pat-1": keys.patient_key(secret, "elsewhere", "pat-1")}
    event = Event.objects.filter(action="pseudonym_looked_up").first()
    assert json.loads(event.after) == {"count": 2, "keys": sorted(told.values())}
    assert "pat-1" not in event.after + event.object_id


def test_the_rules_are_listed_with_figures_and_sources(said, capsys):
    cards = said("rules")["rules"]
    assert [card["name"] for card in cards] == list(CATALOGUE)
    first = cards[0]
    assert first["parameters"]["threshold_mme"]["value"] == 120
    assert first["citations"][0]["status"]
    assert {"category", "subject", "severity", "needs", "reach"} <= first.keys()
    call_command("rules")
    assert capsys.readouterr().out.startswith("R01")


def test_an_ingest_goes_on_with_a_file_whose_check_was_cut_short(said, tmp_path):
    upload, job = ingestion.receive(
        [written(FILLS)], ingestion.Asked(file_name="a.csv"), ADA, announced=False
    )
    facts = {"kind": "prescriptions", "preset": "canonical", "mapping_version": 1}
    Upload.objects.filter(pk=upload.pk).update(status="checking", **facts)
    (tmp_path / "a.csv").write_bytes(written(FILLS))
    (told,) = said("ingest", tmp_path / "a.csv")["uploads"]
    assert (told["upload"], told["status"], told["new"]) == (upload.pk, "promoted", 3)
    assert Job.objects.get(pk=job.pk).state == "succeeded"


def test_an_ingest_goes_on_with_a_file_whose_promotion_failed(said, tmp_path):
    upload = stage(FILLS)
    job = ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)
    Job.objects.filter(pk=job.pk).update(cancellable=False)
    held = jobs.lease.take(job.public_id)
    jobs.lease.settle(Job.objects.held(held), held, jobs.lease.STALLED)
    Upload.objects.filter(pk=upload.pk).update(status="promoting")
    (tmp_path / "a.csv").write_bytes(written(FILLS))
    (told,) = said("ingest", tmp_path / "a.csv")["uploads"]
    assert (told["upload"], told["status"], told["new"]) == (upload.pk, "promoted", 3)
