"""P1: prescriptions from a CSV file into the ledger, from process start to promoted.

Run: ``python -m benchmarks.ingest --rows 1000000``. The yardstick is DuckDB, which turns the
same file into Parquet, before and after. Exit 1 where the product takes more than 3 times as
long, or more memory than 1 GiB (2 GiB from 10 million rows on).
"""

import json
import os
import sys
from dataclasses import replace

from . import measuring
from .measuring import GIB, SERVER, Cost, Place

TIMES = 3
MANY = 10_000_000


def main() -> None:
    """Take the rows in, print what it cost beside the yardsticks, and judge."""
    rows = measuring.rows_asked_for("ingest", __doc__)
    with measuring.place() as here:
        here.synthesise(rows)
        before = _yardstick(here, "parquet", str(here.data / "y.parquet"), "Y: DuckDB to Parquet")
        ours = here.manage("ingest", here.file("prescriptions"), "--json", name="manage.py ingest")
        after = _yardstick(here, "parquet", str(here.data / "y.parquet"), "Y again")
        measured = [before, after, ours, *_postgres(here)]
    (upload,) = json.loads(ours.said)["uploads"]
    assert (upload["status"], upload["read"]) == ("promoted", rows), upload
    faster = replace(before, wall=(before.wall + after.wall) / 2, cpu=(before.cpu + after.cpu) / 2)
    measuring.show(f"P1: {rows:,} prescriptions into the ledger", measured, faster)
    if len(measured) == TIMES:
        print(f"  not run: PostgreSQL COPY, bulk_create ({SERVER} names no server)")
    most = 2 * GIB if rows >= MANY else GIB
    measuring.end(
        {
            f"at most {TIMES} times Y": ours.wall <= TIMES * faster.wall,
            f"at most {most / GIB:.0f} GiB": ours.peak <= most,
        }
    )


def _yardstick(here: Place, what: str, into: str, name: str) -> Cost:
    words = [sys.executable, "-m", "benchmarks.yardsticks", what, here.file("prescriptions"), into]
    return here.run(words, name)


def _postgres(here: Place) -> list[Cost]:
    """Return what PostgreSQL needs, nothing where no server is named."""
    if not (server := os.environ.get(SERVER)):
        return []
    return [
        _yardstick(here, "copy", server, "PostgreSQL COPY"),
        _yardstick(here, "rows", server, "bulk_create of the first 100,000"),
    ]


if __name__ == "__main__":
    main()
