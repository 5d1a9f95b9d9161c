"""Random prescribers, listed and not, crowded around the boundaries of R46."""

import random
from datetime import date, timedelta

START = date(2025, 3, 1)
DAYS = (-40, -1, 0, 0, 1, 30, 59, 60, 61, 90)
PAYERS = ("", "", "cash", "commercial", "medicaid", "medicare", "military", "tribal", "workcomp")
STATES = ("AZ", "AZ", "TX", "")
DRUGS = ("alprazolam 1 mg tablet", "lisinopril 10 mg tablet", "gibberish 5 mg")
HOLDINGS = [
    {"holding": n, "kind": kind, "covers_from": begins, "covers_to": ends, "state": state}
    for n, (kind, begins, ends, state) in enumerate(
        (
            ("exclusions", date(2025, 1, 1), date(2025, 4, 30), None),
            ("exclusions", date(2025, 5, 1), date(2025, 12, 31), "AZ"),
            ("exclusions", date(2025, 5, 30), date(2025, 5, 30), None),
            ("licences", date(2020, 1, 1), date(2026, 12, 31), None),
        ),
        start=1,
    )
]


def offices(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` prescribers with what each wrote and what the list says."""
    draw = random.Random(seed)
    files: dict[str, list[dict[str, str]]] = {"prescriptions": [], "exclusions": []}
    for number in range(count):
        npi = f"14{seed % 100:02d}{number:06d}"
        files["prescriptions"] += [_written(draw, npi, n) for n in range(draw.choice((1, 2, 4)))]
        files["exclusions"] += [_listed(draw, npi) for _ in range(draw.choice((0, 1, 1, 2)))]
    return files


def _day(draw: random.Random) -> str:
    return (START + timedelta(draw.choice(DAYS))).isoformat()


def _written(draw: random.Random, npi: str, number: int) -> dict[str, str]:
    prescription = draw.choice(("", "", f"rx-{npi}"))
    return {
        "patient_id": f"p-{npi}" if prescription else f"p-{npi}-{number}",
        "drug_name": draw.choice(DRUGS),
        "written_date": _day(draw),
        "filled_date": draw.choice(("", "2025-06-01")),
        "prescription_id": prescription,
        "fill_number": draw.choice(("", "0", "1")),
        "prescriber_npi": draw.choice((npi,) * 20 + (npi[:9], "")),
        "prescriber_dea": draw.choice(("", "FS1234563")),
        "payment_type": draw.choice(PAYERS),
        "patient_state": draw.choice(STATES),
    }


def _listed(draw: random.Random, npi: str) -> dict[str, str]:
    state = draw.choice(("", "", "AZ", "TX"))
    return {
        "npi": draw.choice((npi,) * 9 + ("",)),
        "exclusion_type": "1128a1",
        "excluded_on": _day(draw),
        "reinstated_on": draw.choice(("", "", _day(draw))),
        "waiver_state": state,
        "waivered_on": draw.choice(("", _day(draw))) if state else "",
    }
