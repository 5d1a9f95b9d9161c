"""Files through the whole path: sent again, in other orders, corrected, voided, taken back."""

import random
import shutil

import pytest

from audits import ingestion, jobs, snapshots
from audits.models import Event, Job, Upload

from .paths import ADA, counts, evaluate, in_force, ingest, row, seen, stage, withdraw, written

pytestmark = pytest.mark.django_db
FILE = [row(n, filled_date=f"2025-0{n}-01") for n in range(1, 6)]


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def test_the_same_file_twice_is_refused_and_changes_nothing():
    first = ingest(FILE)
    again = ingest(FILE)
    assert (again.status, again.repeats, counts(again)) == ("refused", first, {"unchanged": 5})
    assert snapshots.latest().number == 1


def test_a_shuffled_file_is_unchanged_row_by_row():
    first = ingest(FILE)
    shuffled = random.Random(7).sample(FILE, len(FILE))
    assert counts(ingest(shuffled)) == {"unchanged": 5}
    assert {upload for upload, _ in in_force().values()} == {first.pk}


def test_a_superset_adds_only_what_is_new():
    ingest(FILE[:3])
    assert counts(ingest(FILE)) == {"unchanged": 3, "new": 2}
    assert in_force().keys() == {"1", "2", "3", "4", "5"}


def test_a_file_sent_again_after_its_correction_is_stale_and_no_conflict():
    ingest(FILE)
    corrected = [FILE[0] | {"quantity": "90", "record_status": "revise"}]
    fixed = ingest(corrected)
    assert counts(fixed) == {"revised": 1}
    assert counts(ingest([*FILE, row(6)])) == {"stale": 1, "unchanged": 4, "new": 1}
    assert in_force()["1"] == (fixed.pk, 2)


def test_other_content_without_a_status_is_a_conflict_and_the_former_stays():
    first = ingest(FILE)
    assert counts(ingest([FILE[0] | {"quantity": "90"}])) == {"conflict": 1}
    assert in_force()["1"] == (first.pk, 2)


def test_a_void_takes_a_record_out_and_its_withdrawal_puts_it_back():
    first = ingest(FILE)
    void = ingest([FILE[0] | {"record_status": "void"}])
    assert (counts(void), "1" in in_force()) == ({"voided": 1}, False)
    withdraw(void)
    assert in_force()["1"] == (first.pk, 2)


def test_a_withdrawn_file_can_be_sent_again():
    withdraw(ingest(FILE))
    assert in_force() == {}
    again = ingest(FILE)
    assert (again.status, counts(again)) == ("promoted", {"new": 5})


def test_a_bad_row_is_rejected_and_still_counted():
    upload = ingest([*FILE, row(6, patient_id=""), row(7, quantity="many"), row(5)])
    assert counts(upload) == {"new": 5, "rejected": 2, "conflict": 1}


def test_the_day_of_the_newest_record_goes_back_with_the_upload_that_brought_it():
    ingest(FILE)
    future = ingest([row(9, filled_date="2025-11-30")])
    assert snapshots.latest().newest_on.isoformat() == "2025-11-30"
    withdraw(future)
    assert snapshots.latest().newest_on.isoformat() == "2025-05-01"


def test_when_everything_is_withdrawn_the_flags_are_too():
    upload = ingest(FILE)
    evaluate()
    assert seen()
    withdraw(upload)
    evaluate()
    assert not seen()


def test_two_jobs_for_one_promotion_promote_once():
    upload = stage(FILE)
    one, other = (ingestion.ask_for_promotion(upload, ADA, then_evaluate=False) for _ in range(2))
    assert jobs.run_in_foreground(one).state == jobs.run_in_foreground(other).state == "succeeded"
    assert (snapshots.latest().number, len(in_force())) == (1, 5)
    assert counts(Upload.objects.get()) == {"new": 5}


def test_a_second_job_gives_way_to_the_one_at_work():
    upload = stage(FILE)
    one, other = (ingestion.ask_for_promotion(upload, ADA, then_evaluate=False) for _ in range(2))
    Upload.objects.filter(pk=upload.pk).update(status="promoting")
    jobs.lease.take(one.public_id)
    refused = jobs.run_in_foreground(other)
    assert (refused.state, refused.error_code) == ("failed", "busy")
    upload.refresh_from_db()
    assert upload.status == "promoting"


def test_a_promotion_cancelled_before_it_wrote_leaves_the_upload_staged(monkeypatch):
    upload = stage(FILE)
    job = ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)
    with monkeypatch.context() as cancelled:
        cancelled.setattr(jobs.Running, "go_forward_only", _cancelled)
        assert jobs.run(job.public_id).state == "cancelled"
    upload.refresh_from_db()
    assert (upload.status, snapshots.latest()) == ("staged", None)
    other = ingest([row(9)])
    assert other.status == "promoted"


def _cancelled(running):
    Job.objects.filter(pk=running.job.pk).update(state="cancelling")
    raise jobs.Cancelled


def test_a_promotion_killed_between_its_commits_and_the_database_is_finished_once(monkeypatch):
    upload = stage(FILE)
    job = ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)
    with monkeypatch.context() as killed:
        killed.setattr("audits.ingestion.promotion._publish", _killed)
        jobs.run(job.public_id)
    assert Upload.objects.get().status == "promoting"
    assert snapshots.latest() is None
    assert jobs.run_in_foreground(Job.objects.get(pk=job.pk)).state == "succeeded"
    assert (len(in_force()), counts(Upload.objects.get())) == (5, {"new": 5})


def _killed(*_):
    raise jobs.Released


def test_the_lost_rows_of_a_restored_backup_never_come_back_under_a_number_used_again():
    ingest(FILE[:2])
    lost = ingest(FILE[2:])
    number = lost.pk
    lost.snapshots.first().holdings_begun.all().delete()
    lost.snapshots.all().delete()
    lost.sources.clear()
    lost.delete()
    again = stage([row(77)])
    again = _renumbered(again, number)
    jobs.run_in_foreground(ingestion.ask_for_promotion(again, ADA, then_evaluate=False))
    assert in_force().keys() == {"1", "2", "77"}
    assert Event.objects.filter(action="ledger_restored").count() == 1


def _renumbered(upload: Upload, number: int) -> Upload:
    """Give ``upload`` the number of a lost one, as a database restored from a backup would."""
    folder = ingestion.folder_of(upload)
    shutil.rmtree(folder.with_name(str(number)))
    Upload.objects.filter(pk=upload.pk).update(id=number)
    folder.rename(folder.with_name(str(number)))
    return Upload.objects.get(pk=number)


def test_a_withdrawal_under_way_is_not_mistaken_for_a_promotion():
    upload = ingest(FILE)
    Upload.objects.filter(pk=upload.pk).update(status="promoting", withdrawal_asked_by="ada")
    upload.refresh_from_db()
    with pytest.raises(jobs.Refused, match="being withdrawn"):
        ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)


def test_bytes_are_kept_once_under_their_digest(settings):
    content = written(FILE)
    one = ingest(content)
    kept = settings.LEDGER / "originals" / one.sha256[:2] / one.sha256[2:4] / one.sha256
    ingest(content)
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o777 == 0o400
