"""Invented patients and practitioners, with the papers and visits that records tell of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from ..keys import dea_is_valid, npi_is_valid

SOURCE = "synthetic"
FIRST_PAPER = date(2024, 1, 1)
STRIDE = 7919  # prime, so that stepping by it meets every number once before any repeats
NUMBERS = 90_000_000
FAMILY_NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Hazel", "Juniper", "Larch")
GIVEN_NAMES = ("Avery", "Blake", "Casey", "Devon", "Ellis", "Finley", "Harper", "Jordan", "Quinn")
ZIP3 = {
    "AZ": "850",
    "CA": "900",
    "CO": "802",
    "FL": "331",
    "GA": "303",
    "NC": "276",
    "NY": "100",
    "OH": "432",
    "PA": "191",
    "TX": "770",
    "WA": "981",
    "WI": "532",
}
# The trade that a scheme means where it does not say which.
TAXONOMIES = {"physician": "207Q00000X", "np": "363LF0000X", "pa": "363A00000X"}
OLDEST, YEARS_OF_BIRTH = 1940, 62
VISIT_BEGINS, VISIT_LASTS = time(15, 0), timedelta(minutes=25)


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A person who does not exist. ``state`` is empty where the records do not tell it."""

    patient_id: str
    birth_year: int
    sex: str
    state: str
    setting: str = "home"


@dataclass(frozen=True, kw_only=True)
class Practitioner:
    """A prescriber or supervisor who does not exist."""

    npi: str
    dea: str
    last_name: str
    first_name: str
    prescriber_type: str
    taxonomy: str
    state: str
    practice_hours: int | None = None


class Register:
    """Everybody invented so far, the papers they hold, and what was recorded for schemes.

    The lists are rows of canonical files, in the order they were made.
    """

    def __init__(self, chance: Random):
        self._chance = chance
        self._offset = chance.randrange(NUMBERS)
        self._serials = {kind: count() for kind in ("patient", "npi", "dea", "paper")}
        self.practitioners: list[dict] = []
        self.licences: list[dict] = []
        self.supervision: list[dict] = []
        self.encounters: list[dict] = []
        self.conditions: list[dict] = []
        self.administrations: list[dict] = []
        self.pdmp_checks: list[dict] = []
        self.lab_results: list[dict] = []
        self.exclusions: list[dict] = []

    def patient(self, state: str, setting: str = "home", birth_year: int | None = None) -> Patient:
        """Return a new patient in ``state``, an adult unless ``birth_year`` says otherwise."""
        return Patient(
            patient_id=f"pat-{10_000_000 + self._number('patient'):08d}",
            birth_year=birth_year or OLDEST + int(self._chance.random() * YEARS_OF_BIRTH),
            sex="F" if self._chance.random() < 0.5 else "M",
            state=state,
            setting=setting,
        )

    def practitioner(
        self,
        prescriber_type: str,
        state: str,
        hours: int | None = None,
        *,
        taxonomy: str | None = None,
        known: bool = True,
    ) -> Practitioner:
        """Return a new practitioner; one not ``known`` is in no list of practitioners.

        ``taxonomy`` None stands for the usual one of the type, empty for none on record.
        """
        family = self._chance.choice(FAMILY_NAMES)
        person = Practitioner(
            npi=_npi(100_000_000 + self._number("npi")),
            dea=self._dea("B" if prescriber_type == "physician" else "M", family[0]),
            last_name=family,
            first_name=self._chance.choice(GIVEN_NAMES),
            prescriber_type=prescriber_type,
            taxonomy=TAXONOMIES[prescriber_type] if taxonomy is None else taxonomy,
            state=state,
            practice_hours=hours,
        )
        if known:
            self.practitioners.append(_listed(person))
        return person

    def license(
        self, person: Practitioner, kind: str, state: str, valid_to: date | None = None
    ) -> None:
        """Write a state licence (``licence``) or a DEA registration (``dea``) of a person."""
        number = person.dea if kind == "dea" else f"{state}{next(self._serials['paper']):06d}"
        self.licences.append(
            {
                "source_system": SOURCE,
                "source_record_id": f"L{len(self.licences) + 1:06d}",
                "npi": person.npi,
                "kind": kind,
                "state": state,
                "number": number,
                "valid_from": FIRST_PAPER,
                "valid_to": valid_to,
            }
        )

    def agree(self, supervisee: Practitioner, supervisor: Practitioner | None, **terms) -> None:
        """Write a supervision agreement; ``terms`` are its other columns."""
        row = {
            "source_system": SOURCE,
            "source_record_id": f"A{len(self.supervision) + 1:06d}",
            "supervisee_npi": supervisee.npi,
            "supervisor_npi": supervisor.npi if supervisor else None,
            "valid_from": FIRST_PAPER,
        }
        self.supervision.append(row | terms)

    def visit(self, patient_id: str, npi: str, on: date, **told: object) -> str:
        """Write a visit on a day and return its number; vital signs were taken.

        ``told`` replaces columns, as modality and vitals_recorded.
        """
        begins = datetime.combine(on, VISIT_BEGINS)
        number = f"visit-{len(self.encounters) + 1:06d}"
        row = {
            "source_system": SOURCE,
            "encounter_id": number,
            "patient_id": patient_id,
            "provider_npi": npi,
            "started_at": f"{begins.isoformat()}Z",
            "ended_at": f"{(begins + VISIT_LASTS).isoformat()}Z",
            "modality": "audio_video",
            "setting": "home",
            "vitals_recorded": "true",
        }
        self.encounters.append(row | told)
        return number

    def diagnose(self, patient: Patient, code: str, on: date, until: date | None = None) -> None:
        """Write a diagnosis recorded on a day, and the day until which it is known to hold."""
        row = {"source_system": SOURCE, "patient_id": patient.patient_id, "code": code}
        self.conditions.append(row | {"recorded_on": on, "ended_on": until})

    def administer(self, patient: Patient, observer: Practitioner | None, on: date) -> None:
        """Write a dose of ketamine taken on a day, under the eyes of ``observer`` or of nobody."""
        self.administrations.append(
            {
                "source_system": SOURCE,
                "patient_id": patient.patient_id,
                "ingredient": "ketamine",
                "dose_mg": 100,
                "route": "sublingual",
                "started_at": f"{datetime.combine(on, VISIT_BEGINS).isoformat()}Z",
                "observer_npi": observer.npi if observer else None,
                "monitored_minutes": 120 if observer else None,
            }
        )

    def check(self, patient_id: str, npi: str, state: str, on: date) -> None:
        """Write that a state's monitoring programme was asked on a day, and its answer read."""
        self.pdmp_checks.append(
            {
                "source_system": SOURCE,
                "patient_id": patient_id,
                "by_npi": npi,
                "state": state,
                "queried_at": f"{on.isoformat()}T14:50:00Z",
                "outcome": "reviewed",
            }
        )

    def test(self, patient: Patient, code: str, on: date, value: str, unit: str) -> None:
        """Write what a laboratory measured in a specimen taken on a day; ``code`` is LOINC."""
        row = {"source_system": SOURCE, "patient_id": patient.patient_id, "code": code}
        self.lab_results.append(row | {"collected_on": on, "value": value, "unit": unit})

    def exclude(self, npi: str | None, on: date, **told: object) -> None:
        """Write that the holder of an NPI, or somebody without one, is excluded from a day on."""
        row = {"source_system": SOURCE, "npi": npi, "excluded_on": on, "exclusion_type": "1128a1"}
        self.exclusions.append(row | told)

    def _number(self, kind: str) -> int:
        return (next(self._serials[kind]) * STRIDE + self._offset) % NUMBERS

    def _dea(self, first: str, second: str) -> str:
        return _checked(f"{first}{second}{self._number('dea') % 1_000_000:06d}", dea_is_valid)


def _listed(person: Practitioner) -> dict:
    return {
        "source_system": SOURCE,
        "source_record_id": f"P{person.npi}",
        "npi": person.npi,
        "dea": person.dea,
        "last_name": person.last_name,
        "first_name": person.first_name,
        "prescriber_type": person.prescriber_type,
        "taxonomy": person.taxonomy,
        "state": person.state,
        "practice_hours": person.practice_hours,
    }


def _npi(number: int) -> str:
    return _checked(str(number), npi_is_valid)


def _checked(stem: str, is_valid) -> str:
    """Return ``stem`` with the one digit behind it that makes it valid."""
    candidates: Iterator[str] = (f"{stem}{digit}" for digit in range(10))
    return next(candidate for candidate in candidates if is_valid(candidate))
