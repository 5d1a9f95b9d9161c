"""The ordinary practice around the schemes: lawful, skewed, and of no interest to a rule."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from .drugs import ORDINARY, Product
from .people import Patient, Practitioner, Register
from .planting import prescription
from .supervisors import EVERY_SCHEDULE

FIRST_DAY, LAST_DAY = date(2024, 11, 1), date(2026, 10, 31)
# Where the patients are; Wisconsin is left to the schemes, for its law changed in between.
STATES = {
    "CA": 20,
    "TX": 16,
    "FL": 14,
    "NY": 10,
    "GA": 6,
    "OH": 6,
    "PA": 6,
    "NC": 6,
    "AZ": 6,
    "WA": 5,
    "CO": 5,
}
TYPES = ("physician", "physician", "np", "np", "np", "pa")
ROWS_A_PRESCRIBER = 80


def staff(
    chance: Random, register: Register, prescriptions: int
) -> dict[str, list[tuple[Practitioner, float]]]:
    """Return for each state its prescribers with weights: a few of them write most."""
    wanted = max(prescriptions // ROWS_A_PRESCRIBER, 2 * len(STATES))
    total = sum(STATES.values())
    return {
        state: [
            (_prescriber(chance, register, state, place), 1 / (place + 1) ** 0.8)
            for place in range(max(2, wanted * share // total))
        ]
        for state, share in STATES.items()
    }


def courses(
    chance: Random, register: Register, prescribers: dict[str, list[tuple[Practitioner, float]]]
) -> Iterator[list[dict]]:
    """Yield patient after patient, each as the rows of one course of treatment, without end."""
    states, shares = list(STATES), list(STATES.values())
    product_shares = [product.share for product in ORDINARY]
    while True:
        state = chance.choices(states, shares)[0]
        people, weights = zip(*prescribers[state], strict=True)
        prescriber = chance.choices(people, weights)[0]
        product = chance.choices(ORDINARY, product_shares)[0]
        yield list(_course(chance, register.patient(state), prescriber, product))


def _prescriber(chance: Random, register: Register, state: str, place: int) -> Practitioner:
    """Return a new prescriber with licences and, if not a physician, a fit supervisor."""
    prescriber_type = TYPES[place % len(TYPES)]
    hours = None if prescriber_type == "physician" else 1_500 + chance.randrange(12_000)
    person = register.practitioner(prescriber_type, state, hours)
    register.license(person, "licence", state)
    register.license(person, "dea", state)
    if prescriber_type != "physician":
        supervisor = register.practitioner("physician", state)
        register.license(supervisor, "licence", state)
        register.license(supervisor, "dea", state)
        register.agree(person, supervisor, state=state, schedules=EVERY_SCHEDULE)
    return person


def _course(
    chance: Random, patient: Patient, prescriber: Practitioner, product: Product
) -> Iterator[dict]:
    """Yield fill after fill, each a little after the former ran out.

    How many there are is skewed: most patients get few, a few get many.
    """
    wanted = min(product.most_fills, 1 + int(chance.paretovariate(1.1)))
    written = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days - 3))
    for fill in range(wanted):
        if written > LAST_DAY - timedelta(days=3):
            return
        number = f"{patient.patient_id[4:]}-{fill}"
        yield prescription(chance, patient, prescriber, product, written, prescription_id=number)
        written += timedelta(days=product.days + chance.randrange(6))
