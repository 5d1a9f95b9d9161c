"""From the first Delta commit a promotion only goes forward, and says what keeps it."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.db.models.functions import Now

from audits import ingestion, jobs
from audits.jobs import lease, timing
from audits.models import Event, Job, Upload

from .deaths import PRESCRIPTIONS, killed, refusal, rows_in_ledger
from .instance import Instance, new
from .paths import ADA, in_force, ingest, row, stage
from .people import browser_of, demo  # noqa: F401
from .test_pages_uploads import text_of


def blocked(installation: Instance, transaction: str) -> Path:
    """Let the disk be full where the lines of ``transaction`` go; return the path that is."""
    path = installation.ledger / "tables" / "superseded" / f"{transaction}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/dev/full")
    return path


def let_time_pass(installation: Instance, minutes: int) -> None:
    """Have the failures and leases of the past been that much longer ago."""
    with sqlite3.connect(installation.database) as database:
        database.execute(
            f"UPDATE audits_job SET finished_at = datetime(finished_at, '-{minutes} minutes')"
        )


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Instance:
    made = new(tmp_path_factory.mktemp("forward"))
    made.file("a.csv", [row(1), row(2), row(3)])
    made.file("b.csv", [row(n) for n in range(10, 15)])
    return made


@pytest.fixture
def installation(empty, tmp_path) -> Instance:
    return Instance(shutil.copytree(empty.folder, tmp_path / "installation"))


def worked(installation: Instance) -> str:
    """Return what a worker says that did all there was to do."""
    return installation.run("worker", "--once").stdout.splitlines()[-1]


def told(installation: Instance) -> str:
    return installation.ask("sweep")["held_up"]


def test_a_full_disk_after_the_first_commit_is_told_to_all_and_ends_by_itself(installation):
    full = blocked(installation, "upload-1")
    files = installation.folder
    done = installation.run("ingest", files / "a.csv", *PRESCRIPTIONS)
    assert refusal(done).startswith("There is no space left on the disk.")
    other = refusal(installation.run("ingest", files / "b.csv", *PRESCRIPTIONS))
    assert other.startswith("Upload 1 comes first")
    assert "There is no space left on the disk." in other
    assert "tried again by itself at" in other
    assert "manage.py sweep --now, then manage.py worker --once" in other
    assert told(installation) == other.strip()
    let_time_pass(installation, 1)
    assert worked(installation) == "jobs done: 1 failed"  # still full
    assert "tried 2 times" in told(installation)
    full.unlink()
    assert worked(installation) == "jobs done: none"  # the pause is not over
    swept = installation.ask("sweep", "--now")
    assert (swept["resumed"], swept["held_up"]) == (1, "")
    assert worked(installation) == "jobs done: 1 succeeded"
    installation.ask("ingest", files / "b.csv", *PRESCRIPTIONS)
    assert rows_in_ledger(installation) == 8


def test_a_promotion_killed_again_and_again_is_finished_all_the_same(installation):
    a = installation.folder / "a.csv"
    killed(installation, "audits.ingestion.promotion._publish", a, times=3)
    held_up = told(installation)
    assert "Its worker stopped again and again" in held_up
    assert "tried 3 times, it is tried again by itself at" in held_up
    let_time_pass(installation, 3)
    assert worked(installation) == "jobs done: 1 succeeded"
    assert rows_in_ledger(installation) == 3


def test_a_promotion_whose_worker_died_before_it_wrote_gives_the_turn_back(installation):
    a = installation.folder / "a.csv"
    killed(installation, "audits.ingestion.promotion.compared", a, times=3)
    installation.run("sweep")
    assert installation.rows("SELECT status FROM audits_upload WHERE id = 1") == [("staged",)]
    assert told(installation) == ""
    installation.ask("ingest", installation.folder / "b.csv", *PRESCRIPTIONS)
    assert rows_in_ledger(installation) == 5


def test_a_withdrawal_goes_forward_too(installation):
    for name in ("a.csv", "b.csv"):
        installation.ask("ingest", installation.folder / name, *PRESCRIPTIONS)
    path = blocked(installation, "withdraw-1")
    for name in ("ann", "bea"):
        installation.run("create_administrator", name)
    words = ("withdraw", "1", "--reason", "wrong file", "--as", "ann", "--second", "bea")
    assert "no space left" in refusal(installation.run(*words))
    assert told(installation).startswith("Upload 1 comes first")
    path.unlink()
    let_time_pass(installation, 1)
    assert worked(installation) == "jobs done: 2 succeeded"  # the evaluation after it too
    assert installation.rows("SELECT status FROM audits_upload WHERE id = 1") == [("withdrawn",)]


@pytest.fixture
def faulty(db, monkeypatch):
    """Return an upload whose promotion meets the same fault each time, and the way to mend it."""
    monkeypatch.setattr("audits.ingestion.promotion.merkle_root", _fault)
    upload = stage([row(1)])
    job = jobs.run(ingestion.ask_for_promotion(upload, ADA, then_evaluate=False).public_id)
    assert (job.state, job.error_code, job.cancellable) == ("failed", "unexpected", False)
    return upload, job, monkeypatch.undo


def _fault(*_):
    raise KeyError("a fault of the program")


def ago(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk).update(finished_at=Now() - timedelta(seconds=seconds))


def test_the_pauses_double_and_are_bounded(faulty):
    _, job, _ = faulty
    for attempt, pause in ((1, 30), (2, 60), (3, 120), (9, 3_600), (5_000, 3_600)):
        Job.objects.filter(pk=job.pk).update(attempts=attempt, finished_at=Now())
        job.refresh_from_db()
        assert jobs.again_at(job) - job.finished_at == timedelta(seconds=pause)
        ago(job, pause - 5)
        assert jobs.sweep().resumed == 0
    ago(job, 3_601)
    assert jobs.sweep().resumed == 1
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("queued", "", 5_000)
    assert jobs.run(job.public_id).attempts == 5_001


def test_the_same_fault_each_time_is_told_with_its_reference_and_is_never_given_up(faulty):
    upload, job, mended = faulty
    for _ in range(timing.MOST_ATTEMPTS + 2):
        ago(job, 3_601)
        assert jobs.sweep().resumed == 1
        job = jobs.run(job.public_id)
        assert (job.state, job.error_code) == ("failed", "unexpected")
    assert job.error.rstrip(".").split()[-1] in ingestion.held_up()
    upload.refresh_from_db()
    assert upload.status == "promoting"
    other = stage([row(2)])
    refused = jobs.run(ingestion.ask_for_promotion(other, ADA, then_evaluate=False).public_id)
    assert (refused.state, refused.error_code) == ("failed", "busy")
    assert refused.error == ingestion.held_up()
    mended()
    assert jobs.retry_unfinished(ADA) == 1
    assert jobs.run(job.public_id).state == "succeeded"
    assert in_force().keys() == {"1"}
    ingest([row(3)])


def test_nobody_can_cancel_it_and_asking_again_takes_the_same_job_up(faulty):
    upload, job, mended = faulty
    with pytest.raises(jobs.Refused):
        jobs.cancel(job, ADA)
    upload.refresh_from_db()
    again = ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)
    assert (again.pk, again.state) == (job.pk, "queued")
    with pytest.raises(jobs.Refused, match="must be finished"):
        jobs.cancel(again, ADA)
    mended()
    assert jobs.run(job.public_id).state == "succeeded"


def test_a_second_job_on_what_was_begun_only_goes_forward_as_well(faulty):
    upload, first, mended = faulty
    second = jobs.enqueue("promote", "upload", upload.pk, {}, ADA)
    assert jobs.run(second.public_id).cancellable is False
    upload.refresh_from_db()
    assert upload.status == "promoting"
    mended()
    assert jobs.retry_unfinished(ADA) == 2
    assert [jobs.run(job.public_id).state for job in (second, first)] == ["succeeded"] * 2
    assert in_force().keys() == {"1"}


def test_a_job_that_stalls_on_its_way_forward_pauses_and_goes_on(faulty):
    _, job, mended = faulty
    ago(job, 31)
    jobs.sweep()
    Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + timing.MOST_ATTEMPTS)
    assert lease.take(job.public_id).attempts == 1 + timing.MOST_ATTEMPTS + 1
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert jobs.sweep().failed == 1
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "stalled")
    mended()
    ago(job, 3_601)
    assert jobs.sweep().resumed == 1
    assert jobs.run(job.public_id).state == "succeeded"


@pytest.mark.usefixtures("demo")
def test_the_page_says_what_happened_what_will_happen_and_has_a_button(faulty):
    upload, job, mended = faulty
    browser = browser_of("administrator")
    said = text_of(browser.get(f"/uploads/{upload.pk}/"))
    assert "an error of the program" in said
    assert f"tried once, it is tried again by itself at {jobs.again_at(job):%Y-%m-%d %H:%M}" in said
    assert "no other upload can be promoted or withdrawn" in said
    assert "give the reference above to whoever looks after this server" in said
    assert "Try now" in said
    assert "no other upload can be promoted before it is done" in text_of(browser.get("/"))
    assert "tried again by itself" in text_of(browser.get("/jobs/"))
    mended()
    browser.post(f"/jobs/{job.public_id}/retry/")
    assert Event.objects.filter(action="job_retried").count() == 1
    assert jobs.run(job.public_id).state == "succeeded"


@pytest.mark.usefixtures("demo")
def test_the_page_itself_takes_up_what_is_due_where_nobody_sweeps(faulty):
    upload, job, _ = faulty
    ago(job, 31)
    browser_of("administrator").get(f"/uploads/{upload.pk}/")
    job.refresh_from_db()
    assert job.state == "queued"


@pytest.mark.usefixtures("demo")
def test_the_page_of_an_abandoned_upload_offers_all_choices_again(db):
    upload = stage([row(1)])
    job = ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)
    Job.objects.filter(pk=job.pk).update(
        state="failed", error_code="stalled", error="It stopped.", finished_at=Now()
    )
    Upload.objects.filter(pk=upload.pk).update(status="promoting")
    said = text_of(browser_of("administrator").get(f"/uploads/{upload.pk}/"))
    assert "Promote into the ledger" in said
    assert "Discard" in said
