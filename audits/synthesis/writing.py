"""Writing the invented records as canonical files, the same bytes for the same seed."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from random import Random

from . import doses, exclusions, ketamine, refills, scope, shopping, supervisors
from .beside import record_checks
from .ketamine import VISITS_FROM
from .people import FIRST_PAPER, Register
from .planting import Planting, Truth, record_visits
from .practice import FIRST_DAY, LAST_DAY, courses, staff
from .rendering import Renderer
from .sheets import Sheet

# In the order of taking in: what is missed in the first ones must be known when it is looked for.
COVERS: Mapping[str, tuple[date, date]] = {
    "practitioners": (FIRST_PAPER, LAST_DAY),
    "licences": (FIRST_PAPER, LAST_DAY),
    "supervision": (FIRST_PAPER, LAST_DAY),
    "exclusions": (FIRST_PAPER, LAST_DAY),
    "conditions": (FIRST_DAY, LAST_DAY),
    "encounters": (VISITS_FROM, LAST_DAY),
    "administrations": (VISITS_FROM, LAST_DAY),
    "pdmp_checks": (VISITS_FROM, LAST_DAY),
    "lab_results": (VISITS_FROM, LAST_DAY),
    "prescriptions": (FIRST_DAY, LAST_DAY),
}
FILES = tuple(f"{kind}.csv" for kind in COVERS)
OF_PATIENTS = ("encounters", "conditions", "administrations", "pdmp_checks", "lab_results")
OF_PEOPLE = ("practitioners", "licences", "supervision", "exclusions")
TRUTH = "truth.csv"
ROWS_A_PLANTING = 20_000
SCHEMES = (doses, shopping, refills, ketamine, supervisors, scope, exclusions)


class SynthesisError(ValueError):
    """The files cannot be made as asked; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written: rows by file, and by kind the days that its file is whole for.

    The truth holds where each file is taken in as whole for these days. They are what a
    file is taken to be whole for where nothing is said, once the last of them is past.
    """

    folder: Path
    rows: Mapping[str, int]
    covers: Mapping[str, tuple[date, date]]


def synthesise(folder: Path, *, prescriptions: int, seed: int) -> Written:
    """Write a file of each kind and the truth about the planted schemes into ``folder``.

    ``prescriptions`` is the exact number of rows of that file; each scheme is planted
    once for every 20,000 of them. Raises SynthesisError where they are too few for one
    planting, and OSError where the folder cannot be written.
    """
    chance = Random(seed)  # noqa: S311 - invented data, not a secret
    register = Register(chance)
    plantings = list(_planted(chance, register, 1 + prescriptions // ROWS_A_PLANTING))
    taken = sum(len(planting.prescriptions) for planting in plantings)
    if prescriptions < taken:
        raise SynthesisError(
            f"The planted schemes alone take {taken} prescriptions; ask for at least these."
        )
    _record_visits(register, plantings)
    _mark_ends(register)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        sheets = {kind: open_files.enter_context(Sheet(folder, kind)) for kind in COVERS}
        for planting in plantings:
            sheets["prescriptions"].add(planting.prescriptions)
        for kind in OF_PATIENTS:
            sheets[kind].add(getattr(register, kind))
        beside = Random(f"beside {seed}")  # noqa: S311 - as above
        _practise(Renderer(chance, beside, sheets), chance, register, prescriptions)
        for kind in OF_PEOPLE:
            sheets[kind].add(getattr(register, kind))
    counts = {f"{kind}.csv": sheet.rows for kind, sheet in sheets.items()}
    truths = [truth for planting in plantings for truth in planting.truths]
    counts[TRUTH] = _write_truth(folder, truths)
    return Written(folder=folder, rows=counts, covers=COVERS)


def _planted(chance: Random, register: Register, times: int) -> Iterator[Planting]:
    for _ in range(times):
        for schemes in SCHEMES:
            yield from schemes.plant(chance, register)


def _mark_ends(register: Register) -> None:
    """Write what happened on the first and the last day of which the files tell everything.

    So a file is whole for the same days whether or not that is said when it is taken in.
    """
    exclusions.mark_first(register)
    person = register.practitioner("physician", "TX")
    patient = register.patient("TX")
    for day in (VISITS_FROM, LAST_DAY):
        register.visit(patient.patient_id, person.npi, day)
        register.administer(patient, person, day)
        register.check(patient.patient_id, person.npi, "TX", day)
        register.test(patient, "1742-6", day, "24", "U/L")


def _record_visits(register: Register, plantings: list[Planting]) -> None:
    """Write the visit behind each planted prescription, and that the programme was asked."""
    for planting in plantings:
        told = [r for r in planting.prescriptions if r["encounter_date"] >= VISITS_FROM]
        record_visits(register, told)
        record_checks(register, told)


def _practise(renderer: Renderer, chance: Random, register: Register, prescriptions: int) -> None:
    """Write ordinary courses until there are as many prescriptions as wanted."""
    practice = courses(chance, register, staff(chance, register, prescriptions))
    while (room := prescriptions - renderer.prescriptions) > 0:
        renderer.write(next(practice), room)


def _write_truth(folder: Path, truths: list[Truth]) -> int:
    names = [field.name for field in fields(Truth)]
    with (folder / TRUTH).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(truth) for truth in truths)
    return len(truths)
