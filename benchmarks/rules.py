"""P2: every rule over all prescriptions, from process start to flags that are seen.

Run: ``python -m benchmarks.rules --rows 1000000``. Exit 1 beyond 60 seconds or 6 GiB, which
is the goal for 10 million rows and holds for fewer.
"""

import json

from . import measuring
from .measuring import GIB, Place

SECONDS, MEMORY = 60, 6 * GIB


def main() -> None:
    """Evaluate every rule in full, print what it cost, and judge."""
    rows = measuring.rows_asked_for("rules", __doc__)
    with measuring.place() as here:
        here.synthesise(rows)
        take_in(here, here.file("prescriptions"))
        ours = here.manage("evaluate", "--full", "--json", name="manage.py evaluate --full")
    answer = json.loads(ours.said)
    measuring.show(f"P2: {len(answer['rules'])} rules over {rows:,} prescriptions", [ours])
    print(f"  {answer['flags']['new']:,} flags, {rows / ours.wall:,.0f} prescriptions a second")
    print("  not run: the same expressions by Ibis on PostgreSQL (not in this benchmark)")
    measuring.end(
        {
            f"within {SECONDS} s": ours.wall <= SECONDS,
            f"at most {MEMORY / GIB:.0f} GiB": ours.peak <= MEMORY,
        }
    )


def take_in(here: Place, prescriptions: str) -> None:
    """Ingest these prescriptions after the invented records of every other kind."""
    others = [p for p in here.data.glob("*.csv") if p.stem not in ("prescriptions", "truth")]
    for path in (*sorted(map(str, others)), prescriptions):
        here.manage("ingest", path)


if __name__ == "__main__":
    main()
