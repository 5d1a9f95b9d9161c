"""Deciding a flag: once, by one person, on what he saw."""

import threading

import pytest
from django.db import connections

from audits import review, trail
from audits.models import Decision, Event, Flag, FlagState
from tests.flag_fixtures import actor, evaluate

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
]


def decide(state, by, outcome="education", reason="Called the clinic.", seen=None):
    """Decide as the person would from the page that shows ``seen``, or the state."""
    shown = seen or state.pk
    return review.decide(state.flag, shown, outcome, reason, by, actor(by))


def handling(state) -> str:
    """Return how the flag is handled now."""
    return Flag.objects.get(pk=state.flag_id).handling


def events(state) -> list[tuple[str, str]]:
    """Return what the trail says of the flag: action and person."""
    found = Event.objects.filter(object_type="flag", object_id=state.flag.public_id)
    return list(found.values_list("action", "actor_label"))


def test_a_decision_covers_exactly_the_occurrences_seen_and_leaves_one_event(house):
    ada, state = house.person("ada"), house.middling()
    decision = decide(state, ada)
    assert handling(state) == "decided"
    assert decision.state == state
    assert decision.covers == [
        {n: o[n] for n in ("definition", "occurred_on", "digest", "severity")}
        for o in state.occurrences
    ]
    assert events(state) == [("flag_decided", "ada")]
    assert trail.verify().ok


def test_the_reason_is_sealed_beside_the_trail(house):
    ada, state = house.person("ada"), house.middling()
    decide(state, ada, reason="  Seen the chart.  ")
    event = Event.objects.get(action="flag_decided")
    assert Decision.objects.get().reason == "Seen the chart."
    assert "chart" not in event.after
    assert event.reason


@pytest.mark.parametrize(
    ("outcome", "reason"), [("", "why"), ("maybe", "why"), ("education", ""), ("education", " \n ")]
)
def test_an_outcome_and_a_reason_are_required(house, outcome, reason):
    ada, state = house.person("ada"), house.middling()
    with pytest.raises(review.Incomplete):
        decide(state, ada, outcome, reason)
    assert handling(state) == "open"
    assert events(state) == []


def test_the_second_person_to_decide_is_told_who_did(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.middling()
    decide(state, ada)
    with pytest.raises(review.AlreadyDecided, match="ada has decided this flag: education"):
        decide(state, bo)
    assert Decision.objects.count() == 1
    assert events(state) == [("flag_decided", "ada")]


def test_of_two_people_deciding_at_once_exactly_one_wins(house):
    people, state = [house.person(n) for n in ("ada", "bo", "cy", "di")], house.middling()
    gate, outcomes = threading.Barrier(len(people)), []

    def try_to_decide(by):
        try:
            gate.wait(10)
            outcomes.append(decide(state, by).decided_by.username)
        except review.AlreadyDecided as refusal:
            outcomes.append(refusal)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=try_to_decide, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    winners = [each for each in outcomes if isinstance(each, str)]
    assert len(outcomes) == 4
    assert [d.decided_by.username for d in Decision.objects.all()] == winners
    assert all(winners[0] in str(each) for each in outcomes if each not in winners)
    assert events(state) == [("flag_decided", winners[0])]


def next_state(state, **changes) -> FlagState:
    """Publish another state of the flag, as an evaluation would."""
    evaluation = state.since
    former = FlagState.objects.get(pk=state.pk)
    evaluation.pk, evaluation.unpublished = None, False
    evaluation.save(force_insert=True)
    FlagState.objects.filter(pk=former.pk).update(until=evaluation)
    former.pk, former.since = None, evaluation
    for name, value in changes.items():
        setattr(former, name, value)
    former.save(force_insert=True)
    return former


def test_a_decision_on_what_is_no_longer_shown_is_refused(house):
    ada, state = house.person("ada"), house.middling()
    seen = state.pk
    now = next_state(state, value=state.value + 90_000)
    with pytest.raises(review.StaleView) as refused:
        decide(now, ada, seen=seen)
    assert refused.value.state == now
    assert handling(now) == "open"
    decide(now, ada)
    assert handling(now) == "decided"


def test_an_unpublished_state_is_invisible_and_the_decision_is_on_the_one_seen(house):
    ada, state = house.person("ada"), house.middling()
    hidden = next_state(state, value=1)
    type(hidden.since).objects.filter(pk=hidden.since_id).update(unpublished=True)
    assert review.seen_state(state.flag) == state
    with pytest.raises(review.StaleView):
        decide(hidden, ada)
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("verdict", ["withdrawn", "suppressed"])
def test_what_does_not_fire_is_not_decided(house, verdict):
    ada, state = house.person("ada"), house.middling()
    FlagState.objects.filter(pk=state.pk).update(verdict=verdict)
    with pytest.raises(review.NotUnderReview):
        decide(state, ada)


def test_a_claimed_flag_is_decided_by_its_claimant_alone(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.middling()
    review.claim(state.flag, ada, actor(ada))
    with pytest.raises(review.ClaimedByAnother, match="ada has claimed"):
        decide(state, bo)
    review.release(state.flag, ada, actor(ada))
    decide(state, bo)
    assert [action for action, _ in events(state)] == [
        "flag_claimed",
        "flag_released",
        "flag_decided",
    ]


def test_claiming_twice_is_one_event_and_a_second_claimant_is_named_the_first(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.middling()
    review.claim(state.flag, ada, actor(ada))
    review.claim(state.flag, ada, actor(ada))
    with pytest.raises(review.ClaimedByAnother, match="ada"):
        review.claim(state.flag, bo, actor(bo))
    assert events(state) == [("flag_claimed", "ada")]


def test_releasing_what_nobody_claimed_is_refused(house):
    ada, state = house.person("ada"), house.middling()
    with pytest.raises(review.NotUnderReview):
        review.release(state.flag, ada, actor(ada))


def test_a_decision_survives_the_next_evaluation(house):
    ada, state = house.person("ada"), house.middling()
    decision = decide(state, ada)
    evaluate()
    decision.refresh_from_db()
    assert review.seen_state(state.flag).pk == decision.state_id
    assert state.flag.recurrences.count() == 0
