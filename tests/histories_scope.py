"""Random prescribers of many specialties, crowded around the boundaries of R28."""

import random
from datetime import date, timedelta

START = date(2025, 1, 1)
# Dentist, podiatrist, emergency, paediatrics, pain, family, psychiatry, oncology, pharmacist,
# clinic, optometrist; neurology has no row in the matrix, the last two are no codes.
SPECIALTIES = (
    *("1223G0001X", "1223G0001X", "1223G0001X", "213E00000X", "213E00000X"),
    *("207P00000X", "207P00000X", "208000000X", "208000000X", "208VP0014X", "152W00000X"),
    *("207Q00000X", "2084P0800X", "207RX0202X", "183500000X", "261QP3300X", "152W00000X"),
    *("2084N0400X", "0000000000", ""),
)
DRUGS = (
    ("oxycodone 5 mg tablet", ("7", "8")),
    ("oxycodone 5 mg tablet", ("7", "8")),
    ("fentanyl 25 mcg/hr patch", ("10", "3")),
    ("buprenorphine 10 mcg/hr patch", ("7", "28")),
    ("buprenorphine-naloxone 8/2 mg film", ("7", "14")),
    ("methylphenidate 10 mg tablet", ("30", "")),
    ("amphetamine 10 mg tablet", ("30", "")),
    ("modafinil 100 mg tablet", ("30", "")),
    ("alprazolam 1 mg tablet", ("3", "4", "30", "31")),
    ("ketamine 100 mg troche", ("14", "")),
    ("esketamine 28 mg nasal spray", ("1", "")),
    ("sertraline 50 mg tablet", ("30",)),
    ("gibberish 5 mg", ("8",)),
)
BORN = ("", "1980", "2006", "2007", "2008", "2015")


def desks(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Return files of ``count`` prescribers and what each wrote for whom."""
    draw = random.Random(seed)
    files: dict[str, list[dict[str, str]]] = {"prescriptions": [], "practitioners": []}
    for number in range(count):
        _desk(draw, files, f"13{seed % 100:02d}{number:06d}")
    return files


def _desk(draw: random.Random, files: dict, npi: str) -> None:
    specialty, drug = draw.choice(SPECIALTIES), draw.choice(DRUGS)
    if draw.random() < 0.5:
        files["practitioners"].append({"npi": npi, "taxonomy": draw.choice((specialty, ""))})
    day = START + timedelta(draw.randrange(200))
    gaps = draw.choice(((0, 1, 7), (0, 0, 1, 7, 44, 45, 88, 89, 90, 91), (0, 44, 45, 46)))
    for number in range(draw.choice((1, 2, 3, 3, 4, 6, 13, 13))):
        again = draw.random() < 0.2
        patient = f"p-{npi}-{0 if again else number}"
        name, lengths = draw.choice((drug, drug, drug, drug, draw.choice(DRUGS)))
        files["prescriptions"].append(
            {
                "patient_id": patient,
                "drug_name": name,
                "days_supply": draw.choice((*lengths * 8, "", "0", "181", "180")),
                "quantity": draw.choice(("2", "3", "20", "21", "")),
                "written_date": day.isoformat(),
                "filled_date": draw.choice(("", (day + timedelta(2)).isoformat())),
                "prescription_id": draw.choice(("", "", f"rx-{npi}-{number}", f"rx-{npi}")),
                "fill_number": draw.choice(("", "0", "1")),
                "prescriber_npi": npi,
                "taxonomy": draw.choice((specialty,) * 9 + ("1223G0001X",)),
                "patient_birth_year": draw.choice(BORN),
                "patient_setting": draw.choice(("", "home", "clinic", "hospital", "hospice")),
                "treatment_type": draw.choice(("",) * 8 + ("02",)),
            }
        )
        day += timedelta(draw.choice(gaps))
