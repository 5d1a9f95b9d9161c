"""Random histories that crowd around the boundaries of the rules, as rows of canonical files."""

import random
from datetime import date, timedelta

START = date(2025, 1, 1)
OPIOIDS = (
    ("morphine ER 60 mg tablet", 60),
    ("oxycodone 30 mg tablet", 180),
    ("oxycodone 80 mg tablet", 30),
    ("fentanyl 100 mcg/hr patch", 10),
    ("methadone 10 mg tablet", 90),
    ("hydromorphone 8 mg tablet", 90),
    ("tramadol 50 mg tablet", 240),
    ("buprenorphine-naloxone 8/2 mg film", 60),
    ("fentanyl 400 mcg lozenge", 30),
)
OTHERS = (("alprazolam 1 mg tablet", 60), ("sertraline 50 mg tablet", 30), ("gibberish 5 mg", 30))
CODES = ("C50.911", "Z51.5", "D57.1", "D57.3", "F11.20", "F17.210", "T40.2X1A", "T40.2X5A", "M54.5")
DAYS = ("30", "30", "30", "90", "7", "180", "181", "0", "", "1")
STATES = ("FL", "AZ", "WI", "CT", "PR", "TX", "")
SCHEDULES = ("", "II", "II;III;IV;V", "IV; V")


def patients(seed: int, count: int) -> list[dict[str, str]]:
    """Return rows of ``count`` patients with opioid histories near the threshold of R01."""
    draw = random.Random(seed)
    return [row for n in range(count) for row in _patient(draw, f"pat-{seed}-{n}")]


def _patient(draw: random.Random, patient: str) -> list[dict[str, str]]:
    rows, day = [], START + timedelta(draw.randrange(400))
    for _ in range(draw.choice((1, 2, 3, 3, 4, 6))):
        name, quantity = draw.choice(OPIOIDS * 3 + OTHERS)
        rows.append(
            {
                "patient_id": patient,
                "drug_name": name,
                "quantity": str(draw.choice((quantity, quantity, quantity * 2, quantity + 1, 0))),
                "days_supply": draw.choice(DAYS[:3] * 5 + DAYS),
                "filled_date": day.isoformat(),
                "diagnosis_codes": draw.choice(("",) * 12 + CODES),
                "patient_setting": draw.choice(("home",) * 20 + ("hospice",)),
                "treatment_type": draw.choice(("",) * 20 + ("02", "03", "05")),
                "pharmacy_ncpdp": draw.choice(("1", "2")),
            }
        )
        day += timedelta(draw.choice((30, 30, 30, 29, 31, 90, 89, 0, 364, 365, 366)))
    return rows


def teams(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` prescribers with agreements that begin, end or lapse nearby."""
    draw = random.Random(seed)
    files: dict[str, list[dict[str, str]]] = {
        "prescriptions": [],
        "practitioners": [{"npi": "1990000001", "prescriber_type": "physician"}],
        "supervision": [],
        "licences": [],
    }
    for number in range(count):
        _team(draw, files, f"11{seed % 100:02d}{number:06d}")
    return files


def _team(draw: random.Random, files: dict, npi: str) -> None:
    state, turn = draw.choice(STATES), date(2026, 9, 1) + timedelta(draw.choice((-300, 0, 0, 60)))
    kind = draw.choice(("np", "np", "np", "pa", "crna", "physician", ""))
    if draw.random() < 0.7:
        hours = draw.choice(("", "3839", "3840", "1999", "2000"))
        files["practitioners"].append(
            {"npi": npi, "prescriber_type": kind, "practice_hours": hours}
        )
    for number in range(draw.randint(1, 4)):
        written = turn + timedelta(draw.choice((-1, 0, 1, 30)))
        files["prescriptions"].append(
            {
                "patient_id": f"p-{npi}-{number}",
                "drug_name": draw.choice(
                    (
                        "oxycodone 5 mg",
                        "alprazolam 1 mg",
                        "ketamine 100 mg troche",
                        "sertraline 50 mg",
                        "gibberish 5 mg",
                    )
                ),
                "written_date": written.isoformat(),
                "patient_state": state,
                "patient_setting": draw.choice(("", "clinic")),
                "prescriber_npi": npi,
                "prescriber_type": kind,
            }
        )
    for _ in range(draw.choice((0, 1, 1, 2))):
        files["supervision"].append(_agreement(draw, npi, state, turn))
    _papers(draw, files["licences"], turn)


def _agreement(draw: random.Random, npi: str, state: str, turn: date) -> dict[str, str]:
    ends = turn + timedelta(draw.choice((-1, 0, 1, 400)))
    return {
        "supervisee_npi": npi,
        "supervisor_npi": draw.choice(("1990000001", "1990000001", "1990000002", "")),
        "state": draw.choice((state, state, state, "GA")),
        "schedules": draw.choice(SCHEDULES),
        "valid_from": (turn + timedelta(draw.choice((-400, -1, 0, 1)))).isoformat(),
        "valid_to": draw.choice(("", ends.isoformat())),
        "exempt_reason": draw.choice(("", "", "", "federal facility")),
    }


def _papers(draw: random.Random, licences: list, turn: date) -> None:
    if draw.random() < 0.1:
        begins = turn + timedelta(draw.choice((-200, 0, 1)))
        licences.append(
            {
                "npi": "1990000001",
                "kind": draw.choice(("licence", "dea")),
                "state": draw.choice(("FL", "WI", "TX")),
                "valid_from": begins.isoformat(),
                "valid_to": draw.choice(("", (begins + timedelta(30)).isoformat())),
            }
        )
