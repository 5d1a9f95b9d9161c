"""Random patients with ketamine at home, crowded around the boundaries of R19."""

import random
from datetime import date, timedelta

START = date(2025, 1, 1)
KETAMINE = (
    ("ketamine 100 mg troche", {"is_compound": "true"}),
    ("ketamine 100 mg troche", {"is_compound": "false"}),
    ("ketamine 50 mg tablet", {}),
    ("ketamine nasal spray 10 mg", {"is_compound": "true"}),
    ("ketamine 50 mg/ml vial", {}),
    ("ketamine 50 mg suppository", {}),
    ("ketamine 50 mg/ml solution", {"route": "subcutaneous"}),
    ("ketamine 50 mg/ml vial", {"route": "intravenous"}),
    ("ketamine 10 mg cream", {"route": "topical"}),
    ("ketamine 10 mg cream", {"route": "topical", "is_compound": "true"}),
    ("ketamine 100 mg", {}),
    ("ketamine 100 mg", {"is_compound": "true"}),
    ("esketamine 28 mg nasal spray", {}),
)
BESIDE = (
    "oxycodone 5 mg tablet",
    "alprazolam 1 mg tablet",
    "zolpidem 10 mg tablet",
    "phenobarbital 30 mg tablet",
    "sodium oxybate 500 mg/ml solution",
    "gabapentin 300 mg capsule",
    "buprenorphine 10 mcg/hr patch",
    "buprenorphine-naloxone 8/2 mg film",
    "loperamide 2 mg capsule",
    "sertraline 50 mg tablet",
    "gibberish 5 mg",
)
DAYS = ("30", "31", "14", "6", "1", "180", "181", "0", "")
CODES = ("F11.20", "T40.2X1A", "F17.210", "F33.1", "T40.2X5A")
MODALITIES = ("in_person", "audio_video", "audio_only", "async", "unknown", "")
HOLDINGS = [
    {"holding": n, "kind": kind, "covers_from": begins, "covers_to": ends, "state": state}
    for n, (kind, begins, ends, state) in enumerate(
        (
            ("encounters", date(2024, 12, 1), date(2025, 4, 30), None),
            ("encounters", date(2025, 5, 1), date(2025, 7, 31), "FL"),
            ("encounters", date(2025, 8, 2), date(2025, 12, 31), "FL"),
            ("administrations", date(2025, 5, 15), date(2025, 9, 30), None),
            ("administrations", date(2025, 10, 1), date(2025, 12, 31), "AZ"),
            ("supervision", date(2020, 1, 1), date(2030, 12, 31), None),
        ),
        start=1,
    )
]


def homes(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` patients: what went home, what else, and who looked after them."""
    draw = random.Random(seed)
    kinds = ("prescriptions", "encounters", "administrations", "conditions")
    files: dict[str, list[dict[str, str]]] = {kind: [] for kind in kinds}
    for number in range(count):
        _home(draw, files, f"home-{seed}-{number}")
    return files


def _home(draw: random.Random, files: dict, patient: str) -> None:
    state, first = draw.choice(("FL", "FL", "AZ", "")), START + timedelta(draw.randrange(360))
    for _ in range(draw.choice((1, 1, 2, 3))):
        days = draw.choice(DAYS[:4] * 4 + DAYS)
        files["prescriptions"].append(
            {"patient_id": patient, "patient_state": state, **_sent(draw, first, days)}
        )
        last = first + timedelta(max(int(days or 1), 1) - 1)
        _around(draw, files, patient, first, last)
        first += timedelta(draw.choice((0, 0, 30, 31, 200)))


def _sent(draw: random.Random, first: date, days: str) -> dict[str, str]:
    name, more = draw.choice(KETAMINE[:5] * 2 + KETAMINE)
    return {
        "drug_name": name,
        "quantity": draw.choice(("6", "6", "7", "6.5", "30", "", "0")),
        "quantity_unit": draw.choice(("each", "each", "ml", "")),
        "days_supply": days,
        "filled_date": first.isoformat(),
        "prescriber_npi": draw.choice(("1111111112", "1111111112", "1222222228", "")),
        "patient_setting": draw.choice(("", "home", "home", "ltc", "clinic", "hospital")),
        "diagnosis_codes": draw.choice(("",) * 12 + CODES),
        **more,
    }


def _around(draw: random.Random, files: dict, patient: str, first: date, last: date) -> None:
    """Put depressants, visits, doses and diagnoses on and beside the first and last day."""
    day = timedelta(1)
    edges = (first - day, first, last, last + day, first + (last - first) // 2)
    for _ in range(draw.choice((0, 0, 1, 2))):
        files["prescriptions"].append(_beside(draw, patient, draw.choice(edges)))
    for _ in range(draw.choice((0, 0, 1))):
        files["encounters"].append(
            {
                "patient_id": patient,
                "provider_npi": draw.choice(("1333333334", "")),
                "started_at": f"{draw.choice(edges)}T{draw.choice(('00:00', '23:59'))}:00Z",
                "modality": draw.choice(MODALITIES[:3] * 2 + MODALITIES),
                "vitals_recorded": draw.choice(("true", "true", "false", "")),
            }
        )
    if draw.random() < 0.2:
        files["administrations"].append(
            {
                "patient_id": patient,
                "ingredient": draw.choice(("ketamine", "Ketamine 50 mg/ml vial", "esketamine")),
                "started_at": f"{draw.choice(edges)}T12:00:00Z",
                "observer_npi": draw.choice(("1333333334", "1333333334", "")),
            }
        )
    if draw.random() < 0.3:
        recorded = first - timedelta(draw.choice((-1, 0, 365, 366, 400)))
        ends = draw.choice(("", "", (first - timedelta(draw.choice((365, 366)))).isoformat()))
        files["conditions"].append(
            {
                "patient_id": patient,
                "code": draw.choice(CODES),
                "recorded_on": recorded.isoformat(),
                "ended_on": ends,
            }
        )


def _beside(draw: random.Random, patient: str, edge: date) -> dict[str, str]:
    days = draw.choice(("1", "10", "30", "10", "", "181"))
    begins = edge - timedelta(draw.choice((0, max(int(days or 1), 1) - 1)))
    return {
        "patient_id": patient,
        "drug_name": draw.choice(BESIDE),
        "quantity": draw.choice(("10", "4")),
        "days_supply": days,
        "filled_date": begins.isoformat(),
        "prescriber_npi": draw.choice(("1222222228", "1444444440")),
        "treatment_type": draw.choice(("", "", "", "02")),
    }
