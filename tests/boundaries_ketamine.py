"""Patients on either side of every boundary of R19, with the answers worked out by hand.

Thirty days of troches, six in number, from 2025-03-01 to 2025-03-30 break no limit.
"""

from dataclasses import dataclass
from datetime import date

AS_OF = date(2025, 12, 31)
NPI, OTHER = "1111111112", "1222222228"
BEFORE, FIRST, LAST, AFTER = "2025-02-28", "2025-03-01", "2025-03-30", "2025-03-31"
HOLDINGS = [
    {"holding": n, "kind": kind, "covers_from": begins, "covers_to": ends, "state": state}
    for n, (kind, begins, ends, state) in enumerate(
        (
            ("encounters", date(2025, 1, 1), date(2025, 6, 30), None),
            ("encounters", date(2025, 7, 1), date(2025, 12, 31), "TX"),
            ("administrations", date(2025, 7, 1), date(2025, 12, 31), None),
            ("conditions", date(2020, 1, 1), date(2030, 12, 31), None),
        ),
        start=1,
    )
]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One patient: rows of each kind, the answer expected of ``npi``'s ketamine, and by what."""

    rows: tuple
    expected: tuple | None
    definition: str = ""
    visits: tuple = ()
    doses: tuple = ()
    conditions: tuple = ()
    npi: str = NPI
    last_on: str = ""


def troches(on=FIRST, days="30", **more):
    """Return compounded troches that went home."""
    row = {
        "drug_name": "ketamine 100 mg troche",
        "is_compound": "true",
        "quantity": "6",
        "quantity_unit": "each",
    }
    row |= {"days_supply": days, "filled_date": on, "patient_state": "FL", "prescriber_npi": NPI}
    return {**row, **more}


def plain(name, **more):
    """Return the same days of a product that is not compounded."""
    return troches(drug_name=name, is_compound="", **more)


def visit(on, modality="audio_video", vitals="true", **more):
    row = {"started_at": f"{on}T15:00:00Z", "modality": modality, "vitals_recorded": vitals}
    return {"provider_npi": "1333333334", **row, **more}


def dose(on, observer="1333333334", ingredient="ketamine"):
    return {"started_at": f"{on}T15:00:00Z", "observer_npi": observer, "ingredient": ingredient}


def fired(definition, value, severity="high"):
    return {"expected": ("fired", severity, None, value), "definition": definition}


def unknown(reason):
    return {"expected": ("not_evaluable", None, reason, None)}


PLAIN = fired("unmonitored", 30, "medium")
NASAL = fired("nasal_or_injected", 30)
CLEAR, OUTSIDE = {"expected": ("clear", None, None, None)}, {"expected": None}
NOT_HELD = unknown("monitoring_not_held")


def alone(*rows, **more):
    return Case(rows=rows, **more)


def seen(*visits, **more):
    return Case(rows=(troches(),), visits=visits, **more)


def given(*doses, **more):
    return Case(rows=(troches(),), doses=doses, **more)


LENGTHS = {
    "30 days": alone(troches(), **PLAIN),
    "31 days": alone(troches(days="31"), **fired("over_days", 31)),
    "one day": alone(troches(days="1"), **fired("unmonitored", 1, "medium")),
    "180 days": alone(troches(on="2025-01-01", days="180"), **fired("over_days", 180)),
    "181 days": alone(troches(days="181"), **unknown("days_supply_unusable")),
    "no days": alone(troches(days="0"), **unknown("days_supply_unusable")),
    "days not given": alone(troches(days=""), **unknown("days_supply_unusable")),
    "days not given, seen on the day": Case(
        rows=(troches(days=""),), visits=(visit(FIRST),), **CLEAR
    ),
    "days not given, seen the day after": Case(
        rows=(troches(days=""),), visits=(visit("2025-03-02"),), **unknown("days_supply_unusable")
    ),
}
DOSES = {
    "six and a half": alone(troches(quantity="6.5"), **fired("over_doses", 6)),
    "seven": alone(troches(quantity="7"), **fired("over_doses", 7)),
    "seven millilitres": alone(troches(quantity="7", quantity_unit="ml"), **PLAIN),
    "seven of no unit": alone(troches(quantity="7", quantity_unit=""), **PLAIN),
    "quantity not given": alone(troches(quantity=""), **PLAIN),
    "more days speak before more doses": alone(
        troches(days="31", quantity="31"), **fired("over_days", 31)
    ),
    "more doses speak before the nose": alone(
        troches(quantity="7", route="nasal"), **fired("over_doses", 7)
    ),
}
ROUTES = {
    "troches that are not compounded": alone(plain("ketamine 100 mg troche"), **PLAIN),
    "tablets": alone(plain("ketamine 50 mg tablet"), **PLAIN),
    "lozenges": alone(plain("ketamine 50 mg lozenge"), **PLAIN),
    "suppositories": alone(plain("ketamine 50 mg suppository"), **PLAIN),
    "by the nose": alone(plain("ketamine 10 mg nasal spray"), **NASAL),
    "vials": alone(plain("ketamine 50 mg/ml vial"), **NASAL),
    "into the muscle": alone(plain("ketamine 50 mg", route="intramuscular"), **NASAL),
    "under the skin": alone(plain("ketamine 50 mg", route="subcutaneous"), **NASAL),
    "compounded, by the nose": alone(troches(route="nasal"), **NASAL),
    "into the vein": alone(plain("ketamine 50 mg", route="intravenous"), **OUTSIDE),
    "into the vein, compounded": alone(troches(route="intravenous"), **PLAIN),
    "a cream": alone(plain("ketamine 50 mg cream"), **OUTSIDE),
    "a cream, compounded": alone(troches(drug_name="ketamine 50 mg cream"), **PLAIN),
    "route unknown": alone(plain("ketamine 50 mg"), **unknown("route_unknown")),
    "route unknown, compounded": alone(troches(drug_name="ketamine 50 mg"), **PLAIN),
    "route unknown, seen": Case(rows=(plain("ketamine 50 mg"),), visits=(visit(FIRST),), **CLEAR),
    "route and days unknown": alone(
        plain("ketamine 50 mg", days_supply=""), **unknown("route_unknown")
    ),
    "esketamine": alone(plain("esketamine 28 mg nasal spray"), **OUTSIDE),
    "no ketamine": alone(plain("alprazolam 1 mg tablet"), **OUTSIDE),
}
PLACES = {
    "at home": alone(troches(patient_setting="home"), **PLAIN),
    "in long-term care": alone(troches(patient_setting="ltc"), **PLAIN),
    "in a clinic": alone(troches(patient_setting="clinic"), **OUTSIDE),
    "in a hospital": alone(troches(patient_setting="hospital"), **OUTSIDE),
}
VISITS = {
    "seen on the first day": seen(visit(FIRST), **CLEAR),
    "seen on the last day": seen(visit(LAST), **CLEAR),
    "seen the day before": seen(visit(BEFORE), **PLAIN),
    "seen the day after": seen(visit(AFTER), **PLAIN),
    "seen in person": seen(visit(FIRST, "in_person"), **CLEAR),
    "spoken to by telephone": seen(visit(FIRST, "audio_only"), **CLEAR),
    "a questionnaire": seen(visit(FIRST, "async"), **PLAIN),
    "a visit of an unknown kind": seen(visit(FIRST, "unknown"), **PLAIN),
    "a visit of no kind": seen(visit(FIRST, ""), **PLAIN),
    "seen without vitals": seen(visit(FIRST, vitals="false"), **PLAIN),
    "seen, vitals not said": seen(visit(FIRST, vitals=""), **PLAIN),
    "another patient was seen": seen(visit(FIRST, patient_id="another"), **PLAIN),
    "seen after the as-of day": Case(
        rows=(troches("2025-12-20"),), visits=(visit("2026-01-02"),), last_on="2026-01-18", **PLAIN
    ),
    "31 days, seen on the last": Case(
        rows=(troches(days="31"),), visits=(visit("2025-03-31"),), **CLEAR
    ),
}
GIVEN = {
    "a dose on the first day": given(dose(FIRST), **CLEAR),
    "a dose on the last day": given(dose(LAST), **CLEAR),
    "a dose the day before": given(dose(BEFORE), **PLAIN),
    "a dose the day after": given(dose(AFTER), **PLAIN),
    "a dose nobody watched": given(dose(FIRST, observer=""), **PLAIN),
    "a dose of a product": given(dose(FIRST, ingredient="Ketamine 50 mg/ml vial"), **CLEAR),
    "a dose of esketamine": given(dose(FIRST, ingredient="esketamine"), **PLAIN),
}
HELD = {
    "held from that day": alone(troches("2025-01-01"), **PLAIN),
    "held from the day after": alone(troches("2024-12-31"), **NOT_HELD),
    "held to the last day": alone(troches("2025-06-01"), **PLAIN),
    "held to the day before the last": alone(troches("2025-06-02"), **NOT_HELD),
    "held for another state": alone(troches("2025-06-02", patient_state="GA"), **NOT_HELD),
    "held for that state": alone(troches("2025-06-02", patient_state="TX"), **PLAIN),
    "held for one state, none given": alone(troches("2025-06-02", patient_state=""), **NOT_HELD),
    "held for all, none given": alone(troches(patient_state=""), **PLAIN),
    "half by visits, half by doses": alone(troches("2025-06-15"), **NOT_HELD),
    "doses held from that day": alone(troches("2025-07-01"), **PLAIN),
    "doses held from the day after": alone(troches("2025-06-30"), **NOT_HELD),
    "not held but seen": Case(
        rows=(troches("2025-06-15"),), visits=(visit("2025-07-14"),), **CLEAR
    ),
    "held up to the as-of day": alone(troches("2025-12-20"), last_on="2026-01-18", **PLAIN),
    "on the as-of day": alone(troches("2025-12-31"), **PLAIN),
    "after the as-of day": alone(troches("2026-01-01"), **OUTSIDE),
}
CASES = {
    **LENGTHS,
    **DOSES,
    **ROUTES,
    **PLACES,
    **VISITS,
    **GIVEN,
    **HELD,
}


def files(cases) -> dict[str, list[dict]]:
    """Return the files of all ``cases`` together; each case is a patient of that name."""
    return {
        kind: [
            {"patient_id": name, "source_system": "example", **row}
            for name, case in cases.items()
            for row in getattr(case, field)
        ]
        for kind, field in (
            ("prescriptions", "rows"),
            ("encounters", "visits"),
            ("administrations", "doses"),
            ("conditions", "conditions"),
        )
    }
