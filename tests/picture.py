"""``make picture``: the pictures of the README, taken from the running demonstration.

Starts ``make run``'s product in a temporary folder, signs in as the compliance officer, opens
the most pressing flag for a high dose and writes ``docs/picture.png`` by day and
``docs/picture-dark.png`` by night. The records on them are invented.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
PICTURES = {"light": ROOT / "docs" / "picture.png", "dark": ROOT / "docs" / "picture-dark.png"}
SIZE = {"width": 1440, "height": 900}
LARGEST = 300_000  # bytes
QUEUE = "/flags/?rule=opioid_high_dose_90d&severity=high&sort=-priority"
QUIET = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none")
WAIT = 60_000  # milliseconds


def main() -> int:
    """Write the pictures and say how large they are; 1 where one is too large to be kept."""
    if not CHROMIUM.exists():
        print(f"make picture needs Chromium at {CHROMIUM}.", file=sys.stderr)
        return 1
    with demonstration() as (site, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        open_flag(page, site, password)
        taken = [take(page, scheme, path) for scheme, path in PICTURES.items()]
        browser.close()
    return 1 if max(taken) > LARGEST else 0


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """Yield the address of a demonstration of its own and the officer's password."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = os.environ | {"OVERSIGHT_VAR": folder, "OVERSIGHT_PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", "oversight.running"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield f"http://127.0.0.1:{port}", started(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def started(process: subprocess.Popen) -> str:
    """Wait until the site answers, showing what it says but passwords; return the officer's."""
    password = ""
    for line in process.stdout:
        told = re.match(r"\s*(\w+)\s+(administrator|compliance officer|auditor)\s+(\S+)$", line)
        if told is None:
            print(line, end="", flush=True)
        elif told[1] == "officer":
            password = told[3]
        if line.startswith("Oversight is at "):
            return password
    raise SystemExit("The demonstration did not start.")


def open_flag(page: Page, site: str, password: str) -> None:
    """Sign in and open the first flag of the queue, until its second program has spoken."""
    page.goto(f"{site}/sign-in/")
    page.get_by_label("Username").fill("officer")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(site + QUEUE)
    page.locator("td.text a").first.click()
    agrees = page.get_by_text("Recomputed independently: agrees.")
    expect(agrees).to_be_visible(timeout=WAIT)


def take(page: Page, scheme: str, path: Path) -> int:
    """Write the picture of the page in ``scheme``; return its size in bytes."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("window.scrollTo(0, 0); document.activeElement?.blur()")
    page.screenshot(path=path, animations="disabled", caret="hide")
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size:,} bytes")
    return size


if __name__ == "__main__":
    sys.exit(main())
