"""``verify_imports`` and ``rebuild_ledger``: the stored files say what the ledger says."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from django.core.management import call_command

from audits.models import Event, Snapshot, Upload
from audits.verification import imports, originals, rebuilding

from .paths import ingest, row, withdraw, written

pytestmark = pytest.mark.django_db
FILE = [row(n, filled_date=f"2025-0{n}-01") for n in range(1, 6)]


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def problems() -> list[tuple]:
    found, _ = imports.verify()
    return [(each.code, each.upload, each.row, each.name) for each in found]


def a_history() -> list[Upload]:
    """Leave uploads with every outcome behind, one of them withdrawn."""
    first = ingest([*FILE, row(6, patient_id=""), row(5)])
    fixed = ingest([FILE[0] | {"record_status": "revise", "quantity": "90.5"}, *FILE[1:3]])
    void = ingest([FILE[1] | {"record_status": "void"}, row(7, drug_name='a; "b"\nc')])
    withdraw(fixed)
    return [first, fixed, void]


def original(settings, upload: Upload) -> Path:
    digest = upload.sha256
    return settings.LEDGER / "originals" / digest[:2] / digest[2:4] / digest


def rewrite(path: Path, change: str) -> None:
    """Alter rows of a Parquet file of the ledger behind everybody's back."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({change.format(path)}) TO '{path}.new' (FORMAT parquet)")
    os.replace(f"{path}.new", path)


def stored(settings, upload: Upload) -> Path:
    folder = settings.LEDGER / "tables" / "prescriptions"
    (path,) = folder.glob(f"*/upload-{upload.pk}.parquet")
    return path


def test_nothing_is_wrong_with_a_history_of_every_kind():
    a_history()
    assert problems() == []


def test_an_original_that_is_altered_missing_or_nobodys_is_named(settings):
    first, fixed, _ = a_history()
    path = original(settings, first)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"180", b"181"))
    original(settings, fixed).unlink()
    (settings.LEDGER / "originals" / "arriving-x").touch()
    found = problems()
    assert ("altered_original", first.pk, None, "") in found
    assert ("value", first.pk, 2, "quantity") in found
    assert ("missing_original", fixed.pk, None, "") in found
    assert ("extra_original", None, None, "arriving-x") in found


def test_rows_lost_doubled_or_changed_in_the_ledger_are_named_by_upload_and_row(settings):
    first = ingest(FILE)
    path, kept = stored(settings, first), settings.LEDGER / "kept"
    shutil.copy(path, kept)
    rewrite(path, "SELECT * FROM read_parquet('{}') WHERE row <> 3")
    assert problems() == [("row_not_stored_once", first.pk, 3, "")]
    shutil.copy(kept, path)
    rewrite(path, "SELECT * FROM '{0}' UNION ALL SELECT * FROM '{0}' WHERE row = 4")
    assert problems() == [("row_not_stored_once", first.pk, 4, "")]
    shutil.copy(kept, path)
    rewrite(
        path,
        "SELECT * REPLACE (CASE row WHEN 5 THEN 7 ELSE days_supply END AS days_supply) FROM '{}'",
    )
    assert problems() == [("content_hash", first.pk, 5, "")]
    path.write_bytes(b"PAR1")
    assert {code for code, *_ in problems()} == {"unreadable_ledger"}


def test_counts_that_are_not_those_of_the_file_are_named():
    first = ingest(FILE)
    Upload.objects.filter(pk=first.pk).update(new=4, read=4)
    assert problems() == [
        ("count_of_outcome", first.pk, None, "new"),
        ("number_of_records", first.pk, None, ""),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_second_reader_numbers_rows_as_the_first(encoding, tmp_path):
    text = '\r\nA,B\r\n1,"x\r\ny"\r\n\r\n2,\xe9\r\n'
    path = tmp_path / "file"
    path.write_bytes(text.encode(encoding))
    read = originals.Original(path, encoding)
    assert read.header == ["a", "b"]
    assert list(read.records()) == [(3, ["1", "x\r\ny"]), (5, ["2", "\xe9"])]


def test_the_command_prints_one_object_and_ends_with_1_on_a_problem(settings, capsys):
    first = ingest(FILE)
    call_command("verify_imports", "--json")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    original(settings, first).unlink()
    with pytest.raises(SystemExit):
        call_command("verify_imports", "--json")
    told = capsys.readouterr()
    assert json.loads(told.out)["problems"][0] == {"code": "missing_original", "upload": first.pk}
    assert told.err == ""


def test_the_ledger_rebuilt_from_the_files_is_equal(tmp_path, capsys):
    a_history()
    into = tmp_path / "again"
    call_command("rebuild_ledger", "--into", str(into), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["equal"], told["snapshots"], told["difference"]) == (True, 4, None)
    assert Event.objects.last().action == "ledger_rebuilt"


def test_the_first_difference_of_a_rebuilt_ledger_is_named(settings, tmp_path):
    first = ingest(FILE)
    ingest([row(8)])
    rewrite(stored(settings, first), "SELECT * FROM '{}' WHERE row <> 3")
    rebuilt = rebuilding.rebuild(tmp_path / "again", lambda done, of: None)
    found = rebuilt.difference
    assert (found.ledger_version, found.side, found.upload, found.row) == (
        1,
        "rebuilt",
        first.pk,
        3,
    )


def test_a_ledger_is_not_rebuilt_over_anything(settings, tmp_path, capsys):
    ingest(FILE)
    for folder in (settings.LEDGER, settings.LEDGER / "new", tmp_path):
        with pytest.raises(SystemExit):
            call_command("rebuild_ledger", "--into", str(folder))
        assert "another" in capsys.readouterr().err
    assert Snapshot.objects.count() == 1
    assert not (settings.LEDGER / "new").exists()


def test_a_file_that_no_reader_agrees_on_is_no_crash(settings):
    first = ingest(FILE)
    path = original(settings, first)
    path.chmod(0o600)
    path.write_bytes(written(FILE) + b'"open')
    assert ("unreadable_original", first.pk, None, "") in problems()
