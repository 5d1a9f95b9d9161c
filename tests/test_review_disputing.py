"""Objecting to a peer group: one entry, one event, nothing else; and taking it back."""

import pytest

from audits import review, trail
from audits.models import Evaluation, Event, FlagState, PeerDispute, SealedText
from tests.dossier_fixtures import DOCTOR, NURSE
from tests.flag_fixtures import actor

pytest_plugins = ("tests.dossier_fixtures",)
pytestmark = [pytest.mark.django_db]
GROUP = ("pain", "FL")
WHY = "A pain clinic, on record as primary care."


def dispute(by, act=review.dispute_peers, reason=WHY, group=GROUP, whom=DOCTOR):
    return act(whom, group, reason, seen=Evaluation.objects.latest("pk"), by=by, actor=actor(by))


def test_an_objection_is_one_entry_with_its_event_and_changes_nothing_else(clinic):
    ada = clinic.person("ada")
    before = list(FlagState.objects.values_list("pk", "state_digest", "until"))
    entry = dispute(ada)
    assert list(PeerDispute.objects.standing()) == [entry]
    event = Event.objects.latest("seq")
    assert (event.action, event.object_type, event.object_id) == (
        "peer_group_disputed", "prescriber", DOCTOR,
    )  # fmt: skip
    assert f'"dispute":{entry.pk}' in event.after
    assert SealedText.objects.get(seq=event.seq).text == WHY
    assert WHY not in event.after
    assert list(FlagState.objects.values_list("pk", "state_digest", "until")) == before
    assert trail.verify().ok


def test_it_is_taken_back_by_another_entry_and_both_stay(clinic):
    ada, bo = clinic.person("ada"), clinic.person("bo")
    dispute(ada)
    dispute(bo)
    dispute(ada, group=("pain", ""))
    back = dispute(bo, review.withdraw_dispute, "The taxonomy was corrected.")
    assert back.stance == "withdrawn"
    assert [entry.state for entry in PeerDispute.objects.standing()] == [""]
    assert PeerDispute.objects.count() == 4
    assert Event.objects.latest("seq").action == "peer_dispute_withdrawn"
    again = dispute(ada)
    assert again in PeerDispute.objects.standing()


def test_what_nobody_disputes_cannot_be_taken_back(clinic):
    ada = clinic.person("ada")
    dispute(ada, group=("pain", ""))
    with pytest.raises(review.NotUnderReview, match="Nobody disputes"):
        dispute(ada, review.withdraw_dispute)
    assert PeerDispute.objects.count() == 1


@pytest.mark.parametrize("act", [review.dispute_peers, review.withdraw_dispute])
def test_without_a_reason_nothing_is_written(clinic, act):
    with pytest.raises(review.Incomplete):
        dispute(clinic.person("ada"), act, " ")
    assert not PeerDispute.objects.exists()
    assert not Event.objects.filter(action__startswith="peer_").exists()


@pytest.mark.parametrize(
    ("npi", "whom", "words"),
    [
        (DOCTOR, DOCTOR, "your own prescriptions"),
        (DOCTOR, NURSE, "as supervisor"),
        (NURSE, DOCTOR, "as your supervisor"),
    ],
)
def test_nobody_speaks_for_himself_or_for_those_bound_to_him(clinic, npi, whom, words):
    person = clinic.person("cy", npi=npi)
    with pytest.raises(review.Conflicted, match=words):
        dispute(person, whom=whom)
    assert not PeerDispute.objects.exists()


def test_where_agreements_cannot_be_read_a_prescriber_may_not_object(clinic):
    for part in (clinic.folder / "ledger" / "tables" / "supervision").rglob("*.parquet"):
        part.unlink()
    cy = clinic.person("cy", npi="1444444440")
    with pytest.raises(review.Conflicted, match="cannot be looked up"):
        dispute(cy)
