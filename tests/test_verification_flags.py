"""``verify_flags`` finds every flag that is not what the records give, and nothing else."""

import json
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from audits.evaluation.answering import folder
from audits.keys import patient_key
from audits.models import Evaluation, Flag, FlagState
from audits.verification.flags import compared
from audits.verification.handover import evaluated_afresh
from audits.verification.sealing import sealed

from .paths import RULES, decide, evaluate, ingest, row, seen

pytestmark = pytest.mark.django_db
FILLS = [
    row(f"{who}{n}", patient_id=who, filled_date=f"2025-0{n}-01")
    for who in "ABC"
    for n in (1, 2, 3)
]


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


@contextmanager
def altered(statement: str, *values: object):
    """Alter the database behind everybody's back, and take it back afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute(statement, values)
            assert cursor.rowcount
        yield
        transaction.set_rollback(True)


def found(fresh, evaluation) -> set[tuple[str, str]]:
    differences = [*compared(fresh, evaluation, RULES), *sealed({evaluation.pk})]
    return {(each.kind, each.field) for each in differences}


def test_every_alteration_is_found_and_named(settings):
    ingest(FILLS)
    evaluate()
    # Not A's, whose records change: what his decision covered is gone with them.
    decide(seen(patient_key(settings.PATIENT_SECRET, "clinic", "B"))[0])
    ingest([row(8, filled_date="2024-11-15"), row(9, patient_id="D")])
    last = evaluate()
    subject = "WHERE id = %s"
    with evaluated_afresh(last, RULES) as fresh:
        assert found(fresh, last) == set()
        state = seen()[0]
        for column, value in (("severity", "low"), ("value", 7), ("threshold", "9")):
            with altered(f"UPDATE audits_flagstate SET {column} = %s {subject}", value, state.pk):
                assert ("altered", column) in found(fresh, last)
        for column, value in (("occurrences", "[]"), ("first_on", "2020-01-01"), ("records", 0)):
            with altered(f"UPDATE audits_flagstate SET {column} = %s {subject}", value, state.pk):
                assert ("altered", column) in found(fresh, last)
        with altered(f"UPDATE audits_flagstate SET priority = 0 {subject}", state.pk):
            assert found(fresh, last) == {("altered", "state_digest")}
        with altered(f"UPDATE audits_flagstate SET verdict = 'withdrawn' {subject}", state.pk):
            assert ("missing", "") in found(fresh, last)
        with altered(f"DELETE FROM audits_flagstate {subject}", state.pk):
            assert ("missing", "") in found(fresh, last)
        with altered(f"UPDATE audits_flag SET handling = 'decided' {subject}", state.flag_id):
            assert ("missing", "") in found(fresh, last)
        with altered("UPDATE audits_decision SET covers = '[]'"):
            assert found(fresh, last)
        with doubled(state):
            assert ("extra", "") in found(fresh, last)


@contextmanager
def doubled(state: FlagState):
    """Add a flag like that of ``state`` for somebody of whom the records say nothing."""
    with transaction.atomic():
        flag = Flag.objects.get(pk=state.flag_id)
        flag.pk, flag.public_id, flag.subject_id = None, "f" * 32, "p_nobody"
        flag.save(force_insert=True)
        again = FlagState.objects.get(pk=state.pk)
        again.pk, again.flag = None, flag
        again.save(force_insert=True)
        yield
        transaction.set_rollback(True)


def test_the_command_names_an_evidence_file_of_which_one_bit_changed(capsys):
    ingest(FILLS)
    evaluate()
    path = folder(Evaluation.objects.get().pk, RULES[0]) / "evidence.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_flags", "--json")
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["flags"]) == (False, 3)
    assert told["totals"] == {"altered": 1, "missing": 0, "extra": 0}
    assert told["altered"] == [
        {
            "kind": "altered",
            "rule": RULES[0],
            "field": "evidence file",
            "evaluation": Evaluation.objects.get().pk,
        }
    ]


def test_without_an_evaluation_there_is_nothing_to_doubt(capsys):
    call_command("verify_flags")
    assert capsys.readouterr().out == "Nothing has been evaluated yet.\n"


def test_a_rule_that_changed_since_is_a_refusal_with_the_remedy(capsys):
    ingest(FILLS)
    last = evaluate()
    Evaluation.objects.filter(pk=last.pk).update(digests={RULES[0]: {"text": "another"}})
    with pytest.raises(SystemExit):
        call_command("verify_flags")
    assert "R01. Run: manage.py evaluate" in capsys.readouterr().err
