"""Patients on either side of every boundary of R01, with the answers worked out by hand.

720 tablets of morphine 15 mg for 90 days are 120 MME a day and 10,800 MME in a window, which
is not above; four tenths of a tablet of codeine 15 mg on the first day add 0.9 MME. Both
together are above on one day only: the 90th, 2025-03-31.
"""

from datetime import date

AS_OF = date(2026, 10, 31)
PEAK = "2025-03-31"
SCALE = 1000  # values are thousandths of an MME over the window


def rx(drug="morphine 15 mg tablet", quantity="720", days="90", filled="2025-01-01", **more):
    """Return one dispense as a file has it."""
    row = {"drug_name": drug, "quantity": quantity, "days_supply": days, "filled_date": filled}
    return {"source_system": "clinic", "record_type": "dispense", **row, **more}


def hair(**more):
    """Return the row that lifts 120 MME a day to the least bit above."""
    return rx("codeine 15 mg tablet", "0.4", "1", **more)


def told(on, **what):
    """Return a row that is no opioid and only carries ``what``, on a day."""
    return rx("sertraline 50 mg tablet", "30", "30", on, **what)


def fired(mme, severity="medium"):
    return ("fired", severity, None, round(mme * SCALE))


def suppressed(reason, mme=10_800.9, severity="medium"):
    return ("suppressed", severity, reason, round(mme * SCALE))


def unknown(reason):
    return ("not_evaluable", None, reason, None)


CLEAR = ("clear", None, None, None)
OUTSIDE = None  # the rule does not ask about the patient at all
ABOVE = [rx(), hair()]
ONCE = fired(10_800.9)
SEVERE = [rx(quantity="1200"), hair()]
PATCH = "fentanyl 100 mcg/hr patch"
OTHER = {"prescription_id": "8", "prescriber_npi": "1111111112"}
ORDER = {"record_type": "order", "prescription_id": "9", "prescriber_npi": "1111111112"}

THRESHOLDS = {
    "exactly 120": ([rx()], CLEAR),
    "the least above 120": (ABOVE, ONCE),
    "exactly 200": ([rx(quantity="1200")], fired(18_000)),
    "the least above 200": (SEVERE, fired(18_000.9, "high")),
    "supply that never adds up to the floor": ([rx(quantity="106", days="13")], CLEAR),
    "89 days at 121": ([rx(quantity="718", days="89")], CLEAR),
    "90 days at 121": ([rx(quantity="726", days="90")], fired(10_890)),
    "two fills that overlap": ([rx(quantity="366"), rx(quantity="360")], fired(10_890)),
    "a fill that begins on the last day": (
        [*ABOVE, rx("codeine 15 mg tablet", "0.4", "1", PEAK)],
        fired(10_801.8),
    ),
    "a gap counts as zero": (
        [rx(quantity="360", days="45"), rx(quantity="360", days="45", filled="2025-02-16")],
        CLEAR,
    ),
    "a fill on the as-of day": ([rx(filled="2026-10-31"), hair(filled="2026-10-31")], ONCE),
    "a fill after the as-of day": ([rx(filled="2026-11-01"), hair(filled="2026-11-01")], OUTSIDE),
    "an order beside a fill of another drug": (
        [
            rx(filled="", written_date="2025-01-01", **ORDER),
            hair(),
            rx("sertraline 50 mg tablet", "30", "30", written_date="2025-01-01", **OTHER),
        ],
        ONCE,
    ),
    "an order beside a fill of another date": (
        [
            rx(filled="", written_date="2025-01-01", **ORDER),
            hair(),
            rx(quantity="1", days="1", filled="2024-06-01", written_date="2024-06-01", **OTHER),
        ],
        ONCE,
    ),
    "filled long after it was written": ([rx(written_date="2024-06-01"), hair()], ONCE),
    "a written date where no fill date": (
        [
            rx(filled="", written_date="2025-01-01", record_type=""),
            hair(filled="", written_date="2025-01-01", record_type=""),
        ],
        ONCE,
    ),
    "an animal": ([rx(species="animal"), hair(species="animal")], OUTSIDE),
    "nothing but another drug": ([told("2025-01-01")], OUTSIDE),
}

EXCLUSIONS = {
    "cancer on the day": ([*ABOVE, told(PEAK, diagnosis_codes="C50.911")], suppressed("cancer")),
    "cancer among other codes": (
        [*ABOVE, told(PEAK, diagnosis_codes="M54.5; C50.911")],
        suppressed("cancer"),
    ),
    "cancer 364 days before": (
        [*ABOVE, told("2024-04-01", diagnosis_codes="C50.911")],
        suppressed("cancer"),
    ),
    "cancer 365 days before": ([*ABOVE, told("2024-03-31", diagnosis_codes="C50.911")], ONCE),
    "cancer the day after": ([*ABOVE, told("2025-04-01", diagnosis_codes="C50.911")], ONCE),
    "cancer treatment": ([*ABOVE, told(PEAK, treatment_type="03")], suppressed("cancer")),
    "cancer treatment 364 days before": (
        [*ABOVE, told("2024-04-01", treatment_type="03")],
        suppressed("cancer"),
    ),
    "palliative code": ([*ABOVE, told(PEAK, diagnosis_codes="Z51.5")], suppressed("hospice")),
    "palliative code 364 days before": (
        [*ABOVE, told("2024-04-01", diagnosis_codes="Z51.5")],
        suppressed("hospice"),
    ),
    "palliative code 365 days before": (
        [*ABOVE, told("2024-03-31", diagnosis_codes="Z51.5")],
        ONCE,
    ),
    "hospice care 04": ([*ABOVE, told(PEAK, treatment_type="04")], suppressed("hospice")),
    "hospice care 05": ([*ABOVE, told(PEAK, treatment_type="05")], suppressed("hospice")),
    "hospice setting": ([*ABOVE, told(PEAK, patient_setting="hospice")], suppressed("hospice")),
    "another treatment and setting": (
        [*ABOVE, told(PEAK, treatment_type="01", patient_setting="home")],
        ONCE,
    ),
    "cancer before hospice": (
        [*ABOVE, told(PEAK, diagnosis_codes="Z51.5;C50.911")],
        suppressed("cancer"),
    ),
    "hospice before sickle cell": (
        [*ABOVE, told(PEAK, diagnosis_codes="D57.1;Z51.5")],
        suppressed("hospice"),
    ),
    "sickle cell for life": (
        [*ABOVE, told("2019-01-01", diagnosis_codes="D57.1")],
        suppressed("sickle_cell"),
    ),
    "sickle cell the day after": ([*ABOVE, told("2025-04-01", diagnosis_codes="D57.1")], ONCE),
    "sickle cell trait": ([*ABOVE, told(PEAK, diagnosis_codes="D57.3")], ONCE),
    "a diagnosis on an order that its fill replaces": (
        [
            rx(**ORDER, written_date="2025-01-01", diagnosis_codes="C50.911"),
            rx(**{**ORDER, "record_type": "dispense"}),
            hair(),
        ],
        suppressed("cancer"),
    ),
    "an excuse in the middle of the spell": (
        [
            *(
                rx(quantity="1452", days="180", filled=day)
                for day in ("2024-01-01", "2024-06-29", "2024-12-26", "2025-06-24")
            ),
            told("2024-06-01", diagnosis_codes="C50.911"),
        ],
        fired(10_890),
    ),
    "an excuse for a part of the spell": (
        [rx(quantity="1080"), told("2024-03-26", diagnosis_codes="C50.911")],
        fired(16_200),
    ),
}

ESCALATION = {
    "overdose on the day": ([*ABOVE, told(PEAK, diagnosis_codes="T40.2X1A")], "high"),
    "overdose 365 days before": ([*ABOVE, told("2024-03-31", diagnosis_codes="T40.2X1A")], "high"),
    "overdose 366 days before": (
        [*ABOVE, told("2024-03-30", diagnosis_codes="T40.2X1A")],
        "medium",
    ),
    "overdose the day after": ([*ABOVE, told("2025-04-01", diagnosis_codes="T40.2X1A")], "medium"),
    "substance use": ([*ABOVE, told(PEAK, diagnosis_codes="F11.20")], "high"),
    "adverse effect": ([*ABOVE, told(PEAK, diagnosis_codes="T40.2X5A")], "medium"),
    "nicotine": ([*ABOVE, told(PEAK, diagnosis_codes="F17.210")], "medium"),
}
ESCALATION = {name: (rows, fired(10_800.9, s)) for name, (rows, s) in ESCALATION.items()}
ESCALATION["severe and overdose"] = (
    [*SEVERE, told("2025-01-01", diagnosis_codes="T40.2X1A")],
    fired(18_000.9, "critical"),
)

UNUSABLE = {
    "180 days": ([rx(days="180")], CLEAR),
    "181 days": ([rx(days="181")], unknown("days_supply_unusable")),
    "one day": ([rx(quantity="1", days="1")], CLEAR),
    "no days": ([rx(days="0")], unknown("days_supply_unusable")),
    "days missing": ([rx(days="")], unknown("days_supply_unusable")),
    "no quantity": ([rx(quantity="0")], unknown("quantity_unusable")),
    "quantity missing": ([rx(quantity="")], unknown("quantity_unusable")),
    "days before quantity": ([rx(quantity="", days="")], unknown("days_supply_unusable")),
    "strength missing": ([rx("oxycodone tablet")], unknown("strength_unknown")),
    "factor missing": ([rx("sufentanil 30 mcg tablet")], unknown("factor_unknown")),
    "strength before factor": ([rx("opium tincture")], unknown("strength_unknown")),
    "drug unknown": ([rx("gibberish 5 mg")], unknown("drug_unmatched")),
    "drug unknown before days": ([rx("gibberish 5 mg", days="")], unknown("drug_unmatched")),
    "1,000 MME a day": ([rx("morphine 100 mg tablet", "10", "1")], CLEAR),
    "1,000.0005 MME a day, rounded up": (
        [rx(quantity="666.667", days="10")],
        unknown("dose_implausible"),
    ),
    "1,000.0004 MME a day, rounded down": ([rx(quantity="866.667", days="13")], fired(13_000)),
    "more patches than days can be counted": (
        [rx("fentanyl 100 mcg/hr patch", "999999999999", "30")],
        unknown("days_supply_unusable"),
    ),
    "more days than there are dates": (
        [rx(days="2147483647")],
        unknown("days_supply_unusable"),
    ),
    "a product beyond 64 bits": (
        [rx("methadone 10 mg tablet", "999999999999", "30")],
        unknown("dose_implausible"),
    ),
    "fired although a row is unusable": ([*ABOVE, rx(days="")], ONCE),
    "suppressed although a row is unusable": (
        [*ABOVE, rx(days="", diagnosis_codes="C50.911")],
        suppressed("cancer"),
    ),
    "unusable but no opioid": ([rx(), rx("sertraline 50 mg tablet", "", "")], CLEAR),
}

DRUGS = {
    "ten patches are thirty days": ([rx(PATCH, "10", "10")], CLEAR),
    "thirty patches are ninety days": ([rx(PATCH, "30", "30")], fired(21_600, "high")),
    "sixty patches are 180 days": ([rx(PATCH, "60", "")], fired(21_600, "high")),
    "sixty-one patches are too many": ([rx(PATCH, "61", "30")], unknown("days_supply_unusable")),
    "a piece of a patch is one day": ([rx(PATCH, "0.2", "30")], CLEAR),
    "no patches": ([rx(PATCH, "0", "")], unknown("quantity_unusable")),
    "patches without quantity": ([rx(PATCH, "", "10")], unknown("quantity_unusable")),
    "buprenorphine": ([rx("buprenorphine-naloxone 8/2 mg film", "180")], OUTSIDE),
    "methadone": ([rx("methadone 10 mg tablet", "270")], fired(12_690)),
    "methadone for treatment": (
        [rx("methadone 10 mg tablet", "270", treatment_type="02")],
        OUTSIDE,
    ),
    "morphine in a treatment": ([rx(quantity="726", treatment_type="02")], fired(10_890)),
}

CASES = {**THRESHOLDS, **EXCLUSIONS, **ESCALATION, **UNUSABLE, **DRUGS}
# Where the spells of a patient lie: first and last day above, and what excuses them.
SPELLS = {
    "the least above 120": [("2025-03-31", "2025-03-31", None)],
    "two fills that overlap": [("2025-03-31", "2025-03-31", None)],
    "cancer on the day": [("2025-03-31", "2025-03-31", "cancer")],
    "an excuse for a part of the spell": [
        ("2025-03-02", "2025-03-25", "cancer"),
        ("2025-03-26", "2025-03-31", None),
    ],
    "an excuse in the middle of the spell": [
        ("2024-03-30", "2024-05-31", None),
        ("2024-06-01", "2025-05-31", "cancer"),
        ("2025-06-01", "2025-12-20", None),
    ],
    "thirty patches are ninety days": [("2025-02-15", "2025-03-31", None)],
}
