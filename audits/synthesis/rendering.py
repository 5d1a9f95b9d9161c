"""Ordinary courses as lines of files: prescriptions, visits, diagnoses and doses given."""

from collections.abc import Mapping
from functools import cache
from operator import itemgetter
from random import Random

from .beside import Beside
from .drugs import Product
from .people import Practitioner
from .planting import PAYMENTS, PHARMACIES, of_patient, of_prescriber, of_product, one
from .practice import DATES, HELD_FROM, Course
from .sheets import Sheet, pattern

FILLS_A_VISIT = 3  # the first of three fills comes with a visit, the others are renewals
TOLD = 0.25  # of the courses have their diagnosis among the conditions
POSTED = 0.2  # of the courses come by post
MODALITIES = ("audio_video", "audio_video", "audio_only")
MINUTES = tuple(range(5, 45))
ALWAYS = {
    "record_type": "dispense",
    "refills_authorized": 0,
    "fill_number": 0,
    "origin": "electronic",
}
OF_COURSE = ("diagnosis_codes", "pharmacy_ncpdp", "pharmacy_state", "mail_order", "payment_type")
OF_FILL = (
    "prescription_id",
    "written_date",
    "filled_date",
    "encounter_id",
    "encounter_date",
    "encounter_modality",
    "encounter_minutes",
)
VISITOR = ("patient_id", "provider_npi", "setting", "patient_state_at_visit")
OF_VISIT = ("encounter_id", "started_at", "ended_at", "modality", "is_initial", "vitals_recorded")
NO_VISIT = ("", "", "", "")


class Renderer:
    """Writes courses into the sheets of the kinds that tell of patients."""

    def __init__(self, chance: Random, beside: Random, sheets: Mapping[str, Sheet]):
        self._chance = chance
        self._sheets = sheets
        self._beside = Beside(beside, sheets)
        self._visit, names = pattern("encounters", {"federal": "false"}, VISITOR, OF_VISIT)
        self._visitor = itemgetter(*names)

    @property
    def prescriptions(self) -> int:
        """Return how many prescriptions their file has by now."""
        return self._sheets["prescriptions"].rows

    def write(self, course: Course, room: int) -> None:
        """Write a course, of its prescriptions at most ``room``."""
        visits = self._visits(course)
        told = self._told(course)
        line, cells = _line(tuple(told))
        rows = self._fills(course, visits)[:room]
        self._sheets["prescriptions"].fill(line % cells(told), rows)
        self._write_visits(course, visits)
        if self._chance.random() < TOLD:
            self._write_condition(course)
        if course.product.setting == "clinic":
            self._write_doses(course)
        self._beside.write(course)

    def _told(self, course: Course) -> dict:
        """Return the cells that all fills of a course share."""
        chance = self._chance.random
        return {
            **of_patient(course.patient),
            **_drug(course.product),
            **_prescriber(course.prescriber),
            "diagnosis_codes": one(chance(), course.product.diagnoses),
            "pharmacy_ncpdp": one(chance(), PHARMACIES),
            "pharmacy_state": course.patient.state,
            "mail_order": "true" if chance() < POSTED else "false",
            "payment_type": one(chance(), PAYMENTS),
        }

    def _visits(self, course: Course) -> dict[int, tuple]:
        """Return the visits of a course as cells of its prescriptions, by the fill's place."""
        step = 1 if course.product.watched else FILLS_A_VISIT
        chance, number = self._chance.random, course.patient.patient_id[4:]
        return {
            place: (
                f"visit-{number}-{course.first + place}",
                DATES[course.written[place]],
                one(chance(), MODALITIES),
                one(chance(), MINUTES),
            )
            for place in range(0, len(course.written), step)
        }

    def _fills(self, course: Course, visits: dict[int, tuple]) -> list[tuple]:
        number = course.patient.patient_id[4:]
        return [
            (
                f"{number}-{course.first + place}",
                DATES[written],
                DATES[filled],
                *visits.get(place, NO_VISIT),
            )
            for place, (written, filled) in enumerate(
                zip(course.written, course.filled, strict=True)
            )
        ]

    def _write_visits(self, course: Course, visits: dict[int, tuple]) -> None:
        """Write the visits of days that the file is whole for; those with ketamine take vitals."""
        setting = course.product.setting
        line = self._visit % self._visitor(
            {
                "patient_id": course.patient.patient_id,
                "provider_npi": course.prescriber.npi,
                "setting": setting,
                "patient_state_at_visit": course.patient.state,
            }
        )
        vitals = "true" if course.product.watched else "false"
        rows = [
            (
                key,
                f"{day}T15:00:00Z",
                f"{day}T15:{minutes:02d}:00Z",
                "in_person" if setting == "clinic" else modality,
                "false" if place or course.first else "true",
                vitals,
            )
            for place, (key, day, modality, minutes) in visits.items()
            if course.written[place] >= HELD_FROM
        ]
        self._sheets["encounters"].fill(line, rows)

    def _write_condition(self, course: Course) -> None:
        code = one(self._chance.random(), course.product.diagnoses)
        row = course.patient.patient_id, code, DATES[course.written[0]]
        self._sheets["conditions"].fill(_condition(), [row])

    def _write_doses(self, course: Course) -> None:
        """Write a dose for each vial of a clinic, taken under the prescriber's eyes."""
        who, observer = course.patient.patient_id, course.prescriber.npi
        rows = [(who, 35, f"{DATES[day]}T15:00:00Z", observer) for day in course.filled]
        self._sheets["administrations"].fill(_dose(), rows)


@cache
def _line(told: tuple[str, ...]) -> tuple[str, itemgetter]:
    """Return the line of a prescription, and what takes the cells of its course in their order."""
    line, names = pattern("prescriptions", ALWAYS, told, OF_FILL)
    return line, itemgetter(*names)


@cache
def _drug(product: Product) -> dict:
    return _written(of_product(product))


@cache
def _prescriber(person: Practitioner) -> dict:
    return _written(of_prescriber(person))


def _written(cells: Mapping[str, object]) -> dict:
    """Return the cells as they stand in a file, where nothing is empty."""
    return {name: "" if cell is None else cell for name, cell in cells.items()}


@cache
def _condition() -> str:
    return pattern("conditions", {}, (), ("patient_id", "code", "recorded_on"))[0] % ()


@cache
def _dose() -> str:
    given = {"ingredient": "ketamine", "route": "intravenous", "monitored_minutes": 120}
    columns = ("patient_id", "dose_mg", "started_at", "observer_npi")
    return pattern("administrations", given, (), columns)[0] % ()
