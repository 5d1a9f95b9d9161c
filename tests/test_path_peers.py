"""R28 beside peers by the real path: who is not touched is answered anew, and rightly."""

import random
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from audits import engine, review, snapshots
from audits.evaluation import answering, kept
from audits.models import Evaluation, Flag
from audits.tables import saying
from audits.verification.sealing import sealed

from .flag_pages import words
from .parameter_changes import changed, wanted
from .paths import evaluate, ingest, row, seen, told_of, withdraw
from .test_path_evaluation import full_agrees

pytest_plugins = ("tests.parameter_changes",)
pytestmark = pytest.mark.django_db
R28 = "prescriber_type_mismatch"
RULES = [R28, "supervision_missing"]
FAMILY, MIND = "207Q00000X", "2084P0800X"
KETAMINE, ZOLPIDEM = "ketamine 100 mg troche", "zolpidem 10 mg tablet"
DAY = date(2026, 3, 31)


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


@pytest.fixture
def small(people):
    """Let four prescribers with two controlled prescriptions make a group."""
    for name, value in (("least_members", 4), ("least_controlled", 2)):
        changed(people, wanted(value=value, valid_from=date(2020, 1, 1)), of=(R28, name))


def npi(number: int) -> str:
    return f"1{number:09d}"


def rx(name: str, who: int, drug: str = ZOLPIDEM, day: date = DAY, **cells) -> dict:
    """Give a prescription of a prescriber for a patient of his own, of a family doctor."""
    said = {"patient_id": f"of {who} {name}", "prescriber_npi": npi(who), "taxonomy": FAMILY}
    said |= {"written_date": day, "filled_date": day, "days_supply": 14, "quantity": 14}
    return row(f"{who}-{name}", drug_name=drug, prescriber_type="", **{**said, **cells})


def practice(who: int, ketamine: int, written: int = 10, **cells) -> list[dict]:
    drugs = [KETAMINE if n < ketamine else ZOLPIDEM for n in range(written)]
    return [rx(str(n), who, drug, **cells) for n, drug in enumerate(drugs)]


def answers(evaluation: Evaluation) -> dict[str, str]:
    path = answering.folder(evaluation.pk, R28) / "answers.parquet"
    with engine.connect(snapshots.web_limits()) as backend:
        rows = engine.rows(backend, f"FROM '{path}'")
    return {r["subject_id"]: r["answer"] for r in rows if r["subject_id"].endswith("ketamine")}


def fired(evaluation: Evaluation) -> set[int]:
    return {int(s[1:10]) for s, answer in answers(evaluation).items() if answer == "fired"}


# Ten with shares that rise to 3 of 10; with one more above them the line is at 4.25 of 10.
STEPS = [each for who in range(10) for each in practice(who, who // 3)]


def test_a_line_that_moves_takes_in_whom_the_change_did_not_touch(small):
    ingest([*STEPS, *practice(20, 5)])
    first = evaluate(rules=RULES)
    assert fired(first) == {20}
    (state,) = seen(npi(20))
    others = [each for who in range(30, 34) for each in practice(who, 8)]
    upload = ingest(others)
    later = evaluate(rules=RULES)
    assert fired(later) == set()
    assert told_of(later) == {"withdrawn": 1}
    full_agrees(later)
    withdraw(upload)
    again = evaluate(rules=RULES)
    assert (fired(again), told_of(again)) == ({20}, {"new": 1})
    full_agrees(again)
    assert Flag.objects.filter(subject_id=state.flag.subject_id).count() == 2


def test_only_the_touched_are_read_and_the_rest_is_kept(small, monkeypatch):
    ingest([*STEPS, *practice(20, 5)])
    evaluate(rules=RULES)
    ingest(practice(21, 1))
    read, with_kept = [], kept.with_kept

    def noting(backend, rule, records, **more):
        if rule.compared:
            rows = engine.rows(backend, records.prescriptions.select("prescriber_key").distinct())
            read.extend(row["prescriber_key"] for row in rows)
        return with_kept(backend, rule, records, **more)

    with monkeypatch.context() as then:
        then.setattr(kept, "with_kept", noting)
        last = evaluate(rules=RULES)
    assert read == [npi(21)]
    assert len(answers(last)) == 9
    full_agrees(last)


def test_the_oracle_judges_the_flag_beside_all_peers(small):
    ingest([*STEPS, *practice(20, 5)])
    evaluate(rules=RULES)
    (state,) = seen(npi(20))
    assert (state.severity, state.value, state.unit) == (
        *("low", 1, "prescriptions beyond the line of peers"),
    )
    assert saying.sentence(state) == (
        "5 of 10 controlled prescriptions (50.00 %) in the last 90 days are of a class (ketamine) "
        "that is looked at where a primary care prescriber writes far more of it than peers: at "
        "most 4 are within the line of 42.50 %, 1 beyond it. The line is the upper quartile and 3 "
        "halves of the distance between both, of 11 primary care prescribers in all states whose "
        "quartiles are 5.00 % and 20.00 %."
    )
    said = review.reconsidered(state)
    assert said.agrees
    assert any("Without the last 2 of these 5 prescriptions of the cl" in c for c in said.clears)
    assert any("11, himself among them" in line for line in said.lines)


def test_the_page_of_the_flag_shows_the_line_and_what_is_behind_it(small, people, client, settings):
    settings.DEMO = True  # by password alone
    ingest([*STEPS, *practice(20, 5)])
    evaluate(rules=RULES)
    (state,) = seen(npi(20))
    client.force_login(people["ada"])
    said = words(client.get(state.flag.get_absolute_url()))
    assert saying.sentence(state) in said
    assert "Fires from 1 prescriptions" in said
    assert said.count("ketamine") > 5
    checked = words(client.get(reverse("flag_recomputed", args=[state.flag.public_id])))
    assert "at most 4 are within the line of 17/40" in checked
    assert "Without the last 2 of these 5 prescriptions of the class." in checked


def test_a_part_that_was_altered_is_found(small):
    ingest([*STEPS, *practice(20, 5)])
    last = evaluate(rules=RULES)
    path = answering.folder(last.pk, R28) / "controlled.parquet"
    assert not list(sealed({last.pk}))
    path.write_bytes(path.read_bytes() + b" ")
    assert [each.field for each in sealed({last.pk})] == ["controlled file"]


def test_without_what_was_kept_everybody_is_read_again(small):
    ingest([*STEPS, *practice(20, 5)])
    first = evaluate(rules=RULES)
    (answering.folder(first.pk, R28) / "outside.parquet").unlink()
    ingest(practice(21, 1))
    last = evaluate(rules=RULES)
    assert fired(last) == {20}
    full_agrees(last)


def test_the_window_moves_with_the_as_of_date(small):
    early = DAY - timedelta(40)
    ingest([*STEPS, *practice(20, 5, day=early), *practice(21, 5, day=early, taxonomy=MIND)])
    assert fired(evaluate(rules=RULES)) == {20}
    for day, expected in ((early + timedelta(89), {20}), (early + timedelta(90), set())):
        last = evaluate(rules=RULES, as_of=day)
        assert fired(last) == expected
        full_agrees(last)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incremental_equals_full_while_lines_move_at_random(small, seed):
    chance = random.Random(seed)
    ingest([*STEPS[:60], *people(chance, 20)], kind="prescriptions")
    found, sent = set(), []
    for _ in range(4):
        rows = people(chance, chance.choice((20, 21, 22)))
        if sent and chance.random() < 0.4:
            withdraw(sent.pop())
        if (upload := ingest(rows)).status == "promoted":
            sent.append(upload)
        last = evaluate(rules=RULES, as_of=DAY + timedelta(chance.choice((0, 0, 30, 60, -30))))
        found |= fired(last)
        full_agrees(last)
    assert found


def people(chance: random.Random, who: int) -> list[dict]:
    """Give some prescriptions of one of three prescribers; some replace others of theirs."""
    return [
        rx(
            f"again {number}",
            who,
            chance.choice((KETAMINE, ZOLPIDEM)),
            DAY - timedelta(chance.choice((0, 20, 59, 60, 89, 90))),
            record_status=chance.choice(("new", "revise", "void")),
            patient_id=chance.choice(("shared", f"of {who}")),
            taxonomy=chance.choice((FAMILY,) * 9 + (MIND,)),
        )
        for number in chance.sample(range(12), 8)
    ]


def test_verification_from_an_empty_database_finds_the_same(small, capsys):
    ingest([*STEPS, *practice(20, 5)])
    evaluate(rules=RULES)
    ingest(practice(21, 1))
    evaluate(rules=RULES)
    call_command("verify_flags")
    assert "1 flag" in capsys.readouterr().out
