"""The pages of peers: who sees them, what they show, and what an officer objects."""

import re
from fractions import Fraction
from html import unescape

import pytest
from django.urls import reverse

from audits.models import Evaluation, Event, PeerDispute
from audits.tables.peers import rounded
from tests.flag_pages import ADMINISTRATOR, AUDITOR, OFFICER, signed_in, words
from tests.peer_fixtures import ARIZONANS, DENTAL, NOBODY, OUTLIER, SELDOM, UNKNOWN, npi
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.peer_fixtures",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
ROLE = "general_np"


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(0), 1, "0"),
        (Fraction(5, 4), 1, "1.3"),
        (Fraction(-5, 4), 1, "-1.3"),
        (Fraction(-1, 100), 1, "0"),
        (Fraction(2999, 1000), 1, "3"),
        (Fraction(12345678, 10), 1, "1,234,567.8"),
        (Fraction(31, 500), 2, "0.06"),
        (Fraction(5, 2), 0, "3"),
    ],
)
def test_figures_are_rounded_half_away_from_zero_and_without_idle_zeros(value, places, text):
    assert rounded(value, places) == text


def prescriber_page(client, who=OUTLIER):
    return client.get(reverse("prescriber", args=[npi(who)]))


def group_page(client, state="FL", role=ROLE, query=""):
    return client.get(reverse("peer_group", args=[role, state]) + query)


def dispute(client, who=OUTLIER, act="peer_dispute", prefix="dispute", **given):
    fields = {"group": f"{ROLE}|FL", "reason": "A pain clinic.", **given}
    posted = {f"{prefix}-{name}": value for name, value in fields.items()}
    return client.post(reverse(act, args=[npi(who)]), posted)


@pytest.mark.parametrize(("role", "status"), [(OFFICER, 200), (AUDITOR, 200), (ADMINISTRATOR, 403)])
def test_each_role_gets_its_status_code(practices, role, status):
    client = signed_in(practices, role)
    assert group_page(client).status_code == status
    assert prescriber_page(client).status_code == status
    assert dispute(client).status_code == {OFFICER: 302}.get(role, 403)
    assert PeerDispute.objects.count() == (role == OFFICER)


def test_a_prescriber_s_page_shows_value_median_quartiles_fences_z_and_percentile(practices):
    text = words(prescriber_page(signed_in(practices)))
    assert "90 days: 2026-01-01 to 2026-03-31" in text
    assert (
        "General NP, FL . Compared with all 31 of role group general NP who practise in FL and "
        "wrote at least 20 controlled prescriptions in these days, this prescriber among them."
    ) in text
    assert (
        "Opioids for pain over controlled prescriptions 100 % 40 of 40 Above the outer fence "
        "25 % 20 % to 30 % 45 % 60 % 10.1 98.4 "
    ) in text
    assert (
        "Controlled prescriptions over the window 40 Above all the others 20 20 to 20 "
        "not defined not defined 98.4 "
    ) in text
    assert "house defaults, not law" in text
    assert "Nobody has objected to it." in text


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (
            ARIZONANS[0],
            "Compared with all 35 of role group general NP in every state who wrote at least 20 "
            "controlled prescriptions in these days, this prescriber among them: only 4 in AZ, "
            "fewer than 30.",
        ),
        (
            DENTAL[0],
            "No comparison: of role group dental, 3 in FL and 3 in all states wrote at least 20 "
            "controlled prescriptions in these days, and 30 are needed. Neither rank nor "
            "percentile is given for fewer.",
        ),
        (SELDOM, "No comparison: 19 controlled prescriptions in these days, and 20 are needed."),
        (NOBODY, "No comparison: 0 controlled prescriptions in these days, and 20 are needed."),
        (UNKNOWN, "No comparison: no specialty on record puts this prescriber in a role group."),
    ],
)
def test_who_is_compared_and_who_is_not_is_said_in_words(practices, who, sentence):
    text = words(prescriber_page(signed_in(practices), who))
    assert sentence in text
    if sentence.startswith("No comparison"):
        assert "Quartiles" not in text
        assert "Percentile" not in text.split("How to read")[0]


@pytest.mark.parametrize("who", [OUTLIER, 0, 1])
def test_every_count_leads_to_that_many_rows(practices, who):
    client = signed_in(practices)
    page = prescriber_page(client, who).content.decode().split('id="peers"')[1]
    address = reverse("prescriber_rows", args=[npi(who)])
    shares = rf'<a href="{address}\?([^"]+)">[\d.]+ %</a><br><span class="quiet">(\d+) of \d+'
    totals = rf'over the window</span></th><td class="number"><a href="{address}\?([^"]+)">(\d+)<'
    found = re.findall(shares, page) + re.findall(totals, page)[::2]
    assert len(found) == 6
    for query, count in found:
        answer = client.get(f"{address}?{unescape(query)}").content.decode()
        assert re.search(r'role="status">(\d+) in all', answer)[1] == count, query


def test_the_group_s_page_lists_its_members_and_those_below_the_minimum(practices):
    answer = group_page(signed_in(practices))
    text = words(answer)
    assert "Peer group: General NP, FL 31 members" in text
    assert "2 more wrote fewer and are in none of the figures." in text
    assert "The group as a whole: 29.7 % ." in text
    assert "95 % 1 1.55 31 x 0.05" in text
    assert "99.8 % 1 0.06 31 x 0.002" in text
    assert "Drawn: 31; left out, for fewer than 20 controlled prescriptions: 2 ." in text
    assert f"{npi(OUTLIER)} 40 40 100 % " in text
    assert "above 99.8 %" in text
    assert "Members from which a peer group is compared at all 30 prescribers House default" in text
    assert text.count("House default") == 7
    below = text.split("Below the minimum")[1]
    assert f"{npi(SELDOM)} 19" in below
    assert f"{npi(NOBODY)} 0" in below
    members = text.split("Members with their values")[1].split("Below the minimum")[0]
    assert npi(SELDOM) not in members


def test_the_funnel_draws_what_its_table_says(practices):
    answer = group_page(signed_in(practices)).content.decode()
    assert answer.count('role="img" aria-label="Funnel plot: Opioids for pain, 31 prescribers') == 2
    wide = answer.split('class="for-wide"')[1].split("</div>")[0]
    marks = re.search(r'<g class="mark-symbol role-mark [^>]*>(.*?)</g>', wide)[1]
    # Four kinds of members: 4, 5 or 6 of 20, and 40 of 40.
    assert marks.count("<path") == 4
    assert marks.count('fill="var(--series-1)"') == 1
    assert marks.count('fill="var(--series-3)"') == 3
    assert answer.split('id="drawn"')[1].split("</details>")[0].count('<th scope="row"') == 31
    assert "style=" not in answer.split("<main")[1]


def test_a_small_group_has_members_and_nothing_drawn(practices):
    text = words(group_page(signed_in(practices), "all", "dental"))
    assert "No comparison. The group has 3 members, and 30 are needed." in text
    assert "Funnel plot" not in group_page(signed_in(practices), "all", "dental").content.decode()
    assert "Quartiles" not in text
    assert npi(DENTAL[0]) in text


def test_the_window_and_the_share_are_in_the_address(practices):
    client = signed_in(practices)
    text = words(group_page(client, "all", query="?days=365&of=schedule_ii_share"))
    assert "from 2025-04-01 to 2026-03-31 , the 365 days" in text
    assert "Schedule II: who differs by more than chance" in text
    assert "Peer group: General NP, all states 35 members" in text
    for wrong in ("?days=91", "?of=pharmacies", "?days="):
        assert group_page(client, query=wrong).status_code == 404


def test_a_group_of_nobody_is_not_found_and_one_not_computed_says_so(practices):
    client = signed_in(practices)
    assert group_page(client, "WY").status_code == 404
    assert group_page(client, "FL", "<b>").status_code == 404
    assert "<b>" not in group_page(client, "FL", "<b>").content.decode().split("<main")[1]
    Evaluation.objects.update(unpublished=True)
    assert "Not computed yet" in words(group_page(client))
    assert dispute(client).status_code == 422


def test_looking_at_a_group_is_noted_once(practices):
    client = signed_in(practices)
    group_page(client)
    group_page(client)
    viewed = Event.objects.filter(action="record_viewed", object_type="peer_group")
    assert [event.object_id for event in viewed] == [f"{ROLE}|FL"]


def test_an_objection_stands_beside_the_numbers_until_it_is_taken_back(practices):
    client = signed_in(practices)
    before = words(prescriber_page(client)).split("Compared with all")[1].split("Does the peer")[0]
    assert dispute(client).status_code == 302
    text = words(prescriber_page(client))
    assert "The peer group is disputed." in text
    assert "Disputed : General NP, FL, by ada on" in text
    assert "A pain clinic." in text
    assert text.split("Compared with all")[1].split("Does the peer")[0] == before
    assert "of 1 member it is disputed" in words(group_page(client))
    assert "of 1 member it is disputed" not in words(group_page(client, "all"))
    reader = prescriber_page(signed_in(practices, AUDITOR, "eve"))
    assert "The peer group is disputed." in words(reader)
    assert "Take an objection back" not in words(reader)
    back = {"act": "peer_dispute_take_back", "prefix": "back", "reason": "It was corrected."}
    assert dispute(client, **back).status_code == 302
    text = words(prescriber_page(client))
    assert "The peer group is disputed." not in text
    assert "Taken back : General NP, FL" in text
    assert dispute(client, **back).status_code == 422


def test_an_objection_without_a_reason_or_to_another_group_is_not_recorded(practices):
    client = signed_in(practices)
    answer = dispute(client, reason=" ")
    assert answer.status_code == 422
    assert "Give a reason." in words(answer)
    assert dispute(client, group="dental|").status_code == 422
    assert not PeerDispute.objects.exists()


def test_where_there_is_no_comparison_the_role_group_can_be_disputed_all_the_same(practices):
    client = signed_in(practices)
    assert dispute(client, DENTAL[0], group="dental|FL").status_code == 302
    assert "The peer group is disputed." in words(prescriber_page(client, DENTAL[0]))
    assert dispute(client, UNKNOWN, group="dental|FL").status_code == 422


def test_nobody_objects_for_himself(practices):
    client = signed_in(practices, name="cy", npi=npi(OUTLIER))
    answer = dispute(client)
    assert answer.status_code == 409
    assert "This comparison is about your own prescriptions." in words(answer)
    assert "A pain clinic." in answer.content.decode()
