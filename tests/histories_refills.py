"""Random fills of controlled drugs near the days by which R12 calls them early."""

import random
from datetime import date, timedelta

START = date(2025, 1, 1)
DRUGS = (
    ("oxycodone 10 mg tablet", 90),
    ("alprazolam 1 mg tablet", 60),
    ("fentanyl 50 mcg/hr patch", 10),
    ("ketamine 100 mg troche", 30),
    ("sertraline 50 mg tablet", 30),
)
CODES = ("T40.2X1A", "F11.20", "M54.5")


def patients(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` patients who fill one drug, or two, a few days early or late."""
    draw = random.Random(seed)
    files: dict[str, list[dict[str, str]]] = {"prescriptions": [], "conditions": []}
    for number in range(count):
        patient = f"pat-{seed}-{number}"
        for drug in draw.sample(DRUGS, draw.choice((1, 1, 2))):
            files["prescriptions"] += _fills(draw, patient, *drug)
        if draw.random() < 0.1:
            recorded = START + timedelta(draw.randrange(-365, 200))
            files["conditions"].append(
                {
                    "patient_id": patient,
                    "code": draw.choice(CODES),
                    "recorded_on": recorded.isoformat(),
                }
            )
    return files


def _fills(draw: random.Random, patient: str, drug: str, units: int) -> list[dict[str, str]]:
    day, rows = START + timedelta(draw.randrange(200)), []
    care = draw.choice(("home",) * 5 + ("ltc",))
    usual = draw.choice((0, 0, 2, 3, 3, 4))
    for number in range(draw.choice((1, 2, 3, 4, 5, 8))):
        share = draw.choice((100,) * 12 + (120, 121, 80, 79, 300))
        days = draw.choice(("30",) * 20 + ("", "0", "181", "14"))
        rows.append(
            {
                "source_record_id": f"{patient}-{drug[:4]}-{draw.randrange(10)}-{number}",
                "patient_id": patient,
                "drug_name": drug,
                "quantity": draw.choice((str(units * share / 100),) * 15 + ("", "0")),
                "days_supply": days,
                "filled_date": draw.choice((day.isoformat(),) * 25 + ("",)),
                "written_date": day.isoformat(),
                "patient_setting": draw.choice((care,) * 6 + ("home", "ltc")),
                "diagnosis_codes": draw.choice(("",) * 20 + CODES),
                "pharmacy_ncpdp": str(1_000_001 + number % 2),
            }
        )
        day += timedelta(30 - draw.choice((usual, usual, usual, 0, 3, 4, 15, 16, 30, -40, -150)))
    return rows
