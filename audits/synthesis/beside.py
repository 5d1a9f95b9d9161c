"""What an ordinary course leaves beside its prescriptions: programme checks and blood tests.

They are drawn from chances of their own, so that what is prescribed does not depend on them.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from random import Random

from .people import Register
from .planting import one
from .practice import DATES, HELD_FROM, Course
from .sheets import Sheet, pattern

CHECKED_FILLS = 2  # of the fills one in so many comes with a check, the first one always
OUTCOMES = ("reviewed",) * 8 + ("no_records", "unavailable")
BY_DELEGATE = 0.3
DELEGATES = tuple(f"staff-{number}" for number in range(11, 20))
# LOINC code, unit, and the lowest and highest value: alanine and aspartate transaminase,
# creatinine, which a practice that gives ketamine over months watches.
TESTS = (
    ("1742-6", "U/L", 12, 48),
    ("1920-8", "U/L", 11, 40),
    ("2160-0", "mg/dL", 0.6, 1.2),
)


class Beside:
    """Writes checks and blood tests of courses into their sheets."""

    def __init__(self, chance: Random, sheets: Mapping[str, Sheet]):
        self._chance = chance
        self._sheets = sheets

    def write(self, course: Course) -> None:
        """Write the checks of a controlled course, and the blood tests of one with ketamine."""
        days = [day for day in course.written[::CHECKED_FILLS] if day >= HELD_FROM]
        if course.product.controlled and days:
            self._write_checks(course, days)
        if course.product.watched and days:
            self._write_tests(course, days[0])

    def _write_checks(self, course: Course, days: list[int]) -> None:
        chance = self._chance.random
        asked = (course.patient.patient_id, course.prescriber.npi)
        rows = [
            (
                *asked,
                one(chance(), DELEGATES) if chance() < BY_DELEGATE else "",
                course.patient.state,
                f"{DATES[day]}T14:50:00Z",
                one(chance(), OUTCOMES),
            )
            for day in days
        ]
        self._sheets["pdmp_checks"].fill(_check(), rows)

    def _write_tests(self, course: Course, day: int) -> None:
        rows = [
            (course.patient.patient_id, code, DATES[day], self._measured(lowest, highest), unit)
            for code, unit, lowest, highest in TESTS
        ]
        self._sheets["lab_results"].fill(_test(), rows)

    def _measured(self, lowest: float, highest: float) -> str:
        places = 0 if isinstance(lowest, int) else 1
        return f"{lowest + self._chance.random() * (highest - lowest):.{places}f}"


def record_checks(register: Register, rows: Iterable[Mapping]) -> None:
    """Write that the programme was asked before each of ``rows`` of a scheme was written."""
    for row in rows:
        register.check(
            row["patient_id"],
            row["prescriber_npi"],
            row["patient_state"] or row["prescriber_state"],
            row["encounter_date"],
        )


@cache
def _check() -> str:
    columns = ("patient_id", "by_npi", "delegate", "state", "queried_at", "outcome")
    return pattern("pdmp_checks", {}, (), columns)[0] % ()


@cache
def _test() -> str:
    columns = ("patient_id", "code", "collected_on", "value", "unit")
    return pattern("lab_results", {}, (), columns)[0] % ()
