"""Settling that is refused, cut short, killed or in the way of other work on the upload."""

import pytest

from audits import ingestion, jobs, snapshots, trail
from audits.ingestion import conflicts
from audits.models import Event, Job, SettledConflict, Settlement, Upload
from audits.verification import imports

from .paths import ADA, counts, done, in_force, ingest, row, stage, withdraw

pytestmark = pytest.mark.django_db
BOB = trail.Actor.command("bob")


@pytest.fixture
def arrived() -> Upload:
    """An upload whose rows 2 and 3 are conflicts."""
    ingest([row(1), row(2)])
    return ingest([row(1, quantity="90"), row(2, quantity="60")])


def seen(upload: Upload) -> list[tuple[int, str]]:
    return [each.seen for each in conflicts.waiting(upload, limit=99)]


def ask(upload: Upload, choice: str = "replace", of=None, reason: str = "why not") -> Job:
    of = seen(upload) if of is None else of
    return ingestion.ask_to_settle(upload, choice, of, reason, ADA, then_evaluate=False)


def ask_for_withdrawal(upload: Upload) -> Job:
    ingestion.ask_for_withdrawal(upload, "the wrong mapping", ADA)
    return ingestion.confirm_withdrawal(upload, BOB)


def status(upload: Upload) -> str:
    upload.refresh_from_db()
    return upload.status


def killed_at(monkeypatch, job: Job, target: str) -> None:
    """Run ``job`` and stop it as dead where ``target`` is called; it is queued again."""
    with monkeypatch.context() as killed:
        killed.setattr(target, _killed)
        jobs.run(job.public_id)
    job.refresh_from_db()
    assert job.state == "queued"


def _killed(*_args, **_named):
    raise jobs.Released


@pytest.mark.parametrize(
    ("of", "reason", "said"),
    [
        ([], "why", "at least one"),
        ([(n, "") for n in range(101)], "why", "at most 100"),
        (None, "  ", "Say why"),
        ([(2, "0" * 16)], "why", "changed for 1"),
        ([(77, "")], "why", "changed for 1"),
    ],
)
def test_what_cannot_be_chosen_is_refused_and_leaves_nothing(arrived, of, reason, said):
    with pytest.raises(jobs.Refused, match=said):
        ask(arrived, of=of, reason=reason)
    assert not Settlement.objects.exists() and not Job.objects.filter(kind="settle").exists()


def test_only_conflicts_of_a_promoted_upload_are_settled(arrived):
    staged = stage([row(1, quantity="45")])
    with pytest.raises(jobs.Refused, match="ready to promote"):
        ask(staged, of=[(2, "")])
    chosen = seen(arrived)
    withdraw(arrived)
    with pytest.raises(jobs.Refused, match="withdrawn"):
        ask(arrived, of=chosen)


def test_two_choices_at_once_are_one_after_the_other(arrived):
    first = ask(arrived, "keep", of=seen(arrived)[:1])
    with pytest.raises(jobs.Refused, match="working on this upload already"):
        ask(arrived)
    done(first)
    with pytest.raises(jobs.Refused, match="changed for 1"):
        ask(arrived, of=[(2, ""), *seen(arrived)])
    done(ask(arrived))
    assert [each.settlement.choice for each in conflicts.decided(arrived)] == ["keep", "replace"]


def test_what_changed_between_asking_and_doing_is_not_overruled(arrived):
    job = ask(arrived)
    revised = ingest([row(1, quantity="30", record_status="revise")])
    ended = jobs.run_in_foreground(job)
    assert (ended.state, ended.error_code) == ("failed", "changed")
    assert in_force()["1"] == (revised.pk, 2)
    assert status(arrived) == "promoted" and not SettledConflict.objects.exists()
    done(ask(arrived))
    assert in_force()["2"] == (arrived.pk, 3)


@pytest.mark.parametrize("choice", ["keep", "replace"])
def test_a_choice_cancelled_before_it_wrote_leaves_the_conflicts_open(arrived, choice):
    job = jobs.cancel(ask(arrived, choice), ADA)
    assert jobs.run(job.public_id).state == "cancelled"
    assert status(arrived) == "promoted" and len(seen(arrived)) == 2
    done(ask(arrived, choice))
    assert seen(arrived) == []


@pytest.mark.parametrize(
    "point", ["audits.ingestion.settling._publish", "audits.ledger.tables.Ledger.append"]
)
def test_a_choice_killed_on_its_way_is_finished_once(arrived, monkeypatch, point):
    job = ask(arrived)
    killed_at(monkeypatch, job, point)
    assert (status(arrived), snapshots.latest().number) == ("promoting", 2)
    assert not SettledConflict.objects.exists()
    finished_once(arrived, job)


def test_a_choice_killed_between_its_two_commits_is_finished_once(arrived, monkeypatch):
    job, append = ask(arrived), ingestion.settling.snapshots.ledger().append.__func__

    def first_only(self, connection, table, rows, **named):
        if table == "superseded":
            raise jobs.Released
        return append(self, connection, table, rows, **named)

    with monkeypatch.context() as killed:
        killed.setattr("audits.ledger.tables.Ledger.append", first_only)
        jobs.run(job.public_id)
    assert {number for number, _ in in_force().values()} == {1}
    finished_once(arrived, job)


def finished_once(upload: Upload, job: Job) -> None:
    """Do the job again, twice; see that it took effect once."""
    for _ in range(2):
        assert jobs.run_in_foreground(Job.objects.get(pk=job.pk)).state == "succeeded"
    assert in_force() == {"1": (upload.pk, 2), "2": (upload.pk, 3)}
    assert (snapshots.latest().number, snapshots.latest().sequence) == (3, 4)
    assert Event.objects.filter(action="conflict_settled").count() == 1
    assert Event.objects.filter(action="ledger_restored").count() == 0
    assert status(upload) == "promoted"
    assert imports.verify()[0] == []


def test_a_withdrawal_waits_for_a_choice_that_began_to_write(arrived, monkeypatch):
    job = ask(arrived)
    ingestion.ask_for_withdrawal(arrived, "the wrong mapping", ADA)
    killed_at(monkeypatch, job, "audits.ingestion.settling._publish")
    confirmed = ingestion.confirm_withdrawal(arrived, BOB)
    refused = jobs.run_in_foreground(confirmed)
    assert (refused.state, refused.error_code) == ("failed", "busy")
    done(job)
    done(jobs.retry(refused, ADA))
    assert status(arrived) == "withdrawn"
    assert in_force() == {"1": (1, 2), "2": (1, 3)}
    assert imports.verify()[0] == []


def test_a_withdrawal_goes_before_a_choice_that_had_not_written(arrived, monkeypatch):
    job = ask(arrived)
    ingestion.ask_for_withdrawal(arrived, "the wrong mapping", ADA)
    killed_at(monkeypatch, job, "audits.ledger.replace")
    done(ingestion.confirm_withdrawal(arrived, BOB))
    ended = jobs.run_in_foreground(job)
    assert (ended.state, ended.error) == ("failed", f"Upload {arrived.pk} is withdrawn.")
    assert in_force() == {"1": (1, 2), "2": (1, 3)}


def test_a_choice_waits_for_a_withdrawal_that_began_to_write(arrived, monkeypatch):
    done(ask(arrived, of=seen(arrived)[:1]))
    job = ask(arrived)
    killed_at(monkeypatch, ask_for_withdrawal(arrived), "audits.ingestion.withdrawal._publish")
    refused = jobs.run_in_foreground(job)
    assert (refused.state, refused.error_code) == ("failed", "busy")
    done(Job.objects.get(kind="withdraw"))
    assert status(arrived) == "withdrawn"


def test_an_upload_that_is_being_settled_is_neither_promoted_again_nor_taken_in(
    arrived, monkeypatch
):
    job = ask(arrived)
    killed_at(monkeypatch, job, "audits.ingestion.settling._publish")
    arrived.refresh_from_db()
    with pytest.raises(jobs.Refused, match="being settled"):
        ingestion.ask_for_promotion(arrived, ADA, then_evaluate=False)
    other = stage([row(3)])
    waits = jobs.run_in_foreground(ingestion.ask_for_promotion(other, ADA, then_evaluate=False))
    assert (waits.state, waits.error_code) == ("failed", "busy")
    done(job)
    done(jobs.retry(waits, ADA))
    assert counts(Upload.objects.get(pk=other.pk)) == {"new": 1}
    assert len(in_force()) == 3


def test_the_strays_of_a_choice_in_a_restored_backup_are_set_back(arrived):
    job = ask(arrived)
    done(job)
    SettledConflict.objects.all().delete()
    Settlement.objects.all().delete()
    snapshots.latest().delete()
    assert seen(arrived) == seen(arrived)[:2] and len(seen(arrived)) == 2
    done(ask(arrived))
    assert Event.objects.filter(action="ledger_restored").count() == 2
    assert (snapshots.latest().number, len(in_force())) == (3, 2)
    assert imports.verify()[0] == []
