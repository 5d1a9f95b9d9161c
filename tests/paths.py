"""The whole path for tests: files through the real steps, flags by real evaluations, no mocks."""

import csv
import io
from collections.abc import Iterable
from itertools import count

import duckdb

from audits import evaluation, ingestion, jobs, snapshots, trail
from audits.ingestion import Asked, conflicts
from audits.ledger import current_sql
from audits.models import Decision, Evaluation, Flag, FlagState, Job, Upload, User

ADA = trail.Actor.command("ada")
RULES = ["opioid_high_dose_90d"]
DEFAULTS = {
    "source_system": "clinic",
    "record_type": "dispense",
    "record_status": "new",
    "patient_id": "A",
    "drug_name": "oxycodone 30 mg tablet",
    "quantity": "180",
    "days_supply": "30",
    "filled_date": "2025-01-01",
    "patient_state": "FL",
    "prescriber_npi": "1234567893",
    "prescriber_type": "np",
}
COUNTED = ("new", "unchanged", "revised", "voided", "stale", "duplicate", "conflict", "rejected")
NAMES = count(1)


def row(number: object, **cells: object) -> dict:
    """Give one prescription: 270 MME a day for 30 days unless told otherwise."""
    return DEFAULTS | {"source_record_id": str(number)} | {k: str(v) for k, v in cells.items()}


def written(rows: Iterable[dict]) -> bytes:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(c for each in rows for c in each)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def done(job: Job) -> Job:
    job = jobs.run_in_foreground(job)
    assert job.state == Job.State.SUCCEEDED, job.error
    return job


def stage(content: bytes | Iterable[dict], **asked) -> Upload:
    """Receive and check a file; return the upload, staged or refused."""
    content = content if isinstance(content, bytes) else written(content)
    told = Asked(**{"file_name": f"file-{next(NAMES)}.csv", **asked})
    upload, job = ingestion.receive([content], told, ADA, announced=False)
    done(job)
    upload.refresh_from_db()
    return upload


def ingest(content: bytes | Iterable[dict], **asked) -> Upload:
    """Put a file through to the ledger and see that its counts add up."""
    upload = stage(content, **asked)
    if upload.status == Upload.Status.STAGED:
        done(ingestion.ask_for_promotion(upload, ADA, then_evaluate=False))
        upload.refresh_from_db()
    adds_up(upload)
    return upload


def adds_up(upload: Upload) -> None:
    assert upload.read == sum(getattr(upload, name) for name in COUNTED)


def counts(upload: Upload) -> dict[str, int]:
    """Give the outcomes that some row had."""
    return {name: getattr(upload, name) for name in COUNTED if getattr(upload, name)}


def withdraw(upload: Upload) -> None:
    upload.refresh_from_db()
    ingestion.ask_for_withdrawal(upload, "the wrong mapping", ADA)
    done(ingestion.confirm_withdrawal(upload, trail.Actor.command("bob")))
    upload.refresh_from_db()
    assert upload.status == Upload.Status.WITHDRAWN


def evaluate(*, full: bool = False, rules: list[str] | None = RULES, as_of=None) -> Evaluation:
    job = done(evaluation.ask(rules, ADA, full=full, as_of=as_of))
    return Evaluation.objects.get(job=job.public_id)


def told_of(published: Evaluation) -> dict[str, int]:
    """Give what became of the flags, without what became of none."""
    return {name: number for name, number in published.flags.items() if number}


def seen(subject: str = "") -> list[FlagState]:
    """Give the states of undecided flags that stand."""
    states = FlagState.objects.seen().exclude(flag__handling="decided").exclude(verdict="withdrawn")
    states = states.filter(flag__subject_id__startswith=subject)
    return list(states.select_related("flag").order_by("pk"))


def decide(state: FlagState) -> Decision:
    """Decide a flag as it is seen, by the rows alone."""
    person, _ = User.objects.get_or_create(username="officer")
    Flag.objects.filter(pk=state.flag_id).update(handling="decided")
    return Decision.objects.create(
        flag=state.flag,
        state=state,
        outcome=Decision.Outcome.EXPLAINED,
        reason="seen the chart",
        decided_by=person,
        covers=state.occurrences,
    )


def in_force(kind: str = "prescriptions") -> dict[str, tuple[int, int]]:
    """Give (upload, row) of each record in force; fails where one is twice."""
    snapshot = snapshots.latest()
    sql = current_sql(snapshots.ledger(), kind, snapshot.versions, snapshot.sequence)
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT source_record_id, upload, row FROM ({sql})").fetchall()
    found = {record: (upload, number) for record, upload, number in rows}
    assert len(found) == len(rows)
    return found


def settle(upload: Upload, choice: str, *records: str, actor: trail.Actor = ADA) -> Job:
    """Choose for the open conflicts of ``upload``, of ``records`` or all; return the job done."""
    upload.refresh_from_db()
    waiting = conflicts.waiting(upload, limit=100)
    seen = [c.seen for c in waiting if not records or c.source_record_id in records]
    return done(
        ingestion.ask_to_settle(
            upload, choice, seen, "the clinic was asked", actor, then_evaluate=False
        )
    )
