"""Patients on either side of every boundary of R12, with the answers worked out by hand.

Fills are of oxycodone 10 mg, 90 tablets for 30 days, on the days named (day 0 is 2025-01-01):
the second on day 30 is on time, on day 26 four days early.
"""

from datetime import date, timedelta

from audits import examples

DAY = date(2025, 1, 1)
OXYCODONE = "oxycodone 10 mg tablet"


def on(day):
    """Return the date so many days after day 0."""
    return (DAY + timedelta(day)).isoformat()


def rx(day=0, drug=OXYCODONE, quantity="90", days="30", **more):
    """Return one dispense as a file has it."""
    return {
        "drug_name": drug,
        "quantity": quantity,
        "days_supply": days,
        "filled_date": on(day),
    } | more


def fills(*days, **more):
    return [rx(day, **more) for day in days]


def code(day, *codes):
    """Return a row of no controlled drug that only carries diagnoses."""
    return rx(day, "sertraline 50 mg tablet", diagnosis_codes=";".join(codes))


def fired(*found):
    return "fired", None, list(found)


def suppressed(*found):
    return "suppressed", "ltc", list(found)


def subject(name):
    """Return the id of the patient and drug of a case."""
    return f"{examples.key_of(name)}|{DRUGS.get(name, 'oxycodone')}"


CLEAR = ("clear", None, [])
OUTSIDE = None  # the rule does not ask about the patient and drug at all
UNKNOWN = ("not_evaluable", "days_supply_unusable", [])
PATCH = "fentanyl 50 mcg/hr patch"
LTC = {"patient_setting": "ltc"}
DRUGS = {
    "patches": "fentanyl",
    "patches on time": "fentanyl",
    "patches without quantity": "fentanyl",
    "schedule V": "pregabalin",
    "no controlled drug": "sertraline",
    "two drugs": "alprazolam",
    "treatment of addiction": "buprenorphine",
}


def once(days, severity="low"):
    return ("early_once", severity, days)


def often(count, severity="medium"):
    return ("repeated_early", severity, count)


def piled(days, severity="high"):
    return ("stockpile", severity, days)


EARLY = {
    "four days early": (fills(0, 26), fired(once(4))),
    "three days early": (fills(0, 27), CLEAR),
    "on time": (fills(0, 30), CLEAR),
    "late": (fills(0, 50), CLEAR),
    "one fill": (fills(0), CLEAR),
    "early against the former fill alone": (fills(0, 27, 50), fired(once(7))),
    "a long fill before the former": (
        [rx(0, quantity="180", days="60"), rx(50, quantity="30", days="10"), rx(60)],
        fired(once(10)),
    ),
    "on the as-of day": (fills(642, 668), fired(once(4))),
    "the day after the as-of day": (fills(643, 669), CLEAR),
}

STOCK = {
    "fifteen days on hand": (fills(0, 28, 56, 84, 112, 140, 168, 195), fired(piled(15))),
    "fourteen days on hand": (fills(0, 28, 56, 84, 112, 140, 168, 196), CLEAR),
    "all used up between": (fills(0, 28, 56, 84, 112, 180, 208, 236), CLEAR),
    "twice on a day": (
        [rx(0, pharmacy_ncpdp="1000001"), rx(0, pharmacy_ncpdp="1000002")],
        fired(piled(30), once(30)),
    ),
    "thrice on a day": (
        [rx(0, pharmacy_ncpdp=f"100000{n}") for n in (1, 2, 3)],
        fired(piled(60), once(30)),
    ),
    "exact duplicates": (fills(0, 0), CLEAR),
}

OFTEN = {
    "three days early three times": (fills(0, 27, 54, 81), fired(often(3))),
    "three days early twice": (fills(0, 27, 54), CLEAR),
    "two days early three times": (fills(0, 28, 56, 84), CLEAR),
    "three days early four times": (fills(0, 27, 54, 81, 108), fired(often(3), often(4))),
    # Early on days 27, 100 and the last; the others are on time.
    "first and third 179 days apart": (fills(0, 27, 73, 100, 179, 206), fired(often(3))),
    # Early on days 27, 84, 141 and 207; the first is 180 days before the last.
    "an early fill that has left the window": (
        fills(0, 27, 57, 84, 114, 141, 180, 207),
        fired(often(3), often(3)),
    ),
    "first and third 180 days apart": (fills(0, 27, 73, 100, 180, 207), CLEAR),
    "three on a day": (
        [
            rx(0),
            *(
                rx(27, pharmacy_ncpdp=f"100000{n}", days=str(n), quantity=str(3 * n))
                for n in (3, 4, 5)
            ),
        ],
        fired(often(3), once(4)),
    ),
}

REGIMEN = {
    "20 percent more": ([rx(0), rx(15, quantity="108")], fired(piled(15), once(15))),
    "more than 20 percent more": ([rx(0), rx(15, quantity="108.001")], CLEAR),
    "20 percent less": ([rx(0), rx(15, quantity="72")], fired(piled(15), once(15))),
    "more than 20 percent less": ([rx(0), rx(15, quantity="71.999")], CLEAR),
    "a change by strength": ([rx(0), rx(15, "oxycodone 15 mg tablet")], CLEAR),
    "a change by days": ([rx(0), rx(15, days="24")], CLEAR),
    "another strength, the same amount": (
        [rx(0), rx(15, "oxycodone 5 mg tablet", "180")],
        fired(piled(15), once(15)),
    ),
    "quantity unknown": ([rx(0), rx(15, quantity="")], fired(piled(15), once(15))),
    "quantity unknown before": (
        [rx(0, quantity=""), rx(15, quantity="900")],
        fired(piled(15), once(15)),
    ),
    "no quantity": ([rx(0), rx(15, quantity="0")], fired(piled(15), once(15))),
    "strength unknown": ([rx(0), rx(15, "oxycodone tablet")], fired(piled(15), once(15))),
    "early after a change": (
        [rx(0), rx(15, quantity="180"), rx(41, quantity="180")],
        fired(once(4)),
    ),
    "a change takes what is on hand away": (
        [*fills(0, 27, 54), rx(81, quantity="180"), rx(108, quantity="180")],
        fired(often(3)),
    ),
}

CARE = {
    "in long-term care": (fills(0, 26, **LTC), suppressed(once(4))),
    "the early fill alone in care": ([rx(0), rx(26, **LTC)], suppressed(once(4))),
    "the fill before in care": ([rx(0, **LTC), rx(26)], fired(once(4))),
    "another setting": (fills(0, 26, patient_setting="clinic"), fired(once(4))),
    "one of two on a day in care": (
        [rx(0), rx(26, **LTC), rx(26, pharmacy_ncpdp="1000002")],
        fired(piled(34), once(30)),
    ),
    "care moves what is on hand": (
        [rx(0), rx(15, **LTC), rx(45)],
        fired(piled(15, "high"), piled(15, "high"), once(15)),
    ),
}

GRAVER = {
    "overdose on the day": (code(26, "T40.2X1A"), "medium"),
    "overdose 365 days before": (code(26 - 365, "T40.2X1A"), "medium"),
    "overdose 366 days before": (code(26 - 366, "T40.2X1A"), "low"),
    "overdose the day after": (code(27, "T40.2X1A"), "low"),
    "substance use": (code(26, "F11.20"), "medium"),
    "nicotine": (code(26, "F17.210"), "low"),
    "cancer is no excuse": (code(26, "C50.911"), "low"),
}
GRAVER = {
    name: ([*fills(0, 26), row], fired(once(4, severity)))
    for name, (row, severity) in GRAVER.items()
}
HARM = code(0, "T40.2X1A")
GRAVER["high becomes critical"] = (
    [*fills(0, 15), HARM],
    fired(piled(15, "critical"), once(15, "medium")),
)
GRAVER["medium becomes high"] = ([*fills(0, 27, 54, 81), HARM], fired(often(3, "high")))

ROWS = {
    "patches": (
        [rx(0, PATCH, "10", "10"), rx(26, PATCH, "10", "10")],
        fired(once(4)),
    ),
    "patches on time": ([rx(0, PATCH, "10", "90"), rx(30, PATCH, "10", "90")], CLEAR),
    "patches without quantity": ([rx(0, PATCH, "", "30"), rx(1, PATCH, "10")], UNKNOWN),
    "schedule V": (fills(0, 26, drug="pregabalin 75 mg capsule"), fired(once(4))),
    "no controlled drug": (fills(0, 1, drug="sertraline 50 mg tablet"), OUTSIDE),
    "two drugs": ([rx(0), rx(15, "alprazolam 1 mg tablet")], CLEAR),
    "treatment of addiction": (
        fills(0, 26, drug="buprenorphine-naloxone 8/2 mg film"),
        fired(once(4)),
    ),
    "orders are no fills": (
        [rx(0), rx(0, filled_date="", written_date=on(3), record_type="order")],
        CLEAR,
    ),
    "180 days": (fills(0, 180, days="180"), CLEAR),
    "181 days": ([rx(0, days="181"), rx(181)], UNKNOWN),
    "days missing": ([rx(0), rx(30, days="")], UNKNOWN),
    "no days": ([rx(0), rx(30, days="0")], UNKNOWN),
    "days missing of the only fill": (fills(0, days=""), CLEAR),
    "fired although days are missing": ([*fills(0, 26), rx(60, days="")], fired(once(4))),
    "a fill without days is passed over": ([rx(0), rx(10, days=""), rx(26)], fired(once(4))),
    "suppressed although days are missing": (
        [*fills(0, 26, **LTC), rx(60, days="")],
        suppressed(once(4)),
    ),
}

CASES = {**EARLY, **STOCK, **OFTEN, **REGIMEN, **CARE, **GRAVER, **ROWS}
ALSO = {f"{examples.key_of('two drugs')}|oxycodone": CLEAR}
RUNS = {
    "three days early four times": (
        "repeated_early",
        [(on(81), on(81), None), (on(108), on(108), None)],
    ),
    "care moves what is on hand": (
        "stockpile",
        [(on(15), on(15), "ltc"), (on(45), on(45), None)],
    ),
}
