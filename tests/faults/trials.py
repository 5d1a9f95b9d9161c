"""Trials: a fresh copy of an installation, a death, what an operator does then, a look."""

import json
import multiprocessing
import os
import random
import secrets
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

from django.core.management import call_command

from . import checks, child, files
from .points import Point

FORKS = multiprocessing.get_context("forkserver")
LONGEST = 300  # seconds; a process that takes longer is a violation by itself
INGEST = ("ingest", "arriving.csv", "--kind", "prescriptions", "--json")
SETTLE = ("settle", "4", "--replace", "--reason", "The clinic was asked.", "--json")
WORDS = {"ingest": INGEST, "evaluate": ("evaluate", "--json"), "settle": SETTLE}
STAGED = "staged.json"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a trial: whether the point was hit, what is wrong, what was left lying."""

    name: str
    hit: bool
    wrong: tuple[str, ...]
    left: tuple[str, ...]
    seconds: float


class Folder:
    """An installation of one trial and the processes that work in it."""

    def __init__(self, path: Path):
        self.path = path
        self.outs = count(1)

    def start(self, words: tuple[str, ...], point: Point | None = None) -> BaseProcess:
        """Start ``manage.py`` with ``words``, its working folder being this one."""
        named = tuple(str(self.path / w) if w.endswith(".csv") else w for w in words)
        return self._begun(child.command, named, point)

    def run(self, words: tuple[str, ...], point: Point | None = None) -> int:
        """Run such a command to its end and return its exit code; -9 is a kill."""
        return ended(self.start(words, point))

    def call(self, function: Callable, *arguments: object) -> int:
        """Run a function of this package in a process of its own."""
        return ended(self._begun(child.call, function, arguments))

    def said(self) -> str:
        """Return what the latest process printed, at most its end."""
        outs = sorted(self.path.glob("out-*"), key=lambda p: p.stat().st_mtime)
        return outs[-1].read_text(errors="replace").strip()[-400:] if outs else ""

    def _begun(self, target: Callable, *arguments: object) -> BaseProcess:
        out = f"out-{next(self.outs)}"
        process = FORKS.Process(target=target, args=(self.path, *arguments, out))
        process.start()
        return process


def ended(process: BaseProcess) -> int:
    """Wait for ``process`` and return its exit code; one that takes too long is killed: -15."""
    process.join(LONGEST)
    if process.exitcode is None:
        process.kill()
        process.join()
        return -signal.SIGTERM
    with closing(process):
        return process.exitcode


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Installations to copy, by command: before the file came, and with it but not evaluated.

    ``expected`` says what each command comes to where nobody dies. ``thorough`` has the
    verifying commands run after every trial.
    """

    ready: dict[str, Path]
    expected: dict[str, dict]
    scratch: Path
    thorough: bool

    def copy(self, command: str) -> Folder:
        """Return a fresh copy for a trial in which ``command`` dies."""
        path = self.scratch / secrets.token_hex(6)
        shutil.copytree(self.ready[command], path)
        return Folder(path)


def prepared(scratch: Path, *, thorough: bool) -> Stage:
    """Make the installations once, and learn from one where nobody dies what is expected."""
    loaded = Folder(scratch / "loaded")
    _install(loaded.path)
    _must(loaded, loaded.call(_migrated))
    for name, kind in (("before", "prescriptions"), ("corrected", "prescriptions")):
        _must(loaded, loaded.run(("ingest", f"{name}.csv", "--kind", kind, "--json")))
    covers = ("--covers", "2024-01-01..2026-12-31")
    _must(loaded, loaded.run(("ingest", "board.csv", "--kind", "supervision", *covers, "--json")))
    _must(loaded, loaded.run(WORDS["evaluate"]))
    _must(loaded, loaded.call(checks.decide))
    twin = Folder(shutil.copytree(loaded.path, scratch / "twin"))
    _must(twin, twin.run(INGEST))
    ingested = shutil.copytree(twin.path, scratch / "ingested")
    found = _expected(twin)
    counts = list(files.OUTCOMES.values())
    if found["uploads"][-1][1:] != counts:
        raise SystemExit(f"Without any death: {found['uploads'][-1]}")
    chosen = Folder(shutil.copytree(ingested, scratch / "chosen"))
    _must(chosen, chosen.run(SETTLE))
    return Stage(
        ready={"ingest": loaded.path, "evaluate": ingested, "settle": ingested},
        expected={"ingest": found, "evaluate": found, "settle": _expected(chosen)},
        scratch=scratch,
        thorough=thorough,
    )


def _expected(twin: Folder) -> dict:
    """Evaluate where nobody dies and return what is told then."""
    _must(twin, twin.run(WORDS["evaluate"]))
    _must(twin, twin.call(checks.look, None, True, False))
    found = json.loads((twin.path / checks.SAID).read_text())
    if found["wrong"]:
        raise SystemExit(f"Without any death: {found['wrong']}")
    return found["told"]


def durations(stage: Stage) -> dict[str, float]:
    """Return how long each command takes where nobody dies, in seconds."""
    lasts = {}
    for command, words in WORDS.items():
        folder, began = stage.copy(command), time.monotonic()
        _must(folder, folder.run(words))
        lasts[command] = time.monotonic() - began
    return lasts


def killed_at(stage: Stage, point: Point, number: int) -> Outcome:
    """Kill ``point.command`` at its point, then recover in the way that ``number`` chooses."""
    began = time.monotonic()
    folder = stage.copy(point.command)
    code = folder.run(WORDS[point.command], point)
    wrong = [] if code == -signal.SIGKILL else [f"ended with {code}: {folder.said()}"]
    way = WAYS[number % len(WAYS)]
    wrong += way(folder, WORDS[point.command])
    name, hit = f"{point.command}: {point.name}", code == -signal.SIGKILL
    return _looked_at(
        stage, folder, point.command, name, began, wrong, hit=hit, raced=way is both_at_once
    )


def killed_somewhere(stage: Stage, seed: int, lasts: dict[str, float]) -> Outcome:
    """Kill a command after a random while, and every other time who takes it up again too."""
    began = time.monotonic()
    draw = random.Random(seed)
    command = list(WORDS)[seed % len(WORDS)]
    folder, wrong, hit = stage.copy(command), [], False
    for _ in range(draw.choice((1, 2))):
        process = folder.start(WORDS[command])
        time.sleep(draw.uniform(0, lasts[command]))
        process.kill()
        hit |= ended(process) == -signal.SIGKILL
    way = draw.choice(WAYS)
    wrong += way(folder, WORDS[command])
    name = f"{command}: any moment"
    return _looked_at(
        stage, folder, command, name, began, wrong, hit=hit, raced=way is both_at_once
    )


def raced(stage: Stage, words: tuple[str, ...], number: int) -> Outcome:
    """Have two processes at once on one staged upload: two commands, or two workers."""
    began = time.monotonic()
    folder = stage.copy("ingest")
    wrong = []
    if folder.run((*INGEST, "--dry-run")):
        wrong.append(f"not staged: {folder.said()}")
    if words[0] == "worker":
        folder.call(checks.queue_promotion, 1 + number % 2)
    both = [folder.start(words) for _ in range(2)]
    if -signal.SIGTERM in [ended(process) for process in both]:
        wrong.append("one of two never ended")
    wrong += repeated(folder, INGEST)
    name = f"race of two: {words[0]}"
    return _looked_at(stage, folder, "ingest", name, began, wrong, hit=True, raced=True)


def repeated(folder: Folder, words: tuple[str, ...]) -> list[str]:
    """Do the same command again, as an operator would."""
    code = folder.run(words)
    return [f"repeated, {words[0]} ended with {code}: {folder.said()}"] if code else []


def swept(folder: Folder, words: tuple[str, ...]) -> list[str]:
    """Leave it to the sweeper and a worker once the lease has run out; then repeat all the same."""
    time.sleep(child.TIMES.lease)
    wrong = [
        f"{name[0]} ended with {code}: {folder.said()}"
        for name in (("sweep",), ("worker", "--once"))
        if (code := folder.run(name))
    ]
    return wrong + repeated(folder, words)


def both_at_once(folder: Folder, words: tuple[str, ...]) -> list[str]:
    """Repeat the command while a worker takes the work up; a refusal is answered by patience."""
    time.sleep(child.TIMES.lease)
    two = [folder.start(("worker", "--once")), folder.start(words)]
    wrong = ["one of two never ended" for p in two if ended(p) == -signal.SIGTERM]
    return wrong + repeated(folder, words)


WAYS = (repeated, swept, both_at_once)


def _looked_at(
    stage: Stage,
    folder: Folder,
    command: str,
    name: str,
    began: float,
    wrong: list[str],
    *,
    hit: bool,
    raced: bool = False,
) -> Outcome:
    """Do what is still to do, compare with the expected, and clear the folder away."""
    wrong += repeated(folder, WORDS["evaluate"])
    if code := folder.run(("worker", "--once")):
        wrong.append(f"the worker ended with {code}: {folder.said()}")
    (folder.path / checks.SAID).unlink(missing_ok=True)
    if code := folder.call(checks.look, stage.expected[command], stage.thorough, raced):
        wrong.append(f"the look ended with {code}: {folder.said()}")
        found = {"wrong": [], "left": []}
    else:
        found = json.loads((folder.path / checks.SAID).read_text())
    wrong += found["wrong"]
    if not wrong:
        shutil.rmtree(folder.path)
    seconds = time.monotonic() - began
    left = tuple(found["left"])
    return Outcome(name=name, hit=hit, wrong=tuple(wrong), left=left, seconds=seconds)


def _install(path: Path) -> None:
    (path / "keys").mkdir(parents=True, mode=0o700)
    (path / "keys" / "patient.key").write_text(os.urandom(32).hex())
    for name, rows in (
        ("before", files.BEFORE),
        ("corrected", files.CORRECTED),
        ("board", files.SUPERVISION),
        ("arriving", files.ARRIVING),
    ):
        files.write(path / f"{name}.csv", rows)


def _migrated(folder: Path) -> None:
    call_command("migrate", verbosity=0, interactive=False)


def _must(folder: Folder, code: int) -> None:
    if code:
        raise SystemExit(f"The installation could not be made ({code}): {folder.said()}")
