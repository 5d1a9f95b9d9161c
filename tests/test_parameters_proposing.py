"""Who may change what a rule turns on: one proposes, another agrees, what cannot be is refused."""

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from audits import jobs
from audits.models import Event, Job, ParameterChange, ParameterSet

from .parameter_changes import R01, changed, decided, proposed, taken_back, wanted
from .paths import ingest, row

pytest_plugins = ("tests.parameter_changes",)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def in_force() -> list[int]:
    return [each.value for each in ParameterChange.objects.in_force().order_by("valid_from")]


def test_another_person_is_needed(people):
    change = proposed(people)
    with pytest.raises(jobs.Refused, match="another person"):
        decided(people, change, who="ann")
    with pytest.raises(IntegrityError), transaction.atomic():
        ParameterChange.objects.update(
            status="approved", decided_by=people["ann"], decided_at="2026-01-01T00:00Z"
        )
    assert in_force() == []
    decided(people, change)
    assert in_force() == [90]


def test_of_two_who_decide_the_second_is_told_who_was_first(people):
    change = proposed(people)
    decided(people, change)
    with pytest.raises(jobs.Refused, match="ada has decided"):
        decided(people, change, agrees=False, who="bea", reason="Too low.")
    assert ParameterChange.objects.get().status == "approved"


def test_a_rejected_value_never_counts(people):
    ingest([row(1)])
    change = proposed(people)
    with pytest.raises(jobs.Refused, match="Say why you do not agree"):
        decided(people, change, agrees=False)
    decided(people, change, agrees=False, reason="Not ours to lower.")
    assert in_force() == [] and ParameterSet.current() is None
    assert not Job.objects.filter(kind="evaluate").exists()


def test_one_proposal_a_parameter_waits_at_a_time(people):
    proposed(people)
    proposed(people, of=(R01, "severe_mme"))
    with pytest.raises(jobs.Refused, match="waits for a decision already"):
        proposed(people)


def test_values_may_follow_one_another_and_never_overlap(people):
    changed(people, wanted(valid_to=date(2025, 12, 31)))
    for begins, ends in (("2025-12-31", None), ("2025-01-01", "2025-07-01"), ("2025-08-01", None)):
        days = (each and date.fromisoformat(each) for each in (begins, ends))
        with pytest.raises(jobs.Refused, match="in force for some of these days"):
            proposed(people, wanted(**dict(zip(("valid_from", "valid_to"), days, strict=True))))
    changed(people, wanted(value=100, valid_from=date(2026, 1, 1)))
    changed(people, wanted(value=110, valid_to=date(2025, 6, 30), valid_from=date(2025, 1, 1)))
    assert in_force() == [110, 90, 100]


def test_what_was_free_when_proposed_may_be_taken_when_it_is_to_be_approved(people):
    waiting = proposed(people)
    ParameterChange.objects.filter(pk=waiting.pk).update(rule="x")
    changed(people, wanted(value=100))
    ParameterChange.objects.filter(pk=waiting.pk).update(rule=R01)
    waiting.refresh_from_db()
    with pytest.raises(jobs.Refused, match="in force for some of these days"):
        decided(people, waiting)
    assert in_force() == [100]


def test_a_new_version_takes_the_place_and_a_taking_back_leaves_the_card(people):
    first = changed(people)
    second = changed(people, wanted(value=80), supersedes=first)
    assert in_force() == [80]
    with pytest.raises(jobs.Refused, match="not in force any more"):
        proposed(people, supersedes=first)
    taken_back(people, second)
    assert in_force() == [] and ParameterChange.objects.count() == 3


def test_an_approval_asks_for_an_evaluation_and_every_act_has_its_event(people):
    ingest([row(1)])
    change = changed(people)
    assert Job.objects.filter(kind="evaluate").count() == 1
    acts = Event.objects.filter(object_type="parameter_change", object_id=str(change.pk))
    told = [
        (each.action, each.actor_label, json.loads(each.after)) for each in acts.order_by("seq")
    ]
    assert [each[:2] for each in told] == [
        ("parameters_proposed", "ann"),
        ("parameters_approved", "ada"),
    ]
    assert told[1][2] == {
        "rule": R01,
        "parameter": "threshold_mme",
        "value": 90,
        "valid_from": "2025-07-01",
        "valid_to": None,
        "basis": "guideline",
        "source": "State board, circular 12 of 2025, page 3",
        "supersedes": None,
        "status": "approved",
    }
    call_command("verify_trail", "--json")


@pytest.mark.parametrize(
    ("of", "changes", "sentence"),
    [
        ((R01, "threshold_mme"), {"value": 0}, "whole number from 1 to 100,000 MME a day"),
        ((R01, "window_days"), {"value": 3_651}, "whole number from 1 to 3,650 days"),
        (("supervision_missing", "prescriptions"), {"value": -1}, "from 0 to 100,000"),
        ((R01, "threshold_mme"), {"basis": "hearsay"}, "It can rest on: law, guideline"),
        ((R01, "threshold_mme"), {"valid_to": date(2025, 6, 30)}, "before the first"),
        ((R01, "threshold_mme"), {"valid_from": date(1, 1, 1)}, "before 1900-01-01"),
        ((R01, "threshold_mme"), {"source": " "}, "Name the source"),
        ((R01, "threshold_mg"), {}, "R01 has no parameter called threshold_mg"),
    ],
)
def test_what_cannot_be_is_refused_in_words(people, of, changes, sentence):
    with pytest.raises(jobs.Refused, match=sentence):
        proposed(people, wanted(**changes), of)
    assert not ParameterChange.objects.exists() and not Event.objects.exists()


def test_equal_values_have_one_set_whatever_their_numbers_and_people(people):
    first = changed(people)
    kept = ParameterSet.current()
    taken_back(people, first)
    assert ParameterSet.current() is None
    changed(people)
    assert ParameterSet.current() == kept and ParameterSet.objects.count() == 1
    assert kept.entries[0].keys().isdisjoint({"id", "pk", "proposed_by", "decided_by"})


def test_the_command_lists_the_values_in_force(people, capsys):
    changed(people, wanted(valid_to=date(2025, 12, 31)))
    call_command("rules", "--json")
    told = json.loads(capsys.readouterr().out)["rules"]
    by_name = {each["name"]: each["parameters"] for each in told}
    dated = {"valid_from": "2025-07-01", "valid_to": "2025-12-31", "basis": "guideline"}
    source = {"source": "State board, circular 12 of 2025, page 3"}
    assert by_name[R01]["threshold_mme"]["in_force"] == [{"value": 90, **dated, **source}]
    assert by_name[R01]["severe_mme"]["in_force"] == []
    call_command("rules")
    said = capsys.readouterr().out
    assert "from 2025-07-01 to 2025-12-31: > 90 MME a day (guideline)" in said
