"""Conflicts through the whole path: chosen, taken back, sent again, overtaken, verified."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from audits import ingestion, snapshots, trail
from audits.ingestion import conflicts
from audits.ledger import current_sql
from audits.models import Event, Job, SettledConflict, Settlement, Upload
from audits.verification import imports, rebuilding

from .paths import ADA, counts, done, evaluate, in_force, ingest, row, seen, settle, withdraw

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


def asked(upload: Upload, choice: str, seen, reason="why not", **more) -> Job:
    return ingestion.ask_to_settle(
        upload, choice, seen, reason, ADA, **{"then_evaluate": False, **more}
    )


def agrees() -> None:
    """See that stored files, choices, ledger and trail say the same."""
    assert imports.verify()[0] == []
    with TemporaryDirectory() as folder:
        assert rebuilding.rebuild(Path(folder), lambda *_: None).difference is None


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
    settle(arrived, "replace")
    latest = snapshots.latest()
    known = current_sql(snapshots.ledger(), "prescriptions", latest.versions, latest.sequence - 2)
    with duckdb.connect() as connection:
        uploads = connection.execute(f"SELECT DISTINCT upload FROM ({known})").fetchall()
    assert uploads == [(held.pk,)]


def test_one_choice_leaves_one_event_with_its_rows_and_without_their_values(arrived):
    settle(arrived, "replace", actor=BOB)
    event = Event.objects.get(action="conflict_settled")
    said = json.loads(event.after)
    assert (event.object_id, event.actor_label, bool(event.reason)) == (
        str(arrived.pk),
        "bob",
        True,
    )
    assert said | {"merkle_root": ""} == {
        "choice": "replace",
        "rows": [2, 3],
        "records": 2,
        "settlement": Settlement.objects.get().pk,
        "ledger_version": 3,
        "merkle_root": "",
    }


def test_a_choice_keeps_who_when_what_and_why(arrived):
    settle(arrived, "keep", "1", actor=BOB)
    (settled,) = conflicts.decided(arrived)
    made = settled.settlement
    assert (settled.row, made.choice, made.asked_label, made.reason) == (
        2,
        "keep",
        "bob",
        "the clinic was asked",
    )
    assert made.asked_at <= made.settled_at


def test_a_withdrawn_upload_takes_what_was_chosen_from_it_along(held, arrived):
    settle(arrived, "replace", "1")
    settle(arrived, "keep", "2")
    withdraw(arrived)
    assert in_force() == {n: (held.pk, int(n) + 1) for n in "12345"}
    assert tally(arrived) == (0, 0, 0)
    agrees()


def test_what_later_files_say_is_held_against_what_was_chosen(arrived):
    settle(arrived, "replace")
    assert counts(ingest([*OTHER, row(6)])) == {"unchanged": 2, "new": 1}
    assert counts(ingest([*FILE, row(7)])) == {"stale": 2, "unchanged": 3, "new": 1}
    agrees()


def test_a_chosen_row_that_a_later_file_restated_stays_when_its_own_is_withdrawn(arrived):
    settle(arrived, "replace", "1")
    ingest([OTHER[0], row(6)])
    withdraw(arrived)
    assert in_force()["1"] == (arrived.pk, 2)
    agrees()


@pytest.mark.parametrize("status", ["revise", "void"])
def test_a_later_revision_or_void_overtakes_a_conflict_until_it_is_withdrawn(arrived, status):
    later = ingest([FILE[0] | {"quantity": "30", "record_status": status}])
    assert (waiting(arrived), tally(arrived)) == ([3], (1, 0, 1))
    withdraw(later)
    assert (waiting(arrived), tally(arrived)) == ([2, 3], (2, 0, 0))


def test_what_is_chosen_of_one_file_overtakes_the_conflict_of_another(arrived):
    other = ingest([FILE[0] | {"quantity": "45"}])
    settle(other, "replace")
    assert (waiting(arrived), tally(arrived)) == ([3], (1, 0, 1))
    assert in_force()["1"] == (other.pk, 2)


def test_of_several_rows_of_a_record_the_last_chosen_stays():
    upload = ingest([row(1), row(1, quantity="90"), row(1, quantity="60"), row(1, quantity="60")])
    assert waiting(upload) == [3, 4, 5]
    settle(upload, "replace")
    assert in_force()["1"] == (upload.pk, 4)
    assert [each.accepted_seq for each in conflicts.decided(upload)] == [2, 3, None]
    agrees()


def test_one_row_chosen_of_several_overtakes_the_others():
    upload = ingest([row(1), row(1, quantity="90"), row(1, quantity="60")])
    first = conflicts.waiting(upload, limit=1)
    done(asked(upload, "replace", [each.seen for each in first]))
    assert (in_force()["1"], tally(upload)) == ((upload.pk, 3), (0, 1, 1))


def test_where_nothing_is_held_any_more_the_row_can_be_taken_in(held, arrived):
    withdraw(held)
    (first, _) = conflicts.with_differences(arrived, conflicts.waiting(arrived, limit=9))
    assert first.held_hash == "" and {d.held for d in first.differences} == {None}
    settle(arrived, "replace")
    assert in_force() == {"1": (arrived.pk, 2), "2": (arrived.pk, 3)}
    agrees()


def test_the_rules_see_what_was_chosen_and_the_short_way_agrees_with_the_long(arrived):
    evaluate()
    before = {(state.flag.subject_id, state.value) for state in seen()}
    settle(arrived, "replace")
    evaluate()
    short = {(state.flag.subject_id, state.value) for state in seen()}
    evaluate(full=True)
    assert short == {(state.flag.subject_id, state.value) for state in seen()}
    assert before and short != before


def test_a_choice_of_a_person_is_followed_by_an_evaluation_where_the_ledger_changed(arrived):
    first, second = conflicts.waiting(arrived, limit=9)
    done(asked(arrived, "keep", [first.seen], then_evaluate=True))
    assert not Job.objects.filter(kind="evaluate").exists()
    done(asked(arrived, "replace", [second.seen], then_evaluate=True))
    assert Job.objects.get(kind="evaluate").object_id == "3"


def test_the_files_and_choices_rebuild_the_ledger_and_verify(arrived):
    settle(arrived, "keep", "1")
    settle(arrived, "replace", "2")
    ingest([FILE[2] | {"record_status": "void"}, row(8)])
    agrees()


def test_a_choice_altered_behind_everybodys_back_is_named(arrived):
    settle(arrived, "keep", "1")
    settle(arrived, "replace", "2")
    kept, replaced = conflicts.decided(arrived)
    SettledConflict.objects.filter(pk=kept.pk).update(row=9)
    SettledConflict.objects.filter(pk=replaced.pk).update(accepted_seq=None)
    assert {(p.code, p.row) for p in imports.verify()[0]} == {
        ("settled_no_conflict", 9),
        ("settlement_not_in_trail", None),
        ("settled_otherwise", 3),
        ("row_not_due", 3),
    }
