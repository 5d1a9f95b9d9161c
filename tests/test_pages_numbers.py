"""The pages of local mappings of numbers: from the coverage, by one, agreed to by another."""

import re

import pytest
from django.urls import reverse

from audits.models import Job, NumberMapping

from .flag_pages import words
from .number_mappings import NCPDP, NPI_OF_IT, PERSON, SHOPPING, fills
from .paths import done, evaluate, ingest, row, seen
from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
PAGE = f"/numbers/pharmacies/?key={NPI_OF_IT}"
FIELDS = {
    "means": NCPDP,
    "valid_from": "2024-01-01",
    "valid_to": "",
    "reason": "Asked by <b>telephone</b>.",
}


@pytest.fixture(autouse=True)
def _held(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"
    ingest(fills())


@pytest.fixture
def ann():
    return browser_of("administrator", "ann")


@pytest.fixture
def ada():
    return browser_of("compliance officer", "ada")


def proposed(browser, key=NPI_OF_IT, **changes):
    address = f"/numbers/pharmacies/propose/?key={key}"
    return browser.post(address, FIELDS | changes)


def signed(browser, mapping, **fields):
    return browser.post(reverse("number_decide", args=[mapping.pk]), {"agree": "yes"} | fields)


def test_the_coverage_leads_to_the_number_two_agree_and_the_flag_goes(ann, ada):
    evaluate(rules=[SHOPPING])
    listed = ann.get("/coverage/")
    assert f'href="{PAGE}">{NPI_OF_IT}</a>' in listed.content.decode()
    assert "Nobody has said yet." in words(ann.get(PAGE))
    answer = proposed(ann)
    mapping = NumberMapping.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/numbers/mappings/{mapping.pk}/")
    assert f"the pharmacy {NCPDP} (awaiting second person)" in words(ann.get("/coverage/"))
    assert "1 awaits a second person" in words(ann.get("/coverage/"))
    asked = ada.get(answer.url)
    assert f"the pharmacy's number {NPI_OF_IT} mean the pharmacy {NCPDP}" in words(asked)
    assert "&lt;b&gt;telephone&lt;/b&gt;" in asked.content.decode()
    assert signed(ada, mapping).status_code == 302
    for job in Job.objects.filter(state="queued"):
        done(job)
    assert seen() == []
    assert "records that tell nothing else count the two as one" in words(ada.get(answer.url))
    assert f"Mapping {mapping.pk} : the pharmacy {NCPDP}" in words(ada.get(PAGE))


def test_a_new_version_and_a_taking_back_go_the_same_way(ann, ada):
    proposed(ann)
    first = NumberMapping.objects.get()
    signed(ada, first)
    revise = reverse("number_revise", args=[first.pk])
    assert ann.post(revise, FIELDS | {"means": NPI_OF_IT}).status_code == 422
    assert ann.post(revise, FIELDS | {"means": "0300002"}).status_code == 302
    second = NumberMapping.objects.get(supersedes=first)
    signed(ada, second)
    assert "in force no longer" in words(ada.get(first.get_absolute_url()))
    back = reverse("number_take_back", args=[second.pk])
    assert ann.post(back, {"reason": "Another pharmacy."}).status_code == 302
    third = NumberMapping.objects.get(supersedes=second)
    assert "is to count no longer" in words(ada.get(third.get_absolute_url()))
    signed(ada, third)
    assert not NumberMapping.objects.in_force().exists()
    assert f"takes back mapping {second.pk}" in words(ada.get("/numbers/mappings/"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"means": ""}, "Give the number."),
        ({"means": "12"}, "Give an NCPDP number (7 digits)"),
        ({"means": "1972345670"}, "The check digit of this NPI is wrong."),
        ({"means": NPI_OF_IT}, "A number cannot stand for itself."),
        ({"valid_to": "2023-12-31"}, "The last day lies before the first."),
        ({"reason": ""}, "Give a reason."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(ann, changes, sentence):
    page = proposed(ann, **changes)
    assert page.status_code == 422 and sentence in words(page)
    assert not NumberMapping.objects.exists()


def test_a_mapping_never_leads_on_to_another_nor_from_one(ann, ada):
    proposed(ann, "0300002")
    signed(ada, NumberMapping.objects.get())
    for key, means in ((NPI_OF_IT, "0300002"), (NCPDP, "0300003")):
        page = proposed(ann, key, means=means)
        assert page.status_code == 422
        assert "a mapping never leads on to another" in words(page)


def test_of_two_that_would_make_a_chain_the_second_cannot_be_approved(ann, ada):
    proposed(ann, "0300002", means="0300003")
    proposed(ann, "0300003", means=NCPDP)
    second, first = NumberMapping.objects.all()
    assert signed(ada, first).status_code == 302
    page = signed(ada, second)
    assert page.status_code == 422 and "never leads on to another" in words(page)
    assert NumberMapping.objects.in_force().get() == first


def test_what_the_records_tell_is_never_overridden(ann):
    both = {"pharmacy_ncpdp": "0300005", "pharmacy_npi": NPI_OF_IT, "pharmacy_dea": "FP1234563"}
    ingest([row("both", **both)])
    page = proposed(ann)
    assert page.status_code == 422
    assert "Some records name 0300005 beside this number" in words(page)
    assert proposed(ann, "FP1234563").status_code == 404
    page = proposed(ann, NCPDP, means="FP1234563")
    assert "The records count FP1234563 as 0300005: give that number." in words(page)


def test_for_a_listed_prescriber_nothing_is_proposed_and_it_says_what_helps(ann):
    address = f"/numbers/prescribers/?key={PERSON}"
    assert "<textarea" in ann.get(address).content.decode()
    person = {"source_system": "hr", "source_record_id": PERSON, "npi": PERSON}
    ingest([person | {"prescriber_type": "np"}], kind="practitioners")
    page = ann.get(address)
    assert "<textarea" not in page.content.decode()
    assert "A practitioner on record has this number" in words(page)
    assert 'href="/dictionary/practitioners/"' in page.content.decode()


def test_who_only_reads_sees_the_pages_and_no_forms(ann):
    proposed(ann)
    eve = browser_of("auditor", "eve")
    for address in (PAGE, NumberMapping.objects.get().get_absolute_url()):
        page = eve.get(address)
        assert page.status_code == 200 and "<textarea" not in page.content.decode()
    assert re.search(r'href="/coverage/pharmacies/rows/\?key=\d+"', eve.get(PAGE).content.decode())


def test_with_a_ledger_that_cannot_be_read_nothing_is_done_and_it_is_said(ann, settings):
    for path in settings.LEDGER.rglob("prescriptions/**/*.parquet"):
        path.write_bytes(b"torn")
    page = proposed(ann)
    assert page.status_code == 422 and "cannot be read now" in words(page)
    assert not NumberMapping.objects.exists()
