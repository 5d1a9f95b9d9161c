"""R19: ketamine sent home, and nobody on record looked after the patient while it lasted."""

from datetime import date

import ibis
from ibis.expr.types import IntegerValue, Table

from ..changes import visits_with_vitals
from ..patients import diagnosis_sets
from ..reference import DRUG_TABLES
from ..reference.citations import FDA_22, FDA_23, MINDBLOOM, SMITH
from ..rule import (
    EVIDENCE_COLUMNS,
    OCCURRENCE_COLUMNS,
    Definition,
    Findings,
    Parameter,
    Reach,
    Records,
    rule,
)
from ..vocabulary import Basis, Subject

ESCALATING = ("overdose", "sud")
GRAVE_ROUTES = ("nasal", "injection", "intramuscular", "subcutaneous")
HOME_ROUTES = ("oral", "sublingual", "buccal", "rectal", *GRAVE_ROUTES)
SEDATED, LONG, MANY, GRAVE, PLAIN = (
    "with_cns_depressant",
    "over_days",
    "over_doses",
    "nasal_or_injected",
    "unmonitored",
)
SHOWN = (
    "event_date",
    "last_covered",
    "ingredient",
    "depressant",
    "route_taken",
    "quantity",
    "quantity_unit",
    "effective_days",
    "patient_state",
    "prescriber_key",
)


def oracle_parameters(settled: dict[str, int]) -> dict:
    """Return what the oracle of this rule takes: its numbers and the diagnosis sets."""
    return {**settled, "longest_days_supply": 180, "diagnosis_sets": diagnosis_sets(ESCALATING)}


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return all that is on record of the patients in ``subjects``, and what is held."""
    return records.histories(records, subjects)


@rule(
    number="R19",
    title="Ketamine sent home without supervision",
    category="ketamine, telehealth",
    subject=Subject.PATIENT_PRESCRIBER,
    threshold="min_unmonitored_days",
    unit="days",
    value_divisor=1,
    value_per="",
    definitions={
        SEDATED: Definition(
            title="Together with an opioid or a sedative",
            sentence="Ketamine went home and no visit with vitals and no observed dose is on "
            "record while it lasted; on {value} of its days the patient also had an opioid, "
            "benzodiazepine, z-drug, barbiturate or oxybate.",
            severity="critical",
            threshold="min_overlap_days",
        ),
        LONG: Definition(
            title="More days than usual at once",
            sentence="Ketamine for {value} days went home at once, above {threshold} days, and no "
            "visit with vitals and no observed dose is on record while it lasted.",
            severity="high",
            threshold="max_days_supply",
        ),
        MANY: Definition(
            title="More doses than usual at once",
            sentence="{value} doses of ketamine went home at once, above {threshold}, and no visit "
            "with vitals and no observed dose is on record while they lasted.",
            severity="high",
            threshold="max_doses",
            unit="doses",
        ),
        GRAVE: Definition(
            title="By the nose or by injection",
            sentence="Ketamine to be taken by the nose or injected went home for {value} days, "
            "and no visit with vitals and no observed dose is on record while it lasted.",
            severity="high",
            threshold="min_unmonitored_days",
        ),
        PLAIN: Definition(
            title="Nobody on record looked after the patient",
            sentence="Ketamine went home for {value} days, and no visit with vitals and no "
            "observed dose is on record while it lasted.",
            severity="medium",
            threshold="min_unmonitored_days",
        ),
    },
    severity="critical, high, medium; a step graver within 365 days of an overdose or addiction",
    citations=(FDA_23, FDA_22, SMITH, MINDBLOOM),
    parameters={
        "max_days_supply": Parameter(
            default=30,
            unit="days",
            comparison=">",
            meaning="Days of supply above which one prescription is graver",
            basis=Basis.HOUSE_DEFAULT,
        ),
        "max_doses": Parameter(
            default=6,
            unit="doses",
            comparison=">",
            meaning="Doses (quantity counted in pieces) above which one prescription is graver",
            basis=Basis.COMPANY,
            citation="MINDBLOOM",
        ),
        "min_overlap_days": Parameter(
            default=1,
            unit="days",
            comparison=">=",
            meaning="Days shared with an opioid or a sedative from which it is critical",
            basis=Basis.HOUSE_DEFAULT,
        ),
        "min_unmonitored_days": Parameter(
            default=1,
            unit="days",
            comparison=">=",
            meaning="Days of supply, none of them monitored, from which the rule fires",
            basis=Basis.HOUSE_DEFAULT,
        ),
    },
    needs={
        "prescriptions": (
            *("prescriber_npi", "filled_date", "written_date", "ndc11", "drug_name"),
            *("is_compound", "route", "dose_form", "quantity", "quantity_unit", "days_supply"),
            *("patient_setting", "patient_state", "diagnosis_codes"),
        ),
        "encounters": ("started_at", "modality", "vitals_recorded"),
        "administrations": ("ingredient", "started_at", "observer_npi"),
        "conditions": ("code", "recorded_on", "ended_on"),
    },
    absence_in=("encounters", "administrations"),
    exclusions=(),
    references=(*DRUG_TABLES, "icd10_sets"),
    reach={
        "prescriptions": Reach(explanation="A changed row touches its patient, all history."),
        "encounters": Reach(explanation="Holdings change for all.", population=True),
        "administrations": Reach(explanation="Holdings change for all.", population=True),
        "conditions": Reach(explanation="A changed diagnosis touches its patient."),
    },
    not_checked=(
        "an adult sitter and a check after the dose (no column carries them)",
        "doses where the quantity is not counted in pieces",
        "whether a visit was about the ketamine: any clinician's visit with vitals counts",
    ),
    caveat="A visit that was never sent to us looks like a visit that never was. Ask for the "
    "notes of the sessions before anything else; a sitter at home leaves no trace here.",
    examples="""
      prescriptions
      patient_id | drug_name               | is_compound | quantity | quantity_unit | days_supply | filled_date | prescriber_npi
      month      | ketamine 100 mg troche  | true        | 31       | each          | 31          | 2025-03-01  | 1111111112
      visited    | ketamine 100 mg troche  | true        | 31       | each          | 31          | 2025-03-01  | 1111111112
      sedated    | ketamine 100 mg troche  | true        | 4        | each          | 14          | 2025-03-01  | 1111111112
      sedated    | alprazolam 1 mg tablet  |             | 20       | each          | 10          | 2025-03-10  | 1222222228
      few        | ketamine 100 mg troche  | true        | 4        | each          | 14          | 2025-03-01  | 1111111112
      later      | ketamine 100 mg troche  | true        | 4        | each          | 14          | 2026-03-01  | 1111111112

      encounters
      patient_id | provider_npi | started_at           | modality    | vitals_recorded
      visited    | 1333333334   | 2025-03-31T15:00:00Z | audio_video | true
      other      | 1333333334   | 2025-01-01T15:00:00Z | in_person   | true
      few        | 1333333334   | 2025-03-05T15:00:00Z | audio_video | false

      expected
      subject            | answer        | severity | value
      month|1111111112   | fired         | high     | 31
      visited|1111111112 | clear         |          |
      sedated|1111111112 | fired         | critical | 5
      few|1111111112     | fired         | medium   | 14
      later|1111111112   | not_evaluable |          |
    """,  # noqa: E501
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=visits_with_vitals,
    oracle_parameters=oracle_parameters,
)
def ketamine_unmonitored_home_use(records: Records, **limits: int) -> Findings:
    """Ketamine depresses breathing, and at home there may be nobody to see it.

    The Food and Drug Administration warned in October 2023 that no ketamine product is
    approved for a psychiatric disorder, and told of a patient whose breathing was depressed
    after a compounded dose at home. Each supply that goes home is asked for one sign, on any
    day it covers, that somebody looked after the patient: a visit in person, by video or by
    telephone with vitals recorded, or a dose of ketamine given before an observer. That
    there was none counts only where visits or doses given are held for all these days.
    """
    rows = _relevant(records)
    looked = records.watched(records, rows)
    alone = looked.filter(~looked.watched & looked.reason.isnull())
    alone = records.judged(alone, "event_date")
    pairs = records.sedated(records, alone)
    judged = _judged(alone, pairs, limits)
    unusable = looked.filter(looked.reason.notnull())
    return Findings(
        population=rows.select("subject_id").distinct(),
        occurrences=_occurrences(records, judged),
        evidence=_evidence(judged, pairs),
        unusable=unusable.select("subject_id", "reason", "upload", "row"),
    )


def _relevant(records: Records) -> Table:
    """Return the ketamine that goes home, or may: compounded, by a home route, or by an unknown."""
    p = records.prescriptions
    p = p.filter(p.counts_as_supply & (p.ingredient == "ketamine") & p.at_home)
    p = p.filter(
        p.prescriber_key.notnull()
        & (
            p.is_compound.fill_null(False)
            | p.route_taken.isnull()
            | p.route_taken.isin(HOME_ROUTES)
        )
    )
    return p.mutate(subject_id=p.patient_key + "|" + p.prescriber_key)


def _judged(alone: Table, pairs: Table, limits: dict[str, int]) -> Table:
    """Return the unmonitored rows with the gravest definition that fits each, and its value."""
    shared = pairs.group_by("of_upload", "of_row").agg(shared=pairs.days_added.sum())
    a = alone.left_join(shared, [alone.upload == shared.of_upload, alone.row == shared.of_row])
    a = a.drop("of_upload", "of_row").mutate(shared=a.shared.fill_null(0).cast("int32"))
    long_enough = a.effective_days >= limits["min_unmonitored_days"]
    many = (a.quantity_unit == "each") & (a.quantity > limits["max_doses"])
    a = a.mutate(
        occurred_on=a.event_date,
        definition=ibis.cases(
            (a.shared >= limits["min_overlap_days"], SEDATED),
            (a.effective_days > limits["max_days_supply"], LONG),
            (many, MANY),
            (a.route_taken.isin(GRAVE_ROUTES) & long_enough, GRAVE),
            (long_enough, PLAIN),
            else_=ibis.null("string"),
        ),
    )
    return a.filter(a.definition.notnull()).mutate(value=_value(a))


def _value(a: Table) -> IntegerValue:
    """Return the figure of the row's definition: shared days, doses or days."""
    return ibis.cases(
        (a.definition == SEDATED, a.shared),
        (a.definition == MANY, a.quantity.floor().cast("int64")),
        else_=a.effective_days,
    )


def _occurrences(records: Records, judged: Table) -> Table:
    """Return one occurrence for each day and definition; the highest figure speaks."""
    days = judged.group_by("subject_id", "patient_key", "definition", "occurred_on")
    o = days.agg(
        last_on=judged.last_covered.max(), value=judged.value.max(), holding=judged.holding.min()
    )
    o = records.escalated(records, o)
    severity = ibis.cases(
        (o.definition == SEDATED, "critical"),
        (o.definition == PLAIN, ibis.ifelse(o.escalated, "high", "medium")),
        else_=ibis.ifelse(o.escalated, "critical", "high"),
    )
    o = o.mutate(severity=severity, excluded_by=ibis.null("string"))
    return o.select(*OCCURRENCE_COLUMNS, "holding", "escalated")


def _evidence(judged: Table, pairs: Table) -> Table:
    """Return the ketamine of each occurrence and, where they make it critical, the depressants.

    A depressant is shown without its prescriber: the flag is about whoever sent the ketamine.
    """
    sent = judged.mutate(depressant=ibis.null("string"))
    named = judged.filter(judged.definition == SEDATED).select(
        "subject_id", "definition", "occurred_on", of_upload="upload", of_row="row"
    )
    beside = pairs.join(named, ["of_upload", "of_row"])
    beside = beside.mutate(prescriber_key=ibis.null("string"))
    both = [
        each.mutate(kind=ibis.literal("prescriptions")).select(*EVIDENCE_COLUMNS, *SHOWN)
        for each in (sent, beside)
    ]
    return ibis.union(*both, distinct=True)
