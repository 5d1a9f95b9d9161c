"""Uploads in the browser: the form, the preview, the buttons, the rows behind the counts."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audits import ingestion, jobs
from audits.ingestion.listing import disarmed
from audits.models import Event, Job, Source, Upload

from .people import browser_of, demo, person  # noqa: F401
from .prescription_files import checked, prescriptions, promoted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
NO_PATIENT = {"patient_id": {2: ""}, "filled_date": {2: "31/02/2026", 3: "soon"}}


def send(browser, data: bytes, name: str = "clinic.csv", **fields):
    return browser.post("/uploads/new/", {"file": SimpleUploadedFile(name, data), **fields})


def text_of(answer) -> str:
    """Return what a page says, its spaces folded."""
    return " ".join(answer.content.decode().split())


def test_a_file_is_kept_and_a_job_made_and_the_trail_says_who():
    browser = browser_of("administrator", "ann")
    answer = send(browser, prescriptions(3), covers_states="fl, tx", expect_rows="3")
    upload = Upload.objects.get()
    assert answer.url == f"/uploads/{upload.pk}/"
    assert (upload.status, upload.covers_states, upload.expect_rows) == ("received", "FL;TX", 3)
    assert ingestion.folders.original_of(upload).read_bytes() == prescriptions(3)
    assert Job.objects.get().kind == "check"
    assert Event.objects.filter(action="upload_received", actor_label="ann").count() == 1


def test_an_empty_file_is_kept_refused_by_name_and_told_in_the_trail():
    browser = browser_of("administrator", "ann")
    answer = send(browser, b"", "nothing.csv")
    jobs.run_in_foreground(Job.objects.get())
    upload = Upload.objects.get()
    assert (upload.status, upload.size) == ("refused", 0)
    assert ingestion.folders.original_of(upload).read_bytes() == b""
    page = text_of(browser.get(answer.url))
    assert "nothing.csv" in page and "empty" in page
    assert Event.objects.filter(action="upload_refused").count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"covers_from": "2026-01-01"}, "covers_to"),
        ({"covers_from": "2026-02-01", "covers_to": "2026-01-01"}, "covers_to"),
        ({"covers_states": "Florida"}, "covers_states"),
        ({"source": "a b"}, "source"),
        ({"kind": "secrets"}, "kind"),
        ({"expect_rows": "-1"}, "expect_rows"),
    ],
)
def test_a_form_with_a_fault_is_shown_again_and_nothing_is_kept(fields, wrong):
    answer = send(browser_of("administrator"), prescriptions(1), **fields)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [wrong]
    assert not Upload.objects.exists()


def test_a_file_beyond_the_limit_is_cut_off_whatever_its_sender_says(settings):
    settings.UPLOAD_LIMIT = 100_000
    answer = send(browser_of("administrator"), b"x" * 200_000)
    assert answer.status_code == 413
    assert "The file is too large" in text_of(answer)
    assert not Upload.objects.exists()
    assert send(browser_of("administrator", "bea"), b"x" * 99_000).status_code == 302


@pytest.mark.parametrize("role", ["compliance officer", "auditor"])
def test_nobody_else_s_file_is_taken(role):
    answer = send(browser_of(role), prescriptions(1))
    assert answer.status_code == 403
    assert not Upload.objects.exists()


def test_a_hostile_name_is_shown_and_harms_nothing():
    browser = browser_of("administrator")
    answer = send(browser, prescriptions(1), '<script>alert("x")</script>\u202egnp.csv')
    page = text_of(browser.get(answer.url))
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_a_waiting_upload_shows_its_progress_and_asks_again_each_second():
    browser = browser_of("administrator")
    address = send(browser, prescriptions(1)).url
    page = text_of(browser.get(address))
    assert 'hx-trigger="every 1s"' in page and "It waits for a worker" in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    poll = {"HX-Request": "true", "HX-Target": "progress"}
    part = browser.get(address, headers=poll)
    assert b"<html" not in part.content and b'id="progress"' in part.content
    jobs.run_in_foreground(Job.objects.get())
    assert browser.get(address, headers=poll).headers["HX-Refresh"] == "true"
    assert "every 1s" not in text_of(browser.get(address))


def test_the_preview_adds_up_and_every_count_leads_to_its_rows():
    upload = checked(prescriptions(9, **NO_PATIENT))
    browser = browser_of("administrator")
    page = browser.get(f"/uploads/{upload.pk}/")
    counts = {name: count for name, count, _ in page.context["counts"]}
    assert (counts["new"], counts["rejected"], sum(counts.values())) == (7, 2, upload.read)
    for name, count in counts.items():
        if count:
            assert f'href="/uploads/{upload.pk}/rows/{name}/"' in text_of(page)
    new = browser.get(f"/uploads/{upload.pk}/rows/new/")
    assert [row.record["row"] for row in new.context["table"].rows] == [2, 5, 6, 7, 8, 9, 10]
    rejected = browser.get(f"/uploads/{upload.pk}/rows/rejected/", follow=True)
    assert {row.record["row"] for row in rejected.context["table"].rows} == {3, 4}


def test_what_is_wrong_is_said_in_words_with_what_to_do():
    upload = checked(prescriptions(9, **NO_PATIENT))
    page = text_of(browser_of("administrator").get(f"/uploads/{upload.pk}/"))
    assert "The row has no patient." in page
    assert "Write the day as YYYY-MM-DD" in page
    assert f"/uploads/{upload.pk}/rejected/?code=not_a_date&amp;column=filled_date" in page


def test_rejected_rows_are_listed_by_reason_and_without_their_values():
    upload = checked(prescriptions(9, **NO_PATIENT))
    browser = browser_of("auditor")
    page = browser.get(f"/uploads/{upload.pk}/rejected/?code=not_a_date&column=filled_date")
    assert [row.record["row"] for row in page.context["table"].rows] == [3, 4]
    assert "31/02" not in text_of(page) and "soon" not in text_of(page)
    assert browser.get(f"/uploads/{upload.pk}/rejected/?code=nonsense").status_code == 404


def test_long_lists_are_turned_page_by_page_and_show_every_row_once(monkeypatch):
    monkeypatch.setattr("audits.views.upload_rows.PAGE", 4)
    upload = checked(prescriptions(23))
    browser, address, seen = browser_of("administrator"), f"/uploads/{upload.pk}/rows/new/", []
    after = 0
    while after is not None:
        page = browser.get(address, {"after": after})
        seen += [row.record["row"] for row in page.context["table"].rows]
        after = page.context["next"]
    assert seen == list(range(2, 25))


def test_rejected_rows_come_back_as_they_stood_with_row_and_reason_and_disarmed():
    data = prescriptions(9, **NO_PATIENT, drug_name={2: "=HYPERLINK(1)", 3: "-5"})
    upload = checked(data)
    browser = browser_of("administrator", "ann")
    answer = browser.post(f"/uploads/{upload.pk}/rejected.csv")
    body = b"".join(answer.streaming_content).decode()
    header, second, third = csv.reader(io.StringIO(body))
    original = list(csv.reader(io.StringIO(data.decode())))
    assert header == [*original[0], "row", "reason"]
    place = original[0].index("drug_name")
    assert (second[place], third[place]) == ("'=HYPERLINK(1)", "-5")
    assert second[:place] == original[2][:place]
    assert (second[-2], third[-2]) == ("3", "4")
    assert "The row has no patient." in second[-1]
    assert Event.objects.filter(action="rejects_downloaded", actor_label="ann").count() == 1


@pytest.mark.parametrize(
    "cell", ["=1", "+x", "-x", "@x", "\tx", "\rx", "\uff1d1", " =1", "\ufeff=1"]
)
def test_what_a_spreadsheet_would_run_is_disarmed(cell):
    assert disarmed(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "x", "-5", "+5.25", "2026-01-02", "a=b"])
def test_other_cells_stay_as_they_are(cell):
    assert disarmed(cell) == cell


def test_rejected_rows_of_a_file_in_another_encoding_and_with_blank_lines_are_found():
    lines = prescriptions(3, patient_id={3: ""}).decode().splitlines()
    data = ("\r\n\r\n" + "\r\n".join([*lines[:2], "", *lines[2:]])).encode("utf-16")
    upload = checked(data)
    assert upload.rejected == 1, upload.refusal
    answer = browser_of("administrator").post(f"/uploads/{upload.pk}/rejected.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 2
    number = int(rows[1][-2])
    assert rows[1][1] == "3"
    assert ingestion.listing.problems(
        upload, "rejected", column=None, code=None, after=0, limit=5
    ) == [{"row": number, "column": "patient_id", "code": "no_patient"}]


@pytest.mark.parametrize(
    ("rows", "changes", "said"),
    [(0, {}, "The file has no rows."), (1, {"ndc11": {1: "x" * 40}}, "Every row was rejected.")],
)
def test_a_file_of_which_nothing_can_be_held_says_so_above(rows, changes, said):
    upload = checked(prescriptions(rows, **changes))
    page = text_of(browser_of("administrator").get(f"/uploads/{upload.pk}/"))
    assert (upload.rejected, said in page) == (rows, True)
    assert 'btn btn-primary">Promote' not in page


def test_a_staged_upload_is_promoted_by_a_button():
    upload = checked(prescriptions(3))
    browser = browser_of("administrator")
    page = browser.post(f"/uploads/{upload.pk}/promote/", follow=True)
    assert "Promotion asked for" in text_of(page)
    again = browser.post(f"/uploads/{upload.pk}/promote/", follow=True)
    assert "working on this upload already" in text_of(again)
    jobs.run_in_foreground(Job.objects.get(kind="promote"))
    upload.refresh_from_db()
    assert upload.status == "promoted"
    assert "ledger version 1" in text_of(browser.get("/"))


def test_a_staged_upload_is_discarded_once():
    upload = checked(prescriptions(3))
    browser = browser_of("administrator")
    assert "Discarded" in text_of(browser.post(f"/uploads/{upload.pk}/discard/", follow=True))
    again = browser.post(f"/uploads/{upload.pk}/discard/", follow=True)
    assert "is discarded" in text_of(again)


def test_a_withdrawal_takes_a_reason_and_two_people():
    upload = promoted(checked(prescriptions(3)))
    first, second = browser_of("administrator", "ann"), browser_of("administrator", "bea")
    address = f"/uploads/{upload.pk}/withdraw/"
    assert first.post(address, {"reason": "no"}).status_code == 422
    reason = "It was read by the wrong preset."
    assert "Another administrator" in text_of(first.post(address, {"reason": reason}, follow=True))
    refused = first.post(address + "confirm/", follow=True)
    assert "A second person must confirm" in text_of(refused)
    assert reason in text_of(second.get(f"/uploads/{upload.pk}/"))
    assert "Confirm the withdrawal" not in text_of(first.get(f"/uploads/{upload.pk}/"))
    second.post(address + "confirm/")
    jobs.run_in_foreground(Job.objects.get(kind="withdraw"))
    upload.refresh_from_db()
    assert upload.status == "withdrawn"


def test_a_job_is_cancelled_and_started_again_from_the_page():
    browser = browser_of("administrator")
    address = send(browser, prescriptions(1)).url
    job = Job.objects.get()
    assert browser.post(f"/jobs/{job.public_id}/cancel/").url == address
    assert "was cancelled" in text_of(browser.get(address))
    browser.post(f"/jobs/{job.public_id}/retry/")
    job.refresh_from_db()
    assert job.state == "queued"
    again = browser.post(f"/jobs/{job.public_id}/retry/", follow=True)
    assert "Only a job that failed" in text_of(again)


def test_the_same_file_again_is_refused_and_leads_to_the_first():
    first = checked(prescriptions(3))
    second = checked(prescriptions(3))
    page = text_of(browser_of("administrator").get(f"/uploads/{second.pk}/"))
    assert "This is the same file" in page
    assert f'href="/uploads/{first.pk}/"' in page


def test_the_ribbon_is_worn_while_a_synthetic_source_is_in_the_ledger():
    upload = promoted(checked(prescriptions(3)))
    browser = browser_of("auditor")
    assert "SYNTHETIC DATA" not in text_of(browser.get("/"))
    Source.objects.update(synthetic=True)
    assert "No person or prescription in it is real." in text_of(browser.get("/"))
    other = Source.objects.create(name="other", patient_domain="other", synthetic=False)
    assert "No person or prescription in it is real." in text_of(browser.get("/"))
    upload.sources.add(other)
    beside = text_of(browser.get("/"))
    assert "beside those of sources that are not marked as made up" in beside
    assert "No person or prescription in it is real." not in beside
    Upload.objects.filter(pk=upload.pk).update(status="withdrawn")
    assert "SYNTHETIC DATA" not in text_of(browser.get("/"))


def test_an_auditor_sees_an_upload_and_no_button_to_change_it():
    upload = checked(prescriptions(3))
    page = text_of(browser_of("auditor").get(f"/uploads/{upload.pk}/"))
    assert "Ready to promote" in page
    assert "Promote into the ledger" not in page and "Discard" not in page
