"""Drugs that no table knows, mapped by people: from the file to the flag, by the real path."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from audits import drugs, jobs, trail
from audits.catalogue import CATALOGUE
from audits.evaluation.answering import folder
from audits.models import DrugMapping, Evaluation, MappingSet
from audits.review import questions
from audits.tables import saying
from audits.verification.sealing import sealed

from .drug_mappings import (
    NAME,
    NDC,
    RXCUI,
    answers,
    decided,
    fills,
    mapped,
    meaning,
    proposed,
)
from .paths import RULES, evaluate, ingest, row, seen, told_of

pytest_plugins = ("tests.drug_mappings",)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def verified() -> dict:
    try:
        call_command("verify_flags", "--json")
    except SystemExit as ended:
        return {"exit": ended.code}
    return {"exit": 0}


def test_a_drug_nobody_knows_raises_a_flag_once_two_persons_say_what_it_is(people, capsys):
    ingest(fills())
    assert answers(evaluate()) == {"not_evaluable": 1}
    mapping = proposed(people)
    assert answers(evaluate()) == {"not_evaluable": 1}
    decided(people, mapping)
    last = evaluate()
    assert answers(last) == {"fired": 1} and told_of(last) == {"new": 1}
    (state,) = seen()
    assert state.value / state.value_divisor == 270
    assert "local_mapping" in state.quality
    assert "drug matched by a local mapping" in saying.notes(state)
    assert verified() == {"exit": 0}
    assert json.loads(capsys.readouterr().out)["flags"] == 1


def test_the_second_program_reads_the_same_mapping_as_the_flag(people):
    ingest(fills())
    mapped(people)
    evaluate()
    (state,) = seen()
    rule = CATALOGUE[RULES[0]]
    drugs.take_back(
        DrugMapping.objects.get(), "Wrong.", by=people["ann"], actor=trail.Actor.command("x")
    )
    records, _ = questions.question(rule, state)
    assert {each["ingredient"] for each in records["prescriptions"]} == {"oxycodone"}


@pytest.mark.parametrize(
    ("begins", "ends", "fired"),
    [
        (date(2025, 1, 1), None, True),
        (date(2025, 5, 2), None, False),  # one month of six is left: 45 MME a day at most
        (date(2024, 1, 1), date(2024, 12, 31), False),
        (date(2025, 1, 1), date(2025, 6, 1), True),
    ],
)
def test_a_mapping_counts_on_the_days_of_its_period_only(people, begins, ends, fired):
    ingest(fills())
    mapped(people, said=meaning(valid_from=begins, valid_to=ends))
    told = answers(evaluate())
    assert (told == {"fired": 1}) is fired


def test_the_first_and_the_last_day_of_a_period_count(people):
    rows = [
        row(
            day,
            filled_date=f"2025-03-{day:02}",
            drug_name=NAME,
            patient_id=f"P{day}",
            quantity="600",
        )
        for day in (9, 10, 20, 21)
    ]
    ingest(rows)
    mapped(people, said=meaning(valid_from=date(2025, 3, 10), valid_to=date(2025, 3, 20)))
    assert answers(evaluate()) == {"fired": 2, "not_evaluable": 2}


def test_two_mappings_may_follow_one_another_and_not_overlap(people):
    ingest(fills())
    mapped(people, said=meaning(valid_to=date(2025, 3, 31)))
    with pytest.raises(jobs.Refused, match="in force for some of these days"):
        proposed(people, said=meaning(valid_from=date(2025, 3, 31)))
    mapped(people, said=meaning(valid_from=date(2025, 4, 1), strength=Decimal(60)))
    evaluate()
    (state,) = seen()
    assert state.value / state.value_divisor > 270


def test_a_known_drug_is_never_overridden(people):
    ingest([row(1, filled_date="2025-01-01"), *fills()])
    with pytest.raises(jobs.Refused, match="tables know this drug"):
        proposed(people, ("name", "oxycodone 30 mg tablet"))
    mapped(people, said=meaning(ingredient="gabapentin", strength=None, strength_unit=""))
    evaluate()
    assert seen("p_") == [] or all("local_mapping" not in s.quality for s in seen())


def test_a_code_known_to_the_tables_decides_even_where_the_name_is_mapped(people):
    known = "gabapentin 300 mg capsule"
    ingest(fills(drug_name=NAME, ingredients=json.dumps([{"name": known}])))
    mapped(people)
    assert answers(evaluate()).get("fired") is None


@pytest.mark.parametrize(
    ("cells", "name"),
    [({"ndc11": NDC}, ("ndc", NDC)), ({"rxcui": RXCUI}, ("rxcui", RXCUI)), ({}, ("name", NAME))],
)
def test_a_description_is_mapped_by_code_or_by_name(people, cells, name):
    ingest(fills(**cells))
    mapped(people, name)
    assert answers(evaluate()) == {"fired": 1}


def test_the_code_speaks_before_the_name(people):
    ingest(fills(ndc11=NDC))
    mapped(people, said=meaning(ingredient="gabapentin", strength=None, strength_unit=""))
    mapped(people, ("ndc", NDC))
    assert answers(evaluate()) == {"fired": 1}


def test_without_a_strength_the_row_s_own_is_taken(people):
    ingest(fills(strength_value="60", strength_unit="mg"))
    mapped(people, said=meaning(strength=None, strength_unit=""))
    evaluate()
    (state,) = seen()
    assert state.value / state.value_divisor == 540


def test_a_new_version_takes_the_place_of_the_old_and_a_taking_back_of_both(people):
    ingest(fills())
    first = mapped(people)
    evaluate()
    second = mapped(people, said=meaning(strength=Decimal(15)), supersedes=first)
    last = evaluate()
    assert [s.value / s.value_divisor for s in seen()] == [135]
    assert last.full is False and told_of(last) == {"updated": 1}
    with pytest.raises(jobs.Refused, match="not in force any more"):
        proposed(people, supersedes=first)
    ann = people["ann"]
    ending = drugs.take_back(second, "The list was wrong.", by=ann, actor=trail.Actor.of_user(ann))
    assert answers(evaluate()) == {"fired": 1}
    decided(people, ending)
    assert answers(evaluate()) == {"not_evaluable": 1} and seen() == []
    assert DrugMapping.objects.count() == 3


def test_the_same_records_and_mapping_give_the_same_flags(people):
    ingest(fills())
    mapped(people)
    first = evaluate(full=True)
    before = [(s.flag.subject_id, s.state_digest) for s in seen()]
    second = evaluate(full=True)
    assert first.mapping_set_id == second.mapping_set_id is not None
    assert [(s.flag.subject_id, s.state_digest) for s in seen()] == before
    assert first.digests == second.digests
    assert told_of(second) == {"unchanged": 1}


def test_a_changed_mapping_makes_all_be_asked_again_and_an_unchanged_one_does_not(people):
    ingest(fills() + [row(n, patient_id=f"K{n}", filled_date="2025-02-01") for n in range(3)])
    evaluate()
    mapped(people)
    first = evaluate()
    assert answers(first)["fired"] == 1
    ingest([row(50, patient_id="Z", filled_date="2025-03-01")])
    again = evaluate()
    kept = Evaluation.objects.get(pk=first.pk)
    assert kept.digests == again.digests
    assert answers(again)["fired"] == 1


def test_what_was_in_force_is_verified_although_the_mapping_changed_since(people):
    ingest(fills())
    first = mapped(people)
    evaluate()
    mapped(people, said=meaning(strength=Decimal(15)), supersedes=first)
    assert verified() == {"exit": 0}
    evaluate()
    assert verified() == {"exit": 0}


def test_an_altered_mapping_set_is_found(people):
    ingest(fills())
    mapped(people)
    last = evaluate()
    assert list(sealed({last.pk})) == []
    kept = MappingSet.objects.get()
    entries = [{**kept.entries[0], "strength": "5"}]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audits_mappingset SET entries = %s", [json.dumps(entries)])
    assert [(each.kind, each.field) for each in sealed({last.pk})] == [("altered", "drug_mappings")]
    assert verified() == {"exit": 1}


def test_without_mappings_there_is_no_set(people):
    ingest(fills())
    assert evaluate().mapping_set is None
    assert folder(Evaluation.objects.get().pk, RULES[0]).exists()
