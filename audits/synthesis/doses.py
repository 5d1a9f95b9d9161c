"""Schemes about the amount of opioids a patient gets over 90 days (R01)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from .drugs import PLANTED
from .people import Practitioner, Register
from .planting import (
    FLAG,
    NONE,
    NOT_EVALUABLE,
    PHARMACIES,
    SUPPRESSED,
    Planting,
    Truth,
    first_event,
    prescription,
)

RULE, KIND = "R01", "patient"
FIRST, LAST = date(2025, 1, 1), date(2026, 6, 1)


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A month's supply of one drug, three times or more without a gap.

    ``quantities`` are what each fill hands out for 30 days. ``changes`` replace columns
    of every row. With ``orders`` the order of each fill is in the file as well.
    """

    name: str
    drug: str
    quantities: tuple[int, ...]
    expected: str
    severity: str = ""
    setting: str = "home"
    changes: dict = field(default_factory=dict)
    orders: bool = False


SCHEMES = (
    # 60 mg x 60 / 30 days = 120 MME a day for 90 days: the threshold itself.
    Scheme(name="at_the_threshold", drug="morphine", quantities=(60, 60, 60), expected=NONE),
    Scheme(name="one_tablet_below", drug="morphine", quantities=(60, 60, 59), expected=NONE),
    Scheme(
        name="one_tablet_above",
        drug="morphine",
        quantities=(60, 60, 61),
        expected=FLAG,
        severity="medium",
    ),
    # 30 mg x 180 / 30 days x 1.5 = 270 MME a day.
    Scheme(
        name="high_dose",
        drug="oxycodone",
        quantities=(180, 180, 180, 180),
        expected=FLAG,
        severity="high",
    ),
    # 75 mcg/hr in patches of three days = 180 MME a day.
    Scheme(
        name="patches",
        drug="fentanyl",
        quantities=(10, 10, 10),
        expected=FLAG,
        severity="medium",
    ),
    # 60 mg x 75 / 30 days = 150 MME a day; medium, one step graver after an overdose.
    Scheme(
        name="after_an_overdose",
        drug="morphine",
        quantities=(75, 75, 75),
        expected=FLAG,
        severity="high",
        changes={"diagnosis_codes": "G89.4;T40.2X1A"},
    ),
    Scheme(
        name="cancer_look_alike",
        drug="oxycodone",
        quantities=(180, 180, 180),
        expected=SUPPRESSED,
        severity="high",
        changes={"diagnosis_codes": "C50.911"},
    ),
    Scheme(
        name="hospice_look_alike",
        drug="oxycodone",
        quantities=(180, 180, 180),
        expected=SUPPRESSED,
        severity="high",
        setting="hospice",
    ),
    Scheme(
        name="days_supply_missing",
        drug="oxycodone",
        quantities=(180, 180, 180),
        expected=NOT_EVALUABLE,
        changes={"days_supply": None},
    ),
    # Counted once 90 MME a day, counted twice 180.
    Scheme(
        name="order_and_fill",
        drug="morphine",
        quantities=(45, 45, 45),
        expected=NONE,
        orders=True,
    ),
    Scheme(
        name="treatment_look_alike",
        drug="buprenorphine",
        quantities=(90, 90, 90),
        expected=NONE,
        changes={"treatment_type": "02"},
    ),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with new patients under one new physician."""
    prescriber = register.practitioner("physician", "TX")
    register.license(prescriber, "licence", "TX")
    register.license(prescriber, "dea", "TX")
    for scheme in SCHEMES:
        patient = register.patient("TX", scheme.setting)
        begins = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
        rows = tuple(_rows(chance, scheme, patient, prescriber, begins))
        truth = Truth(
            rule=RULE,
            subject_kind=KIND,
            subject_id=patient.patient_id,
            expected=scheme.expected,
            severity=scheme.severity,
            scheme=scheme.name,
            first_event=first_event(rows),
        )
        yield Planting(truths=(truth,), prescriptions=rows)


def _rows(
    chance: Random, scheme: Scheme, patient, prescriber: Practitioner, begins: date
) -> Iterator[dict]:
    # One pharmacy: more would be a scheme of its own.
    product, pharmacy = PLANTED[scheme.drug], chance.choice(PHARMACIES)
    for month, quantity in enumerate(scheme.quantities):
        written = begins + timedelta(days=product.days * month)
        number = f"{patient.patient_id[4:]}-{month}"
        row = prescription(
            chance,
            patient,
            prescriber,
            product,
            written,
            filled_date=written,
            quantity=quantity,
            pharmacy_ncpdp=pharmacy,
            prescription_id=number,
        )
        row |= scheme.changes
        if scheme.orders:
            yield row | {"record_type": "order", "filled_date": None, "fill_number": None}
        yield row
