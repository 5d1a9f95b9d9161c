"""Kill processes at every point of the path and print what was true afterwards."""

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    # Before Django reads its settings, here and in the server that forks the processes.
    SCRATCH = tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True)
    os.environ["OVERSIGHT_VAR"] = str(Path(SCRATCH.name) / "var")
    os.environ["DJANGO_SETTINGS_MODULE"] = "oversight.settings"
    for name in ("DATABASE_URL", "OVERSIGHT_LEDGER", "OVERSIGHT_KEYS", "OVERSIGHT_REDIS_URL"):
        os.environ.pop(name, None)

from . import trials
from .points import POINTS
from .trials import Outcome, Stage

AT_ONCE = 2
RACES = (trials.INGEST, ("worker", "--once"))


def main() -> None:
    """Run all trials, or those of the points asked for; exit 1 on any violation."""
    options = _options()
    trials.FORKS.set_forkserver_preload(["tests.faults.child", "tests.faults.checks"])
    began = time.monotonic()
    stage = trials.prepared(Path(SCRATCH.name), thorough=True)
    print(f"prepared in {time.monotonic() - began:.0f} s", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(_done, _planned(stage, options)))
    failed = _tabled(outcomes)
    print(f"{len(outcomes)} trials in {time.monotonic() - began:.0f} s, {failed} points failed")
    SCRATCH.cleanup()
    sys.exit(bool(failed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--trials", type=int, default=3, help="kills at each point")
    parser.add_argument("--random", type=int, default=20, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--only", default="", metavar="POINT", help="part of a point's name")
    return parser.parse_args()


def _planned(stage: Stage, options: argparse.Namespace) -> list[Callable[[], Outcome]]:
    """Return every trial to do."""
    chosen = [p for p in POINTS if options.only in f"{p.command}: {p.name}"]
    planned = [
        partial(trials.killed_at, stage, point, number)
        for number in range(options.trials)
        for point in chosen
    ]
    if not options.only:
        lasts = trials.durations(stage)
        planned += [
            partial(trials.killed_somewhere, stage, options.seed * 1_000 + number, lasts)
            for number in range(options.random)
        ]
    if options.only in "race of two":
        planned += [
            partial(trials.raced, stage, words, number)
            for words in RACES
            for number in range(options.trials)
        ]
    return planned


def _done(trial: Callable[[], Outcome]) -> Outcome:
    outcome = trial()
    for each in outcome.wrong:
        print(f"VIOLATION {outcome.name}: {each}", flush=True)
    return outcome


def _tabled(outcomes: list[Outcome]) -> int:
    """Print one line a point; return how many were never hit or had a violation."""
    by_name = defaultdict(list)
    for outcome in outcomes:
        by_name[outcome.name].append(outcome)
    failed = 0
    print(f"{'point':44} {'trials':>6} {'hits':>5} {'wrong':>6} {'left':>5} {'seconds':>8}")
    for name, mine in by_name.items():
        hits = sum(each.hit for each in mine)
        wrong = sum(bool(each.wrong) for each in mine)
        left = sum(bool(each.left) for each in mine)
        slowest = max(each.seconds for each in mine)
        failed += bool(wrong) or not hits
        said = "" if hits else "  NEVER HIT"
        print(f"{name:44} {len(mine):6} {hits:5} {wrong:6} {left:5} {slowest:8.1f}{said}")
    if lying := sorted({name.split("-")[0] for each in outcomes for name in each.left}):
        print(f"left lying after a kill and never taken away: {', '.join(lying)}")
    return failed


if __name__ == "__main__":
    main()
