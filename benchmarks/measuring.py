"""Commands as an operator starts them, in an empty place, with what each of them cost."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent.parent
SERVER = "OVERSIGHT_TEST_POSTGRES"
SERVING = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")
import django
django.setup()
from django.core.management import call_command
from oversight import broker
with broker.start():
    call_command("worker")
"""
GIB = 1 << 20  # in kilobytes, as the system counts a process's memory


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one command took from its start to its end: seconds, and kilobytes at its peak."""

    name: str
    wall: float
    cpu: float
    peak: int
    said: str = ""


class Place:
    """An empty installation with a database and a ledger of its own, and invented records."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        # What another installation is told by the environment is not told to this one.
        own = {n: v for n, v in os.environ.items() if not n.startswith(("OVERSIGHT_", "DATABASE_"))}
        self._environment = {**own, "OVERSIGHT_VAR": str(folder / "var"), "RUST_LOG": "error"}
        self.manage("migrate", "--verbosity", "0")

    def synthesise(self, prescriptions: int) -> None:
        """Write invented records of every kind into ``data``."""
        self.manage("synthesise", "--prescriptions", str(prescriptions), "--output", str(self.data))

    def file(self, kind: str) -> str:
        """Return the path of the invented records of a kind."""
        return str(self.data / f"{kind}.csv")

    def manage(self, *words: str, name: str = "") -> Cost:
        """Run a command of the product and return its cost; end here where it fails."""
        return self.run([sys.executable, str(HERE / "manage.py"), *words], name or words[0])

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Have a worker run with a broker of its own, as in a house, until the block ends."""
        words = [sys.executable, "-c", SERVING]
        with subprocess.Popen(
            words, cwd=HERE, env=self._environment, stdout=subprocess.PIPE, text=True
        ) as child:
            try:
                child.stdout.readline()
                yield
            finally:
                child.terminate()
                child.stdout.read()

    def run(self, words: Sequence[str], name: str) -> Cost:
        """Run a process to its end and return its cost; end here where it fails.

        This process stays small: a child's peak is never less than its parent's memory was.
        """
        with tempfile.TemporaryFile() as out:
            began = time.monotonic()
            child = subprocess.Popen(words, cwd=HERE, env=self._environment, stdout=out)
            _, status, used = os.wait4(child.pid, 0)
            wall = time.monotonic() - began
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            said = out.read().decode()
        if child.returncode:
            sys.exit(f"{name} ended with {child.returncode}. {said[-2000:]}")
        cpu = used.ru_utime + used.ru_stime
        return Cost(name=name, wall=wall, cpu=cpu, peak=used.ru_maxrss, said=said)


def rows_asked_for(prog: str, text: str | None) -> int:
    """Return the number of prescriptions that the command line asks for."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{prog}", description=text)
    parser.add_argument("--rows", type=int, default=1_000_000, help="prescriptions")
    return parser.parse_args().rows


@contextmanager
def place() -> Iterator[Place]:
    """Yield an empty installation that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        yield Place(Path(folder))


def show(title: str, costs: Sequence[Cost], yardstick: Cost | None = None) -> None:
    """Print what each command cost, and how often that is the yardstick's cost."""
    print(title)
    print(f"  {'':44}{'seconds':>9}{'CPU s':>8}{'peak MB':>9}{'ratio':>8}{'CPU':>7}")
    for cost in costs:
        line = f"  {cost.name:44}{cost.wall:9.1f}{cost.cpu:8.1f}{cost.peak / 1024:9,.0f}"
        if yardstick:
            line += f"{cost.wall / yardstick.wall:8.1f}{cost.cpu / yardstick.cpu:7.1f}"
        print(line)


def end(goals: dict[str, bool]) -> None:
    """Print which goals are met and end with 1 where one is missed."""
    for goal, met in goals.items():
        print(f"  {'met' if met else 'MISSED'}: {goal}")
    print(flush=True)
    sys.exit(not all(goals.values()))
