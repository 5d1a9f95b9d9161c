"""Evaluations after every kind of change: decisions stand, and incremental equals full."""

import random
from datetime import date

import duckdb
import pytest

from audits.evaluation import answering, evaluating
from audits.evaluation.flags import settle_decided_meanwhile
from audits.models import Decision, Evaluation, EvidenceChange, Flag, FlagState

from .paths import (
    RULES,
    decide,
    evaluate,
    ingest,
    row,
    seen,
    told_of,
    withdraw,
)

pytestmark = pytest.mark.django_db
FILLS = [row(n, filled_date=f"2025-0{n}-01") for n in (1, 2, 3)]
BOTH = [*RULES, "supervision_missing"]
PATIENTS = ["multiple_provider_episode", "early_refill_accumulation"]
PRESCRIBERS = ("1234567893", "1245319599", "1111111112", "1222222228", "1333333334")


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def answers(evaluation: Evaluation, rule: str) -> list[tuple]:
    path = answering.folder(evaluation.pk, rule) / "answers.parquet"
    with duckdb.connect() as connection:
        return connection.execute(f"FROM '{path}' ORDER BY ALL").fetchall()


def full_agrees(last: Evaluation) -> None:
    """See that a full evaluation finds nothing that ``last``, an incremental one, did not."""
    whole = evaluate(full=True, rules=list(last.rules), as_of=last.as_of)
    assert set(told_of(whole)) <= {"unchanged"}, (told_of(last), told_of(whole))
    for rule in last.rules:
        assert answers(last, rule) == answers(whole, rule)


def test_a_second_evaluation_without_a_change_says_nothing_new():
    ingest(FILLS)
    assert told_of(evaluate()) == {"new": 1}
    again = evaluate()
    assert told_of(again) == {}
    full_agrees(again)


def test_only_whom_a_change_can_touch_is_asked_again():
    ingest(
        [
            *FILLS,
            *(
                each | {"source_record_id": "b" + each["source_record_id"], "patient_id": "B"}
                for each in FILLS
            ),
        ]
    )
    assert told_of(evaluate()) == {"new": 2}
    ingest([row(8, filled_date="2025-03-20")])
    last = evaluate()
    assert told_of(last) == {"updated": 1}
    full_agrees(last)


def test_a_decision_stands_whatever_is_evaluated_later():
    ingest(FILLS)
    evaluate()
    decision = decide(seen()[0])
    kept = Decision.objects.values().get()
    evaluate(full=True)
    withdraw(ingest([row(9, patient_id="B"), row(10)]))
    evaluate()
    assert Decision.objects.values().get() == kept
    assert Flag.objects.get(pk=decision.flag_id).handling == "decided"
    assert not seen()


def test_an_older_fill_that_comes_late_raises_a_recurrence_of_what_was_decided():
    ingest(FILLS)
    evaluate()
    decision = decide(seen()[0])
    ingest([row(8, filled_date="2024-11-15")])
    assert told_of(evaluate()) == {"recurrent": 1}
    (state,) = seen()
    assert state.flag.recurrence_of_id == decision.flag_id
    assert decision.covers == Decision.objects.get().covers
    full_agrees(Evaluation.objects.first())


def test_what_a_decision_covered_and_is_gone_is_noted_and_raises_nothing():
    upload = ingest(FILLS)
    evaluate()
    decide(seen()[0])
    withdraw(upload)
    assert told_of(evaluate()) == {}
    (change,) = EvidenceChange.objects.all()
    assert change.missing
    assert not seen()


def test_an_undecided_flag_goes_with_its_records():
    upload = ingest(FILLS)
    evaluate()
    withdraw(upload)
    assert told_of(evaluate()) == {"withdrawn": 1}
    assert FlagState.objects.seen().get().verdict == "withdrawn"


def test_a_decision_made_while_an_evaluation_writes_is_respected(monkeypatch):
    ingest(FILLS)
    evaluate()
    ingest([row(8, filled_date="2024-11-15")])
    decided = []

    def meanwhile(evaluation, syncs):
        decided.append(decide(seen()[0]))
        settle_decided_meanwhile(evaluation, syncs)

    with monkeypatch.context() as then:
        then.setattr(evaluating, "settle_decided_meanwhile", meanwhile)
        evaluate()
    (state,) = seen()
    assert state.flag.recurrence_of_id == decided[0].flag_id
    full_agrees(Evaluation.objects.first())


def test_two_sources_that_tell_one_dispense_are_asked_about_together():
    told = {
        "prescription_id": "77",
        "fill_number": 0,
        "pharmacy_ncpdp": "1234567",
    }
    fills = [
        row(n, source_system="zeta", patient_id="Z", filled_date=f"2025-0{n}-01", **told)
        for n in (1, 2, 3)
    ]
    ingest(fills)
    assert told_of(evaluate()) == {"new": 1}
    twin = [each | {"source_system": "alpha", "patient_id": "other"} for each in fills[:2]]
    for each in twin:
        each["prescriber_npi"] = "1245319599"
    ingest(twin)
    last = evaluate()
    full_agrees(last)


def test_an_attempt_that_died_leaves_no_rule_behind_in_the_next_one():
    ingest(FILLS)
    first = evaluate()
    Evaluation.objects.filter(pk=first.pk).update(unpublished=True, rules={"gone": {}}, job="dead")
    again = evaluate()
    assert (again.pk, list(again.rules)) == (first.pk, RULES)


@pytest.mark.parametrize(
    ("seed", "rules", "steps"), [(1, RULES, 4), (2, BOTH, 2), (3, PATIENTS, 4)]
)
def test_incremental_equals_full_after_every_step_of_a_random_history(seed, rules, steps):
    history = History(random.Random(seed))
    for _ in range(steps):
        history.step()
        last = evaluate(rules=rules, as_of=history.day())
        full_agrees(last)
        assert list(Decision.objects.values()) == history.decisions
        history.maybe_decide()


class History:
    """Random files of three patients and five prescribers, changed and taken back at random."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.sent: list[list[dict]] = []
        self.standing = []
        self.decisions: list[dict] = []
        self.number = 0

    def step(self) -> None:
        acts = [self._new] if not self.standing else [self._new, self._change, self._again]
        if len(self.standing) > 1:
            acts.append(self._withdraw)
        self.chance.choice(acts)()

    def day(self) -> date:
        return date(2025, self.chance.choice((4, 6, 8)), 1)

    def maybe_decide(self) -> None:
        if (states := seen()) and self.chance.random() < 0.6:
            decide(self.chance.choice(states))
            self.decisions = list(Decision.objects.values())

    def _send(self, rows: list[dict]) -> None:
        self.sent.append(rows)
        upload = ingest(self.chance.sample(rows, len(rows)))
        if upload.status == "promoted":
            self.standing.append(upload)

    def _new(self) -> None:
        self._send([self._row() for _ in range(self.chance.randint(3, 9))])

    def _row(self) -> dict:
        self.number += 1
        month, day = self.chance.randint(1, 6), self.chance.choice((1, 15))
        return row(
            self.number,
            patient_id=self.chance.choice("ABC"),
            filled_date=f"2025-{month:02}-{day:02}",
            quantity=self.chance.choice((60, 180, 240)),
            prescriber_npi=self.chance.choice(PRESCRIBERS),
            pharmacy_ncpdp=self.chance.choice(("1000001", "1000002", "1000003", "1000004")),
        )

    def _change(self) -> None:
        rows = self.chance.choice(self.sent)
        some = self.chance.sample(rows, min(2, len(rows)))
        changed = [
            each
            | {"record_status": self.chance.choice(("revise", "void")), "quantity": str(at + 30)}
            for at, each in enumerate(some)
        ]
        self._send(changed)

    def _again(self) -> None:
        self._send(self.chance.choice(self.sent))

    def _withdraw(self) -> None:
        withdraw(self.standing.pop(self.chance.randrange(len(self.standing))))
