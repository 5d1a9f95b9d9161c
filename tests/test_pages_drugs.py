"""The pages of drugs nobody knows: listed, mapped by one, agreed to by another, and the flag."""

import re

import pytest
from django.urls import reverse

from audits import drugs, jobs
from audits.models import DrugMapping, Job

from .flag_pages import words
from .paths import ingest, row, seen
from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
NAME = 'Dolorex <b>forte</b> "30"'
FIELDS = {
    "by": "name",
    "ingredient": "oxycodone",
    "strength": "30",
    "strength_unit": "mg",
    "form": "tablet",
    "valid_from": "2024-01-01",
    "valid_to": "",
    "reason": "The clinic's own list says so.",
}


@pytest.fixture
def upload(settings, tmp_path):
    """Records of a drug that nobody knows, in the ledger."""
    settings.LEDGER = tmp_path / "ledger"
    return ingest(
        row(n, drug_name=NAME, filled_date=day)
        for n, day in enumerate(("2025-01-01", "2025-01-31", "2025-03-02"))
    )


@pytest.fixture
def ann():
    return browser_of("administrator", "ann")


@pytest.fixture
def ada():
    return browser_of("compliance officer", "ada")


def proposed(browser, **changes):
    """Send the form of the one description there is."""
    (found,) = drugs.shown()
    return browser.post(reverse("drug_propose", args=[found.key]), FIELDS | changes)


def signed(browser, mapping, **fields):
    return browser.post(reverse("drug_decide", args=[mapping.pk]), {"agree": "yes"} | fields)


def run_jobs() -> None:
    for job in Job.objects.filter(state="queued"):
        assert jobs.run_in_foreground(job).state == Job.State.SUCCEEDED


def test_the_upload_s_count_leads_to_the_list_and_the_list_to_the_drug(upload, ann):
    page = ann.get(upload.get_absolute_url())
    assert re.search(r'<a href="/drugs/unmatched/">3 rows</a>', page.content.decode())
    listed = ann.get("/drugs/unmatched/")
    assert "1 in all" in words(listed)
    assert "2025-01-01 2025-03-02 clinic none" in words(listed)
    assert "Dolorex &lt;b&gt;forte&lt;/b&gt; &quot;30&quot;" in listed.content.decode()
    (address,) = set(re.findall(r'href="(/drugs/unmatched/\w+/)"', listed.content.decode()))
    assert "Nobody has said yet." in words(ann.get(address))


def test_one_proposes_another_agrees_the_rules_run_and_the_flag_says_so(upload, ann, ada):
    answer = proposed(ann)
    mapping = DrugMapping.objects.get()
    assert answer.status_code == 302 and answer.url == f"/drugs/mappings/{mapping.pk}/"
    assert "a compliance officer has to agree" in words(ann.get(answer.url))
    assert "awaiting second person" in words(ann.get("/drugs/unmatched/"))
    assert "I agree; it counts from now on" in words(ada.get(answer.url))
    done = signed(ada, mapping)
    assert done.status_code == 302
    run_jobs()
    (state,) = seen()
    page = ada.get(state.flag.get_absolute_url())
    assert "drug matched by a local mapping" in words(page)
    assert "oxycodone" in page.content.decode()
    mapping.refresh_from_db()
    assert (mapping.status, mapping.decided_by.username) == ("approved", "ada")
    assert "Propose a new version" in words(ann.get(answer.url))
    assert "Propose a new version" not in words(ada.get(answer.url))


def test_what_is_missing_is_said_and_the_draft_is_kept(upload, ann):
    page = proposed(ann, ingredient="", reason="", valid_from="2024-02-03")
    assert page.status_code == 422
    assert "2 fields need correcting" in words(page)
    assert 'value="2024-02-03"' in page.content.decode()
    assert not DrugMapping.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ingredient": "water from the moon"}, "Select a valid choice"),
        ({"form": "solution"}, "choose mg/ml"),
        ({"strength_unit": ""}, "with its unit, or neither"),
        ({"valid_to": "2023-12-31"}, "The last day lies before the first."),
        ({"by": "ndc"}, "Select a valid choice"),
        ({"strength": "much"}, "Enter a number"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(upload, ann, changes, sentence):
    page = proposed(ann, **changes)
    assert page.status_code == 422 and sentence in words(page)
    assert not DrugMapping.objects.exists()


def test_a_second_proposal_for_the_same_is_refused_in_words(upload, ann):
    proposed(ann)
    page = proposed(ann)
    assert page.status_code == 422 and "waits for a decision already" in words(page)


def test_to_disagree_needs_a_reason_and_then_nothing_counts(upload, ann, ada):
    proposed(ann)
    mapping = DrugMapping.objects.get()
    page = signed(ada, mapping, agree="no")
    assert page.status_code == 422 and "Say why you do not agree." in words(page)
    assert signed(ada, mapping, agree="no", reason="Another drug.").status_code == 302
    assert not Job.objects.filter(state="queued").exists()
    shown = words(ada.get(mapping.get_absolute_url()))
    assert "Rejected" in shown and "Another drug." in shown
    page = signed(ada, mapping)
    assert page.status_code == 422


def test_a_new_version_and_a_taking_back_go_the_same_way(upload, ann, ada):
    proposed(ann)
    first = DrugMapping.objects.get()
    signed(ada, first)
    revise = reverse("drug_revise", args=[first.pk])
    assert ann.post(revise, FIELDS | {"reason": ""}).status_code == 422
    assert ann.post(revise, FIELDS | {"strength": "15"}).status_code == 302
    second = DrugMapping.objects.get(supersedes=first)
    signed(ada, second)
    old = words(ada.get(first.get_absolute_url()))
    assert "in force no longer" in old and "oxycodone, 15 mg, tablet" in old
    back = reverse("drug_take_back", args=[second.pk])
    assert ann.post(back, {"reason": "Wrong list."}).status_code == 302
    third = DrugMapping.objects.get(supersedes=second)
    assert f"Mapping {second.pk} for the name" in words(ada.get(third.get_absolute_url()))
    signed(ada, third)
    assert not DrugMapping.objects.in_force().exists()
    assert f"takes back mapping {second.pk}" in words(ada.get("/drugs/mappings/"))


def test_nobody_agrees_with_himself_whatever_he_may(upload, ann):
    user = DrugMapping._meta.get_field("proposed_by").related_model.objects.get(username="ann")
    user.groups.add(user.groups.model.objects.get(name="compliance officer"))
    proposed(ann)
    mapping = DrugMapping.objects.get()
    page = signed(ann, mapping)
    assert page.status_code == 422
    mapping.refresh_from_db()
    assert mapping.status == "proposed"


def test_who_only_reads_sees_the_lists_and_no_forms(upload, ann):
    proposed(ann)
    eve = browser_of("auditor", "eve")
    (found,) = drugs.shown()
    for address in (
        f"/drugs/unmatched/{found.key}/",
        f"/drugs/mappings/{DrugMapping.objects.get().pk}/",
    ):
        page = eve.get(address)
        assert page.status_code == 200
        assert "<textarea" not in page.content.decode()


def test_a_list_too_long_for_a_page_is_made_by_one_job(upload, settings):
    eve, usual = browser_of("auditor", "eve"), settings.WEB_MEMORY
    settings.WEB_MEMORY = "1KB"
    for _ in range(2):
        page = eve.get("/drugs/unmatched/")
        assert page.status_code == 200 and "made in the background" in words(page)
    (job,) = Job.objects.filter(kind="look_up_drugs")
    assert eve.get("/drugs/unmatched/0/").status_code == 404
    settings.WEB_MEMORY = usual
    assert jobs.run_in_foreground(job).state == Job.State.SUCCEEDED
    assert "1 in all" in words(eve.get("/drugs/unmatched/"))
