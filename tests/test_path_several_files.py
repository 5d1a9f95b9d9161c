"""Files that belong together on the whole path: one receipt, checked, promoted and taken back."""

import json
import random
from pathlib import Path

import pytest
from django.core.management import call_command

from audits import accounts, ingestion, jobs, snapshots, trail
from audits.models import Event, Holding, Job, Source, Upload
from audits.verification import imports

from .paths import ADA, adds_up, counts, done, evaluate, row, withdraw, written
from .synthea_files import (
    ENCOUNTERS,
    MEDICATIONS,
    PATIENTS,
    export,
    held,
    ingest,
    medication,
    promote,
    refreshed,
    stage,
)

pytestmark = pytest.mark.django_db
ALL_RULES = None


@pytest.fixture
def place(tmp_path):
    """Write files into a folder; give their paths."""

    def put(files: dict[str, bytes]) -> list[Path]:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        return [tmp_path / name for name in files]

    return put


@pytest.fixture
def said(capsys):
    """Run a command with ``--json``; give its object and its exit status."""

    def run(*words: object) -> tuple[dict, int]:
        status = 0
        try:
            call_command(*map(str, words), "--json")
        except SystemExit as end:
            status = end.code
        told = capsys.readouterr()
        assert told.err == ""
        return json.loads(told.out), status

    return run


def test_four_files_are_two_uploads_of_one_receipt_with_every_original_kept():
    files = export()
    orders, visits = ingest(files)
    assert (orders.receipt, visits.receipt) == (orders.pk, orders.pk)
    assert (orders.kind, orders.file_name) == ("prescriptions", "medications.csv")
    assert (visits.kind, visits.file_name) == ("encounters", "encounters.csv")
    assert (counts(orders), counts(visits)) == ({"new": 6}, {"new": 4})
    assert {f["name"] for f in orders.files} == set(files)
    kept = {path.read_bytes() for path in ingestion.folders.originals_of(visits)}
    assert kept == set(files.values())
    events = Event.objects.filter(object_type="upload").order_by("seq")
    assert [(e.action, e.object_id) for e in events] == [
        ("upload_promoted", str(visits.pk)),
        ("upload_promoted", str(orders.pk)),
    ]
    assert json.loads(events[0].after)["files"] == visits.files


def test_each_kind_is_held_from_its_first_to_its_last_day_and_the_source_is_synthetic():
    ingest(export())
    spans = Holding.objects.order_by("kind").values_list("kind", "covers_from", "covers_to")
    assert [(kind, str(begins), str(ends)) for kind, begins, ends in spans] == [
        ("encounters", "2025-01-01", "2025-01-04"),
        ("prescriptions", "2025-01-02", "2025-01-05"),
    ]
    source = Source.objects.get()
    assert (source.name, source.synthetic, source.change_policy) == ("synthea", True, "latest_wins")


def test_a_row_is_found_again_in_its_own_file():
    orders, _ = ingest(export())
    rows = [(each["upload"], each["row"]) for each in held("prescriptions")]
    assert rows == [(orders.pk, number) for number in range(2, 8)]
    assert [each["row"] for each in held("encounters")] == [2, 3, 4, 5]


def test_the_same_bytes_again_are_unchanged_whatever_their_names_and_order(said, place):
    files = export()
    first, _ = said("ingest", *place(files))
    renamed = {f"x{number}.csv": files[name] for number, name in enumerate(sorted(files))}
    paths = place(renamed)
    random.Random(3).shuffle(paths)
    again, status = said("ingest", *paths)
    assert status == 0
    assert [u["status"] for u in again["uploads"]] == ["unchanged", "unchanged"]
    assert [u["unchanged"] for u in again["uploads"]] == [6, 4]
    assert [u["upload"] for u in again["uploads"]] == [u["upload"] for u in first["uploads"]]
    assert snapshots.latest().number == 2
    assert imports.verify()[0] == []


def test_a_changed_file_beside_three_unchanged_ones_revises_what_it_changes():
    ingest(export())
    moved = [PATIENTS[0] | {"STATE": "Iowa"}, PATIENTS[1]]
    orders, visits = ingest(export(patients=moved))
    assert (counts(orders), counts(visits)) == ({"revised": 4, "unchanged": 2}, {"unchanged": 4})
    states = {each["patient_state"] for each in held("prescriptions")}
    assert states == {"IA", None}


def test_a_dry_run_stages_both_and_the_next_run_promotes_them(said, place):
    paths = place(export())
    staged, _ = said("ingest", *paths, "--dry-run", "--preset", "synthea")
    assert [u["status"] for u in staged["uploads"]] == ["staged", "staged"]
    assert snapshots.latest() is None
    promoted, _ = said("ingest", *paths)
    assert [u["status"] for u in promoted["uploads"]] == ["promoted", "promoted"]
    assert [u["upload"] for u in promoted["uploads"]] == [u["upload"] for u in staged["uploads"]]
    assert [u["receipt"] for u in promoted["uploads"]] == [staged["uploads"][0]["upload"]] * 2
    assert {f["part"] for f in promoted["uploads"][1]["files"]} == {
        "medications", "encounters", "providers", "patients",
    }  # fmt: skip


def test_an_ingest_cut_short_between_the_two_promotions_is_finished(said, place):
    files = export()
    orders, visits = stage(files)
    done(ingestion.ask_for_promotion(orders, ADA, then_evaluate=False))
    refreshed([orders, visits])
    assert (visits.status, orders.status) == ("promoted", "staged")
    told, _ = said("ingest", *place(files))
    assert [u["status"] for u in told["uploads"]] == ["promoted", "promoted"]
    assert [u["upload"] for u in told["uploads"]] == [orders.pk, visits.pk]
    assert (len(held("prescriptions")), len(held("encounters"))) == (6, 4)
    assert not Job.objects.exclude(state="succeeded").exists()


def test_the_rules_are_asked_for_once_when_the_last_is_in():
    orders, _ = stage(export())
    job = ingestion.ask_for_promotion(orders, ADA, then_evaluate=True)
    done(job)
    assert not Job.objects.filter(kind="evaluate").exists()
    done(Job.objects.get(kind="promote", state="queued"))
    assert Job.objects.get(kind="evaluate").object_id == str(snapshots.latest().number)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.pop("providers.csv"), "no file of providers"),
        (lambda files: files.update(twice=files["patients.csv"]), "2 files of patients"),
        (lambda files: files.update(notes=b"a,b\n1,2\n"), "notes is none of the files"),
        (lambda files: files.update(picture=b"\x89PNG\r\n\x1a\n"), "picture: The file is a PNG"),
    ],
)
def test_files_that_do_not_fit_together_are_refused_in_one_line(said, place, change, words):
    files = export()
    change(files)
    told, status = said("ingest", *place(files), "--preset", "synthea")
    (refused,) = told["uploads"]
    assert (status, refused["status"], refused["read"]) == (1, "refused", 0)
    assert words in refused["reason"] and "\n" not in refused["reason"]
    assert {f["name"] for f in refused["files"]} == set(files)
    assert Event.objects.filter(action="upload_refused").count() == 1
    assert imports.verify()[0] == []


def test_left_to_the_columns_strangers_are_uploads_of_their_own(said, place):
    other = {"clinic.csv": written([row(1)]), "notes.csv": b"a,b\n1,2\n"}
    told, status = said("ingest", *place({**other, **export()}))
    assert status == 1
    assert [(u["kind"], u["status"]) for u in told["uploads"]] == [
        ("prescriptions", "promoted"),
        ("", "refused"),
        ("prescriptions", "promoted"),
        ("encounters", "promoted"),
    ]
    assert [bool(u["receipt"]) for u in told["uploads"]] == [False, False, True, True]


def test_a_kind_asked_of_files_that_give_two_is_refused():
    (upload,) = stage(export(), kind="encounters")
    assert (upload.status, "Leave the kind out" in upload.refusal) == ("refused", True)


def test_a_control_total_is_of_the_prescriptions_and_stops_both():
    both = stage(export(), expect_rows=7)
    assert [u.status for u in both] == ["refused", "refused"]
    assert "7 rows" in both[0].refusal and both[0].refusal == both[1].refusal
    assert [u.status for u in stage(export(), expect_rows=6)] == ["staged", "staged"]


def test_what_is_discarded_is_discarded_together():
    orders, visits = stage(export())
    assert ingestion.discard(visits, ADA)
    assert [u.status for u in refreshed([orders, visits])] == ["discarded", "discarded"]
    assert Event.objects.filter(action="upload_discarded").count() == 2
    orders, visits = stage(export())
    done(ingestion.ask_for_promotion(orders, ADA, then_evaluate=False))
    assert not ingestion.discard(orders, ADA)
    assert [u.status for u in refreshed([orders, visits])] == ["staged", "promoted"]
    assert Event.objects.filter(action="upload_discarded").count() == 2


def test_what_is_withdrawn_is_withdrawn_together_and_can_be_sent_again(said):
    accounts.create("bob", "administrator", ADA)
    orders, visits = ingest(export())
    told, _ = said("withdraw", visits.pk, "--reason", "wrong export", "--second", "bob")
    assert (told["status"], told["together_with"]) == ("withdrawn", [orders.pk])
    assert (told["superseded"], told["ledger_version"]) == (10, 4)
    assert [u.status for u in refreshed([orders, visits])] == ["withdrawn", "withdrawn"]
    assert (held("prescriptions"), held("encounters")) == ([], [])
    assert not Holding.objects.filter(until=None).exists()
    again = ingest(export())
    assert [counts(u) for u in again] == [{"new": 6}, {"new": 4}]


def test_half_promoted_files_are_not_withdrawn():
    orders, visits = stage(export())
    done(ingestion.ask_for_promotion(orders, ADA, then_evaluate=False))
    visits.refresh_from_db()
    with pytest.raises(jobs.Refused, match="Only a promoted upload"):
        ingestion.ask_for_withdrawal(visits, "wrong export", ADA)
    visits.refresh_from_db()
    assert visits.withdrawal_asked_by == ""
    promote([orders, visits])
    ingestion.ask_for_withdrawal(visits, "wrong export", ADA)
    with pytest.raises(jobs.Refused, match="A second person"):
        ingestion.confirm_withdrawal(orders, ADA)


def test_the_ledger_is_what_the_files_say_and_comes_out_the_same_again(said, tmp_path):
    ingest(export())
    ingest(export(medications=[*MEDICATIONS[:2], medication("B", "e3")], encounters=ENCOUNTERS[:3]))
    third = ingest(export(patients=PATIENTS[:1]))
    withdraw_all(third)
    evaluate(rules=ALL_RULES)
    found, tally = imports.verify()
    assert (found, tally.records) == ([], 10 + 6 + 10)
    told, status = said("rebuild_ledger", "--into", tmp_path / "again")
    assert (told["equal"], told["snapshots"], status) == (True, 8, 0)
    assert said("verify_flags")[1] == 0


def withdraw_all(uploads: list[Upload]) -> None:
    ingestion.ask_for_withdrawal(uploads[0], "wrong export", ADA)
    done(ingestion.confirm_withdrawal(uploads[0], trail.Actor.command("bob")))
    done(Job.objects.get(kind="withdraw", state="queued"))
    assert {u.status for u in refreshed(uploads)} == {"withdrawn"}


def test_an_original_beside_the_main_one_that_is_altered_or_gone_is_named():
    orders, _ = ingest(export())
    by_part = {f["part"]: ingestion.folders.original(f["sha256"]) for f in orders.files}
    by_part["providers"].chmod(0o600)
    by_part["providers"].write_bytes(b"x")
    by_part["patients"].unlink()
    codes = {(each.code, each.upload) for each in imports.verify()[0]}
    assert codes == {("altered_original", orders.pk), ("missing_original", orders.pk)}


def test_rows_that_another_file_has_too_few_cells_in_are_noted():
    files = export()
    files["patients.csv"] += b"C,1970-01-01\n"
    orders, visits = stage(files)
    adds_up(orders)
    assert orders.notes[-1].startswith("patients.csv: 1 row was not read")
    assert not any("patients.csv" in note for note in visits.notes)


def test_a_single_file_is_what_it_was():
    upload, job = ingestion.receive(
        [written([row(1)])], ingestion.Asked(file_name="a.csv"), ADA, announced=False
    )
    done(job)
    upload.refresh_from_db()
    assert (upload.status, upload.receipt, upload.files) == ("staged", None, [])
    promote([upload])
    withdraw(upload)
    assert upload.status == "withdrawn"
