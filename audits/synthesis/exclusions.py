"""Schemes about persons on the list of those excluded from federal programmes (R46)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .drugs import PLANTED
from .people import FIRST_PAPER, Practitioner, Register
from .planting import (
    FLAG,
    NONE,
    NOT_EVALUABLE,
    SUPPRESSED,
    Planting,
    Truth,
    first_event,
    prescription,
)

RULE, KIND, STATE, DRUG = "R46", "prescriber", "TX", "half alprazolam"
BEGINS = date(2026, 3, 2)
DAY = timedelta(days=1)
MEMBER, NAMESAKE, NUMBERLESS = "member", "namesake", "numberless"


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One prescriber, one patient on each of ``days``, and what the list says of him.

    ``listed`` is the member, a namesake with another NPI, or a namesake with none.
    ``since`` and ``until`` are days before the first prescription; None: no reinstatement.
    """

    name: str
    expected: str
    severity: str = ""
    listed: str = MEMBER
    since: int = 0
    until: int | None = None
    payer: str | None = "medicaid"
    waived_in: str = ""
    state: str = STATE
    days: tuple[int, ...] = (0, 9, 23)


def _flagged(name: str, severity: str = "critical", **more) -> Scheme:
    return Scheme(name=name, expected=FLAG, severity=severity, **more)


def _none(name: str, **more) -> Scheme:
    return Scheme(name=name, expected=NONE, **more)


SCHEMES = (
    _flagged("excluded", since=40),
    _flagged("excluded_from_that_day", days=(0,)),
    _flagged("excluded_and_who_paid_unknown", "high", since=40, payer=None),
    _flagged("excluded_and_paid_in_cash", "low", since=40, payer="cash"),
    _flagged("reinstated_the_day_after", since=40, until=-1, days=(0,)),
    _flagged("waived_in_another_state", since=40, waived_in="AK"),
    Scheme(
        name="waived_in_the_state",
        expected=SUPPRESSED,
        severity="critical",
        since=40,
        waived_in=STATE,
    ),
    Scheme(
        name="waived_and_the_patients_state_missing",
        expected=NOT_EVALUABLE,
        since=40,
        waived_in=STATE,
        state="",
    ),
    _none("excluded_the_day_after", since=-1, days=(0,)),
    _none("reinstated_that_day", since=40, until=0),
    _none("namesake_look_alike", since=40, listed=NAMESAKE),
    _none("namesake_without_a_number", since=40, listed=NUMBERLESS),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with a new prescriber and new patients."""
    for scheme in SCHEMES:
        person = register.practitioner("physician", STATE)
        register.license(person, "licence", STATE)
        register.license(person, "dea", STATE)
        _list(register, scheme, person)
        rows = tuple(_rows(chance, register, scheme, person))
        truth = Truth(
            rule=RULE,
            subject_kind=KIND,
            subject_id=person.npi,
            expected=scheme.expected,
            severity=scheme.severity,
            scheme=scheme.name,
            first_event=first_event(rows),
        )
        yield Planting(truths=(truth,), prescriptions=rows)


def mark_first(register: Register) -> None:
    """Write the exclusion of nobody known from which on the list is whole."""
    register.exclude(None, FIRST_PAPER)


def _list(register: Register, scheme: Scheme, person: Practitioner) -> None:
    """Write what the list says of the prescriber, or of somebody called like him."""
    npi = person.npi if scheme.listed == MEMBER else None
    if scheme.listed == NAMESAKE:
        npi = register.practitioner("physician", "WI", known=False).npi
    register.exclude(
        npi,
        BEGINS - scheme.since * DAY,
        last_name=person.last_name if npi else None,
        first_name=person.first_name if npi else None,
        reinstated_on=None if scheme.until is None else BEGINS - scheme.until * DAY,
        waiver_state=scheme.waived_in or None,
        waivered_on=BEGINS - scheme.since * DAY if scheme.waived_in else None,
    )


def _rows(
    chance: Random, register: Register, scheme: Scheme, person: Practitioner
) -> Iterator[dict]:
    for later in scheme.days:
        patient = register.patient(scheme.state)
        yield prescription(
            chance,
            patient,
            person,
            PLANTED[DRUG],
            BEGINS + later * DAY,
            prescription_id=f"{patient.patient_id[4:]}-0",
            payment_type=scheme.payer,
        )
