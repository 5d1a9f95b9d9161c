"""Parameters with dates, from the proposal to the flag, by the real path and all its records."""

import json
from contextlib import suppress
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from audits import evaluation, jobs, review
from audits.exports.flags import FLAG_COLUMNS, exportable, flag_rows
from audits.models import Evaluation, EvidenceChange, Flag, FlagState, Job, ParameterSet
from audits.tables import judged, saying
from audits.verification.sealing import sealed

from .parameter_changes import R01, changed, taken_back, wanted
from .paths import ADA, decide, done, evaluate, ingest, row, seen, told_of, written
from .test_path_evaluation import answers, full_agrees

pytest_plugins = ("tests.parameter_changes",)
pytestmark = pytest.mark.django_db
KINDS = ("altered", "missing", "extra")
R26 = "supervision_missing"
# What the same run is once another value is in force from 1 July on.
BEFORE = ("2025-05-07", "2025-06-30", 120)
AFTER = ("2025-07-01", "2025-07-29", 299)


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def differences(capsys) -> list[tuple[str, str]]:
    """Give what ``verify_flags`` finds from an empty database."""
    capsys.readouterr()
    with suppress(SystemExit):
        call_command("verify_flags", "--json")
    told = json.loads(capsys.readouterr().out)
    return [(kind, each.get("field", "")) for kind in KINDS for each in told[kind]]


def lasting(ends: str, who: str = "A", **cells) -> list[dict]:
    """Give one patient whose one fill lasts from 1 April to ``ends`` at 300 MME a day."""
    first, last = date(2025, 4, 1), date.fromisoformat(ends)
    days = (last - first).days + 1
    asked = {"filled_date": first, "days_supply": days, "quantity": days * 20 // 3}
    return [row(who, patient_id=who, **asked, **cells)]


def told(state: FlagState) -> list[tuple]:
    """Give first and last day of each occurrence, and the threshold it was judged by."""
    return sorted(
        (o["occurred_on"], o["last_on"], judged.value_of(state, o, "threshold_mme"))
        for o in state.occurrences
    )


def test_the_same_dose_on_the_day_before_on_and_after_a_change(people):
    """45 days of 300 MME a day average 150 over 90 days on the last of them, and on none more."""
    begins = {"before": "2025-05-17", "on": "2025-05-18", "after": "2025-05-19"}
    ingest(
        [
            row(who, patient_id=who, filled_date=day, days_supply=45, quantity=300)
            for who, day in begins.items()
        ]
    )
    changed(people, wanted(value=149))
    changed(people, wanted(value=150, valid_from=date(2025, 1, 1), valid_to=date(2025, 6, 30)))
    evaluate()
    assert sorted(told(state)[0] for state in seen()) == [
        ("2025-07-01", "2025-07-01", 149),
        ("2025-07-02", "2025-07-02", 149),
    ]


def test_a_run_over_a_change_is_two_and_each_day_is_judged_by_its_own_value(people, capsys):
    ingest(lasting("2025-07-29"))
    evaluate()
    assert told(seen()[0]) == [("2025-05-07", "2025-07-29", 120)]  # 37 x 300 / 90 > 120
    first = changed(people, wanted(value=299))
    assert told_of(evaluate()) == {"updated": 1}
    (state,) = seen()
    assert told(state) == [BEFORE, AFTER]
    assert differences(capsys) == []
    second = changed(people, wanted(value=300), supersedes=first)
    assert told_of(evaluate()) == {"updated": 1}
    assert told(seen()[0]) == [BEFORE]  # 300 is not above 300
    taken_back(people, second)
    assert told_of(evaluate()) == {"updated": 1}
    assert told(seen()[0]) == [("2025-05-07", "2025-07-29", 120)]
    assert "setting" not in seen()[0].occurrences[0]


def test_a_stricter_value_fires_only_from_its_first_day_on(people):
    """On 30 April the average is 100, above 90 but not above 120."""
    ingest(lasting("2025-04-30"))
    assert told_of(evaluate()) == {}
    changed(people, wanted(value=90, valid_from=date(2025, 5, 1)))
    assert told_of(evaluate()) == {}
    changed(people, wanted(value=90, valid_from=date(2025, 4, 30), valid_to=date(2025, 4, 30)))
    assert told_of(evaluate()) == {"new": 1}
    (state,) = seen()
    assert told(state) == [("2025-04-30", "2025-04-30", 90)]
    assert (state.threshold, saying.lines_of(state)[0].limit) == ("90", "90")


def test_the_flag_names_both_values_their_sources_and_their_people(people):
    ingest(lasting("2025-07-29"))
    change = changed(people, wanted(value=299))
    evaluate()
    (state,) = seen()
    before, after = judged.settings_of(state)
    assert (before.days, before.occurrences) == ("Days on which all is as the rule has it", 1)
    assert (after.days, after.occurrences) == ("Days from 2025-07-01 on", 1)
    card, own = before.values[0], after.values[0]
    assert (card.value, card.unit, card.since) == (120, "MME a day", "as the rule has it")
    assert card.rests_on == "Measure: OIG-560" and card.change is None
    assert (own.value, own.sign, own.since) == (299, ">", "from 2025-07-01 on")
    assert own.rests_on == "Guideline: State board, circular 12 of 2025, page 3"
    assert (own.change, own.change.decided_by.username) == (change, "ada")
    assert judged.line_of(state, state.occurrences[0]).startswith("> ")


def test_the_worst_occurrence_s_own_line_is_told_and_exported(people):
    ingest(lasting("2025-07-29"))
    changed(people, wanted(value=90, valid_from=date(2025, 6, 29)))
    changed(people, wanted(value=250, valid_from=date(2025, 6, 29)), (R01, "severe_mme"))
    evaluate()
    (state,) = seen()
    assert state.occurrences[0]["occurred_on"] == "2025-06-29"
    assert told(state) == [("2025-05-07", "2025-06-28", 120), ("2025-06-29", "2025-07-29", 90)]
    assert [line.limit for line in saying.lines_of(state)] == ["90", "250"]
    (exported,) = flag_rows(exportable())
    by_name = dict(zip((column.name for column in FLAG_COLUMNS), exported, strict=True))
    assert (by_name["threshold"], by_name["value"]) == ("90", "300")


def test_windows_of_another_length_keep_their_figures_exact(people, capsys):
    ingest(lasting("2025-07-29"))
    changed(people, wanted(value=7, valid_from=date(2025, 7, 1)), (R01, "window_days"))
    changed(people, wanted(value=299))
    evaluate()
    (state,) = seen()
    assert told(state) == [BEFORE, AFTER]
    assert state.value_divisor == 630_000
    assert [o["value"] / state.value_divisor for o in state.occurrences] == [300, 300]
    assert saying.exact_of(state) == "300"
    assert review.arithmetic(state)[1]
    assert differences(capsys) == []
    assert answers(state.since, R01)[0][-1] == 300 * 630_000


def test_the_second_program_judges_each_day_by_its_own_value(people):
    ingest(lasting("2025-07-29"))
    changed(people, wanted(value=299))
    evaluate()
    said = review.reconsidered(seen()[0])
    assert said.agrees
    assert {line.split(":")[0] for line in said.lines} == {
        "Days up to 2025-06-30",
        "Days from 2025-07-01 on",
    }
    before, after = said.clears
    assert before.startswith("Days up to 2025-06-30: ")
    assert after.startswith("Days from 2025-07-01 on: ")
    assert before.partition(": ")[2] != after.partition(": ")[2]


def test_a_change_makes_only_its_own_rule_be_asked_again_and_incremental_equals_full(people):
    ingest(lasting("2025-07-29") + lasting("2025-07-10", "B"))
    first = evaluate(rules=[R01, R26])
    changed(people, wanted(value=299))
    second = evaluate(rules=[R01, R26])
    assert first.digests[R26] == second.digests[R26]
    different = {name for name, d in first.digests[R01].items() if d != second.digests[R01][name]}
    assert different == {"parameters"}
    ingest(lasting("2025-07-20", "C"))
    third = evaluate(rules=[R01, R26])
    assert third.digests == second.digests
    assert told_of(third) == {"new": 1}
    full_agrees(third)


def test_a_decision_stands_although_what_it_covered_does_not_fire_any_more(people):
    ingest(lasting("2025-04-30"))
    first = changed(people, wanted(value=90, valid_from=date(2025, 4, 1)))
    evaluate()
    decision = decide(seen()[0])
    before = FlagState.objects.filter(flag=decision.flag).values()
    kept = list(before)
    changed(people, wanted(value=100, valid_from=date(2025, 4, 1)), supersedes=first)
    last = evaluate()
    assert told_of(last) == {} and list(before.all()) == kept
    decision.refresh_from_db()
    assert Flag.objects.get().handling == "decided" and decision.covers == kept[0]["occurrences"]
    change = EvidenceChange.objects.get()
    assert (change.decision, change.since) == (decision, last)
    assert change.missing == [
        [o["definition"], o["occurred_on"], o["digest"]] for o in decision.covers
    ]


def test_what_a_decision_does_not_cover_is_verified_by_its_own_line(people, capsys):
    ingest(lasting("2025-07-29"))
    changed(people, wanted(value=250, valid_from=date(2025, 6, 30)), (R01, "severe_mme"))
    evaluate()
    decide(seen()[0])
    changed(people, wanted(value=299))
    last = evaluate()
    assert told_of(last) == {"recurrent": 1}
    assert differences(capsys) == []


def test_what_was_in_force_is_verified_although_it_changed_since(people, capsys):
    ingest(lasting("2025-07-29"))
    first = changed(people, wanted(value=299))
    evaluate()
    taken_back(people, first)
    assert differences(capsys) == []
    assert evaluate().parameter_set is None
    assert differences(capsys) == []


def test_an_altered_set_of_values_is_found(people, capsys):
    ingest(lasting("2025-07-29"))
    changed(people, wanted(value=299))
    last = evaluate()
    assert list(sealed({last.pk})) == []
    kept = ParameterSet.objects.get()
    entries = json.dumps([{**kept.entries[0], "value": 120}])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audits_parameterset SET entries = %s", [entries])
    assert [(each.kind, each.field) for each in sealed({last.pk})] == [("altered", "parameters")]


def test_an_evaluation_can_be_asked_with_the_values_of_another(people):
    ingest(lasting("2025-07-29"))
    first = changed(people, wanted(value=299))
    kept = evaluate().parameter_set_id
    taken_back(people, first)
    job = done(evaluation.ask([R01], ADA, full=True, parameter_set=kept))
    assert Evaluation.objects.get(job=job.public_id).parameter_set_id == kept
    assert told(seen()[0]) == [BEFORE, AFTER]


def test_an_approval_runs_the_rules(people):
    ingest(lasting("2025-04-30"))
    changed(people, wanted(value=90, valid_from=date(2025, 4, 1)))
    job = Job.objects.get(kind="evaluate")
    assert jobs.run_in_foreground(job).state == Job.State.SUCCEEDED
    assert told(seen()[0]) == [("2025-04-28", "2025-04-30", 90)]


def test_prescriptions_before_on_and_after_a_change_are_held_against_their_own_number(people):
    """Three uncovered prescriptions in all: more than none, and not more than three."""
    days = ("2025-06-30", "2025-07-01", "2025-07-02")
    agreement = {"source_system": "clinic", "source_record_id": "a", "record_status": "new"}
    agreement |= {"supervisee_npi": "1111111112", "supervisor_npi": "1245319599", "state": "FL"}
    ingest(
        written([agreement | {"valid_from": "2024-01-01"}]),
        kind="supervision",
        covers_from=date(2024, 1, 1),
        covers_to=date(2025, 12, 31),
    )
    ingest([row(day, filled_date=day, written_date=day) for day in days])
    evaluate(rules=[R26])
    (state,) = seen()
    assert [o["occurred_on"] for o in sorted(state.occurrences, key=str)] == list(days)
    changed(people, wanted(value=3), (R26, "prescriptions"))
    evaluate(rules=[R26])
    (state,) = seen()
    assert [(o["occurred_on"], o["value"]) for o in state.occurrences] == [("2025-06-30", 3)]
    changed(
        people,
        wanted(value=2, valid_to=date(2025, 6, 30), valid_from=date(2025, 1, 1)),
        (R26, "prescriptions"),
    )
    evaluate(rules=[R26])
    assert [judged.value_of(s, s.occurrences[0], "prescriptions") for s in seen()] == [2]
