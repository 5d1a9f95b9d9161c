"""Where the browser is, and a site in a process of its own for it to look at."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def served(module: str, folder: Path, *words: str) -> Iterator[str]:
    """Yield the address of a site that ``tests.browser.<module>`` fills in ``folder`` and serves.

    It prints its port once it answers, and ends when its standard input is closed.
    """
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", f"tests.browser.{module}", str(folder), *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        port = process.stdout.readline().strip()
        assert port, "the site did not start"
        yield f"http://127.0.0.1:{port}"
        process.stdin.close()
