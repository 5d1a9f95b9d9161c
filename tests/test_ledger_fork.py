"""delta-rs cannot live through a fork: who opened the ledger may not use it in a child."""

import subprocess
import sys

import pytest

FORKED = """
import os, sys
from pathlib import Path
from audits.ledger import Ledger, LedgerError

ledger = Ledger(Path(sys.argv[1]))
if sys.argv[2] == "opened":
    ledger.versions()
if os.fork() == 0:
    try:
        print(Ledger(Path(sys.argv[1])).versions(), flush=True)
    except LedgerError as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(
    ("before", "said"), [("imported", "{}"), ("opened", "open it only after the fork")]
)
def test_a_forked_process_may_open_the_ledger_only_if_its_parent_had_not(tmp_path, before, said):
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path), before],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said in done.stdout
    assert done.stderr == ""
