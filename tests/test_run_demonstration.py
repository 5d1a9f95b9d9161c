"""``make run``: what it fills, what it says, and that nothing outlives it."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from audits.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180  # seconds; far more than is needed, for a machine that does much else
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="processes are counted by /proc"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Place:
    """An empty folder and a free port, and what is started with them."""

    def __init__(self, folder):
        self.var = folder / "var"
        self.port = free_port()
        self.said = folder / "said"
        self.process = None

    def start(self, **more):
        names = {
            k: v for k, v in os.environ.items() if not k.startswith(("OVERSIGHT_", "DATABASE"))
        }
        place = {"OVERSIGHT_VAR": str(self.var), "OVERSIGHT_PORT": str(self.port)}
        command = [sys.executable, "-m", "oversight.running", "--prescriptions", "900"]
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=names | place | more,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def waits_for(self, words):
        """Wait until ``words`` were said, and return all that was."""
        until(lambda: words in self.said.read_text() or self.process.poll() is not None)
        assert words in self.said.read_text(), self.said.read_text()
        return self.said.read_text()

    def processes(self):
        """Return the ids of all processes that were started in this place and live.

        The broker writes its title over its environment, and names the place there.
        """
        mark, found = str(self.var).encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if any(mark in (folder / told).read_bytes() for told in ("environ", "cmdline")):
                    found.append(int(folder.name))
        return found

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        until(lambda: not self.processes())
        return code

    def refusal(self, **more):
        """Start a second one, which must not come up; return its exit code and lines."""
        other = Place(self.var.parent)
        other.port, other.said = self.port, self.var.parent / "refusal"
        code = other.start(**more).wait(PATIENCE)
        return code, other.said.read_text().splitlines()


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a place whose first filling was interrupted and whose second start completed it."""
    place = Place(tmp_path_factory.mktemp("run"))
    for _ in range(5):
        place.start()
        place.waits_for("rows of supervision")
        assert place.end() == 0
        if "Accounts" not in place.said.read_text():
            break  # on a machine that does much else the filling may be over before we look
        shutil.rmtree(place.var)
    place.start()
    place.first_words = place.waits_for("Oversight is at")
    yield place
    if place.process.poll() is None:
        place.end(signal.SIGTERM)


def passwords_in(words):
    return dict(
        re.findall(r"^  (administrator|officer|auditor) .*?(\S{20,})$", words, re.MULTILINE)
    )


def sign_in(port, username, password):
    """Return the address of the page that a sign-in leads to."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    address = f"http://127.0.0.1:{port}/sign-in/"
    with browser.open(address) as answer:
        page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    words = {"csrfmiddlewaretoken": token, "login": username, "password": password}
    with browser.open(address, urlencode(words).encode()) as answer:
        return answer.geturl()


def flags(place):
    with contextlib.closing(sqlite3.connect(place.var / "oversight.db")) as database:
        return database.execute(
            "SELECT rule, subject_id FROM audits_flag ORDER BY rule, subject_id"
        ).fetchall()


def test_the_first_start_fills_the_place_and_keeps_it_to_its_owner(place):
    assert place.var.stat().st_mode & 0o777 == 0o700
    assert {rule for rule, _ in flags(place)} == set(CATALOGUE)
    assert "Putting the rules to them" in place.first_words


def test_each_role_can_sign_in_with_the_password_that_was_shown(place):
    shown = passwords_in(place.first_words)
    assert list(shown) == ["administrator", "officer", "auditor"]
    for username, password in shown.items():
        assert sign_in(place.port, username, password) == f"http://127.0.0.1:{place.port}/"
    for path in place.var.rglob("*"):
        # The database's side files come and go, and the broker's is a socket.
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            kept = b"" if path.is_socket() else path.read_bytes()
            assert not [name for name in shown if shown[name].encode() in kept]


def test_it_serves_this_machine_only(place):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", place.port)) as connection:
        connection.request("GET", "/health", headers={"Host": "example.org"})
        assert connection.getresponse().status == 400
    for address in {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}:
        if not address.startswith("127.") and address != "::1":
            with pytest.raises((ConnectionRefusedError, TimeoutError)):
                socket.create_connection((address, place.port), timeout=1).close()


def test_a_second_instance_in_the_same_folder_gets_one_line(place):
    code, lines = place.refusal(OVERSIGHT_PORT=str(free_port()))
    assert (code, len(lines)) == (1, 1)
    assert f"already, at http://127.0.0.1:{place.port}/" in lines[0]


def test_a_busy_port_gets_one_line(place, tmp_path):
    code, lines = place.refusal(OVERSIGHT_VAR=str(tmp_path / "elsewhere"))
    assert (code, len(lines)) == (1, 1)
    assert f"port {place.port} cannot be had" in lines[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"OVERSIGHT_PORT": "eight"},
        {"OVERSIGHT_PORT": "80000"},
        {"DATABASE_URL": "postgresql://oversight@localhost/oversight"},
        {"OVERSIGHT_HOSTS": "oversight.example.org"},
    ],
    ids=lambda wrong: "=".join(*wrong.items()),
)
def test_a_setting_that_cannot_be_used_gets_one_line(place, tmp_path, wrong):
    code, lines = place.refusal(**{"OVERSIGHT_VAR": str(tmp_path / "elsewhere")} | wrong)
    assert (code, len(lines)) == (1, 1)


def test_ctrl_c_leaves_no_process_and_the_next_start_goes_on_from_there(place):
    before = flags(place)
    until(lambda: len(place.processes()) >= 8)  # itself, broker, web x 3, workers x 3
    assert place.end(signal.SIGINT) == 0
    assert not place.processes()
    place.start()
    words = place.waits_for("Oversight is at")
    assert not passwords_in(words)
    assert "create_administrator NAME" in words
    assert flags(place) == before


@pytest.mark.parametrize("victim", ["broker", "web server"])
def test_a_child_that_dies_is_started_again(place, victim):
    mark = {"broker": b"valkey-server", "web server": b"gunicorn"}[victim]

    def living():
        found = []
        for number in place.processes():
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{number}/cmdline").read_bytes()
                parent = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1]
                if mark in command and int(parent) == place.process.pid:
                    found.append(number)
        return found

    until(living)
    first = living()
    os.kill(first[0], signal.SIGKILL)
    until(lambda: living() and living() != first)
    assert place.process.poll() is None


def test_children_die_with_a_parent_that_was_killed(place):
    until(lambda: len(place.processes()) >= 8)
    assert place.end(signal.SIGKILL) == -signal.SIGKILL
    assert not place.processes()
    place.start()
    place.waits_for("Oversight is at")
