"""Prescribers on either side of every boundary of R46, with the answers worked out by hand."""

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 10, 31)
FROM, UNTIL = "2025-03-01", "2025-09-01"
# A list is held for all of 2025 and, in Texas alone, for 2026.
HOLDINGS = [
    {"holding": 1, "kind": "exclusions", "covers_from": date(2025, 1, 1),
     "covers_to": date(2025, 12, 31), "state": None},
    {"holding": 2, "kind": "exclusions", "covers_from": date(2026, 1, 1),
     "covers_to": date(2026, 12, 31), "state": "TX"},
    {"holding": 3, "kind": "licences", "covers_from": date(2020, 1, 1),
     "covers_to": date(2026, 12, 31), "state": None},
]  # fmt: skip
NO_NPI, NOT_HELD, NO_STATE = (
    "prescriber_npi_missing", "exclusions_not_held", "patient_state_missing",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Case:
    """One prescriber: what he wrote, what the list says of him, and the answer expected.

    ``days`` are the occurrences as day of the month, definition, records and exclusion.
    ``key`` is who he is where he has no number of the list's kind.
    """

    rows: tuple
    listed: tuple
    expected: tuple
    days: tuple = ()
    key: str = ""


def rx(on=FROM, payer="medicare", **more):
    told = {"written_date": on, "payment_type": payer, "patient_state": "AZ"}
    return {"drug_name": "alprazolam 1 mg tablet"} | told | more


def on_list(begins=FROM, until="", **more):
    return {"excluded_on": begins, "reinstated_on": until} | more


def fired(value, severity):
    return ("fired", severity, None, value)


CLEAR = ("clear", None, None, None)


def unknown(reason):
    return ("not_evaluable", None, reason, None)


def waived(value, severity="critical"):
    return ("suppressed", severity, "waiver", value)


def case(row, listed, expected, **more):
    return Case(rows=(row,), listed=(listed,) if listed else (), expected=expected, **more)


APRIL = {"waiver_state": "AZ", "waivered_on": "2025-04-01"}
MAY = {"waiver_state": "AZ", "waivered_on": "2025-05-01"}
CASES = {
    "the first day": case(rx(FROM), on_list(), fired(1, "critical")),
    "the day before": case(rx("2025-02-28"), on_list(), CLEAR),
    "the day before reinstatement": case(
        rx("2025-08-31"), on_list(until=UNTIL), fired(1, "critical")
    ),
    "the day of reinstatement": case(rx(UNTIL), on_list(until=UNTIL), CLEAR),
    "reinstated at once": case(rx(FROM), on_list(until=FROM), CLEAR),
    "nobody on the list": case(rx(), None, CLEAR),
    "the first day held": case(rx("2025-01-01"), None, CLEAR),
    "the day before it is held": case(rx("2024-12-31"), None, unknown(NOT_HELD)),
    "the last day held": case(rx("2025-12-31"), None, CLEAR),
    "the day after it is held": case(rx("2026-01-01"), None, unknown(NOT_HELD)),
    "held in that state alone": case(rx("2026-02-01", patient_state="TX"), None, unknown(NOT_HELD)),
    "listed on a day that is not held": case(rx("2026-02-01"), on_list(), fired(1, "critical")),
    "reinstated on a day that is not held": case(
        rx("2026-02-01"), on_list(until="2026-02-01"), unknown(NOT_HELD)
    ),
    "before the list, on a day that is held": case(rx("2025-01-31"), on_list(), CLEAR),
    "medicaid": case(rx(payer="medicaid"), on_list(), fired(1, "critical")),
    "military": case(rx(payer="military"), on_list(), fired(1, "critical")),
    "tribal": case(rx(payer="tribal"), on_list(), fired(1, "critical")),
    "nobody says who paid": case(rx(payer=""), on_list(), fired(1, "high")),
    "cash": case(rx(payer="cash"), on_list(), fired(1, "low")),
    "commercial": case(rx(payer="commercial"), on_list(), fired(1, "low")),
    "workcomp": case(rx(payer="workcomp"), on_list(), fired(1, "low")),
    "other": case(rx(payer="other"), on_list(), fired(1, "low")),
    "the first day of a waiver": case(rx("2025-04-01"), on_list(**APRIL), waived(1)),
    "the day before a waiver": case(rx("2025-03-31"), on_list(**APRIL), fired(1, "critical")),
    "a waiver without a day": case(rx(), on_list(waiver_state="AZ"), waived(1)),
    "a waiver of another state": case(rx(), on_list(waiver_state="TX"), fired(1, "critical")),
    "a waiver, paid in cash": case(rx("2025-04-01", "cash"), on_list(**APRIL), waived(1, "low")),
    "a waiver, no state known": case(
        rx("2025-04-01", patient_state=""), on_list(**APRIL), unknown(NO_STATE)
    ),
    "a waiver to come, no state known": case(
        rx("2025-03-31", patient_state=""), on_list(**APRIL), fired(1, "critical")
    ),
    "no waiver, no state known": case(rx(patient_state=""), on_list(), fired(1, "critical")),
    "two exclusions, one waived": Case(
        rows=(rx("2025-04-02"),),
        listed=(on_list(**APRIL), on_list("2025-04-02")),
        expected=fired(1, "critical"),
    ),
    "two exclusions, both waived": Case(
        rows=(rx("2025-05-02"),),
        listed=(on_list(**APRIL), on_list("2025-04-02", **MAY)),
        expected=waived(1),
    ),
    "two exclusions, one in doubt": Case(
        rows=(rx("2025-05-02", patient_state=""),),
        listed=(on_list(**APRIL), on_list(waiver_state="TX")),
        expected=unknown(NO_STATE),
    ),
    "between two exclusions": Case(
        rows=(rx("2025-06-01"),),
        listed=(on_list(until="2025-06-01"), on_list("2025-06-02")),
        expected=CLEAR,
    ),
    "one free and one waived of a day": Case(
        rows=(rx("2025-04-01"), rx("2025-04-01", patient_state="TX"), rx("2025-04-02")),
        listed=(on_list(**APRIL),),
        expected=fired(1, "critical"),
        days=(
            ("2025-04-01", "federal_payer", 1, 1, None),
            ("2025-04-02", "federal_payer", 1, 2, "waiver"),
        ),
    ),
    "each day and payer": Case(
        rows=(rx(), rx(), rx(payer="cash"), rx(payer=""), rx("2025-03-02", "cash")),
        listed=(on_list(),),
        expected=fired(5, "critical"),
        days=(
            ("2025-03-01", "federal_payer", 2, 5, None),
            ("2025-03-01", "other_payer", 1, 5, None),
            ("2025-03-01", "payer_unknown", 1, 5, None),
            ("2025-03-02", "other_payer", 1, 5, None),
        ),
    ),
    "one clear day and one that is not held": Case(
        rows=(rx(), rx("2026-01-01")), listed=(), expected=unknown(NOT_HELD)
    ),
    "one excluded day and one that is not held": Case(
        rows=(rx(), rx("2026-01-01")), listed=(on_list(until="2025-03-02"),),
        expected=fired(1, "critical"),
    ),
    "a refill after the exclusion": Case(
        rows=(
            rx("2025-02-28", filled_date="2025-02-28", prescription_id="7", fill_number="0"),
            rx("2025-02-28", filled_date="2025-03-28", prescription_id="7", fill_number="1"),
        ),
        listed=(on_list(),),
        expected=CLEAR,
    ),
    "a prescription and its refill": Case(
        rows=(
            rx(filled_date=FROM, prescription_id="7", fill_number="0"),
            rx(filled_date="2025-03-28", prescription_id="7", fill_number="1"),
        ),
        listed=(on_list(),),
        expected=fired(1, "critical"),
    ),
    "waived for one payer": Case(
        rows=(rx("2025-04-01", patient_state="TX"), rx("2025-04-01", "cash")),
        listed=(on_list(**APRIL),),
        expected=fired(1, "critical"),
        days=(
            ("2025-04-01", "federal_payer", 1, 1, None),
            ("2025-04-01", "other_payer", 1, 1, "waiver"),
        ),
    ),
    "no state known and no list held": case(
        rx("2026-02-01", patient_state=""), on_list(**APRIL), unknown(NO_STATE)
    ),
    "an unknown drug": case(rx(drug_name="wonder weed"), on_list(), fired(1, "critical")),
    "no number": case(rx(), None, unknown(NO_NPI), key="FS1234563"),
    "nine digits": case(rx(), on_list(), unknown(NO_NPI), key="123456789"),
    "nothing but zeros": case(rx(), on_list(), unknown(NO_NPI), key="0000000000"),
    "a number that fails its check": case(rx(), on_list(), fired(1, "critical"), key="1234567890"),
}  # fmt: skip


def key_of(place: int) -> str:
    """Return who the prescriber of the case at a place is."""
    return list(CASES.values())[place].key or f"1{place:09d}"


def files() -> dict[str, list[dict]]:
    """Return the files of all cases together; one exclusion has no number."""
    rows, listed = [], [on_list("2020-01-01", last_name="Example")]
    for place, each in enumerate(CASES.values()):
        key = key_of(place)
        who = {"prescriber_dea" if key.startswith("F") else "prescriber_npi": key}
        rows += [
            {"patient_id": f"{n} of {key}"[:64]} | who | row for n, row in enumerate(each.rows)
        ]
        listed += [{"npi": key} | row for row in each.listed]
    for row in rows:
        if row.get("prescription_id"):
            row["patient_id"] = "one of " + row["prescriber_npi"]
    return {"prescriptions": rows, "exclusions": listed}
