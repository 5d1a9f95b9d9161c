"""Schemes about ketamine sent home that nobody watched over (R19)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from .drugs import PLANTED
from .people import Patient, Practitioner, Register
from .planting import (
    FLAG,
    NONE,
    NOT_EVALUABLE,
    Planting,
    Truth,
    begun,
    first_event,
    prescription,
)

RULE, KIND = "R19", "patient_prescriber"
STATE, PSYCHIATRY = "AZ", "2084P0800X"
# The first day for which the files of visits and of doses given are whole.
VISITS_FROM = date(2025, 1, 1)
FIRST, LAST = VISITS_FROM + timedelta(days=30), date(2026, 8, 1)
NAMELESS = {
    "drug_name": "ketamine hydrochloride",
    "strength_value": None,
    "strength_unit": None,
    "dose_form": None,
    "route": None,
    "is_compound": "false",
}


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One prescription of ketamine for ``days`` days, on a day of chance unless ``on`` is given.

    ``visit`` and ``dose`` are the days after it of a visit and of a dose taken; ``seen`` are
    columns of the visit. ``sedative`` is the day of a fill of alprazolam.
    """

    name: str
    expected: str
    severity: str = ""
    drug: str = "six troches"
    days: int = 30
    on: date | None = None
    setting: str = "home"
    changes: dict = field(default_factory=dict)
    visit: int | None = None
    seen: dict = field(default_factory=dict)
    dose: int | None = None
    observed: bool = True
    sedative: int | None = None
    illness: str = ""


def _flagged(name: str, severity: str, **more) -> Scheme:
    return Scheme(name=name, expected=FLAG, severity=severity, **more)


def _none(name: str, **more) -> Scheme:
    return Scheme(name=name, expected=NONE, **more)


def _unknown(name: str, **more) -> Scheme:
    return Scheme(name=name, expected=NOT_EVALUABLE, **more)


SCHEMES = (
    _flagged("troches_31_days", "high", days=31),
    _flagged("troches_32_days", "high", days=32),
    _flagged("troches_30_days", "medium"),
    _flagged("seven_troches", "high", changes={"quantity": 7}),
    _flagged("nasal_spray", "high", drug="ketamine spray", changes={"quantity_unit": "ml"}),
    _flagged("injected_at_home", "high", drug="ketamine vial", changes={"quantity_unit": "ml"}),
    _flagged("after_an_overdose", "high", illness="T40.2X1A"),
    # Alprazolam begins on the last covered day, and on the day after it.
    _flagged("with_alprazolam", "critical", sedative=29),
    _flagged("alprazolam_the_day_after", "medium", sedative=30),
    _none("vitals_on_the_last_covered_day", days=31, visit=30),
    _flagged("vitals_the_day_after", "high", days=31, visit=31),
    _flagged("visit_without_vitals", "medium", visit=10, seen={"vitals_recorded": "false"}),
    _flagged("questionnaire_with_vitals", "medium", visit=10, seen={"modality": "async"}),
    _none("dose_under_observation", days=31, dose=10),
    _flagged("dose_nobody_watched", "high", days=31, dose=10, observed=False),
    _none("clinic_look_alike", days=31, setting="clinic"),
    _none("intravenous_look_alike", drug="ketamine vial", changes={"route": "intravenous"}),
    _none("esketamine_look_alike", drug="esketamine"),
    # The visits are whole from the first of January on.
    _flagged("first_day_that_is_held", "medium", on=VISITS_FROM),
    _unknown("last_day_that_is_not_held", on=VISITS_FROM - timedelta(days=1)),
    _unknown("before_visits_were_held", on=VISITS_FROM - timedelta(days=50)),
    _unknown("days_supply_missing", changes={"days_supply": None}),
    _unknown("route_not_known", changes=NAMELESS),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with new patients of one new psychiatrist."""
    prescriber = register.practitioner("physician", STATE, taxonomy=PSYCHIATRY)
    register.license(prescriber, "licence", STATE)
    register.license(prescriber, "dea", STATE)
    for scheme in SCHEMES:
        patient = register.patient(STATE, scheme.setting)
        begins = scheme.on or begun(chance, FIRST, LAST)
        _record(register, scheme, patient, prescriber, begins)
        rows = tuple(_rows(chance, scheme, patient, prescriber, begins))
        truth = Truth(
            rule=RULE,
            subject_kind=KIND,
            subject_id=f"{patient.patient_id}|{prescriber.npi}",
            expected=scheme.expected,
            severity=scheme.severity,
            scheme=scheme.name,
            first_event=first_event(rows),
        )
        yield Planting(truths=(truth,), prescriptions=rows)


def _record(
    register: Register, scheme: Scheme, patient: Patient, person: Practitioner, begins: date
) -> None:
    """Write the visit, the dose and the illness of the scheme, where it has them."""
    if scheme.visit is not None:
        register.visit(
            patient.patient_id, person.npi, begins + timedelta(days=scheme.visit), **scheme.seen
        )
    if scheme.dose is not None:
        observer = person if scheme.observed else None
        register.administer(patient, observer, begins + timedelta(days=scheme.dose))
    if scheme.illness:
        register.diagnose(patient, scheme.illness, begins - timedelta(days=30))


def _rows(
    chance: Random, scheme: Scheme, patient: Patient, person: Practitioner, begins: date
) -> Iterator[dict]:
    fills = [(scheme.drug, begins, {"days_supply": scheme.days} | scheme.changes)]
    if scheme.sedative is not None:
        fills.append(("half alprazolam", begins + timedelta(days=scheme.sedative), {}))
    for place, (drug, on, changes) in enumerate(fills):
        number = f"{patient.patient_id[4:]}-{place}"
        row = prescription(
            chance,
            patient,
            person,
            PLANTED[drug],
            on,
            filled_date=on,
            prescription_id=number,
        )
        yield row | changes
