"""Schemes about drugs that a type of prescriber does not usually write (R28)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from .drugs import PLANTED
from .ketamine import VISITS_FROM
from .people import Practitioner, Register
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

RULE, KIND = "R28", "prescriber_class"
FIRST, LAST = VISITS_FROM + timedelta(days=30), date(2026, 6, 1)
# Such that all of it lies in the 90 days before the last one, in which peers are compared.
LATELY = date(2026, 8, 10), date(2026, 9, 15)
STATE, BORN_LATE, BORN_EARLY = "TX", 2014, 1980
# A trade as its type and its code; the general physician has no code on record anywhere.
TRADES = {
    "dentist": ("dentist", "122300000X"),
    "podiatrist": ("podiatrist", "213E00000X"),
    "pharmacist": ("pharmacist", "183500000X"),
    "psychiatrist": ("physician", "2084P0800X"),
    "pain physician": ("physician", "208VP0000X"),
    "emergency physician": ("physician", "207P00000X"),
    "pediatrician": ("physician", "208000000X"),
    "neurologist": ("physician", "2084N0400X"),
    "physician": ("physician", ""),
}
DRUGS = {
    "opioid": "weak oxycodone",
    "stimulant": "amphetamine",
    "benzodiazepine": "half alprazolam",
    "ketamine": "ketamine",
}
FORTNIGHTS = tuple(range(0, 84, 7))


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One prescriber writes one class for ``supply`` days, to a new patient on each of ``days``.

    ``begins`` are the first and the last day for the first of them. ``changes`` replace
    columns of the last row.
    """

    name: str
    expected: str
    trade: str
    drug_class: str
    severity: str = ""
    supply: int = 30
    days: tuple[int, ...] = (0, 20, 40)
    setting: str = "home"
    birth_year: int = BORN_EARLY
    begins: tuple[date, date] = (FIRST, LAST)
    changes: dict = field(default_factory=dict)


def _flagged(name: str, severity: str, trade: str, drug_class: str, **more) -> Scheme:
    told = {"severity": severity, "trade": trade, "drug_class": drug_class}
    return Scheme(name=name, expected=FLAG, **told, **more)


def _none(name: str, trade: str, drug_class: str, **more) -> Scheme:
    return Scheme(name=name, expected=NONE, trade=trade, drug_class=drug_class, **more)


def _unknown(name: str, trade: str, drug_class: str, **more) -> Scheme:
    return Scheme(name=name, expected=NOT_EVALUABLE, trade=trade, drug_class=drug_class, **more)


NINE, TEN, ELEVEN = FORTNIGHTS[:9], FORTNIGHTS[:10], FORTNIGHTS[:11]

SCHEMES = (
    _flagged("dentist_three_patients", "medium", "dentist", "opioid", supply=8),
    _flagged(
        "dentist_four_patients", "medium", "dentist", "opioid", supply=8, days=(0, 20, 40, 60)
    ),
    _none("dentist_two_patients", "dentist", "opioid", supply=8, days=(0, 20)),
    _none("dentist_seven_days", "dentist", "opioid", supply=7),
    _flagged(
        "dentist_patients_89_days_apart",
        "medium",
        "dentist",
        "opioid",
        supply=8,
        days=(0, 45, 89),
    ),
    _none("dentist_patients_90_days_apart", "dentist", "opioid", supply=8, days=(0, 45, 90)),
    _flagged("dentist_nine_patients", "medium", "dentist", "opioid", supply=8, days=NINE),
    _flagged("dentist_ten_patients", "high", "dentist", "opioid", supply=8, days=TEN),
    _flagged("dentist_eleven_patients", "high", "dentist", "opioid", supply=8, days=ELEVEN),
    _unknown(
        "dentist_days_supply_missing",
        "dentist",
        "opioid",
        supply=8,
        changes={"days_supply": None},
    ),
    _flagged("dentist_sedates_four_days", "medium", "dentist", "benzodiazepine", supply=4),
    _none("dentist_sedates_three_days", "dentist", "benzodiazepine", supply=3),
    _flagged("podiatrist_stimulants", "medium", "podiatrist", "stimulant"),
    _flagged("pain_physician_stimulants", "medium", "pain physician", "stimulant"),
    _flagged("pharmacist_one_patient", "critical", "pharmacist", "opioid", supply=3, days=(0,)),
    _none("psychiatrist_ketamine_look_alike", "psychiatrist", "ketamine"),
    _none("psychiatrist_stimulant_look_alike", "psychiatrist", "stimulant"),
    _unknown("psychiatrist_few_opioids", "psychiatrist", "opioid", supply=8, begins=LATELY),
    _none("psychiatrist_opioids_seven_days", "psychiatrist", "opioid", supply=7, begins=LATELY),
    _none("psychiatrist_opioids_long_ago", "psychiatrist", "opioid", supply=8),
    _flagged("emergency_ketamine_at_home", "medium", "emergency physician", "ketamine"),
    _none("emergency_ketamine_in_clinic", "emergency physician", "ketamine", setting="clinic"),
    _none("pediatrician_minors", "pediatrician", "stimulant", birth_year=BORN_LATE),
    _unknown("pediatrician_few_adults", "pediatrician", "stimulant", begins=LATELY),
    _unknown("specialty_not_in_the_table", "neurologist", "stimulant"),
    _unknown("specialty_not_known", "physician", "opioid", supply=8),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with a new prescriber and new patients."""
    for scheme in SCHEMES:
        prescriber_type, taxonomy = TRADES[scheme.trade]
        person = register.practitioner(prescriber_type, STATE, taxonomy=taxonomy)
        register.license(person, "licence", STATE)
        register.license(person, "dea", STATE)
        rows = tuple(_rows(chance, register, scheme, person))
        truth = Truth(
            rule=RULE,
            subject_kind=KIND,
            subject_id=f"{person.npi}|{scheme.drug_class}",
            expected=scheme.expected,
            severity=scheme.severity,
            scheme=scheme.name,
            first_event=first_event(rows),
        )
        yield Planting(truths=(truth,), prescriptions=rows)


def _rows(
    chance: Random, register: Register, scheme: Scheme, person: Practitioner
) -> Iterator[dict]:
    """Yield the rows; who takes ketamine is looked after, for only the trade is in question."""
    begins, product = begun(chance, *scheme.begins), PLANTED[DRUGS[scheme.drug_class]]
    for place, later in enumerate(scheme.days, start=1):
        patient = register.patient(STATE, scheme.setting, scheme.birth_year)
        written = begins + timedelta(days=later)
        if scheme.drug_class == "ketamine":
            register.visit(patient.patient_id, person.npi, written)
        row = prescription(
            chance,
            patient,
            person,
            product,
            written,
            filled_date=written,
            quantity=product.quantity * scheme.supply // product.days,
            days_supply=scheme.supply,
            prescription_id=f"{patient.patient_id[4:]}-0",
        )
        yield row | (scheme.changes if place == len(scheme.days) else {})
