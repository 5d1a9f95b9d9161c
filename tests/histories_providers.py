"""Random patients near the counts, windows, doses and ages that R04 asks for."""

import random
from datetime import date, timedelta

START = date(2025, 1, 1)
PRESCRIBERS = tuple(f"1{n}00000000" for n in range(1, 9))
OPIOIDS = ("oxycodone 5 mg tablet", "tramadol 50 mg tablet", "buprenorphine 10 mcg/hr patch")
STRONG = ("morphine 15 mg tablet", "oxycodone 10 mg tablet", "fentanyl 50 mcg/hr patch")
CONTROLLED = ("alprazolam 1 mg tablet", "ketamine 100 mg troche", "methylphenidate 10 mg tablet")
MIXED = (*CONTROLLED, "pregabalin 75 mg capsule", "buprenorphine-naloxone 8/2 mg film")
STRANGE = ("gibberish 5 mg",)
# What a tier asks for: window, prescribers, pharmacies, and drugs that it counts. Six units a
# day of the STRONG ones are 90 MME.
TIERS = (
    (90, 5, 5, (*OPIOIDS, *MIXED)),
    (365, 4, 4, STRONG),
    (183, 3, 3, STRONG),
    (183, 5, 1, STRONG),
    (180, 4, 4, OPIOIDS),
    (180, 4, 3, (*CONTROLLED, *OPIOIDS)),
    (365, 4, 1, OPIOIDS),
    (365, 1, 4, OPIOIDS),
)
UNITS = {"morphine 15 mg tablet": 6, "oxycodone 10 mg tablet": 6}
CODES = ("C50.911", "Z51.5", "D57.1", "F11.20", "T40.2X1A", "M54.5")
BIRTHS = ("1980", "1980", "1980", "", "2006", "2007", "2008", "2009")


def patients(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` patients, each near the boundary of one tier."""
    draw = random.Random(seed)
    files: dict[str, list[dict[str, str]]] = {"prescriptions": [], "conditions": []}
    for number in range(count):
        _patient(draw, files, f"pat-{seed}-{number}")
    return files


def _patient(draw: random.Random, files: dict, patient: str) -> None:
    length, prescribers, pharmacies, drugs = draw.choice(TIERS)
    begins = START + timedelta(draw.randrange(300))
    who = draw.sample(PRESCRIBERS, max(1, prescribers - draw.choice((0, 0, 0, 1))))
    where = [str(1_000_001 + n) for n in range(max(1, pharmacies - draw.choice((0, 0, 0, 1))))]
    visits = max(len(who), len(where)) + draw.choice((0, 0, 1, 2))
    span = length - 1 + draw.choice((0, 0, 0, -1, 1, 40))
    days = sorted({0, span, *(draw.randrange(span) for _ in range(visits - 2))})
    days = (days * visits)[:visits] if draw.random() < 0.2 else [*days, *[span] * visits][:visits]
    born, supply = draw.choice(BIRTHS), draw.choice(("2", "3", "4", "5", "7", "30", "30"))
    rows = [
        {
            **_drug(draw, drugs, supply),
            "patient_id": patient,
            "filled_date": (begins + timedelta(day)).isoformat(),
            "prescriber_npi": draw.choice((who[at % len(who)],) * 15 + ("",)),
            "pharmacy_ncpdp": draw.choice((where[at % len(where)],) * 15 + ("",)),
            "patient_birth_year": born,
            "diagnosis_codes": draw.choice(("",) * 40 + CODES),
            "treatment_type": draw.choice(("",) * 40 + ("02", "03", "05")),
        }
        for at, day in enumerate(days)
    ]
    if draw.random() < 0.3:
        rows.append(_sedative(draw, patient, begins + timedelta(span - length)))
    if drugs is STRONG and draw.random() < 0.6:
        rows.append(_quarter(draw, rows[0], begins + timedelta(span)))
    files["prescriptions"] += rows
    if draw.random() < 0.15:
        files["conditions"].append(_condition(draw, patient, begins + timedelta(span)))


def _drug(draw: random.Random, drugs: tuple[str, ...], supply: str) -> dict[str, str]:
    name = draw.choice(drugs * 6 + MIXED[:1] + STRANGE)
    days = draw.choice((supply,) * 12 + ("", "0", "181", "1"))
    units = UNITS.get(name, 2) * int(supply) + draw.choice((0, 0, 0, -1, 1))
    quantity = "10" if "patch" in name else str(units)
    return {
        "drug_name": name,
        "quantity": draw.choice((quantity,) * 12 + ("",)),
        "days_supply": days,
    }


def _quarter(draw: random.Random, like: dict[str, str], last: date) -> dict[str, str]:
    """Return 90 days of 120 MME a day, or a little more, whose end is about a year before."""
    ends = last - timedelta(draw.choice((363, 364, 365, 200)))
    return like | {
        "drug_name": "morphine 15 mg tablet",
        "quantity": draw.choice(("720", "721", "721")),
        "days_supply": "90",
        "filled_date": (ends - timedelta(89)).isoformat(),
    }


def _sedative(draw: random.Random, patient: str, before: date) -> dict[str, str]:
    """Return a benzodiazepine that ends about where the last window begins."""
    begins = before - timedelta(30) + timedelta(draw.choice((0, 1, 2, 30)))
    return {
        "patient_id": patient,
        "drug_name": "clonazepam 1 mg tablet",
        "quantity": "30",
        "days_supply": draw.choice(("30", "30", "")),
        "filled_date": begins.isoformat(),
    }


def _condition(draw: random.Random, patient: str, last: date) -> dict[str, str]:
    recorded = last - timedelta(draw.choice((-1, 0, 363, 364, 365, 366)))
    ended = recorded + timedelta(draw.choice((1, 100)))
    return {
        "patient_id": patient,
        "code": draw.choice(CODES),
        "recorded_on": recorded.isoformat(),
        "ended_on": draw.choice(("", ended.isoformat())),
    }
