"""Power cuts and old backups: what they tear is set aside or refused, never lost in silence."""

import json
import os
import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable
from django.db import connection

from audits import ingestion, jobs
from audits.ledger import LedgerError
from audits.models import Snapshot

from .deaths import PRESCRIPTIONS, actions, killed, refusal, rows_in_ledger
from .instance import Instance, new
from .ledger_files import KIND, Promotions
from .ledger_files import row as licence
from .paths import ADA, in_force, row, stage


def cut(data: bytes) -> bytes:
    """Take the last line away: every line that is left can be read."""
    return b"".join(data.splitlines(keepends=True)[:-1])


TEARS = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "zeros": lambda data: bytes(len(data)),
    "cut between lines": cut,
    "not an action": lambda data: b"[]\n",
}


def tear(path: Path, how: str) -> None:
    path.write_bytes(TEARS[how](path.read_bytes()))


def entry(log: Path, version: int) -> Path:
    return log / f"{version:020}.json"


def log_of(installation: Instance) -> Path:
    return installation.ledger / "tables" / "prescriptions" / "_delta_log"


@pytest.fixture(scope="module")
def one_file_in(tmp_path_factory) -> Instance:
    """Make an installation with one file in its ledger, and two more beside it."""
    made = new(tmp_path_factory.mktemp("torn"))
    made.file("b.csv", [row(n) for n in range(10, 15)])
    made.file("c.csv", [row(n) for n in range(20, 27)])
    made.ask("ingest", made.file("a.csv", [row(1), row(2), row(3)]), *PRESCRIPTIONS)
    return made


@pytest.fixture
def installation(one_file_in, tmp_path) -> Instance:
    return Instance(shutil.copytree(one_file_in.folder, tmp_path / "installation"))


@pytest.fixture(scope="module")
def half_promoted(one_file_in, tmp_path_factory) -> Instance:
    """Make one whose second promotion died between its Delta commits and the database's."""
    folder = tmp_path_factory.mktemp("half") / "installation"
    made = Instance(shutil.copytree(one_file_in.folder, folder))
    killed(made, "audits.ingestion.promotion._publish", folder / "b.csv")
    assert entry(log_of(made), 2).exists()
    return made


@pytest.mark.parametrize("how", ["empty", "half"])
def test_a_torn_commit_of_a_promotion_that_died_is_set_aside_and_made_again(
    half_promoted, tmp_path, how
):
    here = Instance(shutil.copytree(half_promoted.folder, tmp_path / "here"))
    tear(entry(log_of(here), 2), how)
    (upload,) = here.ask("ingest", here.folder / "b.csv", *PRESCRIPTIONS)["uploads"]
    assert (upload["status"], upload["new"]) == ("promoted", 5)
    assert actions(here, "ledger_mended") == 1
    assert [path.name for path in (log_of(here).parent / "torn").iterdir()] == [
        f"0001-{entry(log_of(here), 2).name}"
    ]
    assert rows_in_ledger(here) == 8


def test_a_data_file_cut_short_before_its_commit_is_written_again(installation):
    commit = "audits.ledger.tables:Ledger._commit"
    killed(installation, commit, installation.folder / "b.csv")
    (file,) = log_of(installation).parent.glob("patient_bucket=*/upload-2.parquet")
    file.write_bytes(file.read_bytes()[:100])
    installation.ask("ingest", installation.folder / "b.csv", *PRESCRIPTIONS)
    assert rows_in_ledger(installation) == 8


def test_a_torn_commit_that_a_snapshot_names_is_refused_with_the_remedy(installation):
    tear(entry(log_of(installation), 1), "empty")
    for words in (
        ("ingest", installation.folder / "b.csv", *PRESCRIPTIONS),
        ("worker", "--once"),
        ("evaluate",),
    ):
        assert "prescriptions: version 1 cannot be opened, its log entry is torn. Put" in refusal(
            installation.run(*words)
        )
    assert installation.rows("SELECT status FROM audits_upload WHERE id = 1") == [("promoted",)]
    verified = installation.run("verify_imports", "--json")
    assert verified.returncode == 1
    assert json.loads(verified.stdout)["totals"]["torn_log"] == 1


def test_the_remedy_makes_the_ledger_whole_again(installation, tmp_path):
    installation.ask("ingest", installation.folder / "b.csv", *PRESCRIPTIONS)
    tear(entry(log_of(installation), 1), "half")
    told = installation.run("rebuild_ledger", "--into", tmp_path / "again")
    assert (told.returncode, told.stderr) == (1, "")
    assert "put " + str(tmp_path / "again" / "tables") + " in its place" in told.stdout
    (installation.ledger / "tables").rename(tmp_path / "former")
    (tmp_path / "again" / "tables").rename(installation.ledger / "tables")
    assert rows_in_ledger(installation) == 8
    installation.ask("ingest", installation.folder / "c.csv", *PRESCRIPTIONS)
    assert rows_in_ledger(installation) == 15


def test_a_database_restored_from_a_backup_has_the_ledger_set_back_and_the_trail_says_so(
    installation, tmp_path
):
    shutil.copy(installation.database, tmp_path / "backup")
    installation.ask("ingest", installation.folder / "b.csv", *PRESCRIPTIONS)
    for path in installation.database.parent.glob("oversight.db-*"):
        path.unlink()
    shutil.copy(tmp_path / "backup", installation.database)
    (upload,) = installation.ask("ingest", installation.folder / "c.csv", *PRESCRIPTIONS)["uploads"]
    assert (upload["upload"], upload["new"], upload["ledger_version"]) == (2, 7, 2)
    told = installation.rows(
        "SELECT object_id, before, after FROM audits_event WHERE action = 'ledger_restored'"
    )
    assert ("prescriptions", '{"version":2}', '{"version":1}') in told
    problems = installation.run("verify_imports", "--json")
    assert json.loads(problems.stdout)["totals"] == {"extra_original": 1}
    installation.ask("ingest", installation.folder / "b.csv", *PRESCRIPTIONS)
    assert rows_in_ledger(installation) == 15


def test_a_ledger_older_than_its_database_is_refused(installation, tmp_path):
    shutil.copytree(installation.ledger / "tables", tmp_path / "backup")
    installation.ask("ingest", installation.folder / "b.csv", *PRESCRIPTIONS)
    shutil.rmtree(installation.ledger / "tables")
    shutil.copytree(tmp_path / "backup", installation.ledger / "tables")
    told = refusal(installation.run("ingest", installation.folder / "c.csv", *PRESCRIPTIONS))
    assert "prescriptions: version 2 cannot be opened, its log entry is not there" in told
    assert "rebuild_ledger" in told


@pytest.fixture(scope="module")
def checkpointed(tmp_path_factory) -> Promotions:
    """Make a ledger with a checkpoint, as each hundredth commit makes one, and one commit more."""
    made = Promotions(tmp_path_factory.mktemp("checkpointed"))
    for number in range(3):
        made.promote([licence(f"r{number}", f"c{number}")])
    DeltaTable(log_in(made).parent.as_uri()).create_checkpoint()
    made.promote([licence("r3", "c3")])
    return made


@pytest.fixture
def promotions(checkpointed, tmp_path) -> Promotions:
    root = shutil.copytree(checkpointed.root, tmp_path / "promotions")
    return Promotions(root, snapshots=list(checkpointed.snapshots), uploads=checkpointed.uploads)


def log_in(promotions: Promotions) -> Path:
    return promotions.root / "ledger" / "tables" / KIND / "_delta_log"


def missing(log: Path) -> None:
    for path in log.glob("*.checkpoint*"):
        path.unlink()


def torn(how: str, pattern: str):
    def tearing(log: Path) -> None:
        for path in log.glob(pattern):
            tear(path, how)

    return tearing


def pointing_beyond(log: Path) -> None:
    (log / "_last_checkpoint").write_text('{"version":200,"size":5}')


@pytest.mark.parametrize(
    ("tearing", "moved"),
    [
        (missing, 1),
        (pointing_beyond, 1),
        (torn("half", "_last_checkpoint"), 1),
        (torn("empty", "_last_checkpoint"), 1),
        (torn("empty", "*.checkpoint*"), 2),
        (torn("half", "*.checkpoint*"), 2),
        (torn("zeros", "*.checkpoint*"), 2),
        (lambda log: None, 0),
    ],
)
def test_a_torn_checkpoint_is_set_aside_and_nothing_is_lost(promotions, tearing, moved):
    tearing(log_in(promotions))
    aside = promotions.ledger.mend(promotions.newest.versions)
    assert len(aside) == moved
    assert promotions.ledger.mend(promotions.newest.versions) == []
    assert len(promotions.in_force()) == 4
    promotions.promote([licence("more", "more")])
    assert len(promotions.in_force()) == 5
    assert len(promotions.in_force(at=promotions.snapshots[1])) == 1


@pytest.mark.parametrize("how", TEARS)
def test_a_torn_commit_beyond_the_snapshot_goes_and_one_within_it_is_refused(promotions, how):
    published = promotions.newest.versions
    promotions.promote([licence("more", "more")])
    last = entry(log_in(promotions), published[KIND] + 1)
    tear(last, how)
    with pytest.raises(LedgerError, match="is torn"):
        promotions.ledger.mend(promotions.newest.versions)
    with pytest.raises(LedgerError, match="is torn"):
        promotions.in_force()  # delta-rs would open an empty entry and give fewer rows
    assert last.exists()
    (aside,) = promotions.ledger.mend(published)
    assert (aside.table, not last.exists()) == (KIND, True)
    assert promotions.ledger.head(KIND) == published[KIND]


def test_what_came_after_a_torn_commit_cannot_stand_either(promotions):
    published = promotions.newest.versions
    for number in range(2):
        promotions.promote([licence(f"more-{number}", "more")])
    entry(log_in(promotions), published[KIND] + 1).unlink()
    assert len(promotions.ledger.mend(published)) == 1
    assert promotions.ledger.head(KIND) == published[KIND]


def test_a_table_torn_at_its_making_is_made_again(tmp_path):
    promotions = Promotions(tmp_path)
    promotions.classify([licence("r", "c")])
    promotions.commit(1)
    tear(entry(log_in(promotions), 0), "half")
    assert [each.table for each in promotions.ledger.mend({})] == [KIND, KIND]
    promotions.commit(1)
    assert promotions.ledger.head(KIND) == 1


@pytest.fixture
def down(monkeypatch) -> list[str]:
    """Return the paths that were brought onto the disk, and the moment of the snapshot."""
    paths, real = [], os.fsync

    def noted(descriptor: int) -> None:
        paths.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return paths


def _watched(paths: list[str]):
    def watch(execute, sql, parameters, many, context):
        if sql.startswith("INSERT INTO") and Snapshot._meta.db_table in sql:
            paths.append("SNAPSHOT")
        return execute(sql, parameters, many, context)

    return connection.execute_wrapper(watch)


@pytest.mark.django_db
@pytest.mark.parametrize("died", [False, True])
def test_the_log_is_on_the_disk_before_the_snapshot_names_it(down, settings, monkeypatch, died):
    upload = stage([row(1)])
    job = ingestion.ask_for_promotion(upload, ADA, then_evaluate=False)
    if died:
        with monkeypatch.context() as death:
            death.setattr("audits.ledger.tables.Ledger._sync_log", _die)
            jobs.run(job.public_id)
        assert Snapshot.objects.count() == 0
        down.clear()
    with _watched(down):
        assert jobs.run(job.public_id).state == "succeeded"
    before = down[: down.index("SNAPSHOT")]
    log = settings.LEDGER / "tables" / "prescriptions" / "_delta_log"
    assert {str(log), *map(str, log.glob("*.json"))} <= set(before)
    assert in_force().keys() == {"1"}


def _die(ledger, table, version):
    """Stop right after the first Delta commit with rows, before anything is on the disk."""
    if version and table == "prescriptions":
        raise jobs.Released
