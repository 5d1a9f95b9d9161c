"""The ordinary practice around the schemes: lawful, skewed, and of no interest to a rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from .drugs import GENERAL, ORDINARY, Product
from .ketamine import VISITS_FROM
from .people import Patient, Practitioner, Register
from .supervisors import EVERY_SCHEDULE

FIRST_DAY, LAST_DAY = date(2024, 11, 1), date(2026, 10, 31)
DAYS = tuple(FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
DATES = tuple(day.isoformat() for day in DAYS)
HELD_FROM = (VISITS_FROM - FIRST_DAY).days
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
# Each trade with its type, its code, and how many in a hundred prescribers it is.
TRADES = {
    "primary_care": ("physician", "207Q00000X", 22),
    "psychiatry": ("physician", "2084P0800X", 12),
    "general_np": ("np", "363LF0000X", 26),
    "psychiatric_np": ("np", "363LP0808X", 16),
    "physician_assistant": ("pa", "363A00000X", 12),
    "pain": ("physician", "208VP0000X", 3),
    "pediatrics": ("physician", "208000000X", 3),
    "emergency": ("physician", "207P00000X", 2),
    "dental": ("dentist", "122300000X", 3),
    "podiatry": ("podiatrist", "213E00000X", 1),
}
SUPERVISED = ("np", "pa")
ROWS_A_PRESCRIBER = 80
SPREAD = 1.3  # of the logarithm of how much a prescriber writes
FILLS_TAIL = 1.1  # of the Pareto distribution of fills; the lower, the longer
SECOND_COURSES = 0.2  # of the patients get a drug without a schedule from somebody else too
MINORS_BORN, MINORS_YEARS = 2010, 6
LONGEST_WAIT = 2  # days from writing to filling
LONGEST_GAP = 6  # days between the end of a supply and the next prescription, not reached


class Weighted:
    """Things to draw from, each as often as its weight says."""

    def __init__(self, things: list, weights: list[float]):
        self.things = things
        self._sums = list(accumulate(weights))

    def draw(self, chance: Random):
        """Return one of the things."""
        return chance.choices(self.things, cum_weights=self._sums)[0]


@dataclass(frozen=True, kw_only=True)
class Staff:
    """The prescribers of a state by how much they write; ``general`` are those for anything."""

    everybody: Weighted
    general: Weighted


@dataclass(frozen=True, kw_only=True)
class Course:
    """One patient's treatment with one product: the days it was written and filled.

    Days are places in ``DAYS``; ``first`` numbers the fills among the patient's.
    """

    patient: Patient
    prescriber: Practitioner
    product: Product
    written: tuple[int, ...]
    filled: tuple[int, ...]
    first: int


def staff(chance: Random, register: Register, prescriptions: int) -> dict[str, Staff]:
    """Return the prescribers of each state: a few of them write most."""
    wanted = prescriptions // ROWS_A_PRESCRIBER
    total = sum(STATES.values())
    return {
        state: _staff_of(chance, register, state, wanted * share // total)
        for state, share in STATES.items()
    }


def _staff_of(chance: Random, register: Register, state: str, wanted: int) -> Staff:
    """Return ``wanted`` prescribers, and at least one of each general trade."""
    trades = Weighted(list(TRADES), [share for *_, share in TRADES.values()])
    drawn = [trades.draw(chance) for _ in range(wanted - len(GENERAL))]
    made = [
        (trade, _prescriber(chance, register, state, trade), chance.lognormvariate(0, SPREAD))
        for trade in (*GENERAL, *drawn)
    ]
    general = [each for each in made if each[0] in GENERAL]
    return Staff(everybody=_weighted(made), general=_weighted(general))


def _weighted(made: list[tuple[str, Practitioner, float]]) -> Weighted:
    return Weighted([(trade, person) for trade, person, _ in made], [weight for *_, weight in made])


def _prescriber(chance: Random, register: Register, state: str, trade: str) -> Practitioner:
    """Return a new prescriber with papers and, where the law asks for it, a fit supervisor."""
    prescriber_type, taxonomy, _ = TRADES[trade]
    supervised = prescriber_type in SUPERVISED
    hours = 1_500 + chance.randrange(12_000) if supervised else None
    person = register.practitioner(prescriber_type, state, hours, taxonomy=taxonomy)
    people = [person]
    if supervised:
        supervisor = register.practitioner("physician", state)
        register.agree(person, supervisor, state=state, schedules=EVERY_SCHEDULE)
        people.append(supervisor)
    for each in people:
        register.license(each, "licence", state)
        register.license(each, "dea", state)
    return person


def courses(chance: Random, register: Register, prescribers: dict[str, Staff]) -> Iterator[Course]:
    """Yield course after course of patient after patient, without end."""
    states = Weighted(list(STATES), list(STATES.values()))
    writes = {trade: _products([p for p in ORDINARY if trade in p.by]) for trade in TRADES}
    others = _products([p for p in ORDINARY if not p.controlled and set(GENERAL) <= set(p.by)])
    while True:
        state = states.draw(chance)
        trade, person = prescribers[state].everybody.draw(chance)
        product = writes[trade].draw(chance)
        patient = register.patient(state, product.setting, _birth_year(chance, trade))
        course = _course(chance, patient, person, product, 0)
        yield course
        if product.setting == "home" and chance.random() < SECOND_COURSES:
            _, another = prescribers[state].general.draw(chance)
            fills = len(course.written)
            yield _course(chance, patient, another, _another(chance, others, product), fills)


def _products(products: list[Product]) -> Weighted:
    return Weighted(products, [product.share for product in products])


def _another(chance: Random, others: Weighted, than: Product) -> Product:
    """Return one of the ``others`` that is not ``than``."""
    drawn = others.draw(chance)
    return drawn if drawn is not than else next(p for p in others.things if p is not than)


def _birth_year(chance: Random, trade: str) -> int | None:
    young = trade == "pediatrics"
    return MINORS_BORN + int(chance.random() * MINORS_YEARS) if young else None


def _course(
    chance: Random, patient: Patient, person: Practitioner, product: Product, first: int
) -> Course:
    """Return fills each of which is written when the former has run out, or a little after.

    How many there are is skewed: most patients get few, a few get many. What is to be
    watched over is handed out at a visit, on days for which visits are held.
    """
    wanted = min(product.most_fills, 1 + int(chance.paretovariate(FILLS_TAIL)))
    last = len(DAYS) - 1 - LONGEST_WAIT
    earliest = HELD_FROM if product.watched else 0
    day, written = earliest + int(chance.random() * (last - earliest)), []
    while len(written) < wanted and day <= last:
        written.append(day)
        day += product.days + int(chance.random() * LONGEST_GAP)
    waits = 1 if product.watched else LONGEST_WAIT + 1
    filled = [day + int(chance.random() * waits) for day in written]
    return Course(
        patient=patient,
        prescriber=person,
        product=product,
        written=tuple(written),
        filled=tuple(filled),
        first=first,
    )
