"""The queue and the page of a flag: who sees them, and that their figures are the database's."""

import csv
import io
import re
from contextlib import closing
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from audits.models import Evaluation, Event, Flag, FlagState, User
from tests.flag_fixtures import LONE_NURSE, MANY, SUPERVISION
from tests.flag_pages import (
    ADMINISTRATOR,
    AUDITOR,
    OFFICER,
    decide,
    post,
    shown_flags,
    signed_in,
    words,
)
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo"),
]


@pytest.mark.parametrize(
    ("role", "seeing", "acting"),
    [(OFFICER, 200, 302), (AUDITOR, 200, 403), (ADMINISTRATOR, 403, 403)],
)
def test_each_role_gets_its_status_code(house, role, seeing, acting):
    client, state = signed_in(house, role), house.middling()
    number = state.flag.public_id
    for name, arguments in (("flags", []), ("flag", [number]), ("flag_recomputed", [number])):
        assert client.get(reverse(name, args=arguments)).status_code == seeing, name
    with closing(client.post(reverse("flag_export"))) as export:
        assert export.status_code == seeing
    assert post(client, state, "claim").status_code == acting
    assert post(client, state, "release").status_code == acting
    assert decide(client, state).status_code == acting
    for act in ("recuse", "sign_off"):
        expected = 403 if acting == 403 else 422
        assert post(client, state, act).status_code == expected, act


def test_a_stranger_is_sent_to_sign_in(house):
    answer = Client().get(reverse("flags"))
    assert answer.status_code == 302
    assert "flags" in answer["Location"]


def test_an_unknown_flag_and_an_unpublished_one_are_not_found(house):
    client, state = signed_in(house), house.middling()
    assert client.get(reverse("flag", args=["0" * 32])).status_code == 404
    Evaluation.objects.filter(pk=state.since_id).update(unpublished=True)
    assert client.get(state.flag.get_absolute_url()).status_code == 404
    assert decide(client, state).status_code == 404


def test_the_queue_shows_what_waits_the_most_pressing_first(house):
    answer = signed_in(house).get(reverse("flags"))
    seen = FlagState.objects.seen().filter(verdict="fired").order_by("-priority", "-pk")
    assert shown_flags(answer) == [state.flag.public_id for state in seen]
    assert "4 in all" in words(answer)
    assert "averaged 270 MME a day over the 90 days up to 2025-03-31" in words(answer)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("status=any", 5),
        ("status=suppressed", 1),
        ("status=decided", 0),
        ("rule=supervision_missing", 2),
        ("severity=high", 2),
        (f"prescriber={LONE_NURSE}", 1),
        ("prescriber=1245319599", 2),
        ("state=fl", 2),
        ("date_from=2025-04-01", 1),
        ("date_to=2025-01-15", 2),
        ("severity=high&state=AZ", 1),
    ],
)
def test_filters_are_in_the_address_and_narrow_the_list(house, query, count):
    answer = signed_in(house).get(f"{reverse('flags')}?{query}")
    assert len(shown_flags(answer)) == count
    assert f"{count} in all" in words(answer)


@pytest.mark.parametrize("field", ["priority", "severity", "first_on", "last_on"])
def test_the_queue_is_sorted_both_ways(house, field):
    client = signed_in(house)
    up = shown_flags(client.get(f"{reverse('flags')}?sort={field}"))
    down = shown_flags(client.get(f"{reverse('flags')}?sort=-{field}"))
    column = "gravity" if field == "severity" else field
    values = dict(FlagState.objects.seen().values_list("flag__public_id", column))
    assert [values[flag] for flag in up] == sorted(values[flag] for flag in up)
    assert [values[flag] for flag in down] == sorted((values[f] for f in up), reverse=True)


def test_a_chip_takes_its_filter_away(house):
    answer = signed_in(house).get(f"{reverse('flags')}?severity=high&state=FL")
    chips = re.findall(r'class="chip" href="([^"]+)">([^<]+)<', answer.content.decode())
    assert [text for _, text in chips] == ["Severity: High", "Status: Undecided", "State: FL"]
    without = signed_in(house).get(reverse("flags") + unescape(chips[0][0]))
    assert len(shown_flags(without)) == 2


def test_the_fragment_is_the_list_of_the_page_with_the_count(house):
    client = signed_in(house)
    headers = {"HX-Request": "true", "HX-Target": "list"}
    part = client.get(f"{reverse('flags')}?state=FL", headers=headers)
    whole = client.get(f"{reverse('flags')}?state=FL")
    assert shown_flags(part) == shown_flags(whole)
    assert b"<html" not in part.content
    assert "2 in all" in words(part)
    assert "HX-Request" in part["Vary"]


def test_the_list_makes_as_many_queries_for_many_flags_as_for_few(
    house, django_assert_max_num_queries
):
    client = signed_in(house)
    with django_assert_max_num_queries(40) as few:
        client.get(reverse("flags") + "?severity=critical")
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("flags"))


def test_the_four_emptinesses_are_told_apart(house):
    client, address = signed_in(house), reverse("flags")
    nothing = client.get(f"{address}?severity=low&state=FL")
    assert "No flag matches these filters" in words(nothing)
    assert "Without “Severity: Low” : 2 flags" in words(nothing)
    Flag.objects.update(handling="decided")
    assert "Nothing waits for a decision" in words(client.get(address))
    for model in (FlagState, Flag, Evaluation):
        model.objects.all().delete()
    assert "Not computed yet" in words(client.get(address))
    assert "this is not an all-clear" in words(client.get(address))
    denied = signed_in(house, ADMINISTRATOR, "root").get(address)
    assert "Not yours to see" in words(denied)


def test_an_empty_ledger_says_that_nothing_is_there_yet(db):
    officer = User.objects.create(username="first")
    officer.groups.add(Group.objects.get(name=OFFICER))
    client = Client()
    client.force_login(officer)
    assert "the ledger holds none" in words(client.get(reverse("flags")))


def test_the_export_is_the_filtered_list_and_has_an_event(house):
    client = signed_in(house, AUDITOR, "eve")
    with closing(client.post(reverse("flag_export") + "?state=FL")) as answer:
        header, *rows = csv.reader(io.StringIO(answer.getvalue().decode()))
    assert header[0] == "flag"
    assert {row[1] for row in rows} == {SUPERVISION}
    assert len(rows) == 2
    assert Event.objects.get(action="export_made").actor_label == "eve"


def test_the_page_adds_up_and_lists_the_very_records(house):
    state = house.severe()
    text = words(signed_in(house).get(state.flag.get_absolute_url()))
    assert "averaged 270 MME a day over the 90 days up to 2025-03-31 ; the rule fires above" in text
    assert text.count("270 30 8,100") == text.count("upload 1 , row") == state.records == 3
    assert "24,300 MME / 90 days = 270 MME a day; fires > 120" in text
    assert "270 > 120: yes 150 beyond" in text
    assert "270 > 200: yes 70 beyond" in text
    assert "A house default: no authority stands behind this number" in text
    assert "HHS-OIG OEI-02-17-00560" in text
    assert "hospice enrolment (no column carries it)".capitalize() in text
    assert "clinic severe-0" in text


def test_a_long_evidence_is_paged_and_the_count_is_the_flag_s(house):
    state, client = house.state(SUPERVISION, severity="high"), signed_in(house)
    first = client.get(state.flag.get_absolute_url())
    second = client.get(state.flag.get_absolute_url() + "?evidence=2")
    rows = [len(re.findall(r"clinic many\d+-\d", words(page))) for page in (first, second)]
    assert rows == [200, 5]
    assert f"The records: {MANY}" in words(first)


def test_the_oracle_s_word_and_what_would_clear_it_are_shown(house):
    state = house.middling()
    address = reverse("flag_recomputed", args=[state.flag.public_id])
    text = words(signed_in(house).get(address))
    assert "Recomputed independently: agrees." in text
    assert "Prescription clinic middling-0 with at most 60 units instead of 90." in text
    page = signed_in(house).get(state.flag.get_absolute_url() + "?recompute")
    assert "Recomputed independently: agrees." in words(page)


def test_the_holding_relied_on_is_named(house):
    text = words(signed_in(house).get(house.critical().flag.get_absolute_url()))
    assert "Supervision held for 2024-01-01 to 2026-12-31, all states, by upload 2" in text


def test_looking_twice_in_an_hour_is_one_event(house):
    client, state = signed_in(house), house.middling()
    client.get(state.flag.get_absolute_url())
    client.get(state.flag.get_absolute_url())
    signed_in(house, AUDITOR, "eve").get(state.flag.get_absolute_url())
    viewed = Event.objects.filter(action="flag_viewed", object_id=state.flag.public_id)
    assert [event.actor_label for event in viewed] == ["ada", "eve"]
