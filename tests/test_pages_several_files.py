"""Files that belong together in the browser: one form, one receipt, pages that lead to each other.

No script takes part: the chooser is a plain file field that takes several.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audits import jobs
from audits.models import Event, Job, Upload

from .people import browser_of, demo  # noqa: F401
from .prescription_files import prescriptions
from .synthea_files import export, refreshed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def send(browser, files: dict[str, bytes], **fields):
    chosen = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return browser.post("/uploads/new/", {"file": chosen, **fields})


def work_off() -> list[str]:
    """Do every waiting job, as a worker would; give their kinds."""
    kinds = []
    while job := Job.objects.filter(state="queued").order_by("queued_at", "pk").first():
        assert jobs.run_in_foreground(job).state == "succeeded"
        kinds.append(job.kind)
    return kinds


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_chooser_takes_several_files_and_says_which():
    page = text_of(browser_of("administrator").get("/uploads/new/"))
    field = page[page.index('<input type="file"') :].split(">", 1)[0]
    assert "multiple" in field and 'name="file"' in field and "accept=" in field
    assert "Synthea CSV export (medications, encounters, providers, patients)" in page


def test_four_files_become_one_receipt_whose_pages_lead_to_each_other():
    browser = browser_of("administrator", "ann")
    answer = send(browser, export())
    orders, visits = Upload.objects.order_by("pk")
    assert answer.url == f"/uploads/{orders.pk}/"
    assert Event.objects.filter(action="upload_received", actor_label="ann").count() == 2
    waiting = text_of(browser.get(f"/uploads/{visits.pk}/"))
    assert 'hx-trigger="every 1s"' in waiting
    work_off()
    for one, other in ((orders, visits), (visits, orders)):
        page = text_of(browser.get(f"/uploads/{one.pk}/"))
        assert f'<a href="/uploads/{other.pk}/">upload {other.pk}</a>' in page
        assert "Ready to promote" in page and "What came with it goes with it" in page
        for file in one.files:
            assert file["sha256"] in page and file["name"] in page


@pytest.mark.parametrize("which", [0, 1])
def test_one_button_promotes_both_and_the_rules_run_once(which):
    browser = browser_of("administrator")
    send(browser, export())
    work_off()
    uploads = list(Upload.objects.order_by("pk"))
    page = browser.post(f"/uploads/{uploads[which].pk}/promote/", follow=True)
    assert "Promotion asked for" in text_of(page)
    again = browser.post(f"/uploads/{uploads[1 - which].pk}/promote/", follow=True)
    assert "working on this upload already" in text_of(again)
    assert work_off() == ["promote", "promote", "evaluate"]
    assert [u.status for u in refreshed(uploads)] == ["promoted", "promoted"]
    assert "SYNTHETIC DATA" in text_of(browser.get("/"))


def test_one_button_discards_both():
    browser = browser_of("administrator")
    send(browser, export())
    work_off()
    uploads = list(Upload.objects.order_by("pk"))
    page = browser.post(f"/uploads/{uploads[1].pk}/discard/", follow=True)
    assert "Discarded" in text_of(page)
    assert [u.status for u in refreshed(uploads)] == ["discarded", "discarded"]


def test_both_are_withdrawn_by_two_people():
    first, second = browser_of("administrator", "ann"), browser_of("administrator", "bea")
    send(first, export())
    work_off()
    orders, visits = Upload.objects.order_by("pk")
    first.post(f"/uploads/{orders.pk}/promote/")
    work_off()
    first.post(f"/uploads/{visits.pk}/withdraw/", {"reason": "It is the wrong export."})
    assert "asks to withdraw" in text_of(second.get(f"/uploads/{orders.pk}/"))
    second.post(f"/uploads/{orders.pk}/withdraw/confirm/")
    assert work_off() == ["withdraw", "withdraw", "evaluate"]
    assert [u.status for u in refreshed([orders, visits])] == ["withdrawn", "withdrawn"]


def test_a_missing_file_is_said_on_the_page_of_the_refused_upload():
    browser = browser_of("administrator")
    files = export()
    del files["encounters.csv"]
    address = send(browser, files).url
    work_off()
    page = text_of(browser.get(address))
    assert "There is no file of encounters beside" in page
    assert "providers.csv" in page


@pytest.mark.parametrize("preset", ["auto", "canonical", ""])
def test_files_that_do_not_belong_together_are_not_taken(preset):
    files = {"one.csv": prescriptions(1), "two.csv": prescriptions(2)}
    answer = send(browser_of("administrator"), files, preset=preset)
    assert answer.status_code == 422
    assert "Upload each by itself" in text_of(answer)
    assert not Upload.objects.exists()


def test_the_limit_is_of_all_files_together(settings):
    settings.UPLOAD_LIMIT = 100_000
    browser = browser_of("administrator")
    answer = send(browser, {"a.csv": b"x" * 60_000, "b.csv": b"x" * 60_000})
    assert answer.status_code == 413
    assert not Upload.objects.exists()


def test_an_empty_file_among_several_and_none_at_all_are_faults_of_the_form():
    browser = browser_of("administrator")
    for files in ({"a.csv": b"a,b\n", "b.csv": b""}, {}):
        answer = send(browser, files, preset="auto")
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])
