"""The page of the calendar: the day it is of, what changes next, and which rules that moves."""

import re
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from django.utils import timezone

from audits.catalogue import CATALOGUE
from audits.models import Evaluation
from audits.reference import calendar, rows
from audits.reference.calendar import all_entries, changes_after
from audits.views.calendar_lines import entries, line, moves, states
from tests.flag_pages import ADMINISTRATOR, AUDITOR, OFFICER, signed_in, words
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
DOSE, SUPERVISION = CATALOGUE["opioid_high_dose_90d"], CATALOGUE["supervision_missing"]
HOME = CATALOGUE["ketamine_unmonitored_home_use"]


def section(text, begins, ends):
    """Give the words of a page from one heading to the next."""
    return text[text.index(begins) : text.index(ends)]


def entry(topic, day=date(2026, 11, 22), place="US"):
    return next(
        e
        for e in all_entries()
        if (e.topic, e.jurisdiction) == (topic, place) and e.valid_from <= day
    )


@pytest.mark.parametrize("role", [OFFICER, AUDITOR, ADMINISTRATOR])
def test_everybody_finds_it_in_the_navigation(house, role):
    browser = signed_in(house, role, "someone")
    assert 'href="/calendar/"' in browser.get("/rules/").content.decode()
    assert browser.get("/calendar/").status_code == 200


def test_without_a_day_it_is_that_of_the_last_evaluation(house):
    last = Evaluation.objects.filter(unpublished=False).order_by("-pk").first()
    said = words(signed_in(house).get("/calendar/"))
    assert f"What changes after {last.as_of}" in said
    assert f"The last evaluation is as of {last.as_of}" in said


def test_before_the_first_evaluation_it_is_today(house):
    Evaluation.objects.update(unpublished=True)
    said = words(signed_in(house).get("/calendar/"))
    assert f"What changes after {timezone.localdate()}" in said


def test_a_change_tells_how_many_days_are_left(house):
    said = words(signed_in(house).get("/calendar/?day=2026-08-30"))
    ahead = section(said, "What changes after 2026-08-30", "In force on 2026-08-30")
    assert re.search(r"2026-09-01 in 2 days Nurse practitioners, WI .+ R26 ", ahead)
    assert re.search(r"2027-01-01 in 124 days Telehealth flexibilities The flex", ahead)
    eve = words(signed_in(house, name="bo").get("/calendar/?day=2026-12-31"))
    assert "2027-01-01 in 1 day Telehealth" in eve


def test_the_cliff_is_in_force_on_its_day_and_the_flexibility_is_over(house):
    browser = signed_in(house)
    before = words(browser.get("/calendar/?day=2026-12-31"))
    after = words(browser.get("/calendar/?day=2027-01-01"))
    flexible = "Temporary telehealth flexibilities, 21 CFR 1307.41"
    assert flexible in section(before, "In force on", "Proposed, not")
    assert flexible in section(after, "No longer in force", "earlier in-person evaluation.")
    assert "No later change is in the tables." in after


def test_a_proposal_is_never_among_what_is_in_force(house):
    said = words(signed_in(house).get("/calendar/?day=2026-11-22"))
    assert "Proposed special registrations" not in section(said, "In force on", "Proposed, not")
    assert "Proposed special registrations" in section(said, "Proposed, not", "Not known for")


def test_what_was_not_verified_is_told_as_not_known(house):
    said = words(signed_in(house).get("/calendar/?day=2022-01-01"))
    unknown = section(said, "Not known for that day", "State by state")
    assert "Exception of the public health emergency" in unknown
    assert "This entry: not verified dates" in unknown
    assert "Exception of the public" not in section(said, "In force on", "Proposed, not")


def test_hydrocodone_is_of_schedule_two_from_its_day(house):
    browser = signed_in(house)
    for day, schedule in (("2014-10-05", "III"), ("2014-10-06", "II")):
        said = words(browser.get(f"/calendar/?day={day}"))
        held = section(said, "In force on", "Proposed, not")
        assert f"Hydrocodone (combination) is in schedule {schedule}." in held


def test_a_state_without_a_row_is_not_configured(house):
    browser = signed_in(house)
    texas = words(browser.get("/calendar/?day=2026-11-22&state=TX"))
    assert "not configured not configured" in texas
    assert "Alabama" not in section(texas, "What each says", "No longer in force")
    florida = words(browser.get("/calendar/?day=2026-11-22&state=FL"))
    assert "No schedule II by telehealth except" in florida and "s. 456.47(2)(c)" not in texas


def test_every_state_has_its_line(house):
    page = signed_in(house).get("/calendar/?day=2026-11-22").content.decode()
    for row in rows("np_authority"):
        assert f"state={row['state']}#states" in page


@pytest.mark.parametrize("asked", ["day=tomorrow", "day=2026-02-30", "state=ZZ"])
def test_what_cannot_be_asked_is_said_and_the_page_stands(house, asked):
    answer = signed_in(house).get(f"/calendar/?{asked}")
    assert answer.status_code == 200
    assert re.search("Give a day as YYYY-MM-DD|Choose a state of the list", words(answer))


def test_rules_are_moved_as_their_cards_say():
    assert line(entry("ketamine_warning")).rules == (HOME,)
    assert SUPERVISION in line(entry("np_authority", place="WI")).rules
    assert line(entry("telehealth_flexibility")).rules == ()
    for rule in CATALOGUE.values():
        of_schedules = [e for e in all_entries() if e.table == "schedules"]
        assert {moves(e, rule) for e in of_schedules} == {"schedules" in rule.references}


def test_looking_up_the_table_of_many_topics_moves_nothing_that_is_not_cited():
    asking = replace(DOSE, references=(*DOSE.references, "legal_calendar", "pdmp_mandates"))
    assert not moves(entry("telehealth_flexibility"), asking)
    assert moves(entry("pdmp_check"), asking)


def test_a_dated_parameter_of_a_card_is_in_the_calendar():
    dated = replace(DOSE.parameters["threshold_mme"], valid_from=date(2027, 7, 1))
    rule = replace(DOSE, parameters=MappingProxyType({**DOSE.parameters, "threshold_mme": dated}))
    (found,) = set(entries([rule])) - set(all_entries())
    told = line(found, [rule])
    assert found.what == "R01, average above which the rule fires: > 120 MME a day"
    assert told.rules == (rule,)
    assert [status for _, status in told.sources] == ["verified on a secondary page"]
    assert changes_after(date(2027, 1, 1), [found])[0].day == date(2027, 7, 1)


def test_every_entry_has_a_title_and_sources():
    assert {e.topic for e in all_entries()} == set(calendar.TITLES)
    for each in all_entries():
        assert line(each).sources


def test_fifty_one_states_are_in_the_order_of_their_names():
    names = [state.name for state in states(date(2026, 11, 22))]
    assert len(names) == 51
    assert names == sorted(names)
