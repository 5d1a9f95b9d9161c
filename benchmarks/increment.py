"""P3: 10,000 prescriptions uploaded onto many, to flags that are seen.

Run: ``python -m benchmarks.increment --rows 1000000``. The rows are picked evenly out of the
same invented records. They are taken in as in a house: by a worker that runs already and has
done such an upload before. Exit 1 where that takes more than 10 seconds, or where the flags
are not those of an evaluation from the beginning. The same by two commands, each from the
start of its process, is printed beside it.
"""

import json
import sys
from pathlib import Path

from . import measuring
from .rules import take_in

ARRIVING, SECONDS = 10_000, 10
DAYS = ("yesterday", "today", "tomorrow")


def main() -> None:
    """Upload twice by a worker and once by commands, compare with all anew, and judge."""
    rows = measuring.rows_asked_for("increment", __doc__)
    with measuring.place() as here:
        here.synthesise(rows + len(DAYS) * ARRIVING)
        held, files = _split(Path(here.file("prescriptions")), here.data / "parts")
        take_in(here, str(held))
        here.manage("evaluate")
        with here.worker():
            uploads = [_uploaded(here, files[day]) for day in DAYS[:2]]
        whole = here.manage("verify_flags", "--json", name="all anew: manage.py verify_flags")
        commands = [
            here.manage("ingest", str(files["tomorrow"]), name="manage.py ingest"),
            here.manage("evaluate", name="manage.py evaluate"),
        ]
    print(f"P3: {ARRIVING:,} prescriptions onto {rows:,}, by a worker that runs")
    for word, upload in zip(("the first after its start", "the next"), uploads, strict=True):
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in upload["steps"].items())
        print(f"  {word + ', seconds:':28} {steps}")
    print("  flags: " + ", ".join(f"{n:,} {word}" for word, n in uploads[1]["flags"].items()))
    measuring.show("The same by commands, each from its start", [*commands, whole])
    seconds, compared = uploads[1]["steps"]["flags seen"], json.loads(whole.said)
    measuring.end(
        {
            f"promoted, evaluated and seen within {SECONDS} s ({seconds:.1f} s)": seconds
            <= SECONDS,
            f"{compared['flags']:,} flags, each as if evaluated anew": compared["ok"],
        }
    )


def _uploaded(here: measuring.Place, file: Path) -> dict:
    """Return what became of a file and when, in seconds from its first byte."""
    done = here.run([sys.executable, "-m", "benchmarks.uploading", str(file)], "upload")
    answer = json.loads(done.said)
    assert answer["read"] == ARRIVING, answer
    return answer


def _split(every: Path, into: Path) -> tuple[Path, dict[str, Path]]:
    """Return files of the rows to begin with, and of 10,000 that come on each of the days."""
    into.mkdir()
    held, files = into / "held.csv", {day: into / f"{day}.csv" for day in DAYS}
    with every.open() as rows:
        header = next(rows)
        writers = {path: path.open("w") for path in (held, *files.values())}
        for writer in writers.values():
            writer.write(header)
        step = sum(1 for _ in every.open()) // ARRIVING
        for number, row in enumerate(rows):
            place, round_ = number % step, number // step
            arrives = place < len(DAYS) and round_ < ARRIVING
            writers[files[DAYS[place]] if arrives else held].write(row)
        for writer in writers.values():
            writer.close()
    return held, files


if __name__ == "__main__":
    main()
