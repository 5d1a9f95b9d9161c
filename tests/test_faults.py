"""A few of the deaths of ``python -m tests.faults``, and that its lists still fit the product."""

import pkgutil
from collections import Counter

import pytest

from .faults import trials
from .faults.points import POINTS
from .mutants.__main__ import MUTANTS, ROOT

CHOSEN = (
    ("ingest", "commit of the kind", 0),
    ("ingest", "before the database commit", 1),
    ("settle", "commit of the chosen", 1),
    ("settle", "choice not committed", 0),
    ("evaluate", "more flags written", 1),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    trials.FORKS.set_forkserver_preload(["tests.faults.child", "tests.faults.checks"])
    return trials.prepared(tmp_path_factory.mktemp("stage"), thorough=False)


@pytest.mark.parametrize(("command", "name", "way"), CHOSEN, ids=[each[1] for each in CHOSEN])
def test_a_process_killed_there_loses_and_doubles_nothing(stage, command, name, way):
    (point,) = [p for p in POINTS if (p.command, p.name) == (command, name)]
    outcome = trials.killed_at(stage, point, way)
    assert outcome.hit
    assert outcome.wrong == ()


def test_two_workers_promote_one_upload_once(stage):
    assert trials.raced(stage, ("worker", "--once"), 1).wrong == ()


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_every_point_is_a_function_of_the_product(point):
    module, _, path = point.target.partition(":")
    assert callable(pkgutil.resolve_name(f"{module}:{path}"))


def test_every_mutant_is_a_change_of_the_product_and_told_apart():
    assert all(mutant.applied(ROOT) != (ROOT / mutant.file).read_text() for mutant in MUTANTS)
    meanings = Counter((mutant.file, mutant.means) for mutant in MUTANTS)
    assert [meaning for meaning, number in meanings.items() if number > 1] == []
