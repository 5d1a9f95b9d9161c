"""Schemes about drugs fetched before the former fill is used up (R12)."""

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
    SUPPRESSED,
    Planting,
    Truth,
    begun,
    first_event,
    prescription,
)

RULE, KIND = "R12", "patient_ingredient"
FIRST, LAST = date(2025, 1, 1), date(2026, 2, 1)


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """Fills of 30 days on ``days``; ``changes`` replace columns of the fill at that place.

    ``illness`` is recorded a month before. ``then`` is the drug of every later fill.
    """

    name: str
    expected: str
    days: tuple[int, ...]
    severity: str = ""
    drug: str = "half alprazolam"
    then: str = ""
    setting: str = "home"
    illness: str = ""
    changes: dict = field(default_factory=dict)


def _flagged(name: str, severity: str, *days: int, **more) -> Scheme:
    return Scheme(name=name, expected=FLAG, severity=severity, days=days, **more)


def _none(name: str, *days: int, **more) -> Scheme:
    return Scheme(name=name, expected=NONE, days=days, **more)


# Two days early each time: seven times make a stock of 14 days, and no fill is early by itself.
HOARD = tuple(range(0, 197, 28))
AHEAD = {"record_type": "order", "filled_date": None, "fill_number": None}

SCHEMES = (
    _flagged("four_days_early", "low", 0, 26),
    _flagged("five_days_early", "low", 0, 25),
    _none("three_days_early", 0, 27),
    _flagged("three_days_early_three_times", "medium", 0, 27, 54, 81),
    _none("three_days_early_twice", 0, 27, 54),
    # The first and the third early fill lie 179 days apart, and 180.
    _flagged("early_three_times_in_180_days", "medium", 0, 27, 60, 90, 117, 150, 179, 206),
    _none("early_three_times_in_181_days", 0, 27, 60, 90, 117, 150, 180, 207),
    _flagged("stock_of_15_days", "high", *HOARD, 225),
    _flagged("stock_of_16_days", "high", *HOARD, 224),
    _none("stock_of_14_days", *HOARD, 226),
    _flagged("schedule_ii", "low", 0, 26, drug="amphetamine"),
    _flagged("after_an_overdose", "medium", 0, 26, illness="T40.2X1A"),
    _none("dose_change_look_alike", 0, 20, then="alprazolam"),
    # From 50 to 60 tablets is a fifth exactly, which is no change of regimen.
    _flagged(
        "dose_changed_by_a_fifth", "low", 0, 20, drug="amphetamine", changes={0: {"quantity": 50}}
    ),
    _none("another_drug_look_alike", 0, 20, then="clonazepam"),
    _none("uncontrolled_look_alike", 0, 20, drug="sertraline"),
    # Three months written at once and none of it fetched yet.
    _none(
        "written_ahead_look_alike",
        0,
        0,
        0,
        drug="amphetamine",
        changes=dict.fromkeys(range(3), AHEAD),
    ),
    Scheme(
        name="long_term_care_look_alike",
        expected=SUPPRESSED,
        severity="low",
        days=(0, 26),
        setting="ltc",
    ),
    Scheme(
        name="days_supply_missing",
        expected=NOT_EVALUABLE,
        days=(0, 26),
        changes={1: {"days_supply": None}},
    ),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with new patients of one new physician."""
    prescriber = register.practitioner("physician", "TX")
    register.license(prescriber, "licence", "TX")
    register.license(prescriber, "dea", "TX")
    for scheme in SCHEMES:
        patient = register.patient("TX", scheme.setting)
        begins = begun(chance, FIRST, LAST)
        if scheme.illness:
            register.diagnose(patient, scheme.illness, begins - timedelta(days=30))
        rows = tuple(_rows(chance, scheme, patient, prescriber, begins))
        truth = Truth(
            rule=RULE,
            subject_kind=KIND,
            subject_id=f"{patient.patient_id}|{ingredient(scheme.drug)}",
            expected=scheme.expected,
            severity=scheme.severity,
            scheme=scheme.name,
            first_event=first_event(rows),
        )
        yield Planting(truths=(truth,), prescriptions=rows)


def ingredient(drug: str) -> str:
    """Return the plain name of the drug that is called ``drug`` among the planted ones."""
    return PLANTED[drug].drug_name.split()[0]


def _rows(
    chance: Random, scheme: Scheme, patient: Patient, prescriber: Practitioner, begins: date
) -> Iterator[dict]:
    for place, day in enumerate(scheme.days):
        product = PLANTED[scheme.then if place and scheme.then else scheme.drug]
        on = begins + timedelta(days=day)
        row = prescription(
            chance,
            patient,
            prescriber,
            product,
            on,
            filled_date=on,
            pharmacy_ncpdp="0312001",
            prescription_id=f"{patient.patient_id[4:]}-{place}",
        )
        yield row | scheme.changes.get(place, {})
