"""Prescribers of R28 whose rows are one prescription, or make several runs; and all the cases."""

from .boundaries_scope import CASES as SINGLE
from .boundaries_scope import CLEAR, OUTSIDE, PILLS, each, fired, rx, wrote

NUMBERED = {"prescription_id": "77", "record_type": "dispense"}
WRITTEN = {
    "refills are one": wrote(
        *each(2),
        rx(3, 2, days="7", fill_number="0", filled_date="2025-03-03", **NUMBERED),
        rx(3, 2, fill_number="1", filled_date="2025-03-10", **NUMBERED),
        **CLEAR,
    ),
    "an order and its fill are one": wrote(
        *each(2),
        rx(3, 2, record_type="order", prescription_id="77"),
        rx(3, 2, days="7", filled_date="2025-03-03", **NUMBERED),
        **CLEAR,
    ),
}
TWICE = {"patient_id": "shared", "quantity": "1"}
SHARED = {
    "told first of two prescribers": wrote(rx(source_record_id="a", **TWICE), **CLEAR),
    "told again of another": wrote(rx(source_record_id="b", **TWICE), **OUTSIDE),
}
RUNS = {
    "before, within and after": wrote(
        *each(11, drug=PILLS),
        rx(1, 95, drug=PILLS),
        rx(2, 300, drug=PILLS),
        of="stimulant",
        runs=(
            (2, 8, "medium", 9),
            (9, 10, "high", 11),
            (95, 95, "medium", 6),
        ),
        **fired(11, "high"),
    ),
    "an interruption": wrote(
        *each(3, drug=PILLS),
        rx(4, 200, drug=PILLS),
        rx(5, 201, drug=PILLS),
        rx(6, 202, drug=PILLS),
        of="stimulant",
        runs=((2, 2, "medium", 3), (202, 202, "medium", 3)),
        **fired(),
    ),
}
CASES = {**SINGLE, **WRITTEN, **SHARED, **RUNS}


def npi_of(place: int) -> str:
    """Return the number of the prescriber of the case at a place."""
    return f"1{place:09d}"


def files() -> dict[str, list[dict]]:
    """Return the files of all cases together."""
    rows, people = [], []
    for place, case in enumerate(CASES.values()):
        npi = npi_of(place)
        for row in case.rows:
            told = {name: text for name, text in row.items() if name != "patient"}
            patient = f"{row['patient']} of {npi}"
            rows.append({"patient_id": patient, "prescriber_npi": npi, **told})
        people += [{"npi": npi, "taxonomy": case.taxonomy}] if case.taxonomy is not None else []
    return {"prescriptions": rows, "practitioners": people}
