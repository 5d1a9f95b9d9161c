"""Random prescribers of a few types and states, close to the lines of their peers."""

import random
from datetime import date, timedelta

LAST_DAY = date(2026, 10, 31)
# Psychiatry, family medicine, a family nurse, paediatrics, oncology.
TYPES = ("2084P0800X", "207Q00000X", "363LF0000X", "208000000X", "207RX0202X", "208VP0014X")
DRUGS = {
    "2084P0800X": (("oxycodone 5 mg tablet", ("8",) * 8 + ("7", "")),),
    "207Q00000X": (("ketamine 100 mg troche", ("14", "")),),
    "363LF0000X": (("ketamine 100 mg troche", ("14",)), ("esketamine 28 mg nasal spray", ("1",))),
    "208000000X": (
        ("methylphenidate 10 mg tablet", ("30",)),
        ("buprenorphine-naloxone 8/2 mg film", ("14",)),
    ),
    "207RX0202X": (("amphetamine 10 mg tablet", ("30", "")),),
    "208VP0014X": (("alprazolam 1 mg tablet", ("31", "30", "")),),
}
OTHERS = (*("zolpidem 10 mg tablet",) * 6, "sertraline 50 mg tablet", "gibberish")
AGES = ("1980", "1980", "1980", "2009", "2008", "")


def practices(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` prescribers; most write some of what peers seldom do."""
    draw = random.Random(seed)
    files: dict[str, list[dict[str, str]]] = {"prescriptions": [], "practitioners": []}
    for number in range(count):
        _practice(draw, files, f"15{seed % 100:02d}{number:06d}")
    return files


def _practice(draw: random.Random, files: dict, npi: str) -> None:
    who, state = draw.choice((*TYPES[:3] * 5, *TYPES)), draw.choice(("FL", "FL", "GA", ""))
    if draw.random() < 0.8:
        files["practitioners"].append({"npi": npi, "taxonomy": who, "state": state})
    liking = draw.choice((0, 0, 0, 0.1, 0.1, 0.1, 0.2, 0.9))
    for number in range(draw.choice((3, 4, 6, 8, 10, 12))):
        drug, days = (
            draw.choice(DRUGS[who]) if draw.random() < liking else (draw.choice(OTHERS), "7")
        )
        written = LAST_DAY - timedelta(draw.choice((0, 0, 1, 29, 30, 30, 58, 59, 60, 61)))
        files["prescriptions"].append(
            {
                "patient_id": f"p-{npi}-{draw.randrange(6)}",
                "drug_name": drug,
                "days_supply": draw.choice(days) if isinstance(days, tuple) else days,
                "quantity": "20",
                "written_date": written.isoformat(),
                "prescription_id": draw.choice(("", f"rx-{npi}-{number}", f"rx-{npi}")),
                "fill_number": draw.choice(("", "0", "1")),
                "prescriber_npi": npi,
                "taxonomy": draw.choice((who,) * 40 + ("", draw.choice(TYPES))),
                "patient_birth_year": draw.choice(AGES),
            }
        )
