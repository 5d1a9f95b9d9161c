"""An installation in production's settings, its web server, and people's browsers on it."""

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
from urllib.parse import urlencode

from .instance import ROOT, Instance

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
