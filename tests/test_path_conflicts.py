"""Conflicts through the whole path: chosen, taken back, sent again, overtaken, killed half-way."""

import json

import pytest

from audits import snapshots, trail
from audits.ingestion import conflicts
from audits.models import Event, Settlement, Upload

from .paths import (
    counts,
    in_force,
    ingest,
    row,
    settle,
)

pytestmark = pytest.mark.django_db
FILE = [row(n, filled_date=f"2025-0{n}-01") for n in range(1, 6)]
OTHER = [FILE[0] | {"quantity": "90"}, FILE[1] | {"quantity": "60", "days_supply": "20"}]
BOB = trail.Actor.command("bob")


@pytest.fixture
def held() -> Upload:
    """A first file in the ledger, in the way of which others come."""
    return ingest(FILE)


@pytest.fixture
def arrived(held) -> Upload:
    """A second file, all of it in conflict with the first: its rows 2 and 3."""
    upload = ingest(OTHER)
    assert counts(upload) == {"conflict": 2}
    return upload


def waiting(upload: Upload) -> list[int]:
    """Give the rows that wait, having seen that the count says the same."""
    upload.refresh_from_db()
    rows = [each.row for each in conflicts.waiting(upload, limit=1_000)]
    assert conflicts.tally(upload).waiting == len(rows)
    return rows


def tally(upload: Upload) -> tuple[int, int, int]:
    upload.refresh_from_db()
    found = conflicts.tally(upload)
    return found.waiting, found.settled, found.overtaken


def test_a_conflict_shows_the_columns_that_differ_and_no_other(arrived):
    first, second = conflicts.with_differences(arrived, conflicts.waiting(arrived, limit=9))
    assert [(d.column, str(d.held), str(d.said)) for d in first.differences] == [
        ("quantity", "180.000", "90.000")
    ]
    assert [d.column for d in second.differences] == ["quantity", "days_supply"]


def test_what_is_kept_stays_and_waits_no_more_and_the_ledger_is_not_written(held, arrived):
    settle(arrived, "keep", "1")
    assert in_force()["1"] == (held.pk, 2)
    assert (waiting(arrived), tally(arrived)) == ([3], (1, 1, 0))
    assert snapshots.latest().number == 2
    assert Upload.objects.get(pk=arrived.pk).status == "promoted"


def test_what_is_replaced_is_current_as_a_revision_would_be(held, arrived):
    settle(arrived, "replace")
    assert in_force() == {n: (held.pk, int(n) + 1) for n in "345"} | {
        "1": (arrived.pk, 2),
        "2": (arrived.pk, 3),
    }
    assert tally(arrived) == (0, 2, 0)
    latest = snapshots.latest()
    assert (latest.number, latest.sequence, latest.upload) == (3, 7, arrived)
    assert latest.settlement.choice == "replace"


def test_as_known_before_the_choice_the_former_is_current(held, arrived):
    before = in_force()
    settle(arrived, "replace")
    snapshots.latest().settlement.delete
    Settlement.objects.update()
    known = snapshots.Snapshot.objects.get(number=2)
    assert before == {n: (held.pk, int(n) + 1) for n in "12345"}
    assert known.sequence == 5


def test_one_choice_leaves_one_event_with_its_rows_and_without_their_values(arrived):
    settle(arrived, "replace", actor=BOB)
    event = Event.objects.get(action="conflict_settled")
    said = json.loads(event.after)
    assert (event.object_type, event.object_id, event.actor_label) == (
        "upload",
        str(arrived.pk),
        "bob",
    )
    assert (said["choice"], said["rows"], said["records"]) == ("replace", [2, 3], 2)
    assert said["ledger_version"] == 3
    assert event.reason and "clinic" not in event.after and "90" not in event.after
