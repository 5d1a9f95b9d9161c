"""Prescribers on either side of every boundary of R28, with the answers worked out by hand.

A dentist's oxycodone for 8 days is outside usual scope from the third patient in 90 days on.
"""

from dataclasses import dataclass
from datetime import date, timedelta

AS_OF = date(2026, 10, 31)
FIRST = date(2025, 3, 1)
LATE = (AS_OF - FIRST).days - 89  # the first of the 90 days in which peers are compared
DENTIST, PODIATRIST, EMERGENCY, CHILDREN = "1223G0001X", "213E00000X", "207P00000X", "208000000X"
PAIN, FAMILY, MIND, CANCER = "208VP0014X", "207Q00000X", "2084P0800X", "207RX0202X"
PHARMACIST, CLINIC, EYES, NERVES = "183500000X", "261QP3300X", "152W00000X", "2084N0400X"
FILM, PATCH = "buprenorphine-naloxone 8/2 mg film", "buprenorphine 10 mcg/hr patch"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One prescriber: what he wrote, his record, and the answer expected for the class."""

    rows: tuple
    expected: tuple | None
    of: str = "opioid"
    taxonomy: str | None = None
    runs: tuple = ()


def rx(patient=1, day=0, drug="oxycodone 5 mg tablet", days="8", who=DENTIST, **more):
    """Return what was written for a patient ``day`` days after the first of March."""
    row = {"patient": str(patient), "drug_name": drug, "days_supply": days, "taxonomy": who}
    return {**row, "written_date": (FIRST + timedelta(day)).isoformat(), **more}


def each(count=3, **what):
    """Return one prescription for each of ``count`` patients, on the days from the first on."""
    return tuple(rx(number, number - 1, **what) for number in range(1, count + 1))


def fired(patients=3, severity="medium"):
    return {"expected": ("fired", severity, None, patients)}


def unknown(reason):
    return {"expected": ("not_evaluable", None, reason, None)}


CLEAR, OUTSIDE = {"expected": ("clear", None, None, None)}, {"expected": None}


def wrote(*rows, **more):
    return Case(rows=rows, **more)


def of(drug_class, *rows, **more):
    return Case(rows=rows, of=drug_class, **more)


COUNTS = {
    "three patients": wrote(*each(), **fired()),
    "two patients": wrote(*each(2), **CLEAR),
    "three, 89 days apart": wrote(rx(1), rx(2, 40), rx(3, 89), **fired()),
    "three, 90 days apart": wrote(rx(1), rx(2, 40), rx(3, 90), **CLEAR),
    "three, filled 90 days apart": wrote(
        rx(1), rx(2, 40), rx(3, 89, filled_date="2025-05-30"), **fired()
    ),
    "three, filled 89 days apart": wrote(
        rx(1, filled_date="2025-03-02"), rx(2, 40), rx(3, 90), **CLEAR
    ),
    "two of three patients twice": wrote(rx(1), rx(2, 1), rx(1, 2), rx(2, 3), **CLEAR),
    "one comes back after 89 days": wrote(rx(1), rx(1, 89), rx(2, 89), **CLEAR),
    "one comes back after 90 days": wrote(rx(1), rx(1, 90), rx(2, 90), **CLEAR),
    "one stays a day longer": wrote(rx(1), rx(1, 1), rx(2, 40), rx(3, 90), **fired()),
    "one left the day before": wrote(rx(1), rx(1, 1), rx(2, 40), rx(3, 91), **CLEAR),
    "nine patients": wrote(*each(9), **fired(9)),
    "ten patients": wrote(*each(10), **fired(10, "high")),
    "three on one day": wrote(rx(1), rx(2), rx(3), **fired()),
    "on the as-of day": wrote(rx(1, 608), rx(2, 609), rx(3, 609), **fired()),
    "the third after the as-of day": wrote(rx(1, 608), rx(2, 609), rx(3, 610), **CLEAR),
}
LENGTHS = {
    "7 days": wrote(*each(days="7"), **CLEAR),
    "one of 7 days": wrote(*each(2), rx(3, 2, days="7"), **CLEAR),
    "benzodiazepines of 3 days by a dentist": of(
        "benzodiazepine", *each(drug="alprazolam 1 mg tablet", days="3"), **CLEAR
    ),
    "benzodiazepines of 4 days by a dentist": of(
        "benzodiazepine", *each(drug="alprazolam 1 mg tablet", days="4"), **fired()
    ),
    "benzodiazepines of 30 days in an emergency": of(
        "benzodiazepine",
        *each(drug="alprazolam 1 mg tablet", days="30", who=EMERGENCY),
        **CLEAR,
    ),
    "benzodiazepines of 31 days in an emergency": of(
        "benzodiazepine",
        *each(drug="alprazolam 1 mg tablet", days="31", who=EMERGENCY),
        **fired(),
    ),
    "stimulants of one day": of(
        "stimulant", *each(drug="methylphenidate 10 mg tablet", days="1"), **fired()
    ),
    "stimulants of unknown days": of(
        "stimulant", *each(drug="methylphenidate 10 mg tablet", days=""), **fired()
    ),
    "two patches of 20 days": wrote(
        *each(drug="fentanyl 25 mcg/hr patch", days="20", quantity="2"), **CLEAR
    ),
    "three patches of 5 days": wrote(
        *each(drug="fentanyl 25 mcg/hr patch", days="5", quantity="3"), **fired()
    ),
    "the third of unknown days": wrote(
        *each(2), rx(3, 2, days=""), **unknown("days_supply_unusable")
    ),
    "the third of no days": wrote(*each(2), rx(3, 2, days="0"), **unknown("days_supply_unusable")),
    "the third of 181 days": wrote(
        *each(2), rx(3, 2, days="181"), **unknown("days_supply_unusable")
    ),
    "the third of 180 days": wrote(*each(2), rx(3, 2, days="180"), **fired()),
    "the second of unknown days": wrote(rx(1), rx(2, 1, days=""), **CLEAR),
    "the third of unknown days, 90 days later": wrote(rx(1), rx(2), rx(3, 90, days=""), **CLEAR),
    "the third of unknown days, 89 days later": wrote(
        rx(1), rx(2), rx(3, 89, days=""), **unknown("days_supply_unusable")
    ),
    "the first of unknown days, 89 days before": wrote(
        rx(1, days=""), rx(2, 88), rx(3, 89), **unknown("days_supply_unusable")
    ),
    "three and one of unknown days": wrote(*each(), rx(4, 3, days=""), **fired()),
    "three of unknown days by a family doctor": wrote(*each(days="", who=FAMILY), **CLEAR),
}
GROUPS = {
    "a podiatrist": wrote(*each(who=PODIATRIST), **fired()),
    "an emergency doctor": wrote(*each(who=EMERGENCY), **fired()),
    "an optometrist": wrote(*each(who=EYES), **fired()),
    "a pain doctor": wrote(*each(who=PAIN), **CLEAR),
    "a family doctor": wrote(*each(who=FAMILY), **CLEAR),
    "a psychiatrist": wrote(rx(1, LATE, who=MIND), **unknown("few_controlled")),
    "a psychiatrist, before the days compared": wrote(rx(1, LATE - 1, who=MIND), **CLEAR),
    "a psychiatrist, 7 days": wrote(rx(1, LATE, days="7", who=MIND), **CLEAR),
    "a psychiatrist, unknown days": wrote(
        rx(1, LATE, days="", who=MIND), **unknown("few_controlled")
    ),
    "an oncologist's stimulants": of(
        "stimulant",
        rx(1, LATE, drug="amphetamine 10 mg tablet", who=CANCER),
        **unknown("few_controlled"),
    ),
    "a neurologist": wrote(rx(who=NERVES), **unknown("no_matrix_row")),
    "a neurologist, 7 days": wrote(rx(days="7", who=NERVES), **unknown("no_matrix_row")),
    "a specialty not known": wrote(rx(who=""), **unknown("prescriber_role_unknown")),
    "a specialty that is no code": wrote(
        rx(who="0000000000"), **unknown("prescriber_role_unknown")
    ),
    "a dentist whom rows call a family doctor": wrote(
        *each(who=FAMILY), taxonomy=DENTIST, **fired()
    ),
    "a family doctor whom rows call a dentist": wrote(*each(), taxonomy=FAMILY, **CLEAR),
    "a record without a specialty": wrote(*each(), taxonomy="", **fired()),
    "now a dentist, now a pain doctor": wrote(*each(2), rx(3, 2, who=PAIN), **CLEAR),
    "now a dentist, now an optometrist": wrote(*each(2), rx(3, 2, who=EYES), **fired()),
    "now a dentist, now unknown": wrote(
        *each(2), rx(3, 2, who=""), **unknown("prescriber_role_unknown")
    ),
    "a pharmacist, once": wrote(rx(days="1", who=PHARMACIST), **fired(1, "critical")),
    "a pharmacist, days unknown": wrote(rx(days="", who=PHARMACIST), **fired(1, "critical")),
    "a clinic": wrote(rx(who=CLINIC), **fired(1, "critical")),
    "a pharmacist, two in 90 days": wrote(
        rx(1, who=PHARMACIST), rx(2, 89, who=PHARMACIST), **fired(2, "critical")
    ),
    "a pharmacist, two in 91 days": wrote(
        rx(1, who=PHARMACIST), rx(2, 90, who=PHARMACIST), **fired(1, "critical")
    ),
    "a pharmacist among dentists": wrote(
        *each(10), rx(11, 10, who=PHARMACIST), **fired(1, "critical")
    ),
}
CLASSES = {
    "buprenorphine for pain": wrote(*each(drug=PATCH), **fired()),
    "buprenorphine against addiction": of("buprenorphine", *each(drug=FILM), **fired()),
    "that is no opioid": wrote(*each(drug=FILM), **OUTSIDE),
    "methadone for pain": wrote(*each(drug="methadone 10 mg tablet"), **fired()),
    "methadone against addiction": wrote(
        *each(drug="methadone 10 mg tablet", treatment_type="02"), **OUTSIDE
    ),
    "methadone is no buprenorphine": of(
        "buprenorphine", *each(drug="methadone 10 mg tablet", treatment_type="02"), **OUTSIDE
    ),
    "amphetamine": of("stimulant", *each(drug="amphetamine 10 mg tablet"), **fired()),
    "modafinil": of("stimulant", *each(drug="modafinil 100 mg tablet"), **OUTSIDE),
    "ketamine": of("ketamine", *each(drug="ketamine 100 mg troche"), **fired()),
    "esketamine": of("ketamine", *each(drug="esketamine 28 mg nasal spray"), **fired()),
    "a drug of no class": wrote(*each(drug="sertraline 50 mg tablet"), **OUTSIDE),
    "a drug not known": wrote(*each(drug="gibberish 5 mg"), **OUTSIDE),
    "two of one class, one of another": wrote(
        *each(2), rx(3, 2, drug="alprazolam 1 mg tablet"), **CLEAR
    ),
    "by nobody known, of no specialty": wrote(rx(who="", prescriber_npi=""), **OUTSIDE),
    "by nobody known": wrote(*each(prescriber_npi=""), **OUTSIDE),
}
KETAMINE, PILLS = "ketamine 100 mg troche", "methylphenidate 10 mg tablet"
EXCEPTIONS = {
    "ketamine at home in an emergency": of(
        "ketamine", *each(drug=KETAMINE, who=EMERGENCY), **fired()
    ),
    "ketamine in a hospital": of(
        "ketamine", *each(drug=KETAMINE, who=EMERGENCY, patient_setting="hospital"), **CLEAR
    ),
    "ketamine in a clinic": of(
        "ketamine", *each(drug=KETAMINE, who=EMERGENCY, patient_setting="clinic"), **CLEAR
    ),
    "ketamine in long-term care": of(
        "ketamine", *each(drug=KETAMINE, who=EMERGENCY, patient_setting="ltc"), **fired()
    ),
    "a dentist's ketamine in a clinic": of(
        "ketamine", *each(drug=KETAMINE, patient_setting="clinic"), **fired()
    ),
    "ketamine by a family doctor": of(
        "ketamine", rx(1, LATE, drug=KETAMINE, who=FAMILY), **unknown("few_controlled")
    ),
    "a child of 17 at most": of(
        "stimulant", rx(1, LATE, drug=PILLS, who=CHILDREN, patient_birth_year="2009"), **CLEAR
    ),
    "17 or 18": of(
        "stimulant",
        rx(1, LATE, drug=PILLS, who=CHILDREN, patient_birth_year="2008"),
        **unknown("few_controlled"),
    ),
    "18 at least": of(
        "stimulant",
        rx(1, LATE, drug=PILLS, who=CHILDREN, patient_birth_year="2007"),
        **unknown("few_controlled"),
    ),
    "of no age": of(
        "stimulant", rx(1, LATE, drug=PILLS, who=CHILDREN), **unknown("few_controlled")
    ),
    "a minor and ketamine": of(
        "ketamine", *each(drug=KETAMINE, who=CHILDREN, patient_birth_year="2015"), **fired()
    ),
    "two years, both of a child": of(
        "stimulant",
        rx(1, LATE, drug=PILLS, who=CHILDREN, patient_birth_year="2010"),
        rx(1, LATE, drug="sertraline 50 mg tablet", who=CHILDREN, patient_birth_year="2012"),
        **CLEAR,
    ),
    "two years, one of a child": of(
        "stimulant",
        rx(1, LATE, drug=PILLS, who=CHILDREN, patient_birth_year="2010"),
        rx(1, LATE, drug="sertraline 50 mg tablet", who=CHILDREN, patient_birth_year="1980"),
        **unknown("few_controlled"),
    ),
}
CASES = {**COUNTS, **LENGTHS, **GROUPS, **CLASSES, **EXCEPTIONS}
