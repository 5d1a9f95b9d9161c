"""The whole path on PostgreSQL in real processes, each signing in by the role it has there.

One story, told in order; the same files go through an installation on SQLite beside it.
"""

import csv
import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape
from urllib.parse import urlencode

import pytest

from .instance import ROOT, Instance
from .postgres_house import Database, database, needed
from .test_path_workers import WORK

pytestmark = pytest.mark.postgres
KINDS = ("practitioners", "licences", "supervision", "prescriptions")
COVERS = ("--covers", "2024-01-01..2026-10-31")
ROLES = {"ada": "administrator", "olga": "compliance officer", "eve": "auditor"}
BEHIND_PROXY = {"X-Forwarded-Proto": "https"}
SIGN_IN = """
import sys, time, django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from audits.models import User
for name in sys.argv[1:]:
    user, session = User.objects.get(username=name), SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session["begun"] = session["seen"] = time.time()
    session["second_factor"] = True
    session.create()
    print(name, session.session_key)
"""
ASK_TWICE = """
import sys, django; django.setup()
from audits import ingestion, trail
from audits.models import Upload
upload, actor = Upload.objects.get(pk=sys.argv[1]), trail.Actor.command("ada")
for _ in range(2):
    print(ingestion.ask_for_promotion(upload, actor, then_evaluate=False).public_id)
"""


class House(Instance):
    """An installation in production's settings, without the demonstration's ease."""

    def __init__(self, folder, keys, **urls):
        super().__init__(folder)
        folder.mkdir()
        self.environment |= {
            "OVERSIGHT_KEYS": str(keys),
            "OVERSIGHT_BEHIND_PROXY": "1",
            "PYTHONPATH": str(ROOT),
            **urls,
        }

    def python(self, code: str, *words: object) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, words)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def said(self, process: subprocess.Popen) -> list[str]:
        out, errors = process.communicate("go\n", timeout=60)
        assert process.returncode == 0, errors
        return out.split()

    def flags(self) -> list[dict]:
        """Return the exported rows, without the addresses of the flags, which are drawn."""
        rows = self.exported("flags")
        return [{k: v for k, v in row.items() if k != "flag"} for row in rows]

    def taken(self, *arguments) -> list[dict]:
        """Return what ``ingest`` says of its files; those it refuses make it end with 1."""
        done = self.run("ingest", *arguments, "--json")
        assert done.stderr == ""
        return json.loads(done.stdout)["uploads"]


def each(act: Callable, subjects: Iterable) -> list:
    """Do the same to each, at once."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(act, subjects))


class Site:
    """A gunicorn process of a house, and people's browsers on it."""

    def __init__(self, house: House, port: int):
        self.port = port
        keys = house.said(house.python(SIGN_IN, "ada", "olga", "eve"))
        self.keys = dict(zip(keys[::2], keys[1::2], strict=True))

    def ask(self, who: str, method: str, address: str, body=None, kind: str = ""):
        """Return status, target of a redirection and text."""
        headers = {"Cookie": f"__Host-oversight={self.keys[who]}", **BEHIND_PROXY}
        if method == "POST":
            kind = kind or "application/x-www-form-urlencoded"
            headers |= {"Content-Type": kind, "Referer": f"https://127.0.0.1:{self.port}/"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text

    def token(self, who: str, address: str) -> str:
        text = self.ask(who, "GET", address)[2]
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text).group(1)

    def send(self, who: str, page: str, address: str, **fields: object):
        """Send a form of ``page`` to ``address``."""
        fields["csrfmiddlewaretoken"] = self.token(who, page)
        return self.ask(who, "POST", address, urlencode(fields))

    def upload(self, who: str, name: str, data: bytes):
        """Send a file by the form as a browser does."""
        token = self.token(who, "/uploads/new/")
        parts = {"csrfmiddlewaretoken": token, "kind": "prescriptions", "preset": "auto"}
        mark = "limit7731"
        lines = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in parts.items()
        ]
        lines.append(
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        )
        body = "".join(lines).encode() + data + f"\r\n--{mark}--\r\n".encode()
        return self.ask(who, "POST", "/uploads/new/", body, f"multipart/form-data; boundary={mark}")


@contextmanager
def served(house: House):
    """Yield the site of ``house`` while a web server of its own serves it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "oversight.wsgi", "--bind", f"127.0.0.1:{port}"]
    options = ["--worker-class", "gthread", "--threads", "2", "--log-level", "error"]
    environment = house.environment | {"OVERSIGHT_ORIGINS": f"https://127.0.0.1:{port}"}
    with subprocess.Popen([*command, *options], env=environment, cwd=ROOT) as process:
        try:
            until_it_answers(process, port)
            yield Site(house, port)
        finally:
            process.terminate()
            process.wait(20)


def until_it_answers(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert process.poll() is None and time.monotonic() < deadline
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            assert connection.getresponse().status == 200
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()


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
    here.postgres.ask("synthesise", "--prescriptions", "300", "--output", here.files)
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
    assert (same["status"], same["unchanged"]) == ("unchanged", 300)
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
