"""An evaluation keeps the set of MME factors it was made with, whatever is set afterwards."""

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from audits import dossiers
from audits.catalogue import CATALOGUE
from audits.models import Evaluation
from audits.reference.factors import MME_SET, MME_SETS, MME_TITLES
from audits.review.questions import question
from audits.verification.sealing import sealed

from .flag_pages import words
from .paths import RULES, evaluate, ingest, row, seen, told_of
from .people import demo, person  # noqa: F401

pytestmark = pytest.mark.django_db
# 30 mg of methadone a day for 90 days: 141 MME by 4.7, 90 by 3; the rule fires above 120.
FILLS = [
    row(n, drug_name="methadone 10 mg tablet", quantity=90, filled_date=f"2025-0{n}-01")
    for n in (1, 2, 3)
]


def verified(capsys):
    """Return what verify_flags says of the flags as they are."""
    call_command("verify_flags", "--json")
    return json.loads(capsys.readouterr().out)["ok"]


def test_every_set_has_words_and_the_settings_begin_with_the_usual_one(settings):
    assert set(MME_TITLES) == set(MME_SETS)
    assert settings.MME_SET == MME_SET


def test_another_set_makes_all_be_asked_again_and_is_kept(settings, capsys):
    ingest(FILLS)
    first = evaluate()
    assert (first.mme_set, told_of(first)) == ("cdc2022+2018", {"new": 1})
    settings.MME_SET = "cdc2018"
    second = evaluate()
    assert (second.mme_set, told_of(second)) == ("cdc2018", {"withdrawn": 1})
    assert first.digests[RULES[0]] | {"mme_set": "cdc2018"} == second.digests[RULES[0]]
    settings.MME_SET = "cdc2022+2018"
    assert verified(capsys)  # by the set it was made with, not by that of the settings
    third = evaluate()
    assert third.digests == first.digests
    assert len(seen()) == 1


def test_flag_question_and_dossier_are_by_the_set_of_the_evaluation(settings):
    ingest([{**each, "quantity": "180"} for each in FILLS])
    settings.MME_SET = "cdc2018"
    evaluate()
    settings.MME_SET = "nih_heal"
    (state,) = seen()
    records, _ = question(CATALOGUE[RULES[0]], state)
    assert {fill["factor"] for fill in records["prescriptions"]} == {3}
    patient = dossiers.patient_of(dossiers.latest_basis(), state.flag.subject_id)
    assert (patient.mme_set, patient.factors) == ("cdc2018", "the CDC file of 2018")


def test_a_set_that_was_altered_is_found():
    ingest(FILLS)
    last = evaluate()
    assert list(sealed({last.pk})) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audits_evaluation SET mme_set = 'nih_heal'")
    assert [(each.kind, each.field) for each in sealed({last.pk})] == [("altered", "mme_set")]


@pytest.mark.usefixtures("demo")
def test_the_page_of_a_flag_says_whose_factors(settings):
    ingest([{**each, "quantity": "180"} for each in FILLS])
    settings.MME_SET = "cdc2018"
    evaluate()
    client = Client()
    client.force_login(person("compliance officer", "ada"))
    said = words(client.get(seen()[0].flag.get_absolute_url()))
    assert "MME factors The CDC file of 2018 (set cdc2018)" in said
    assert Evaluation.objects.get().mme_set == "cdc2018"
