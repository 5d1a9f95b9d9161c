"""P3: 10,000 prescriptions onto many, from process start to flags that are seen.

Run: ``python -m benchmarks.increment --rows 1000000``. The rows are picked evenly out of the
same invented records. Exit 1 where it takes more than 10 seconds, or where the flags are not
those of an evaluation from the beginning.
"""

import json
from pathlib import Path

from . import measuring
from .rules import take_in

ARRIVING, SECONDS = 10_000, 10


def main() -> None:
    """Take the last rows in, evaluate, print what it cost, compare with all anew, and judge."""
    rows = measuring.rows_asked_for("increment", __doc__)
    with measuring.place() as here:
        here.synthesise(rows + ARRIVING)
        (here.data / "parts").mkdir()
        held, arriving = _split(Path(here.file("prescriptions")), here.data / "parts")
        take_in(here, str(held))
        here.manage("evaluate")
        took = [
            here.manage("ingest", str(arriving), "--json", name="manage.py ingest"),
            here.manage("evaluate", "--json", name="manage.py evaluate"),
        ]
        whole = here.manage("verify_flags", "--json", name="all anew: manage.py verify_flags")
    (upload,) = json.loads(took[0].said)["uploads"]
    assert (upload["status"], upload["read"]) == ("promoted", ARRIVING), upload
    answer, compared = json.loads(took[1].said), json.loads(whole.said)
    measuring.show(f"P3: {ARRIVING:,} prescriptions onto {rows:,}", [*took, whole])
    print("  flags: " + ", ".join(f"{count:,} {word}" for word, count in answer["flags"].items()))
    seconds = sum(cost.wall for cost in took)
    measuring.end(
        {
            f"promoted, evaluated and seen within {SECONDS} s ({seconds:.1f} s)": seconds
            <= SECONDS,
            f"{compared['flags']:,} flags, each as if evaluated anew": compared["ok"],
        }
    )


def _split(every: Path, into: Path) -> tuple[Path, Path]:
    """Return two files, the rows to begin with and the 10,000 that come later."""
    held, arriving = into / "held.csv", into / "arriving.csv"
    with every.open() as rows, held.open("w") as first, arriving.open("w") as later:
        header = next(rows)
        first.write(header)
        later.write(header)
        step = sum(1 for _ in every.open()) // ARRIVING
        for number, row in enumerate(rows):
            (later if number % step == 0 and number < step * ARRIVING else first).write(row)
    return held, arriving


if __name__ == "__main__":
    main()
