"""Schemes about prescribing without a required supervisor on record (R26)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from .drugs import PLANTED
from .people import Practitioner, Register
from .planting import FLAG, NONE, NOT_EVALUABLE, Planting, Truth, first_event, prescription

RULE, KIND = "R26", "prescriber_state"
EVERY_SCHEDULE = "II;III;IV;V"
SPRING = date(2026, 4, 1)
EXPERIENCED, BEGINNER = 5_200, 900  # hours; Wisconsin asks for 3,840 from 2026-09-01


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The one agreement of a planted prescriber; ``state`` empty means the patient's.

    ``supervisor`` is fit, unlicensed or unregistered (the paper ended before the scheme
    begins), unlisted (not among the practitioners), or nobody.
    """

    supervisor: str = "fit"
    state: str = ""
    schedules: str | None = EVERY_SCHEDULE
    valid_to: date | None = None
    exempt_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One prescriber, one drug, one patient on each of ``days``."""

    name: str
    expected: str
    severity: str = ""
    prescriber_type: str = "np"
    state: str = "FL"
    drug: str = "alprazolam"
    begins: date = SPRING
    days: tuple[int, ...] = (0, 9, 23)
    hours: int | None = EXPERIENCED
    setting: str = "home"
    agreement: Agreement | None = None
    changes: dict = field(default_factory=dict)


def _flagged(name: str, severity: str = "high", **more) -> Scheme:
    return Scheme(name=name, expected=FLAG, severity=severity, **more)


def _none(name: str, **more) -> Scheme:
    return Scheme(name=name, expected=NONE, **more)


WISCONSIN_BEFORE, WISCONSIN_FROM = date(2026, 8, 1), date(2026, 9, 1)

SCHEMES = (
    _flagged("no_agreement"),
    _flagged("no_agreement_schedule_ii", "critical", drug="amphetamine"),
    # What was sent home was watched over: only the supervisor is missing.
    _flagged("no_agreement_home_ketamine", "critical", drug="ketamine"),
    _flagged("no_agreement_clinic_ketamine", drug="ketamine", setting="clinic"),
    _flagged("agreement_ended", agreement=Agreement(valid_to=SPRING - timedelta(days=1))),
    _flagged("agreement_of_another_state", agreement=Agreement(state="GA")),
    _flagged(
        "agreement_without_the_schedule",
        "critical",
        drug="amphetamine",
        agreement=Agreement(schedules="III;IV;V"),
    ),
    _flagged("supervisor_without_licence", agreement=Agreement(supervisor="unlicensed")),
    _flagged("supervisor_without_registration", agreement=Agreement(supervisor="unregistered")),
    _flagged("supervisor_unlisted", agreement=Agreement(supervisor="unlisted")),
    _flagged("assistant_without_agreement", "medium", prescriber_type="pa", state="AZ"),
    _flagged("wisconsin_before_the_act", state="WI", begins=WISCONSIN_BEFORE),
    _flagged("wisconsin_beginner", state="WI", begins=WISCONSIN_FROM, hours=BEGINNER),
    Scheme(
        name="wisconsin_hours_unknown",
        expected=NOT_EVALUABLE,
        state="WI",
        begins=WISCONSIN_FROM,
        hours=None,
    ),
    Scheme(name="patient_state_missing", expected=NOT_EVALUABLE, state=""),
    _none("wisconsin_experienced", state="WI", begins=WISCONSIN_FROM),
    _none("supervised", agreement=Agreement()),
    _none("last_day_of_the_agreement", days=(0,), agreement=Agreement(valid_to=SPRING)),
    _none(
        "exempt",
        agreement=Agreement(supervisor="nobody", exempt_reason="State waiver on file, number 17"),
    ),
    _none("arizona_independent", state="AZ"),
)


def plant(chance: Random, register: Register) -> Iterator[Planting]:
    """Yield each scheme once, with a new prescriber and new patients."""
    for scheme in SCHEMES:
        person = register.practitioner(
            scheme.prescriber_type, scheme.state or "FL", hours=scheme.hours
        )
        register.license(person, "licence", scheme.state or "FL")
        register.license(person, "dea", scheme.state or "FL")
        if scheme.agreement:
            _agree(register, scheme, scheme.agreement, person)
        rows = tuple(_rows(chance, register, scheme, person))
        yield Planting(truths=(_truth(scheme, person, first_event(rows)),), prescriptions=rows)


def _truth(scheme: Scheme, person: Practitioner, begins: date) -> Truth:
    return Truth(
        rule=RULE,
        subject_kind=KIND,
        subject_id=f"{person.npi}|{scheme.state or 'unknown'}",
        expected=scheme.expected,
        severity=scheme.severity,
        scheme=scheme.name,
        first_event=begins,
    )


def _agree(register: Register, scheme: Scheme, agreement: Agreement, person: Practitioner) -> None:
    """Write the agreement, and the supervisor with the papers he still has."""
    state = agreement.state or scheme.state
    supervisor = None
    if agreement.supervisor != "nobody":
        supervisor = register.practitioner(
            "physician", state, known=agreement.supervisor != "unlisted"
        )
        lapsed = scheme.begins - timedelta(days=30)
        for kind, lapses in (("licence", "unlicensed"), ("dea", "unregistered")):
            ended = lapsed if agreement.supervisor == lapses else None
            register.license(supervisor, kind, state, ended)
    register.agree(
        person,
        supervisor,
        state=state,
        schedules=agreement.schedules,
        valid_to=agreement.valid_to,
        exempt_reason=agreement.exempt_reason,
    )


def _rows(
    chance: Random, register: Register, scheme: Scheme, person: Practitioner
) -> Iterator[dict]:
    for later in scheme.days:
        patient = register.patient(scheme.state, scheme.setting)
        written = scheme.begins + timedelta(days=later)
        number = f"{patient.patient_id[4:]}-0"
        if scheme.drug == "ketamine":
            register.visit(patient.patient_id, person.npi, written)
        yield prescription(
            chance,
            patient,
            person,
            PLANTED[scheme.drug],
            written,
            filled_date=written,
            prescription_id=number,
            **scheme.changes,
        )
