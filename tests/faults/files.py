"""The files of a trial: what is there before, and one that brings every outcome of a row."""

import csv
from datetime import date, timedelta
from pathlib import Path

FIRST = date(2025, 1, 1)
PATIENTS = [f"first-{n}" for n in range(8)]
DECIDED = "decided"
NURSES = [f"13333333{n}" for n in range(30, 36)]
BY_STATUS = "clinic"


def fill(patient: str, number: int, **changes: str) -> dict[str, str]:
    """Return a month of oxycodone: 270 MME a day unless changed."""
    day = (FIRST + timedelta(30 * number)).isoformat()
    row = {
        "source_system": BY_STATUS,
        "source_record_id": f"{patient}-{number}",
        "record_type": "dispense",
        "record_status": "new",
        "patient_id": patient,
        "drug_name": "oxycodone 30 mg tablet",
        "quantity": "180",
        "days_supply": "30",
        "written_date": day,
        "filled_date": day,
        "patient_state": "AZ",
        "prescriber_npi": "1245319599",
        "prescriber_type": "physician",
    }
    return row | changes


def month(patient: str, **changes: str) -> list[dict[str, str]]:
    """Return three fills in a row."""
    return [fill(patient, number, **changes) for number in range(3)]


def by_nurse(nurse: str, number: int) -> dict[str, str]:
    """Return a prescription that needed a supervisor."""
    facts = {"patient_state": "FL", "prescriber_npi": nurse, "prescriber_type": "np"}
    drug = {"drug_name": "alprazolam 1 mg tablet", "quantity": "30"}
    return fill(f"of-{nurse}", number, **facts, **drug)


BEFORE = [
    *(row for patient in PATIENTS for row in month(patient)),
    *month(DECIDED, quantity="90"),
    *(by_nurse(nurse, 0) for nurse in NURSES[:4]),
]
CORRECTED = [fill(PATIENTS[5], 0, record_status="revise", quantity="181")]
SUPERVISION = [
    {
        "source_system": "board",
        "source_record_id": "agreement-1",
        "supervisee_npi": "1222222228",
        "supervisor_npi": "1245319599",
        "state": "FL",
        "valid_from": "2024-01-01",
        "valid_to": "2026-12-31",
    }
]
NEW = [row for n in range(6) for row in month(f"second-{n}")]
ARRIVING = [
    *NEW,
    fill(DECIDED, 4, quantity="300"),
    *(by_nurse(nurse, 1) for nurse in NURSES[3:]),
    *month(PATIENTS[0], record_status="revise", quantity="200"),
    *month(PATIENTS[1], record_status="revise", quantity="20"),
    *month(PATIENTS[2], record_status="void"),
    fill(PATIENTS[3], 0),
    fill(PATIENTS[4], 0, quantity="170"),
    fill(PATIENTS[5], 0),
    NEW[0],
    fill("rejected", 0, filled_date="31/02/2025"),
    fill("", 1),
]
# What becomes of its rows, by hand.
OUTCOMES = {
    "read": 37,
    "new": 22,
    "unchanged": 1,
    "revised": 6,
    "voided": 3,
    "stale": 1,
    "duplicate": 1,
    "conflict": 1,
    "rejected": 2,
}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write ``rows`` as CSV and return the path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
