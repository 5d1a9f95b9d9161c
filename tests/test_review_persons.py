"""Four eyes, conflicts of interest, and stepping back."""

import pytest

from audits import review
from audits.models import Decision, Event, Flag
from tests.flag_fixtures import (
    LONE_NURSE,
    SUPERVISION_ROWS,
    SUPERVISOR,
    actor,
    evaluate,
    ingest,
)

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
]
WHY = "Called the clinic."


def decide(state, by, outcome="education"):
    """Decide on what is shown."""
    return review.decide(state.flag, state.pk, outcome, WHY, by, actor(by))


def sign(decision, by, *, agree=True, reason="Looked at it too."):
    """Give the second person's word."""
    review.sign_off(decision, by, actor(by), agree, reason)


def handling(state) -> str:
    """Return how the flag is handled now."""
    return Flag.objects.get(pk=state.flag_id).handling


@pytest.mark.parametrize(
    ("severity", "outcome", "needed"),
    [
        ("critical", "education", True),
        ("critical", "no_concern", True),
        ("high", "no_concern", True),
        ("high", "education", False),
        ("medium", "no_concern", False),
    ],
)
def test_grave_decisions_need_a_second_person(severity, outcome, needed):
    assert review.needs_second(severity, outcome) is needed


def test_a_critical_flag_is_decided_when_another_person_signs(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.critical()
    decision = decide(state, ada)
    assert handling(state) == "awaiting_second"
    sign(decision, bo)
    decision.refresh_from_db()
    assert (handling(state), decision.seconded_by) == ("decided", bo)
    assert decision.seconded_at is not None
    acts = Event.objects.filter(object_id=state.flag.public_id).values_list("action", flat=True)
    assert list(acts) == ["flag_decided", "flag_signed_off"]


def test_no_concern_on_a_high_flag_waits_and_anything_else_does_not(house):
    ada, state = house.person("ada"), house.severe()
    decide(state, ada, "no_concern")
    assert handling(state) == "awaiting_second"


def test_who_decided_cannot_be_his_own_second(house):
    ada, state = house.person("ada"), house.critical()
    decision = decide(state, ada)
    with pytest.raises(review.NotTheSecond):
        sign(decision, ada)
    assert handling(state) == "awaiting_second"


def test_who_once_claimed_cannot_be_the_second(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.critical()
    review.claim(state.flag, bo, actor(bo))
    review.release(state.flag, bo, actor(bo))
    decision = decide(state, ada)
    with pytest.raises(review.NotTheSecond):
        sign(decision, bo)


def test_who_stepped_back_cannot_be_the_second(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.critical()
    decision = decide(state, ada)
    review.recuse(state.flag, "My cousin.", bo, actor(bo))
    with pytest.raises(review.Recused):
        sign(decision, bo)


def test_nobody_decides_what_awaits_a_second_person(house):
    ada, bo, state = house.person("ada"), house.person("bo"), house.critical()
    decide(state, ada)
    with pytest.raises(review.AlreadyDecided, match="awaits a second person"):
        decide(state, bo)


def test_signing_twice_is_refused_and_changes_nothing(house):
    ada, bo, cy = (house.person(n) for n in ("ada", "bo", "cy"))
    decision = decide(house.critical(), ada)
    sign(decision, bo)
    with pytest.raises(review.AlreadyDecided):
        sign(decision, cy)
    decision.refresh_from_db()
    assert decision.seconded_by == bo


def test_without_agreement_the_flag_is_open_again_and_the_trail_keeps_both_words(house):
    ada, bo, cy, state = *(house.person(n) for n in ("ada", "bo", "cy")), house.critical()
    decision = decide(state, ada)
    with pytest.raises(review.Incomplete):
        sign(decision, bo, agree=False, reason=" ")
    sign(decision, bo, agree=False, reason="The chart says otherwise.")
    assert handling(state) == "open"
    events = Event.objects.filter(object_id=state.flag.public_id)
    assert [(e.action, e.outcome, bool(e.reason)) for e in events] == [
        ("flag_decided", "success", True),
        ("flag_signed_off", "denied", True),
    ]
    again = decide(state, cy)
    with pytest.raises(review.NotTheSecond):
        sign(again, ada)
    sign(again, bo)
    assert handling(state) == "decided"
    assert (Decision.objects.count(), Decision.objects.standing().count()) == (2, 1)


def test_nobody_decides_on_himself(house):
    nurse, state = house.person("nurse", npi=LONE_NURSE), house.critical()
    with pytest.raises(review.Conflicted, match="your own"):
        decide(state, nurse)
    with pytest.raises(review.Conflicted):
        review.claim(state.flag, nurse, actor(nurse))


def test_the_prescriber_behind_a_patient_s_flag_does_not_decide_it(house):
    doctor, state = house.person("doctor", npi=SUPERVISOR), house.middling()
    with pytest.raises(review.Conflicted, match="your own"):
        decide(state, doctor)


def test_neither_supervisor_nor_supervisee_decides(house):
    agreement = SUPERVISION_ROWS[0] | {
        "source_record_id": "agreement-2",
        "supervisee_npi": LONE_NURSE,
        "state": "GA",
    }
    ingest(house.folder, "more.csv", [agreement], "--kind", "supervision")
    evaluate()
    chief, state = house.person("chief", npi=SUPERVISOR), house.critical()
    state.since.snapshot = type(state.since.snapshot).objects.order_by("-number").first()
    state.since.save()
    with pytest.raises(review.Conflicted, match="as supervisor of the prescriber"):
        decide(state, chief)
    nurse, other = house.person("nurse", npi=LONE_NURSE), house.middling()
    other.since.snapshot = state.since.snapshot
    other.since.save()
    with pytest.raises(review.Conflicted, match="prescriber as your supervisor"):
        decide(other, nurse)


def test_a_prescriber_without_ties_decides(house):
    stranger, state = house.person("stranger", npi="1222222228"), house.critical()
    decide(state, stranger)
    assert handling(state) == "awaiting_second"


def test_who_stepped_back_neither_claims_nor_decides_and_his_claim_ends(house):
    ada, state = house.person("ada"), house.middling()
    review.claim(state.flag, ada, actor(ada))
    review.recuse(state.flag, "Went to school together.", ada, actor(ada))
    assert handling(state) == "open"
    for act in (lambda: decide(state, ada), lambda: review.claim(state.flag, ada, actor(ada))):
        with pytest.raises(review.Recused):
            act()
    review.recuse(state.flag, "Again.", ada, actor(ada))
    assert Event.objects.filter(action="flag_recused").count() == 1


def test_stepping_back_needs_a_reason_and_comes_before_the_deed(house):
    ada, state = house.person("ada"), house.critical()
    with pytest.raises(review.Incomplete):
        review.recuse(state.flag, " ", ada, actor(ada))
    decide(state, ada)
    with pytest.raises(review.NotUnderReview):
        review.recuse(state.flag, "Late.", ada, actor(ada))
