"""``make run``: fill an empty place, serve it on this machine, and end everything at the end.

``python -m oversight.running`` is the whole product in one process tree: the broker, the
web server and the workers are children of this one and die with it.
"""

import argparse
import fcntl
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import broker
from .children import Child, ChildError, end_all

HOST = "127.0.0.1"
PRESCRIPTIONS = 20_000
LOOK_SECONDS = 0.2
READY_SECONDS = 120
IMPATIENT = 2  # times asked to end
FREED_SECONDS = 5  # what the children of an instance that was killed may need to go
WEB = ("--workers", "2", "--worker-class", "gthread", "--threads", "4", "--timeout", "300")
QUIET = ("--log-level", "warning", "--no-control-socket", "--graceful-timeout", "5")


class RunError(RuntimeError):
    """The product cannot be started here; the message says why in one line."""


class Stops:
    """How often this process was asked to end: once in good order, twice at once."""

    def __init__(self):
        self.asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.asked += 1


def main(arguments: Sequence[str] = ()) -> int:
    """Run until asked to stop; return 0, or 1 after one line that says what stands against it."""
    parser = argparse.ArgumentParser(prog="oversight.running", description=__doc__)
    parser.add_argument("--prescriptions", type=int, default=PRESCRIPTIONS)
    wanted = parser.parse_args(arguments)
    os.environ["OVERSIGHT_DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")
    stops = Stops()
    broker.die_with_parent(os.getppid())
    try:
        _check_settings()
        with _lock() as former, _port(patient=bool(former)) as listening:
            _run(listening, wanted.prescriptions, stops)
    except (RunError, ChildError, broker.BrokerError) as error:
        print(f"Oversight: {error}.", file=sys.stderr)
        return 1
    return 0


def _check_settings() -> None:
    try:
        _ = settings.VAR
    except ImproperlyConfigured as error:
        raise RunError(str(error)) from None
    except (ValueError, OSError) as error:
        raise RunError(f"a setting cannot be used: {error}") from None


@contextmanager
def _lock() -> Iterator[str]:
    """Hold the folder for this process alone.

    Yields what stands in the lock file: the former port where that instance was killed,
    empty after an orderly end.
    """
    path = settings.VAR / "run.lock"
    with path.open("a+") as file:
        file.seek(0)
        former = file.read().strip()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(
                f"it runs in {settings.VAR} already, at http://{HOST}:{former}/; end it there"
                " first, or set OVERSIGHT_VAR to another folder"
            ) from None
        _write(file, str(settings.PORT))
        yield former
        _write(file, "")


def _write(file, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


@contextmanager
def _port(*, patient: bool) -> Iterator[socket.socket]:
    """Yield a socket that has the port, before anything else is begun.

    It listens at once: bound alone, it would not keep a second instance away.
    """
    deadline = time.monotonic() + (FREED_SECONDS if patient else 0)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while refusal := _refusal(listening):
            if time.monotonic() >= deadline:
                raise RunError(
                    f"port {settings.PORT} cannot be had ({refusal}); set OVERSIGHT_PORT to another"
                )
            time.sleep(LOOK_SECONDS)
        yield listening


def _refusal(listening: socket.socket) -> str:
    """Bind and listen; return why that cannot be, empty where it can."""
    try:
        listening.bind((HOST, settings.PORT))
        listening.listen(128)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    except OverflowError:
        return "ports go from 1 to 65535"
    return ""


def _run(listening: socket.socket, prescriptions: int, stops: Stops) -> None:
    """Fill, then serve until asked to stop."""
    if not _filled(prescriptions, stops):
        return
    children: list[Child] = []
    with ExitStack() as stack:
        bell = _start_broker(stack)
        stack.callback(_end, children, stops)
        children.append(_web(listening))
        children.append(_worker(polling=bell is None and not settings.REDIS_URL))
        if _is_ready(children, stops):
            print(f"Oversight is at http://{HOST}:{settings.PORT}/ - Ctrl-C ends it.", flush=True)
        while not stops.asked:
            time.sleep(LOOK_SECONDS)
            for child in children:
                child.keep()
            if bell is not None and not bell.is_alive():
                bell = _start_broker(stack)


def _filled(prescriptions: int, stops: Stops) -> bool:
    """Make what is missing in a process of its own; return whether to go on."""
    filling = [sys.executable, "-m", "oversight.demonstration"]
    child = Child("the first filling", [*filling, "--prescriptions", str(prescriptions)])
    while child.poll() is None and not stops.asked:
        time.sleep(LOOK_SECONDS)
    if stops.asked:
        _end([child], stops)
        return False
    if child.poll():
        raise RunError(f"the first filling failed (exit {child.poll()})")
    return True


def _start_broker(stack: ExitStack) -> broker.Broker | None:
    """Start the embedded broker; None where another is set, or none can be had."""
    if settings.REDIS_URL:
        return None
    try:
        bell = broker.start()
    except (broker.BrokerError, OSError) as error:
        print(f"No broker ({error}); the worker looks for jobs each second.", flush=True)
        return None
    stack.callback(bell.stop)
    return bell


def _web(listening: socket.socket) -> Child:
    bind = ("--bind", f"fd://{listening.fileno()}")
    command = [sys.executable, "-m", "gunicorn", "oversight.wsgi", *bind, *WEB, *QUIET]
    return Child("the web server", command, descriptors=[listening.fileno()])


def _worker(*, polling: bool) -> Child:
    options = ["--poll"] if polling else []
    manage = str(settings.BASE_DIR / "manage.py")
    return Child("the worker", [sys.executable, manage, "worker", *options])


def _is_ready(children: Sequence[Child], stops: Stops) -> bool:
    """Wait until the site answers; False where a stop was asked for meanwhile."""
    deadline = time.monotonic() + READY_SECONDS
    while not stops.asked:
        if _answers():
            return True
        for child in children:
            child.keep()
        if time.monotonic() > deadline:
            raise RunError(f"the site does not answer after {READY_SECONDS} s")
        time.sleep(LOOK_SECONDS)
    return False


def _answers() -> bool:
    connection = http.client.HTTPConnection(HOST, settings.PORT, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(children: Sequence[Child], stops: Stops) -> None:
    """End the children; asked again meanwhile, at once."""
    if stops.asked:
        print("Ending; Ctrl-C again does not wait for running jobs.", flush=True)
    end_all(children, patience=lambda: stops.asked < IMPATIENT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
