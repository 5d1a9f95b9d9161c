"""Loaded tables and evaluations: which was used, that it decides, that it is proved later."""

import json
import os

import pytest
from django.core.management import call_command

from audits import drugs, editions, evaluation, jobs
from audits.catalogue import CATALOGUE
from audits.models import Evaluation, Job, ReferenceSet
from audits.review import questions
from audits.verification.sealing import sealed

from .drug_mappings import answers
from .paths import ADA, RULES, done, evaluate, ingest, seen, told_of
from .reference_files import nucc_csv
from .reference_versions import NDC, activated, files, fills, loaded

pytest_plugins = ("tests.reference_versions",)
pytestmark = pytest.mark.django_db


def verified(capsys) -> tuple[int, str]:
    capsys.readouterr()
    try:
        call_command("verify_flags", "--json")
    except SystemExit as ended:
        return ended.code, capsys.readouterr().err
    return 0, ""


def test_a_loaded_directory_decides_once_it_is_in_force_and_a_fresh_database_proves_it(
    people, capsys
):
    ingest(fills())
    assert answers(evaluate()) == {"not_evaluable": 1}
    version = loaded(people)
    assert answers(evaluate()) == {"not_evaluable": 1}
    activated(people, version)
    job = Job.objects.filter(kind="evaluate", state=Job.State.QUEUED).get()
    assert job.parameters == {"full": True}
    done(job)
    last = Evaluation.objects.get(job=job.public_id)
    assert answers(last) == {"fired": 1}
    (state,) = seen()
    assert state.value / state.value_divisor == 270 and "ndc_unknown" not in state.quality
    assert last.reference_set.loaded == {"fda_ndc": version.digest}
    assert verified(capsys) == (0, "")


def test_what_was_in_force_is_verified_although_another_version_is_since(people, capsys):
    ingest(fills())
    activated(people, loaded(people))
    evaluate()
    weaker = loaded(people, of=files(ACTIVE_NUMERATOR_STRENGTH="5"), edition="2026-12")
    activated(people, weaker)
    assert verified(capsys) == (0, "")
    (state,) = seen()
    records, _ = questions.question(CATALOGUE[RULES[0]], state)
    assert {str(each["strength"]) for each in records["prescriptions"]} == {"30"}
    assert told_of(evaluate()) == {"withdrawn": 1}
    assert verified(capsys) == (0, "")


def test_a_changed_version_makes_all_be_asked_again_and_an_unchanged_one_does_not(people):
    ingest(fills())
    activated(people, loaded(people))
    first, second = evaluate(), evaluate()
    assert first.reference_set_id == second.reference_set_id
    assert first.digests == second.digests
    activated(people, loaded(people, of=files(DEASCHEDULE="CIII"), edition="2026-12"))
    third = evaluate()
    name = RULES[0]
    assert third.digests[name]["references"] != second.digests[name]["references"]


def test_names_of_taxonomy_codes_decide_nothing_and_force_nothing(people):
    ingest(fills())
    before = evaluate()
    named = nucc_csv("2084P0800X,Physicians,Psychiatry & Neurology,Psychiatry,,,,,,,")
    version = activated(people, loaded(people, "nucc", [named], "26.1"))
    assert not Job.objects.filter(kind="evaluate", state=Job.State.QUEUED).exists()
    after = evaluate()
    assert after.digests == before.digests
    assert after.reference_set.loaded == {"nucc": version.digest}


def test_a_missing_file_of_a_version_is_one_clear_sentence(people, capsys):
    ingest(fills())
    version = activated(people, loaded(people))
    evaluate()
    kept = editions.path(version.digest)
    assert kept.stat().st_mode & 0o777 == 0o400
    kept.unlink()
    editions._directory.cache_clear()
    code, said = verified(capsys)
    assert code == 1 and f"version {version.digest[:12]}, is missing" in said
    assert "load its files again" in said
    job = jobs.run_in_foreground(evaluation.ask(RULES, ADA, full=True))
    assert job.state == Job.State.FAILED and "is missing" in job.error


def test_an_altered_file_or_set_is_found(people):
    ingest(fills())
    version = activated(people, loaded(people))
    last = evaluate()
    assert list(sealed({last.pk})) == []
    kept = editions.path(version.digest)
    content = kept.read_bytes()
    os.chmod(kept, 0o600)
    kept.write_bytes(content.replace(b",30,mg", b",90,mg"))
    assert [each.field for each in sealed({last.pk})] == ["reference_tables"]
    kept.write_bytes(content)
    assert list(sealed({last.pk})) == []
    told = ReferenceSet.objects.get(pk=last.reference_set_id)
    entries = json.loads(json.dumps(told.entries).replace("2026-11", "2026-10"))
    ReferenceSet.objects.filter(pk=told.pk).update(entries=entries)
    assert [each.field for each in sealed({last.pk})] == ["reference_tables"]


def test_a_drug_that_a_version_knows_is_no_longer_unmatched(people):
    ingest(fills())
    assert [each.ndc11 for each in drugs.shown()] == [NDC]
    activated(people, loaded(people))
    assert drugs.shown() == []
