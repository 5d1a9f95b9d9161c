"""Put each mutant into a copy of the tree and see whether the quick rule tests turn red."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from . import (
    dose,
    exclusions,
    ketamine,
    peers,
    prescribers,
    prescriptions,
    providers,
    refills,
    scope,
    supervision,
)
from .mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
TREE = ("audits", "oversight", "tests", "templates", "pyproject.toml", "manage.py")
AT_ONCE = 2
LONGEST = 1_200  # seconds; a mutant that never ends is found out too
BOUNDARIES = "tests/test_rules_boundaries.py"
PATIENTS = "tests/test_rules_boundaries_patients.py"
MORE = (
    "tests/test_rules.py",
    "tests/test_rules_generated.py",
    "tests/test_rules_generated_patients.py",
    BOUNDARIES,
    PATIENTS,
    *ketamine.TESTS,
    *scope.TESTS,
    *peers.TESTS,
    *exclusions.TESTS,
)
# Of each set: the tests that are asked first, for most are found out by them.
QUICK = (
    ([*dose.MUTANTS, *prescriptions.MUTANTS], (BOUNDARIES, "-k", "dose or spells")),
    (
        [*prescribers.MUTANTS, *supervision.MUTANTS],
        (BOUNDARIES, "-k", "supervision or agreement"),
    ),
    (providers.MUTANTS, (PATIENTS, "-k", "places or shopping or age")),
    (refills.MUTANTS, (PATIENTS, "-k", "refills")),
    (ketamine.MUTANTS, ketamine.TESTS),
    (scope.MUTANTS, scope.TESTS),
    (peers.MUTANTS, peers.TESTS),
    (exclusions.MUTANTS, exclusions.TESTS),
)
MUTANTS = [mutant for mutants, _ in QUICK for mutant in mutants]
RED = re.compile(r"^(?:FAILED|ERROR) tests/(\S+)", re.M)
BROKEN = ("SyntaxError", "IndentationError", "NameError", "errors during collection")


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of a mutant: the test that killed it, or none, and whether that counts."""

    killer: str
    broken: bool


def main() -> None:
    """Run all mutants or those asked for; exit 1 if one survives or is not a program."""
    wanted = _wanted()
    with TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as open_ones:
        free: SimpleQueue[Station] = SimpleQueue()
        trees = [_copy(Path(folder) / str(number)) for number in range(AT_ONCE)]
        stations = [open_ones.enter_context(station(tree)) for tree in trees]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for red, _ in pool.map(lambda each: each.red(MORE), stations):
                if red:
                    sys.exit(f"The tests are red without any mutant: {red}")
            for each in stations:
                free.put(each)
            fates = list(pool.map(lambda mutant: _told(mutant, free), wanted))
    survivors = sum(not fate.killer for fate in fates)
    broken = sum(fate.broken for fate in fates)
    print(f"{len(wanted)} mutants: {survivors} survived, {broken} are no program")
    sys.exit(bool(survivors or broken))


@dataclass(frozen=True, kw_only=True)
class Station:
    """A copy of the tree and the process in it that runs tests."""

    tree: Path
    process: subprocess.Popen

    def red(self, chosen: tuple[str, ...]) -> tuple[str, bool]:
        """Return the first red test, '' if all are green, and whether it is no program."""
        arguments = ["-x", "-p", "no:cacheprovider", *chosen]
        asked = {"arguments": arguments, "seconds": LONGEST}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        done = json.loads(self.process.stdout.readline())
        if done["status"] is None:
            return f"no end within {LONGEST} s", False
        if not done["status"]:
            return "", False
        found = RED.search(done["said"])
        killer = found[1] if found else done["said"].strip().splitlines()[-1]
        return killer, any(word in done["said"] for word in BROKEN)


@contextmanager
def station(tree: Path) -> Iterator[Station]:
    """Yield the station of ``tree``; its process ends with the block."""
    environment = os.environ | {"RULE_CASES": "1", "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, str(Path(__file__).with_name("station.py"))]
    with subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Station(tree=tree, process=process)
        process.stdin.close()


def _wanted() -> list[Mutant]:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "--only", nargs="*", default=[""], help="parts of a file's name or of a meaning"
    )
    only = parser.parse_args().only
    return [m for m in MUTANTS if any(part in m.file or part in m.means for part in only)]


def _copy(into: Path) -> Path:
    skipped = shutil.ignore_patterns("__pycache__")
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, into / name, ignore=skipped)
        else:
            shutil.copy(source, into / name)
    return into


def _told(mutant: Mutant, free: "SimpleQueue[Station]") -> Fate:
    """Print and return what becomes of a mutant, in a station that is free."""
    mine = free.get()
    began = time.monotonic()
    quick = next(tests for mutants, tests in QUICK if mutant in mutants)
    try:
        with _applied(mutant, mine.tree):
            killer, broken = mine.red(quick)
            if not killer:
                killer, broken = mine.red(MORE)
    finally:
        free.put(mine)
    seconds = time.monotonic() - began
    said = "NO PROGRAM" if broken else f"killed by {killer}" if killer else "SURVIVED"
    print(f"{Path(mutant.file).stem:22} {mutant.means:58} {said} ({seconds:.0f} s)", flush=True)
    return Fate(killer=killer, broken=broken)


@contextmanager
def _applied(mutant: Mutant, tree: Path) -> Iterator[None]:
    """Have the change in the copy; what Python compiled of the file goes with it."""
    path = tree / mutant.file
    sound, changed = path.read_text(), mutant.applied(tree)
    try:
        _write(path, changed)
        yield
    finally:
        _write(path, sound)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


if __name__ == "__main__":
    main()
