"""What all tests share: a ledger of their own, and an honest list of what was not run."""

import gc
import os
from collections import Counter

import pytest
from hypothesis import settings as generated

from audits.trail import triggers

ALL = os.environ.get("OVERSIGHT_ALL", "") == "1"

# The first query of an engine takes longer than any deadline; the number of cases is
# set by `make fuzz`, where a test does not set its own.
generated.register_profile(
    "house", deadline=None, max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100"))
)
generated.load_profile("house")


@pytest.fixture(autouse=True)
def ledger_of_its_own(settings, tmp_path):
    """Point every test at an empty ledger."""
    settings.LEDGER = tmp_path / "ledger"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    """Take the trail's triggers away before the tables are emptied: they forbid just that."""
    marker = item.get_closest_marker("django_db")
    if "transactional_db" in item.fixturenames or (marker and marker.kwargs.get("transaction")):
        triggers.remove()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where all is wanted, make of a test that is not run one that failed."""
    return _demanded((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """The same for a whole file that is not run."""
    return _demanded((yield))


def pytest_terminal_summary(terminalreporter):
    """List what was not run, by reason."""
    skipped = [r for r in terminalreporter.getreports("skipped") if _is_not_run(r)]
    if not skipped:
        return
    terminalreporter.section(f"{len(skipped):,} not run", sep="-")
    for reason, number in sorted(Counter(_reason(r) for r in skipped).items()):
        terminalreporter.write_line(f"{number:5,} {reason}")
        for report in skipped:
            if _reason(report) == reason:
                terminalreporter.write_line(f"      {report.nodeid}")


def _demanded(report):
    if ALL and _is_not_run(report):
        report.longrepr = f"not run, and OVERSIGHT_ALL is set: {_reason(report)}"
        report.outcome = "failed"
    return report


def _is_not_run(report) -> bool:
    return report.skipped and not hasattr(report, "wasxfail")


def _reason(report) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no process is left with it alone at the end."""
    long = ("browser", "postgres")
    items.sort(key=lambda item: not any(map(item.get_closest_marker, long)))


def pytest_collection_finish():
    """Leave what is in memory by now out of garbage collection, and look more seldom.

    Expressions are a great many small objects: to look through all else for every few hundred
    of them takes a tenth of the time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
