"""A process in a copy of the tree that forks a test run for each line it reads.

Run as a file, so that nothing of the tree is imported before the fork; what others wrote
is imported here once.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import django.core.management
import ibis.backends.duckdb
import pyarrow.csv
import pyarrow.parquet
import pytest

PRELOADED = (django, ibis, pyarrow)
LOOK = 0.05  # seconds


def main() -> None:
    """Answer each line, the arguments of pytest and a time limit, by its status and output."""
    sys.path[0] = os.getcwd()
    for line in sys.stdin:
        asked = json.loads(line)
        status = _forked(asked["arguments"], asked["seconds"])
        said = Path("said").read_text(errors="replace")
        print(json.dumps({"status": status, "said": said}), flush=True)


def _forked(arguments: list[str], seconds: float) -> int | None:
    """Return the exit status of a test run, None where it took longer."""
    child = os.fork()
    if not child:
        os.setsid()
        said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os._exit(_tests(arguments))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(LOOK)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _tests(arguments: list[str]) -> int:
    try:
        status = int(pytest.main(arguments))
    except BaseException as error:
        print(f"ERROR tests/: {error!r}")
        status = 1
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    main()
