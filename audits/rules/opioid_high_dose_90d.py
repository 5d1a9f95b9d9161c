"""R01: a high amount of opioids over any 90 days."""

from datetime import date

import ibis
from ibis.expr.types import Table

from ..changes import fewer_units
from ..patients import EXCUSED_BY_ILLNESS, diagnosis_sets
from ..reference import DRUG_TABLES
from ..reference.citations import CDC_18, CDC_22, OIG_250, OIG_560
from ..rule import (
    EVIDENCE_COLUMNS,
    Definition,
    Findings,
    Parameter,
    Reach,
    Records,
    rule,
)
from ..vocabulary import Basis, Subject

SETS = ("cancer", "hospice_palliative", "sickle_cell", "overdose", "sud")
SHOWN = (
    "event_date",
    "ingredient",
    "strength",
    "strength_unit_used",
    "quantity",
    "effective_days",
    "factor",
    "mme_day",
    "last_covered",
    "days_in_window",
    "prescriber_key",
    "patient_state",
)


def oracle_parameters(settled: dict[str, int]) -> dict:
    """Return what the oracle of this rule takes: its numbers and the diagnosis sets."""
    return {
        **settled,
        "implausible_mme": 1_000,
        "longest_days_supply": 180,
        "diagnosis_sets": diagnosis_sets(SETS),
    }


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return every prescription row of the patients in ``subjects``, as the oracle reads it."""
    p = records.prescriptions
    mine = p.join(subjects.select(patient_key="subject_id"), "patient_key")
    return {
        "prescriptions": mine.select(
            "event_date",
            "record_type",
            "ingredient",
            "opioid",
            "moud",
            "matched",
            "strength",
            "quantity",
            "days_supply",
            "factor",
            "fentanyl_patch",
            "counts_as_supply",
            "diagnosis_codes",
            "patient_setting",
            "treatment_type",
            subject_id=mine.patient_key,
            key=mine.source_system + "|" + mine.source_record_id,
        ),
        "conditions": diagnosed(records, subjects),
    }


def diagnosed(records: Records, subjects: Table) -> Table:
    """Return the conditions of the patients in ``subjects``, as the oracle reads them."""
    c = records.conditions.join(subjects.select(patient_key="subject_id"), "patient_key")
    return c.select("code", "recorded_on", "ended_on", subject_id="patient_key")


@rule(
    number="R01",
    title="High opioid amount over any 90 days",
    category="dose",
    subject=Subject.PATIENT,
    threshold="threshold_mme",
    unit="MME a day",
    value_divisor=1_000,
    value_per="window_days",
    definitions={
        "rolling_90_day_average": Definition(
            title="Average over 90 days, fixed window",
            sentence="Opioids supplied to this patient averaged {value} MME a day over the 90 days "
            "up to {peak_on}; the rule fires above {threshold}.",
            severity="medium above 120, high above 200; one step graver with an overdose or "
            "substance use diagnosis in the 365 days before",
        )
    },
    severity="medium, high",
    citations=(OIG_560, OIG_250, CDC_18, CDC_22),
    parameters={
        "window_days": Parameter(
            default=90,
            unit="days",
            meaning="Length of the window; days without coverage count as zero",
            basis=Basis.MEASURE,
            citation="OIG-560",
        ),
        "threshold_mme": Parameter(
            default=120,
            unit="MME a day",
            comparison=">",
            meaning="Average above which the rule fires",
            basis=Basis.MEASURE,
            citation="OIG-560",
        ),
        "severe_mme": Parameter(
            default=200,
            unit="MME a day",
            comparison=">",
            meaning="Average above which severity is high",
            basis=Basis.HOUSE_DEFAULT,
        ),
        "exclusion_days": Parameter(
            default=365,
            unit="days",
            meaning="How long before a window's last day a cancer or hospice record excuses it",
            basis=Basis.HOUSE_DEFAULT,
        ),
    },
    needs={
        "prescriptions": (
            "filled_date",
            "written_date",
            "quantity",
            "days_supply",
            "ndc11",
            "rxcui",
            "drug_name",
            "strength_value",
            "diagnosis_codes",
            "patient_setting",
            "treatment_type",
        ),
        "conditions": ("code", "recorded_on", "ended_on"),
    },
    absence_in=(),
    exclusions=EXCUSED_BY_ILLNESS,
    references=(*DRUG_TABLES, "mme_factors", "icd10_sets"),
    reach={
        "prescriptions": Reach(explanation="A changed row touches its patient, all history."),
        "conditions": Reach(explanation="A changed diagnosis touches its patient."),
    },
    not_checked=("hospice enrolment (no column carries it)",),
    caveat="High doses are right for some people; cutting them abruptly has harmed patients. "
    "Doses dispensed elsewhere are not seen, so the figure is a lower bound.",
    examples="""
        prescriptions
        patient_id | drug_name              | quantity | days_supply | filled_date | diagnosis_codes
        above      | oxycodone 30 mg tablet | 180      | 30          | 2025-01-01  |
        above      | oxycodone 30 mg tablet | 180      | 30          | 2025-01-31  |
        above      | oxycodone 30 mg tablet | 180      | 30          | 2025-03-02  |
        exactly    | morphine ER 60 mg      | 60       | 30          | 2025-01-01  |
        exactly    | morphine ER 60 mg      | 60       | 30          | 2025-01-31  |
        exactly    | morphine ER 60 mg      | 60       | 30          | 2025-03-02  |
        cancer     | oxycodone 30 mg tablet | 180      | 90          | 2025-01-01  | C50.911
        cancer     | oxycodone 80 mg tablet | 180      | 90          | 2025-01-01  | C50.911
        unknown    | oxycodone 30 mg tablet | 180      |             | 2025-01-01  |

        expected
        subject | answer        | severity | value
        above   | fired         | high     | 270
        exactly | clear         |          |
        cancer  | suppressed    | high     | 330
        unknown | not_evaluable |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=fewer_units,
    oracle_parameters=oracle_parameters,
)
def opioid_high_dose_90d(
    records: Records,
    *,
    window_days: int,
    threshold_mme: int,
    severe_mme: int,
    exclusion_days: int,
) -> Findings:
    """A long spell at a high dose is what preceded overdose in the years of the opioid crisis.

    The Inspector General of Health counts people whose opioids average more than
    120 morphine milligram equivalents (MME) a day over any 90 days. Overlapping fills
    add up on the days they share; nothing is shifted to later days, for that would hide
    stock. Every 90 consecutive days up to the last covered day are looked at, and the
    divisor is always 90, also where some of those days are not covered.
    """
    p = records.prescriptions.filter(records.prescriptions.counts_as_supply)
    relevant = p.filter(p.opioid | ~p.matched)
    runs = records.dose_runs(
        window_days=window_days,
        floor=threshold_mme * window_days * 1000,
        exclusion_days=exclusion_days,
        **records.judged_days,
    )
    occurrences = _occurrences(records, runs, severe_mme * window_days * 1000)
    unusable = relevant.filter(relevant.dose_problem.notnull())
    return Findings(
        population=relevant.select(subject_id="patient_key").distinct(),
        occurrences=occurrences,
        evidence=_evidence(occurrences, relevant, window_days),
        unusable=unusable.select(
            subject_id="patient_key",
            reason="dose_problem",
            source_system="source_system",
            source_record_id="source_record_id",
            upload="upload",
            row="row",
        ),
    )


def _occurrences(records: Records, runs: Table, severe: int) -> Table:
    """Return one row a run with its dates, severity and exclusion."""
    o = records.escalated(records, runs.rename(occurred_on="first_on"))
    severity = ibis.ifelse(
        o.value > severe,
        ibis.ifelse(o.escalated, "critical", "high"),
        ibis.ifelse(o.escalated, "high", "medium"),
    )
    return o.select(
        subject_id="patient_key",
        definition=ibis.literal("rolling_90_day_average"),
        occurred_on="occurred_on",
        last_on="last_on",
        value=o.value.cast("int64"),
        severity=severity,
        excluded_by="excluded_by",
        peak_on="peak_on",
        escalated="escalated",
    )


def _evidence(occurrences: Table, relevant: Table, window_days: int) -> Table:
    """Return the records in the windows of each occurrence, with their days at the peak."""
    used = relevant.filter(relevant.opioid & relevant.dose_problem.isnull())
    named = occurrences.select("subject_id", "definition", "occurred_on", "last_on", "peak_on")
    named = named.rename(until="last_on")
    e = named.join(used, named.subject_id == used.patient_key)
    e = e.filter(
        (e.last_covered.delta(e.occurred_on, unit="day") > -window_days) & (e.event_date <= e.until)
    )
    ends = -ibis.greatest(e.peak_on.delta(e.last_covered, unit="day"), 0)
    begins = ibis.greatest(-e.peak_on.delta(e.event_date, unit="day"), 1 - window_days)
    days = ibis.greatest(ends - begins + 1, 0)
    return e.mutate(kind=ibis.literal("prescriptions"), days_in_window=days).select(
        *EVIDENCE_COLUMNS, *SHOWN
    )
