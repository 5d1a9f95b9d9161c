"""Schemes about patients who get controlled drugs from several prescribers (R04)."""

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
    PHARMACIES,
    SUPPRESSED,
    Planting,
    Truth,
    begun,
    first_event,
    prescription,
)

RULE, KIND = "R04", "patient"
FIRST, LAST = date(2025, 1, 1), date(2025, 9, 1)
WEAK, STRONG = "weak oxycodone", "oxycodone"
MOST = 5  # prescribers and pharmacies that any scheme goes to
TABLETS_A_DAY = 4  # of oxycodone 5 mg: 30 MME a day


@dataclass(frozen=True, kw_only=True)
class Fill:
    """A fill on a day of the scheme; prescriber and pharmacy by their place among the five."""

    day: int
    prescriber: int
    pharmacy: int
    drug: str = WEAK
    quantity: int | None = None
    days: int | None = 5
    changes: dict = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One patient's round. ``illness`` is recorded a month before it begins.

    ``high_dose`` says what R01 says of the same patient, for its dose is one of R04's facts.
    """

    name: str
    expected: str
    fills: tuple[Fill, ...]
    severity: str = ""
    illness: str = ""
    high_dose: bool = False


def _round(
    days: tuple[int, ...],
    prescribers: str = "0123",
    pharmacies: str = "0123",
    *,
    supply: tuple[int, ...] = (4, 4, 3, 3),
    drug: str = WEAK,
) -> tuple[Fill, ...]:
    """Return one fill a day of ``days``; each supply is that of the fill at its place."""
    places = zip(days, map(int, prescribers), map(int, pharmacies), supply, strict=True)
    return tuple(
        Fill(
            day=day,
            prescriber=prescriber,
            pharmacy=pharmacy,
            drug=drug,
            days=length,
            quantity=TABLETS_A_DAY * length if drug == WEAK else None,
        )
        for day, prescriber, pharmacy, length in places
    )


def _mixed(last: int, pharmacies: str = "01234") -> tuple[Fill, ...]:
    """Return five controlled drugs of five prescribers; the last fill is on day ``last``."""
    drugs = (WEAK, "alprazolam", "amphetamine", "zolpidem", "tramadol")
    return tuple(
        Fill(day=day, prescriber=n, pharmacy=int(pharmacies[n]), drug=drug, days=None)
        for n, (day, drug) in enumerate(zip((0, 20, 40, 60, last), drugs, strict=True))
    )


def _dosed(
    quantity: int | None, days: tuple[int, ...], prescribers: str, pharmacies: str
) -> tuple[Fill, ...]:
    """Return fills of three days; the second has ``quantity`` tablets of 5 mg, 36 of 90 MME."""
    fills = _round(days, prescribers, pharmacies, supply=(3,) * len(days))
    first, second, *rest = fills
    changes = {"quantity": quantity}
    return first, Fill(**vars(second) | {"changes": changes}), *rest


def _shopping(quantity: int, fourth: int = 3, *more: Fill) -> tuple[Fill, ...]:
    """Return three months of one prescriber's 30 mg tablets, then three other prescribers.

    They are too far apart for any window but the year. 180 tablets are 270 MME a day.
    """
    months = [
        Fill(day=30 * n, prescriber=0, pharmacy=0, drug=STRONG, days=30, quantity=quantity)
        for n in range(3)
    ]
    others = _round((120, 250, 340), "123", f"12{fourth}", supply=(5, 5, 5))
    return *months, *others, *more


def _unmatched(fills: tuple[Fill, ...]) -> tuple[Fill, ...]:
    """Return the fills with the last one of a drug that no table knows."""
    nameless = {"drug_name": "prescribed remedy 12", "strength_value": None, "strength_unit": None}
    return *fills[:-1], Fill(**vars(fills[-1]) | {"changes": nameless | {"dose_form": None}})


NEAR, FAR, YEAR, BEYOND = (
    (0, 60, 120, 179),
    (0, 60, 120, 180),
    (0, 100, 200, 364),
    (0, 100, 200, 365),
)
WITHIN, APART = (0, 90, 182), (0, 90, 183)
FIFTEEN, FOURTEEN = (4, 4, 4, 3), (4, 4, 3, 3)
BENZODIAZEPINE = Fill(day=45, prescriber=0, pharmacy=0, drug="alprazolam", days=None)


def _flagged(name: str, severity: str, fills: tuple[Fill, ...], **more) -> Scheme:
    return Scheme(name=name, expected=FLAG, severity=severity, fills=fills, **more)


def _none(name: str, fills: tuple[Fill, ...], **more) -> Scheme:
    return Scheme(name=name, expected=NONE, fills=fills, **more)


def _unknown(name: str, fills: tuple[Fill, ...], **more) -> Scheme:
    return Scheme(name=name, expected=NOT_EVALUABLE, fills=fills, **more)


def _excused(name: str, illness: str) -> Scheme:
    fills = _round(NEAR, supply=FIFTEEN)
    return Scheme(name=name, expected=SUPPRESSED, severity="medium", fills=fills, illness=illness)


SCHEMES = (
    # Five prescribers and five pharmacies in 90 days, any controlled drugs.
    _flagged("five_and_five_89_days_apart", "critical", _mixed(89)),
    _flagged("five_and_five_90_days_apart", "medium", _mixed(90)),
    _flagged("five_prescribers_four_pharmacies", "medium", _mixed(89, "01233")),
    # Four of each in a year, and over 120 MME a day for 90 of its days.
    _flagged("shopping_at_a_high_dose", "high", _shopping(180), high_dose=True),
    _flagged(
        "shopping_with_a_benzodiazepine",
        "critical",
        _shopping(180, 3, BENZODIAZEPINE),
        high_dose=True,
    ),
    _flagged("shopping_at_a_low_dose", "medium", _shopping(40)),
    _flagged("shopping_at_three_pharmacies", "low", _shopping(180, 2), high_dose=True),
    # Three of each in 183 days, or five prescribers, and a day of 90 MME.
    _flagged("three_and_three_at_90_mme", "high", _dosed(36, WITHIN, "012", "012")),
    _flagged("three_and_three_above_90_mme", "high", _dosed(37, WITHIN, "012", "012")),
    _none("three_and_three_below_90_mme", _dosed(35, WITHIN, "012", "012")),
    _none("three_and_three_183_days_apart", _dosed(36, APART, "012", "012")),
    _none("three_prescribers_two_pharmacies", _dosed(36, WITHIN, "012", "011")),
    _unknown("three_and_three_quantity_missing", _dosed(None, WITHIN, "012", "012")),
    _flagged(
        "five_prescribers_one_pharmacy",
        "high",
        _dosed(36, (0, 40, 80, 120, 160), "01234", "00000"),
    ),
    _none("four_prescribers_one_pharmacy", _dosed(36, (0, 40, 80, 120), "0123", "0000")),
    # Four of each in 180 days.
    _flagged("four_and_four_15_days", "medium", _round(NEAR, supply=FIFTEEN)),
    _flagged("four_and_four_179_days_apart", "medium", _round(NEAR)),
    _none("four_and_four_180_days_apart", _round(FAR)),
    _flagged("four_prescribers_three_pharmacies", "medium", _round(NEAR, "0123", "0122")),
    _none("three_prescribers_three_pharmacies", _round(NEAR, "0122", "0122")),
    _none("covering_colleagues", _round(NEAR, "0123", "0011")),
    _flagged("after_an_overdose", "high", _round(NEAR, supply=FIFTEEN), illness="T40.2X1A"),
    _excused("cancer_look_alike", "C50.911"),
    _excused("palliative_look_alike", "Z51.5"),
    _excused("sickle_cell_look_alike", "D57.1"),
    _unknown("drug_not_known", _unmatched(_round(NEAR, "0123", "0122"))),
    # Four stimulants' prescribers, and four of a treatment that does not count.
    _flagged(
        "stimulants_from_four_prescribers",
        "medium",
        _round((0, 60, 120, 179), "0123", "0122", supply=(30,) * 4, drug="amphetamine"),
    ),
    _none(
        "stimulants_from_two_pharmacies",
        _round((0, 60, 120, 179), "0123", "0111", supply=(30,) * 4, drug="amphetamine"),
    ),
    _none(
        "treatment_look_alike",
        _round((0, 60, 120, 179), supply=(30,) * 4, drug="buprenorphine"),
    ),
    # Four prescribers in a year and 15 days of opioids.
    _flagged("a_year_15_days", "low", _round(YEAR, "0123", "0122", supply=FIFTEEN)),
    _none("a_year_14_days", _round(YEAR, "0123", "0122", supply=FOURTEEN)),
    _flagged("a_year_four_pharmacies", "medium", _round(YEAR, supply=FIFTEEN)),
    _none("a_year_and_a_day", _round(BEYOND, "0123", "0122", supply=FIFTEEN)),
    _unknown(
        "a_year_days_supply_missing",
        tuple(
            Fill(**vars(f) | {"changes": {"days_supply": None} if f.day == 100 else {}})
            for f in _round(YEAR, "0123", "0122", supply=FIFTEEN)
        ),
    ),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with new patients who go to the same five physicians."""
    prescribers = [register.practitioner("physician", "TX") for _ in range(MOST)]
    for each in prescribers:
        register.license(each, "licence", "TX")
        register.license(each, "dea", "TX")
    for scheme in SCHEMES:
        patient = register.patient("TX")
        begins = begun(chance, FIRST, LAST)
        if scheme.illness:
            register.diagnose(patient, scheme.illness, begins - timedelta(days=30))
        rows = tuple(_rows(chance, scheme, patient, prescribers, begins))
        yield Planting(truths=tuple(_truths(scheme, patient, rows)), prescriptions=rows)


def _truths(scheme: Scheme, patient: Patient, rows: tuple[dict, ...]) -> Iterator[Truth]:
    told = {
        "subject_kind": KIND,
        "subject_id": patient.patient_id,
        "scheme": scheme.name,
        "first_event": first_event(rows),
    }
    yield Truth(rule=RULE, expected=scheme.expected, severity=scheme.severity, **told)
    if scheme.high_dose:
        yield Truth(rule="R01", expected=FLAG, severity="high", **told)


def _rows(
    chance: Random,
    scheme: Scheme,
    patient: Patient,
    prescribers: list[Practitioner],
    begins: date,
) -> Iterator[dict]:
    pharmacies = chance.sample(PHARMACIES, MOST)
    for place, fill in enumerate(scheme.fills):
        product, on = PLANTED[fill.drug], begins + timedelta(days=fill.day)
        row = prescription(
            chance,
            patient,
            prescribers[fill.prescriber],
            product,
            on,
            filled_date=on,
            quantity=fill.quantity or product.quantity,
            days_supply=fill.days or product.days,
            pharmacy_ncpdp=pharmacies[fill.pharmacy],
            prescription_id=f"{patient.patient_id[4:]}-{place}",
        )
        yield row | fill.changes
