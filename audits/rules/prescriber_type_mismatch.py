"""R28: a class of drugs outside the usual scope of that type of prescriber."""

from collections.abc import Callable, Iterator
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import IntegerValue, Table

from ..changes import Change, fewer_patients, shorter_supply
from ..reference import DRUG_TABLES
from ..reference.citations import CA_FLAGS, NUCC_24
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

NEVER, OUTSIDE = "never_in_scope", "outside_scope"
RUN = ("subject_id", "verdict", "run")
SHOWN = (
    "written_on",
    "ingredient",
    "effective_days",
    "role_group",
    "prescriber_type",
    "patient_setting",
    "patient_state",
    "prescriber_key",
)


def oracle_parameters(settled: dict[str, int]) -> dict:
    """Return what the oracle of this rule takes: its numbers and the longest supply believed."""
    return {**settled, "longest_days_supply": 180}


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return the prescriptions of the prescribers and classes in ``subjects``, and the matrix."""
    p = records.prescriptions
    p = p.mutate(subject_id=p.prescriber_key + "|" + p.scope_class)
    mine = p.join(subjects, "subject_id")
    return {"prescriptions": records.prescriptions_told(mine), "matrix": records.scope_matrix}


def clearing(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield how many patients fewer would clear the prescriber, and how much shorter supplies."""
    yield from fewer_patients(records, parameters, judge)
    yield from shorter_supply(records, parameters, judge)


@rule(
    number="R28",
    title="Drug outside the usual scope of that prescriber type",
    category="prescriber type",
    subject=Subject.PRESCRIBER_CLASS,
    threshold="flag_patients",
    unit="patients",
    value_divisor=1,
    value_per="",
    definitions={
        NEVER: Definition(
            title="A type that does not prescribe this class at all",
            sentence="On record as {specialty}, a type that does not prescribe this class "
            "({scope_class}) at all; yet written for {value} of our patients within {patient_days} "
            "days.",
            severity="critical",
            threshold="critical_patients",
        ),
        OUTSIDE: Definition(
            title="A type that does not usually prescribe this class",
            sentence="On record as {specialty}, a type that does not usually prescribe this class "
            "({scope_class}) like this; yet written for {value} of our patients within "
            "{patient_days} days. The table of usual scope is a house default.",
            severity="medium from 3 patients, high from 10",
            threshold="flag_patients",
            graver=("severe_patients",),
        ),
    },
    severity="critical, high, medium",
    citations=(CA_FLAGS, NUCC_24),
    parameters={
        "patient_days": Parameter(
            default=90,
            unit="days",
            meaning="Length of the window in which patients are counted, up to a written date",
            basis=Basis.HOUSE_DEFAULT,
        ),
        "critical_patients": Parameter(
            default=1,
            unit="patients",
            comparison=">=",
            meaning="Patients from which a class that the type never prescribes fires",
            basis=Basis.HOUSE_DEFAULT,
        ),
        "flag_patients": Parameter(
            default=3,
            unit="patients",
            comparison=">=",
            meaning="Patients from which a class outside the usual scope fires",
            basis=Basis.HOUSE_DEFAULT,
        ),
        "severe_patients": Parameter(
            default=10,
            unit="patients",
            comparison=">=",
            meaning="Patients from which that is high",
            basis=Basis.HOUSE_DEFAULT,
        ),
    },
    needs={
        "prescriptions": (
            *("prescriber_npi", "taxonomy", "written_date", "days_supply", "ndc11", "drug_name"),
            *("treatment_type", "patient_birth_year", "patient_setting"),
        ),
        "practitioners": ("npi", "taxonomy"),
    },
    absence_in=(),
    exclusions=(),
    references=(*DRUG_TABLES, "taxonomy", "scope_matrix"),
    reach={
        "prescriptions": Reach(
            explanation="A changed row touches every prescriber of its patient, in each class."
        ),
        "practitioners": Reach(explanation="A specialty decides for all rows.", population=True),
    },
    not_checked=(
        "classes that are judged by comparison with peers (not evaluable until it is made)",
        "specialties without a row in the table of usual scope (not evaluable)",
        "prescriptions whose drug is not in the reference tables",
        "a second specialty or special training (one specialty a person is on record)",
    ),
    caveat="What is usual is our own table, not a law; a specialty on record may be out of date. "
    "Compare with the licence, and ask, before anything is concluded.",
    examples="""
      prescriptions
      patient_id | drug_name              | days_supply | written_date | prescriber_npi | taxonomy
      p1         | oxycodone 5 mg tablet  | 8           | 2025-03-01   | 1111111112     | 1223G0001X
      p2         | oxycodone 5 mg tablet  | 8           | 2025-04-01   | 1111111112     | 1223G0001X
      p3         | oxycodone 5 mg tablet  | 8           | 2025-05-29   | 1111111112     | 1223G0001X
      p4         | oxycodone 5 mg tablet  | 8           | 2025-03-01   | 1222222228     | 1223G0001X
      p5         | oxycodone 5 mg tablet  | 8           | 2025-03-02   | 1222222228     | 1223G0001X
      p6         | oxycodone 5 mg tablet  | 7           | 2025-03-03   | 1222222228     | 1223G0001X
      p1         | alprazolam 1 mg tablet | 2           | 2025-03-01   | 1333333334     | 183500000X
      p7         | ketamine 100 mg troche | 14          | 2025-03-01   | 1444444440     | 207Q00000X
      p7         | oxycodone 5 mg tablet  | 14          | 2025-03-01   | 1444444440     | 207Q00000X

      expected
      subject                   | answer        | severity | value
      1111111112|opioid         | fired         | medium   | 3
      1222222228|opioid         | clear         |          |
      1333333334|benzodiazepine | fired         | critical | 1
      1444444440|ketamine       | not_evaluable |          |
      1444444440|opioid         | clear         |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=clearing,
    oracle_parameters=oracle_parameters,
)
def prescriber_type_mismatch(records: Records, *, patient_days: int, **patients: int) -> Findings:
    """A dentist who keeps patients on opioids, or a pharmacist who writes them, stands out.

    That a drug lies outside the prescriber's specialty is a red flag that pharmacists are
    told to look for. A table says for each specialty and class of controlled drugs whether
    it is usual, unusual from several patients on, never, or a question of how peers
    prescribe; the last is not answered yet. Distinct patients are counted in the days up
    to each day on which such a prescription was written, whatever its refills.
    """
    contrary = records.scoped(records, SHOWN)
    certain = contrary.filter(contrary.doubt.isnull())
    crowds = records.crowds(_enough(certain, patients), patient_days)
    runs = _runs(records.judged(crowds, "on"), patients)
    occurrences = _occurrences(runs, certain, patient_days)
    p = records.prescriptions
    judged = p.filter(p.counts_as_prescription & p.prescriber_key.notnull())
    judged = judged.filter(judged.scope_class.notnull())
    population = judged.select("prescriber_key", "scope_class").distinct()
    return Findings(
        population=population.select(subject_id=_.prescriber_key + "|" + _.scope_class),
        occurrences=occurrences.select(
            *OCCURRENCE_COLUMNS, "scope_class", "specialty", "patient_days"
        ),
        evidence=_evidence(occurrences, certain, patient_days),
        unusable=_unusable(records, contrary, patient_days, patients),
    )


def _least(rows: Table, patients: dict[str, int]) -> IntegerValue:
    """Return from how many patients the verdict of a row fires."""
    flag = min(patients["flag_patients"], patients["severe_patients"])
    return ibis.ifelse(rows.verdict == "critical", patients["critical_patients"], flag)


def _enough(rows: Table, patients: dict[str, int]) -> Table:
    """Return the rows of prescribers who had enough patients ever; no window can have more."""
    ever = rows.group_by("subject_id", "verdict").agg(ever=rows.patient_key.nunique())
    ever = ever.filter(ever.ever >= _least(ever, patients))
    return rows.semi_join(ever, ["subject_id", "verdict"])


def _runs(crowds: Table, patients: dict[str, int]) -> Table:
    """Return maximal runs of consecutive written days that are equally grave."""
    grave = ibis.cases(
        (crowds.patients < _least(crowds, patients), "none"),
        (crowds.verdict == "critical", "critical"),
        (crowds.patients >= patients["severe_patients"], "high"),
        else_="medium",
    )
    who = ["subject_id", "verdict"]
    days = crowds.mutate(severity=grave)
    before = days.severity.lag().over(ibis.window(group_by=who, order_by="on"))
    days = days.mutate(fresh=(days.severity != before).fill_null(True).cast("int64"))
    so_far = ibis.cumulative_window(group_by=who, order_by="on")
    days = days.mutate(run=days.fresh.sum().over(so_far))
    runs = days.filter(days.severity != "none").group_by(*RUN, "severity")
    return runs.agg(occurred_on=_.on.min(), last_on=_.on.max(), value=_.patients.max())


def _occurrences(runs: Table, certain: Table, patient_days: int) -> Table:
    """Return one occurrence a run, with the specialty it was held against."""
    named = certain.group_by("subject_id", "verdict").agg(
        scope_class=certain.scope_class.min(), specialty=certain.role_group.min()
    )
    o = runs.join(named, ["subject_id", "verdict"])
    return o.mutate(
        definition=ibis.ifelse(o.verdict == "critical", NEVER, OUTSIDE),
        excluded_by=ibis.null("string"),
        specialty=o.specialty.replace("_", " "),
        patient_days=ibis.literal(patient_days),
    )


def _evidence(occurrences: Table, certain: Table, patient_days: int) -> Table:
    """Return the prescriptions in the windows of each occurrence."""
    named = occurrences.select("subject_id", "verdict", "definition", "occurred_on", "last_on")
    e = named.join(certain, ["subject_id", "verdict"])
    e = e.filter(
        (e.written_on <= e.last_on) & (e.occurred_on.delta(e.written_on, unit="day") < patient_days)
    )
    return e.mutate(kind=ibis.literal("prescriptions")).select(*EVIDENCE_COLUMNS, *SHOWN)


def _unusable(
    records: Records, contrary: Table, patient_days: int, patients: dict[str, int]
) -> Table:
    """Return what the matrix alone does not tell, and doubts without which a window may fire.

    A window that is full only with doubtful rows holds one of them.
    """
    who = ["subject_id", "verdict"]
    doubtful = contrary.filter(contrary.doubt.notnull())
    crowds = records.crowds(_enough(contrary.semi_join(doubtful, who), patients), patient_days)
    crowds = records.judged(crowds, "on")
    full = crowds.filter(crowds.patients >= _least(crowds, patients))
    tipping = doubtful.semi_join(full, who).select("subject_id", reason="doubt").distinct()
    return records.unplaced(records).union(tipping)
