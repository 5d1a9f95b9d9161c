"""Who may say what a drug means: one proposes, another agrees, and what cannot be is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from audits import drugs, jobs, trail
from audits.models import DrugMapping, Event, Job

from .drug_mappings import MEANING, NAME, answers, decided, fills, mapped, meaning, proposed
from .paths import evaluate, ingest, seen

pytest_plugins = ("tests.drug_mappings",)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def test_another_person_is_needed(people):
    ingest(fills())
    mapping = proposed(people)
    with pytest.raises(jobs.Refused, match="another person"):
        decided(people, mapping, who="ann")
    with pytest.raises(IntegrityError), transaction.atomic():
        DrugMapping.objects.update(
            status="approved", decided_by=people["ann"], decided_at="2026-01-01T00:00Z"
        )
    assert DrugMapping.objects.get().status == "proposed"


def test_a_rejected_mapping_never_counts_and_cannot_be_decided_again(people):
    ingest(fills())
    mapping = proposed(people)
    with pytest.raises(jobs.Refused, match="Say why"):
        decided(people, mapping, agrees=False)
    decided(people, mapping, agrees=False, reason="It is another drug.")
    assert answers(evaluate()) == {"not_evaluable": 1}
    with pytest.raises(jobs.Refused, match="has decided"):
        decided(people, mapping)
    assert not Job.objects.filter(kind="evaluate", state="queued").exists()


def test_one_proposal_a_description_waits_at_a_time(people):
    proposed(people)
    with pytest.raises(jobs.Refused, match="waits for a decision already"):
        proposed(people)


def test_of_two_versions_that_are_to_supersede_the_same_one_gets_its_place(people):
    first = mapped(people)
    one = proposed(people, said=meaning(strength=Decimal(15)), supersedes=first)
    decided(people, one)
    with pytest.raises(IntegrityError), transaction.atomic():
        DrugMapping.objects.create(
            **{
                f: getattr(one, f)
                for f in ("by", "described", "ingredient", "valid_from", "reason")
            },
            supersedes=first,
            proposed_by=people["ann"],
            status="approved",
            decided_by=people["ada"],
            decided_at=one.decided_at,
        )


def test_an_approval_asks_for_an_evaluation_and_every_act_has_its_event(people):
    ingest(fills())
    mapping = mapped(people)
    job = Job.objects.filter(kind="evaluate").get()
    assert jobs.run_in_foreground(job).state == Job.State.SUCCEEDED
    assert len(seen()) == 1
    acts = Event.objects.filter(object_type="drug_mapping", object_id=str(mapping.pk))
    assert [(each.action, each.actor_label) for each in acts.order_by("seq")] == [
        ("drug_mapping_proposed", "ann"),
        ("drug_mapping_approved", "ada"),
    ]
    assert NAME not in "".join(each.after for each in acts)
    call_command("verify_trail", "--json")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ingredient": "unobtainium"}, "No reference table knows"),
        ({"form": "cloud"}, "no form"),
        ({"strength_unit": ""}, "with its unit"),
        ({"strength": None}, "with its unit"),
        ({"strength_unit": "drops"}, "Give a strength above zero"),
        ({"strength": Decimal(-1)}, "Give a strength above zero"),
        ({"form": "solution"}, "mg/ml"),
        ({"valid_to": date(2023, 1, 1)}, "before the first"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(people, changes, sentence):
    with pytest.raises(jobs.Refused, match=sentence):
        proposed(people, said=meaning(**changes))
    assert not DrugMapping.objects.exists()


def test_a_mapping_needs_a_reason(people):
    ann = people["ann"]
    with pytest.raises(jobs.Refused, match="Say why"):
        drugs.propose(("name", NAME), MEANING, " ", by=ann, actor=trail.Actor.of_user(ann))
