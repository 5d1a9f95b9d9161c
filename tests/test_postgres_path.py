"""The whole path on PostgreSQL in real processes, each signing in by the role it has there.

One story, told in order; the same files go through an installation on SQLite beside it.
"""

import csv
import json
import re
from html import unescape

import pytest

from .postgres_house import Database, database, needed
from .production import House, Site, each, served
from .test_path_workers import WORK

pytestmark = pytest.mark.postgres
KINDS = ("practitioners", "licences", "supervision", "prescriptions")
COVERS = ("--covers", "2024-01-01..2026-10-31")
ROLES = {"ada": "administrator", "olga": "compliance officer", "eve": "auditor"}
ASK_TWICE = """
import sys, django; django.setup()
from audits import ingestion, trail
from audits.models import Upload
upload, actor = Upload.objects.get(pk=sys.argv[1]), trail.Actor.command("ada")
for _ in range(2):
    print(ingestion.ask_for_promotion(upload, actor, then_evaluate=False).public_id)
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The story's place: the database, an installation on it and one on SQLite, the same keys."""
    needed()
    folder = tmp_path_factory.mktemp("path")
    with database() as made:
        urls = {
            "DATABASE_URL": made.url(made.app),
            "OVERSIGHT_AUDITOR_DATABASE_URL": made.url(made.auditor),
        }
        yield Place(
            database=made,
            postgres=House(folder / "postgres", folder / "keys", **urls),
            sqlite=House(folder / "sqlite", folder / "keys"),
            files=folder / "files",
        )


class Place:
    def __init__(self, **parts):
        self.database: Database = parts["database"]
        self.postgres: House = parts["postgres"]
        self.sqlite: House = parts["sqlite"]
        self.files = parts["files"]

    @property
    def both(self) -> tuple[House, House]:
        return self.postgres, self.sqlite

    def file(self, name: str):
        return self.files / f"{name}.csv"

    def revised(self, name: str, number: int, **cells: str):
        """Write a file of ``number`` prescriptions sent again with other cells."""
        with self.file("prescriptions").open(newline="") as file:
            rows = list(csv.DictReader(file))[:number]
        return self.postgres.file(name, [row | cells for row in rows])


def test_1_an_empty_database_is_said_to_be_empty(here):
    done = here.postgres.run("evaluate")
    assert done.returncode == 1
    assert done.stderr == (
        "The database has no tables yet, or none that fit. Run: manage.py migrate\n"
    )


def test_2_the_owner_migrates_and_grants_and_the_product_is_fit_to_deploy(here):
    made, owner = here.database, {"DATABASE_URL": here.database.url(here.database.owner)}
    done = here.postgres.run("migrate", "--verbosity", "0", **owner)
    assert (done.returncode, done.stderr) == (0, "")
    done = here.postgres.run("worker", "--once")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "Run manage.py grant_roles" in done.stderr
    roles = ("--app", made.app, "--auditor", made.auditor)
    assert here.postgres.run("grant_roles", *roles, "--json", **owner).returncode == 0
    check = ("check", "--deploy", "--database", "default", "--fail-level", "WARNING")
    done = here.postgres.run(*check)
    assert (done.returncode, done.stderr) == (0, "")
    assert here.sqlite.run("migrate", "--verbosity", "0").returncode == 0


def test_3_people_of_the_three_roles_are_made(here):
    def make(person: tuple[str, str]) -> str:
        return here.postgres.ask("create_administrator", person[0], "--role", person[1])["role"]

    assert each(make, ROLES.items()) == list(ROLES.values())
    groups = "SELECT count(DISTINCT group_id) FROM audits_user_groups"
    assert here.database.rows(groups) == [(3,)]


def test_4_all_kinds_come_in_and_the_same_flags_come_out_on_both_engines(here):
    here.postgres.ask("synthesise", "--prescriptions", "900", "--output", here.files)
    files = [here.file(kind) for kind in KINDS]

    def path(house: House) -> tuple:
        uploads = house.taken(*files, *COVERS)
        return uploads, house.ask("evaluate")["flags"], house.flags()

    postgres, sqlite = each(path, here.both)
    assert [upload["kind"] for upload in postgres[0]] == list(KINDS)
    assert [upload["status"] for upload in postgres[0]] == ["promoted"] * 4
    assert len(postgres[2]) > 10
    assert postgres == sqlite


def test_5_the_same_file_again_changes_nothing_and_a_corrected_one_what_it_corrects(here):
    files = [
        here.file("prescriptions"),
        here.revised("corrected.csv", 40, quantity="1", record_status="revise"),
        here.revised("long.csv", 3, drug_name="'quote' \U0001f48a " + "x" * 300),
        here.revised("nul.csv", 3, drug_name="nul \x00"),
    ]

    def path(house: House) -> tuple:
        uploads = house.taken(*files, "--kind", "prescriptions")
        return uploads, house.ask("evaluate")["flags"], house.flags()

    postgres, sqlite = each(path, here.both)
    same, corrected, *hostile = postgres[0]
    assert (same["status"], same["unchanged"]) == ("unchanged", 900)
    assert corrected["revised"] > 30
    assert [upload["rejected"] for upload in hostile] == [3, 3]
    assert "withdrawn" in {row["status"] for row in postgres[2]}
    assert postgres == sqlite


def test_6_a_page_takes_a_file_a_worker_does_it_and_a_person_decides(here):
    data = here.revised("page.csv", 5, quantity="2", record_status="revise").read_bytes()
    with served(here.postgres) as site:
        assert site.ask("eve", "GET", "/uploads/new/")[0] == 403
        status, address, _ = site.upload("ada", "page.csv", data)
        assert (status, address[:9]) == (302, "/uploads/")
        works_off(here.postgres, "check")
        assert "Ready to promote" in site.ask("ada", "GET", address)[2]
        assert site.send("ada", address, f"{address}promote/")[0] == 302
        works_off(here.postgres, "promote", "evaluate")
        assert "Promoted" in site.ask("eve", "GET", address)[2]
        decided = decides(site, "olga")
        page = site.ask("eve", "GET", decided)
        assert page[0] == 200 and "Called the clinic." in page[2]
        assert site.ask("eve", "GET", "/trail/?action=flag_viewed")[0] == 200
    acts = {row[0] for row in here.database.rows("SELECT DISTINCT action FROM audits_event")}
    assert {"access_denied", "upload_received", "flag_decided", "flag_viewed"} <= acts


def works_off(house: House, *kinds: str) -> None:
    done = house.run("worker", "--once", "--json")
    *told, last = map(json.loads, done.stdout.splitlines())
    assert [job["kind"] for job in told] == list(kinds)
    assert last == {"jobs": len(kinds), "states": {"succeeded": len(kinds)}}


def decides(site: Site, who: str) -> str:
    """Decide the first flag of medium or high severity by its page; return its address."""
    queue = site.ask(who, "GET", "/flags/?severity=high")[2]
    address = re.search(r'href="(/flags/\w{32}/)"', queue).group(1)
    page = unescape(site.ask(who, "GET", address)[2])
    state = re.search(r'name="state" value="(\d+)"', page).group(1)
    fields = {"state": state, "outcome": "education", "reason": "Called the clinic."}
    assert site.send(who, address, f"{address}decide/", **fields)[0] == 302
    return address


def test_7_two_workers_at_one_promotion_promote_once(here):
    path = here.revised("raced.csv", 60, quantity="3", record_status="revise")
    house = here.postgres
    (staged,) = house.ask("ingest", path, "--kind", "prescriptions", "--dry-run")["uploads"]
    assert staged["status"] == "staged"
    names = house.said(house.python(ASK_TWICE, staged["upload"]))
    workers = [house.python(WORK, name) for name in names]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    states = {tuple(house.said(worker)) for worker in workers}
    assert ("succeeded",) in states
    assert states <= {("succeeded",), ("failed", "busy"), ("failed", "refused")}
    promoted = f"SELECT count(*) FROM audits_snapshot WHERE upload_id = {staged['upload']}"
    assert here.database.rows(promoted) == [(1,)]


def test_8_an_upload_is_withdrawn_by_two_people_and_the_flags_follow(here):
    number = here.database.rows("SELECT max(id) FROM audits_upload WHERE status = 'promoted'")[0][0]
    words = ("--reason", "the wrong file", "--second", "ada")
    told = here.postgres.ask("withdraw", number, *words)
    assert told["status"] == "withdrawn"
    assert here.postgres.ask("evaluate")["ledger_version"] == told["ledger_version"]


def test_9_everything_verifies(here):
    told = each(here.postgres.ask, ("verify_trail", "verify_flags", "verify_imports"))
    assert [verdict["ok"] for verdict in told] == [True] * 3, told
    assert here.database.rows(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state LIKE 'idle in%'"
    ) == [(0,)]
