"""What a person does on a flag's page: decide, sign, claim, step back; and what he is told."""

import pytest
from django.urls import reverse

from audits import review
from audits.models import Decision, FlagState
from tests.flag_fixtures import actor
from tests.flag_pages import AUDITOR, OFFICER, decide, post, signed_in, words
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo"),
]


def test_a_decision_is_made_and_shown(house):
    client, state = signed_in(house), house.middling()
    assert decide(client, state)["Location"] == state.flag.get_absolute_url()
    text = words(client.get(state.flag.get_absolute_url()))
    assert "Decided." in text
    assert "Education , by ada" in text
    assert Decision.objects.get().reason == "Called the clinic."


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"outcome": ""}, "Choose an outcome."), ({"reason": " "}, "Give a reason.")],
)
def test_an_incomplete_decision_comes_back_with_its_draft(house, fields, said):
    client, state = signed_in(house), house.middling()
    answer = decide(client, state, **{"reason": "My long draft", **fields})
    assert answer.status_code == 422
    assert words(answer).count(said) == 2  # above, where the page opens, and in the form
    assert ("My long draft" in answer.content.decode()) is ("reason" not in fields)
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("act", ["claim", "release", "decide", "sign_off", "recuse"])
def test_the_address_that_a_form_leaves_behind_leads_to_the_flag(house, act):
    state = house.middling()
    address = reverse(f"flag_{act}", args=[state.flag.public_id])
    assert signed_in(house).get(address)["Location"] == state.flag.get_absolute_url()


def test_who_comes_second_gets_409_with_the_winner_s_name_and_keeps_his_draft(house):
    state, bo = house.middling(), house.person("bo")
    client = signed_in(house)
    review.decide(state.flag, state.pk, "explained", "Charted.", bo, actor(bo))
    answer = decide(client, state)
    assert answer.status_code == 409
    assert "bo has decided this flag: explained and documented." in words(answer)
    assert Decision.objects.count() == 1


def test_what_waits_for_a_second_person_is_on_the_first_page(house):
    ada, bo = signed_in(house), signed_in(house, name="bo")
    assert "second person" not in words(bo.get(reverse("home")))
    decide(ada, house.critical())
    assert "1 flag waits for a second person to sign." in words(bo.get(reverse("home")))
    told = words(ada.get(reverse("home")))
    assert (
        "1 flag waits for a second person to sign (1 decided by you: another officer has to)."
        in told
    )
    assert "second person to sign" not in words(
        signed_in(house, AUDITOR, "eve").get(reverse("home"))
    )


def test_a_stale_page_gets_409_and_shows_what_changed(house):
    state, client = house.middling(), signed_in(house)
    evaluation, seen = state.since, state.pk
    evaluation.pk, evaluation.unpublished = None, False
    evaluation.save(force_insert=True)
    FlagState.objects.filter(pk=seen).update(until=evaluation)
    state.pk, state.since, state.value = None, evaluation, 12_600_000
    state.save(force_insert=True)
    answer = decide(client, state, state=seen, reason="Draft kept.")
    assert answer.status_code == 409
    text = words(answer)
    assert "The flag changed while you were reading it." in text
    assert "The figure was 135, it is 140 MME a day." in text
    assert "Draft kept." in answer.content.decode()
    assert f'name="state" value="{state.pk}"' in answer.content.decode()


def test_the_form_stands_there_disabled_with_the_reason(house):
    state = house.middling()
    for client, said in (
        (signed_in(house, AUDITOR, "eve"), "Auditors read."),
        (signed_in(house, OFFICER, "doc", npi="1245319599"), "about your own prescriptions"),
    ):
        answer = client.get(state.flag.get_absolute_url())
        assert said in words(answer)
        assert '<fieldset disabled aria-describedby="obstacle">' in answer.content.decode()


def test_a_critical_decision_is_signed_by_another_person_on_the_page(house):
    state, ada, bo = house.critical(), signed_in(house), signed_in(house, OFFICER, "bo")
    decide(ada, state)
    own = ada.get(state.flag.get_absolute_url())
    assert "You worked on this flag; the second person must be somebody else." in words(own)
    own_try = post(ada, state, "sign_off", **{"second-agree": "yes"})
    assert own_try.status_code == 409
    signed = post(bo, state, "sign_off", **{"second-agree": "yes", "second-reason": ""})
    assert signed.status_code == 302
    assert "Signed by bo" in words(bo.get(state.flag.get_absolute_url()))


def test_claim_release_and_stepping_back_are_buttons(house):
    state, ada, bo = house.middling(), signed_in(house), signed_in(house, OFFICER, "bo")
    post(ada, state, "claim")
    assert "ada has claimed this flag. Release it first." in words(
        bo.get(state.flag.get_absolute_url())
    )
    assert post(bo, state, "release").status_code == 302
    post(ada, state, "recuse", **{"recuse-reason": "A relative."})
    assert "You have stepped back from this flag." in words(ada.get(state.flag.get_absolute_url()))
