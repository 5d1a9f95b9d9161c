"""Patients on either side of every boundary of R04, with the answers worked out by hand.

Most go to so many prescribers and pharmacies, all on day 0 but the last, who comes ``last``
days later: a window that holds both days counts all of them. Fills of oxycodone 5 mg are
7.5 MME a day, six tablets of morphine 15 mg a day are 90.
"""

from datetime import date, timedelta

DAY = date(2025, 1, 1)
OXYCODONE, MORPHINE = "oxycodone 5 mg tablet", "morphine 15 mg tablet"
ALPRAZOLAM, TROCHE = "alprazolam 1 mg tablet", "ketamine 100 mg troche"
PATCH = "buprenorphine 10 mcg/hr patch"


def on(day):
    """Return the date so many days after day 0."""
    return (DAY + timedelta(day)).isoformat()


def rx(day=0, who=1, where=1, drug=OXYCODONE, quantity="7", days="7", **more):
    """Return one dispense as a file has it; ``who`` and ``where`` 0 are left blank."""
    return {
        "drug_name": drug,
        "quantity": quantity,
        "days_supply": days,
        "filled_date": on(day),
        "prescriber_npi": f"{who}00000000{who}" if who else "",
        "pharmacy_ncpdp": f"100000{where}" if where else "",
        "patient_birth_year": "1980",
    } | more


def many(prescribers, pharmacies, last=0, **more):
    """Return as many fills as it takes, all on day 0 but the last one, of unlike quantities."""
    count = max(prescribers, pharmacies)
    return [
        rx(
            last if number == count else 0,
            min(number, prescribers),
            min(number, pharmacies),
            **{"quantity": str(number), **more},
        )
        for number in range(1, count + 1)
    ]


def again(day, drug):
    """Return four fills at three pharmacies on a day."""
    return [rx(day, n, min(n, 3), drug, str(n)) for n in range(1, 5)]


def supplied(*days, last=179):
    """Return four fills at four places that last so many days, the last fill after ``last``."""
    fills = zip(many(4, 4, last), days, strict=True)
    return [fill | {"days_supply": str(lasting)} for fill, lasting in fills]


def told(day, **what):
    """Return a row of no drug that counts and only carries ``what``, on a day."""
    return rx(day, 1, 1, "sertraline 50 mg tablet", **what)


def code(day, *codes):
    return told(day, diagnosis_codes=";".join(codes))


def fired(*found):
    return "fired", None, list(found)


def suppressed(reason, *found):
    return "suppressed", reason, list(found)


def unknown(reason):
    return "not_evaluable", reason, []


OUTSIDE = None  # the rule does not ask about the patient at all
CLEAR = ("clear", None, [])
OK5, PQA4 = ("ok_pmp", "critical", 5), ("pqa_omp", "medium", 4)
ALL4, ALL5 = ("all_controlled", "medium", 4), ("all_controlled", "medium", 5)
YEAR4, LOW4, LOW5 = (
    ("ncqa_uop", "medium", 4),
    ("ncqa_uop", "low", 4),
    ("ncqa_uop", "low", 5),
)

COUNTS = {
    "four and four, 179 days apart": (many(4, 4, 179), fired(PQA4, ALL4, YEAR4)),
    "four and four, 180 days apart": (many(4, 4, 180), fired(YEAR4)),
    "four and four, 364 days apart": (many(4, 4, 364), fired(YEAR4)),
    "four and four, 365 days apart": (many(4, 4, 365), CLEAR),
    "four and three": (many(4, 3, 179), fired(ALL4, LOW4)),
    "three and four": (many(3, 4, 179), fired(LOW4)),
    "three and three": (many(3, 3, 179), CLEAR),
    "four and two": (many(4, 2, 179), fired(LOW4)),
    "four of a sedative and three pharmacies": (many(4, 3, 179, drug=ALPRAZOLAM), fired(ALL4)),
    "four of a sedative, 180 days apart": (many(4, 3, 180, drug=ALPRAZOLAM), CLEAR),
    "four of a sedative and two pharmacies": (many(4, 2, drug=ALPRAZOLAM), CLEAR),
    "three of a sedative and three pharmacies": (many(3, 3, drug=ALPRAZOLAM), CLEAR),
    "five of a troche, 89 days apart": (many(5, 5, 89, drug=TROCHE), fired(OK5, ALL5)),
    "five of a troche, 90 days apart": (many(5, 5, 90, drug=TROCHE), fired(ALL5)),
    "five and four of a troche": (many(5, 4, drug=TROCHE), fired(ALL5)),
    "four and five of a troche": (many(4, 5, drug=TROCHE), fired(ALL4)),
    "one who is seen again and again": (
        [rx(day, 1 + day % 3, 1 + day % 3) for day in range(0, 120, 7)],
        CLEAR,
    ),
    "one who comes back after leaving the window": (
        [*many(4, 4), *(rx(181, n, n, quantity="1", days="1") for n in (1, 2, 3))],
        fired(ALL4, YEAR4),
    ),
    "all come back as they leave": (
        [*many(4, 3, drug=ALPRAZOLAM), *again(180, ALPRAZOLAM)],
        fired(ALL4),
    ),
    "all come back after they left": (
        [*many(4, 3, drug=ALPRAZOLAM), *again(181, ALPRAZOLAM)],
        fired(ALL4),
    ),
    "a fifth prescriber later": (
        [*many(4, 3, drug=ALPRAZOLAM), rx(3, 5, 1, ALPRAZOLAM)],
        fired(ALL5),
    ),
    "a fourth pharmacy for a while": (
        [
            *many(4, 3),
            rx(300, 1, 4),
            *(rx(366, n, min(n, 2), OXYCODONE, str(n)) for n in (1, 2, 3, 4)),
        ],
        fired(ALL4, ALL4, LOW4, YEAR4, LOW4),
    ),
    "blank prescriber and pharmacy": (
        [*many(3, 3), rx(0, 0, 0), rx(1, 0, 0)],
        CLEAR,
    ),
    "an order without pharmacy": (
        [
            *many(3, 3, drug=ALPRAZOLAM),
            rx(9, 4, 0, ALPRAZOLAM, record_type="order", written_date=on(9), filled_date=""),
        ],
        fired(ALL4),
    ),
    "on the as-of day": (
        [rx(668, n, n, ALPRAZOLAM) for n in range(1, 5)],
        fired(ALL4),
    ),
    "the day after the as-of day": (
        [rx(668 + (n > 3), n, n, ALPRAZOLAM) for n in range(1, 5)],
        CLEAR,
    ),
}

DRUGS = {
    "schedule V": (many(5, 4, drug="pregabalin 75 mg capsule"), CLEAR),
    "schedule V and five": (many(5, 5, drug="pregabalin 75 mg capsule"), fired(OK5)),
    "treatment of addiction": (many(4, 4, drug="buprenorphine-naloxone 8/2 mg film"), CLEAR),
    "treatment of addiction and five": (
        many(5, 5, drug="buprenorphine-naloxone 8/2 mg film"),
        fired(OK5),
    ),
    "treatment told by the row": (
        many(4, 4, drug="methadone 10 mg tablet", treatment_type="02"),
        CLEAR,
    ),
    "a cough medicine of schedule II": (
        many(4, 4, drug="hydrocodone/homatropine 5/1.5 mg tablet"),
        CLEAR,
    ),
    "an injected opioid": (many(4, 4, drug="morphine 10 mg/ml injection"), CLEAR),
    "buprenorphine for pain": (
        many(4, 4, 7, drug=PATCH),
        fired(PQA4, ALL4, YEAR4),
    ),
    "no controlled drug": (many(5, 5, drug="sertraline 50 mg tablet"), OUTSIDE),
}

SUPPLY = {
    "all on one date": (many(4, 4), fired(ALL4, YEAR4)),
    "two dates": (many(4, 4, 1), fired(PQA4, ALL4, YEAR4)),
    "14 days of supply": (supplied(4, 4, 4, 2), fired(ALL4)),
    "15 days of supply": (supplied(4, 4, 4, 3), fired(PQA4, ALL4, YEAR4)),
    "15 days of supply, some before the window": (
        [rx(-1, 1, 1, days="1"), *supplied(4, 4, 4, 2)],
        fired(ALL4, YEAR4),
    ),
}

AGES = {
    "an adult by year": (many(4, 4, 7, patient_birth_year="2006"), fired(PQA4, ALL4, YEAR4)),
    "18 in that year": (many(4, 4, 7, patient_birth_year="2007"), fired(ALL4, YEAR4)),
    "a minor": (many(4, 4, 7, patient_birth_year="2008"), fired(ALL4, YEAR4)),
    "an age nobody tells": (many(4, 4, 7, patient_birth_year=""), fired(ALL4, YEAR4)),
}


UNUSABLE = {
    "a drug unknown, the fourth place": (
        [*many(3, 3, drug=ALPRAZOLAM), rx(0, 4, 1, "gibberish 5 mg")],
        unknown("drug_unmatched"),
    ),
    "a drug unknown, the third place": (
        [*many(2, 2), rx(0, 3, 3, "gibberish 5 mg", "1", "1")],
        unknown("drug_unmatched"),
    ),
    "a drug unknown, no other place": (
        [*many(2, 2, drug=ALPRAZOLAM), rx(0, 2, 2, "gibberish 5 mg")],
        CLEAR,
    ),
    "a drug unknown, out of every window": (
        [*many(3, 3), rx(365, 4, 4, "gibberish 5 mg")],
        CLEAR,
    ),
    "drugs unknown alone": (many(4, 4, drug="gibberish 5 mg"), unknown("drug_unmatched")),
    "14 days and days unusable": (
        [*many(4, 2, days="3"), rx(0, 1, 1, days="2"), rx(0, 2, 2, days="")],
        unknown("days_supply_unusable"),
    ),
    "12 days and a drug unknown": (
        [*many(4, 2, days="3"), rx(0, 2, 2, "gibberish 5 mg")],
        unknown("drug_unmatched"),
    ),
    "14 days and more than 180": (
        [*many(4, 2, days="3"), rx(0, 1, 1, days="2"), rx(0, 2, 2, days="181")],
        unknown("days_supply_unusable"),
    ),
    "14 days and 180": (
        [*many(4, 2, days="3"), rx(0, 1, 1, days="2"), rx(0, 2, 2, days="180")],
        fired(LOW4),
    ),
    "14 days and unusable days of another drug": (
        [*many(4, 2, days="3"), rx(0, 1, 1, days="2"), rx(0, 2, 2, ALPRAZOLAM, days="")],
        CLEAR,
    ),
    "patches without quantity": (
        [*many(4, 2, days="3"), rx(0, 2, 2, "fentanyl 50 mcg/hr patch", "", "30")],
        unknown("days_supply_unusable"),
    ),
}

CASES = {**COUNTS, **DRUGS, **SUPPLY, **AGES, **UNUSABLE}
# Where the runs of a definition lie: first and last window end, and what excuses them.
RUNS = {
    "all come back as they leave": ("all_controlled", [(on(0), on(180), None)]),
    "all come back after they left": ("all_controlled", [(on(0), on(181), None)]),
    "a fifth prescriber later": ("all_controlled", [(on(0), on(3), None)]),
    "a fourth pharmacy for a while": (
        "ncqa_uop",
        [(on(day), on(day), None) for day in (0, 300, 366)],
    ),
    "one who comes back after leaving the window": (
        "all_controlled",
        [(on(0), on(0), None)],
    ),
    "four and four, 179 days apart": ("pqa_omp", [(on(179), on(179), None)]),
}
