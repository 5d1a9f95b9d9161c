"""The pages of parameters over time: proposed by one, agreed to by another, and the flag."""

import re
from datetime import date

import pytest
from django.urls import reverse

from audits import jobs
from audits.models import Job, ParameterChange, User

from .flag_pages import words
from .paths import decide, evaluate, ingest, row, seen
from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
RULE = "opioid_high_dose_90d"
PAGE = f"/rules/{RULE}/parameters/"
FIELDS = {
    "parameter": "threshold_mme",
    "value": "299",
    "valid_from": "2025-07-01",
    "valid_to": "",
    "basis": "guideline",
    "source": "State board <b>12</b> of 2025",
    "reason": "The board asks for it.",
}


@pytest.fixture
def run(settings, tmp_path):
    """A patient at 300 MME a day from April to July, and his flag."""
    settings.LEDGER = tmp_path / "ledger"
    ingest([row(1, filled_date=date(2025, 4, 1), days_supply=120, quantity=800)])
    evaluate()


@pytest.fixture
def ann():
    return browser_of("administrator", "ann")


@pytest.fixture
def ada():
    return browser_of("compliance officer", "ada")


def proposed(browser, **changes):
    return browser.post(reverse("parameter_propose", args=[RULE]), FIELDS | changes)


def signed(browser, change, **fields):
    return browser.post(reverse("parameter_decide", args=[change.pk]), {"agree": "yes"} | fields)


def run_jobs() -> None:
    for job in Job.objects.filter(state="queued"):
        assert jobs.run_in_foreground(job).state == Job.State.SUCCEEDED


def test_one_proposes_another_agrees_the_rules_run_and_the_flag_names_both_values(run, ann, ada):
    rule = ann.get(f"/rules/{RULE}/")
    assert f'href="{PAGE}">Values over time, and propose another</a>' in rule.content.decode()
    answer = proposed(ann)
    change = ParameterChange.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/parameters/{change.pk}/")
    assert "a compliance officer has to agree" in words(ann.get(answer.url))
    assert f"Change {change.pk} of threshold_mme waits" in words(ada.get(PAGE))
    asked = words(ada.get(answer.url))
    assert "1 undecided flag of this rule may change" in asked
    assert "> 299 MME a day from 2025-07-01 on, in place of > 120" in asked
    assert signed(ada, change).status_code == 302
    run_jobs()
    (state,) = seen()
    page = ada.get(state.flag.get_absolute_url() + "?recompute")
    shown = words(page)
    assert "Days from 2025-07-01 on: 1 occurrence" in shown
    assert "Days on which all is as the rule has it: 1 occurrence" in shown
    assert "> 299 MME a day from 2025-07-01 on Guideline: State board <b>12</b> of 2025" in shown
    assert "proposed by ann, approved by ada" in shown
    assert "Judged by > 299 MME a day, in force from 2025-07-01 on" in shown
    assert "Judged by > 120 MME a day, as the rule has it" in shown
    assert "fires > 299" in shown and "fires > 120" in shown
    assert "Recomputed independently: agrees." in shown
    assert "&lt;b&gt;12&lt;/b&gt;" in page.content.decode()


def test_the_rule_s_page_tells_values_with_their_days_and_what_is_a_house_default(run, ann, ada):
    proposed(ann)
    signed(ada, ParameterChange.objects.get())
    shown = words(browser_of("auditor", "eve").get(f"/rules/{RULE}/"))
    assert "> 120 MME a day on all other days Average above which the rule fires" in shown
    assert "> 299 MME a day from 2025-07-01 on The board asks for it." in shown
    assert "A house default: no authority stands behind this number" in shown
    assert "> 200 MME a day on all days" in shown


def test_the_sql_for_auditors_is_that_of_both_values(run, ann, ada):
    proposed(ann)
    signed(ada, ParameterChange.objects.get())
    before = ann.get(f"/rules/{RULE}/rule.sql").content.decode()
    run_jobs()
    after = ann.get(f"/rules/{RULE}/rule.sql").content.decode()
    former, new = str(120 * 90 * 1000), str(299 * 90 * 1000)
    assert (former in before, new in before) == (True, False)
    assert former in after and new in after


def test_what_is_missing_is_said_and_the_draft_is_kept(ann):
    page = proposed(ann, value="", source="", reason="", valid_from="2024-02-03")
    assert page.status_code == 422
    assert "3 fields need correcting" in words(page)
    assert 'value="2024-02-03"' in page.content.decode()
    assert not ParameterChange.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": "0"}, "Give a whole number from 1 to 100,000 MME a day."),
        ({"value": "1.5"}, "Give a whole number, in digits alone."),
        ({"value": "9" * 30}, "Give a whole number from 1 to 100,000 MME a day."),
        ({"parameter": "window_days", "value": "4000"}, "from 1 to 3,650 days"),
        ({"parameter": "height"}, "Select a valid choice"),
        ({"basis": "hearsay"}, "Select a valid choice"),
        ({"valid_to": "2025-06-30"}, "The last day lies before the first."),
        ({"valid_from": "0001-01-01"}, "before 1900-01-01"),
        ({"valid_from": "soon"}, "Enter a valid date"),
        ({"source": "  "}, "Name the source."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(ann, changes, sentence):
    page = proposed(ann, **changes)
    assert page.status_code == 422 and sentence in words(page)
    assert not ParameterChange.objects.exists()


def test_a_second_proposal_and_one_for_days_that_are_taken_are_refused_in_words(ann, ada):
    proposed(ann)
    page = proposed(ann)
    assert page.status_code == 422 and "waits for a decision already" in words(page)
    signed(ada, ParameterChange.objects.get())
    page = proposed(ann, valid_from="2026-01-01")
    assert page.status_code == 422 and "in force for some of these days" in words(page)


def test_to_disagree_needs_a_reason_and_the_second_word_is_refused(ann, ada):
    proposed(ann)
    change = ParameterChange.objects.get()
    page = signed(ada, change, agree="no")
    assert page.status_code == 422 and "Say why you do not agree." in words(page)
    assert signed(ada, change, agree="no", reason="Too low.").status_code == 302
    late = signed(browser_of("compliance officer", "bea"), change)
    assert late.status_code == 422 and "Rejected" in words(late)
    assert "Too low." in words(ada.get(change.get_absolute_url()))
    change.refresh_from_db()
    assert (change.status, change.decided_by.username) == ("rejected", "ada")


def test_a_new_version_and_a_taking_back_go_the_same_way(ann, ada):
    proposed(ann)
    first = ParameterChange.objects.get()
    signed(ada, first)
    revise = reverse("parameter_revise", args=[first.pk])
    assert ann.post(revise, FIELDS | {"value": "0"}).status_code == 422
    assert ann.post(revise, FIELDS | {"value": "250"}).status_code == 302
    second = ParameterChange.objects.get(supersedes=first)
    signed(ada, second)
    assert "in force no longer" in words(ada.get(first.get_absolute_url()))
    back = reverse("parameter_take_back", args=[second.pk])
    assert ann.post(back, {"reason": "Another state."}).status_code == 302
    third = ParameterChange.objects.get(supersedes=second)
    said = words(ada.get(third.get_absolute_url()))
    assert f"Change {second.pk} , which said 250 MME a day, is to count no longer." in said
    signed(ada, third)
    assert not ParameterChange.objects.in_force().exists()
    assert f"takes back change {second.pk}" in words(ada.get(PAGE))


def test_nobody_agrees_with_himself_whatever_he_may(ann):
    user = User.objects.get(username="ann")
    user.groups.add(user.groups.model.objects.get(name="compliance officer"))
    proposed(ann)
    assert signed(ann, ParameterChange.objects.get()).status_code == 422
    assert ParameterChange.objects.get().status == "proposed"


def test_who_only_reads_sees_the_values_and_no_forms(ann):
    proposed(ann)
    eve = browser_of("auditor", "eve")
    for address in (PAGE, ParameterChange.objects.get().get_absolute_url()):
        page = eve.get(address)
        assert page.status_code == 200 and "<textarea" not in page.content.decode()


def test_a_decision_says_that_the_values_were_changed_since(run, ann, ada):
    decide(seen()[0])

    proposed(ann, value="10000", valid_from="2025-01-01")
    signed(ada, ParameterChange.objects.get())
    run_jobs()
    (address,) = set(
        re.findall(r"/flags/\w{32}/", ada.get("/flags/?status=decided").content.decode())
    )
    shown = words(ada.get(address))
    assert "The evidence has changed since this decision." in shown
    assert "the values that this rule judges by were changed" in shown
