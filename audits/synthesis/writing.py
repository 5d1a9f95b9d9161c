"""Writing the invented records as canonical files, the same bytes for the same seed."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from itertools import chain, islice
from pathlib import Path
from random import Random

from ..schema import KINDS
from . import doses, supervisors
from .people import FIRST_PAPER, Register
from .planting import Truth
from .practice import FIRST_DAY, LAST_DAY, courses, staff

# Practitioners and papers first: what a rule misses in them it must know when it looks.
FILES = (
    "practitioners.csv",
    "licences.csv",
    "supervision.csv",
    "prescriptions.csv",
)
TRUTH = "truth.csv"
ROWS_A_PLANTING = 5_000

__all__ = ["FIRST_DAY", "FIRST_PAPER", "LAST_DAY"]


class SynthesisError(ValueError):
    """The files cannot be made as asked; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written: rows by file, and the days that the files are whole for."""

    folder: Path
    rows: Mapping[str, int]
    covers_from: date
    covers_to: date


def synthesise(folder: Path, *, prescriptions: int, seed: int) -> Written:
    """Write practitioners, licences, supervision, prescriptions and truth into ``folder``.

    ``prescriptions`` is the exact number of rows of that file; each scheme is planted
    once for every 5,000 of them. Raises SynthesisError where they are too few for one
    planting, and OSError where the folder cannot be written.
    """
    chance = Random(seed)  # noqa: S311 - invented data, not a secret
    register = Register(chance)
    planted = list(_planted(chance, register, 1 + prescriptions // ROWS_A_PLANTING))
    schemed = [row for _, rows in planted for row in rows]
    if prescriptions < len(schemed):
        raise SynthesisError(
            f"The planted schemes alone take {len(schemed)} prescriptions; ask for at least these."
        )
    ordinary = courses(chance, register, staff(chance, register, prescriptions))
    every = chain(schemed, chain.from_iterable(ordinary))
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"prescriptions.csv": _write(folder, "prescriptions", islice(every, prescriptions))}
    for kind in ("practitioners", "licences", "supervision"):
        counts[f"{kind}.csv"] = _write(folder, kind, getattr(register, kind))
    counts[TRUTH] = _write_truth(folder, [truth for truth, _ in planted])
    return Written(folder=folder, rows=counts, covers_from=FIRST_PAPER, covers_to=LAST_DAY)


def _planted(chance: Random, register: Register, times: int) -> Iterator[tuple[Truth, list[dict]]]:
    for _ in range(times):
        yield from doses.plant(chance, register)
        yield from supervisors.plant(chance, register)


def _write(folder: Path, kind: str, rows: Iterable[dict]) -> int:
    """Write the rows under the kind's own header and return how many there were."""
    number = 0
    with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, KINDS[kind].columns, lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows, start=1):
            writer.writerow({"source_record_id": f"R{number:08d}", "record_status": "new"} | row)
    return number


def _write_truth(folder: Path, truths: list[Truth]) -> int:
    names = [field.name for field in fields(Truth)]
    with (folder / TRUTH).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(truth) for truth in truths)
    return len(truths)
