"""The Delta tables: appended to once, never shortened, readable at every version."""

import json
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.schema import PrimitiveType

from audits.ledger import Ledger, LedgerError, columns, parts, rows_sql
from audits.ledger.tables import PROPERTIES

from .ledger_files import ARROW, KIND, Promotions, connect, row, write_accepted

AGED = 400 * 24 * 3600


@pytest.fixture
def connection():
    return connect()


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "the ledger's é")


def write_rows(path: Path, *keys: str, kind: str = KIND, upload: int = 1) -> Path:
    """Write full ledger rows, one for each patient key or record number in ``keys``."""
    declared = columns.columns(kind)
    rows = [
        dict.fromkeys(declared)
        | {"source_system": "ehr", "source_record_id": key, "content_hash": key}
        | {"upload": upload, "row": number, "accepted_seq": number, "patient_bucket": 0}
        for number, key in enumerate(keys, start=2)
    ]
    if "patient_key" in declared:
        rows = [
            r | {"patient_key": key, "patient_bucket": int(key[2], 16)}
            for r, key in zip(rows, keys, strict=True)
        ]
    types = {c: ARROW.get(t, pa.string()) for c, t in declared.items()} | {
        c: pa.int64() for c in ("upload", "row", "accepted_seq")
    }
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(types)), path)
    return path


def held(ledger: Ledger, connection, version: int | None = None, kind: str = KIND) -> list[str]:
    version = ledger.head(kind) if version is None else version
    query = rows_sql(kind, ledger.files(kind, version), ["content_hash"])
    return sorted(key for (key,) in connection.execute(query).fetchall())


def test_a_ledger_that_was_never_written_has_no_versions(ledger):
    assert ledger.versions() == {}
    assert ledger.head(KIND) is None
    ledger.check()
    with pytest.raises(LedgerError, match="flags: no such table"):
        ledger.head("flags")


def test_each_append_is_a_version_and_earlier_ones_stay_readable(ledger, connection, tmp_path):
    first = ledger.append(
        connection, KIND, write_rows(tmp_path / "1", "a", "b"), transaction="upload-1"
    )
    second = ledger.append(
        connection, KIND, write_rows(tmp_path / "2", "c"), transaction="upload-2"
    )
    assert (first, second, ledger.versions()) == (1, 2, {KIND: 2})
    assert held(ledger, connection, first) == ["a", "b"]
    assert held(ledger, connection, second) == ["a", "b", "c"]
    assert held(ledger, connection, 0) == []


def test_no_rows_make_no_version(ledger, connection, tmp_path):
    assert ledger.append(connection, KIND, write_rows(tmp_path / "0"), transaction="upload-1") == 0


def test_a_transaction_repeated_by_a_fresh_handle_doubles_nothing(ledger, connection, tmp_path):
    rows = write_rows(tmp_path / "1", "a")
    assert ledger.append(connection, KIND, rows, transaction="upload-1") == 1
    ledger.append(connection, KIND, write_rows(tmp_path / "2", "b"), transaction="upload-2")
    assert Ledger(ledger.root).append(connection, KIND, rows, transaction="upload-1") == 1
    assert held(ledger, connection) == ["a", "b"]


def test_a_worker_killed_before_the_commit_leaves_nothing_to_see(ledger, connection, tmp_path):
    rows = write_rows(tmp_path / "1", "a", "b")
    ledger.append(connection, KIND, write_rows(tmp_path / "0", "z"), transaction="upload-0")
    target = parts.Target(table=KIND, folder=ledger.folder(KIND), stem="upload-1")
    parts.write(connection, [rows], target)  # and killed here
    assert held(ledger, connection) == ["z"]
    assert ledger.append(connection, KIND, rows, transaction="upload-1") == 2
    assert held(ledger, connection) == ["a", "b", "z"]
    assert len(list(ledger.folder(KIND).rglob("*.parquet"))) == 2


def test_a_worker_killed_between_two_tables_is_finished_by_another(tmp_path):
    promotions = Promotions(tmp_path)
    promotions.promote([row("1", "a")])
    promotions.classify([row("1", "b", "revise"), row("2", "a")])
    folder = promotions.folder(2)
    promotions.ledger.append(
        promotions.connection,
        KIND,
        folder / "append.parquet",
        of=folder / "accepted.parquet",
        transaction="upload-2",
    )
    assert promotions.in_force() == {"ehr/1": "a"}, "the snapshot does not see half a promotion"
    assert promotions.commit(2) == promotions.commit(2) == {KIND: 2, "superseded": 1}


def test_a_table_half_made_is_made_by_the_next_try(ledger, connection, tmp_path):
    (ledger.folder(KIND) / "_delta_log").mkdir(parents=True)
    assert ledger.head(KIND) is None
    rows = write_rows(tmp_path / "1", "a")
    assert ledger.append(connection, KIND, rows, transaction="upload-1") == 1
    ledger.check()


@pytest.mark.parametrize("missing", PROPERTIES)
def test_a_table_without_a_property_is_refused_by_name(ledger, connection, tmp_path, missing):
    schema = Schema([Field(c, PrimitiveType("string")) for c in ("kind", "seq")])
    kept = {name: value for name, value in PROPERTIES.items() if name != missing}
    DeltaTable.create(ledger.folder("superseded").as_uri(), schema, configuration=kept)
    with pytest.raises(LedgerError, match=f"superseded: {missing} is"):
        ledger.check()
    with pytest.raises(LedgerError, match=f"superseded: {missing} is"):
        ledger.append(connection, "superseded", tmp_path / "none", transaction="upload-1")


def test_a_writer_that_came_between_is_told_and_the_second_try_works(
    ledger, connection, tmp_path, monkeypatch
):
    rows = write_rows(tmp_path / "1", "a")
    ledger.append(connection, KIND, rows, transaction="upload-1")
    write = parts.write

    def while_another_commits(*arguments, **named):
        monkeypatch.setattr(parts, "write", write)
        Ledger(ledger.root).append(connection, KIND, rows, transaction="upload-2")
        return write(*arguments, **named)

    monkeypatch.setattr(parts, "write", while_another_commits)
    with pytest.raises(LedgerError, match="another writer came between"):
        ledger.append(connection, KIND, rows, transaction="upload-2")
    assert ledger.append(connection, KIND, rows, transaction="upload-2") == 2
    assert held(ledger, connection) == ["a", "a"]


def test_a_row_that_its_accepted_file_lacks_is_not_lost_in_silence(tmp_path):
    promotions = Promotions(tmp_path)
    promotions.classify([row("1", "a"), row("2", "a")])
    write_accepted(promotions.folder(1) / "accepted.parquet", [row("1", "a")])
    with pytest.raises(LedgerError, match="has not all the 2 rows"):
        promotions.commit(1)
    assert promotions.ledger.head(KIND) == 0, "nothing was committed"


def test_patients_are_kept_in_their_bucket_and_sorted(ledger, connection, tmp_path):
    keys = [f"p_{digit}{n}" for n in (3, 1, 2) for digit in "0f7"]
    rows = write_rows(tmp_path / "1", *keys, kind="prescriptions")
    version = ledger.append(connection, "prescriptions", rows, transaction="upload-1")
    files = ledger.files("prescriptions", version)
    assert [Path(f).parent.name for f in files] == [f"patient_bucket={b}" for b in (0, 15, 7)]
    for file in files:
        found = pq.read_table(file, partitioning=None)["patient_key"].to_pylist()
        assert len(found) == 3
        assert found == sorted(found)
    query = rows_sql("prescriptions", files)
    assert connection.execute(
        f"SELECT DISTINCT patient_bucket, typeof(patient_bucket) FROM ({query}) ORDER BY ALL"
    ).fetchall() == [(0, "INTEGER"), (7, "INTEGER"), (15, "INTEGER")]


def test_compaction_joins_the_files_of_full_buckets_only(ledger, connection, tmp_path):
    for upload in range(9):
        keys = ["p_0a", "p_1a"] if upload else ["p_0a"]
        rows = write_rows(tmp_path / f"{upload}", *keys, kind="prescriptions")
        before = ledger.append(connection, "prescriptions", rows, transaction=f"upload-{upload}")
    after = ledger.compact(connection, "prescriptions")
    assert after == before + 1
    assert len(ledger.files("prescriptions", before)) == 17
    assert len(ledger.files("prescriptions", after)) == 9
    for version in (before, after):
        assert held(ledger, connection, version, "prescriptions") == 9 * ["p_0a"] + 8 * ["p_1a"]
    assert ledger.compact(connection, "prescriptions") == after
    assert ledger.compact(connection, KIND) is None


def test_a_table_set_back_takes_the_same_upload_again_and_overwrites_nothing(
    ledger, connection, tmp_path
):
    for upload in (1, 2, 3):
        rows = write_rows(tmp_path / f"{upload}", f"old-{upload}")
        ledger.append(connection, KIND, rows, transaction=f"upload-{upload}")
    assert ledger.restore(KIND, 1) == 4
    assert held(ledger, connection) == ["old-1"]
    again = write_rows(tmp_path / "again", "new-2")
    assert ledger.append(connection, KIND, again, transaction="upload-1") == 4
    assert ledger.append(connection, KIND, again, transaction="upload-2") == 5
    assert ledger.append(connection, KIND, again, transaction="upload-2") == 5
    assert held(ledger, connection) == ["new-2", "old-1"]
    assert held(ledger, connection, 3) == ["old-1", "old-2", "old-3"]
    ledger.check()


def test_a_version_that_never_was_is_refused(ledger, connection, tmp_path):
    ledger.append(connection, KIND, write_rows(tmp_path / "1", "a"), transaction="upload-1")
    with pytest.raises(LedgerError, match="licences: version 9 cannot be opened"):
        ledger.files(KIND, 9)


def test_a_column_declared_later_is_added_and_null_in_earlier_rows(ledger, connection, tmp_path):
    early = {c: t for c, t in columns.columns(KIND).items() if c != "schedules"}
    fields = [Field(c, PrimitiveType(columns.delta_type(t))) for c, t in early.items()]
    table = DeltaTable.create(
        ledger.folder(KIND).as_uri(),
        Schema(fields),
        partition_by=["patient_bucket"],
        configuration=dict(PROPERTIES),
    )
    rows = write_rows(tmp_path / "1", "a")
    target = ledger.folder(KIND) / "patient_bucket=0/upload-1.parquet"
    target.parent.mkdir()
    pq.write_table(pq.read_table(rows).drop_columns(["schedules", "patient_bucket"]), target)
    part = parts.Part(path="patient_bucket=0/upload-1.parquet", bucket=0, rows=1, size=1)
    table.create_write_transaction(
        [part.added(data_change=True)],
        mode="append",
        schema=table.schema(),
        partition_by=["patient_bucket"],
        commit_properties=CommitProperties(),
    )
    assert held(ledger, connection, 1) == ["a"]
    version = ledger.append(
        connection, KIND, write_rows(tmp_path / "2", "b"), transaction="upload-2"
    )
    for seen, expected in ((1, [("a", None)]), (version, [("a", None), ("b", None)])):
        query = rows_sql(KIND, ledger.files(KIND, seen), ["content_hash", "schedules"])
        assert connection.execute(f"FROM ({query}) ORDER BY ALL").fetchall() == expected
    names = {f.name for f in DeltaTable(ledger.folder(KIND).as_uri()).schema().fields}
    assert "schedules" in names
    ledger.check()


def age(log: Path) -> None:
    """Make every file of the log, and what it says of its own time, 400 days older."""
    then = time.time() - AGED
    for path in log.iterdir():
        if path.suffix == ".json":
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            for line in lines:
                if "commitInfo" in line:
                    line["commitInfo"]["timestamp"] = int(then * 1000)
            path.write_text("\n".join(json.dumps(line) for line in lines))
        os.utime(path, (then, then))


def commit_often(ledger: Ledger, first: Path, times: int) -> None:
    """Commit copies of one small file, on a handle that keeps up: quicker than 250 appends."""
    delta = DeltaTable(ledger.folder(KIND).as_uri())
    for number in range(times):
        copy = first.with_name(f"{delta.version()}-{number}.parquet")
        copy.hardlink_to(first)
        path = f"{first.parent.name}/{copy.name}"
        part = parts.Part(path=path, bucket=0, rows=1, size=first.stat().st_size)
        added = [part.added(data_change=True)]
        delta.create_write_transaction(
            added, mode="append", schema=delta.schema(), partition_by=["patient_bucket"]
        )
        delta.update_incremental()


def test_the_first_version_opens_after_400_days_and_250_commits(ledger, connection, tmp_path):
    rows = write_rows(tmp_path / "1", "a")
    ledger.append(connection, KIND, rows, transaction="upload-1")
    ledger.append(connection, KIND, write_rows(tmp_path / "2", "b"), transaction="upload-2")
    log = ledger.folder(KIND) / "_delta_log"
    for times in (125, 125):
        age(log)
        commit_often(ledger, Path(ledger.files(KIND, 1)[0]), times)
    assert len(list(log.glob("*.checkpoint*.parquet"))) >= 2
    later = Ledger(ledger.root)
    assert held(later, connection, 1) == ["a"]
    assert held(later, connection, 2) == ["a", "b"]
    assert len(later.files(KIND, later.head(KIND))) == 252
    assert later.append(connection, KIND, rows, transaction="upload-1") == 1
