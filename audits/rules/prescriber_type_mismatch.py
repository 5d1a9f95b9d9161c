"""R28: a class of drugs outside the usual scope of that type of prescriber."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import ibis
from ibis.expr.types import Table

from ..changes import Change, fewer_of_class, fewer_patients, shorter_supply
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

NEVER, OUTSIDE, PEERS = "never_in_scope", "outside_scope", "above_peers"
SHOWN = (
    *("written_on", "ingredient", "schedule", "effective_days", "role_group"),
    *("prescriber_type", "patient_setting", "patient_state", "prescriber_key"),
)
COUNTED = ("reviewed", "controlled", "most", "members")
TEXTS = ("share", "line", "lower_quartile", "upper_quartile", "place")
COLUMNS = {
    **dict.fromkeys(("scope_class", "specialty"), "string"),
    **dict.fromkeys(("patient_days", "peer_days", *COUNTED), "int64"),
    **dict.fromkeys((*TEXTS, "line_means"), "string"),
}
HIGHEST = "the highest share of the others, for the quartiles are equal"
BY_PEERS = ("peer_days", "least_members", "least_controlled", "fence_halves", "beyond_line")
# All that it reads of prescriptions, so that everybody is answered where only some are read.
KEEPS = {
    "outside": lambda records: records.scoped(records, SHOWN),
    "unplaced": lambda records: records.unplaced(records),
    "asked": lambda records: records.asked(records),
    "controlled": lambda records: records.controlled_days(records),
}


def _ours(default: int, unit: str, meaning: str, comparison: str = "") -> Parameter:
    basis = Basis.HOUSE_DEFAULT
    told = {"unit": unit, "meaning": meaning, "comparison": comparison}
    return Parameter(default=default, basis=basis, **told)


def oracle_parameters(settled: dict[str, int]) -> dict:
    """Return what the oracle of this rule takes: its numbers and the longest supply believed."""
    return {**settled, "longest_days_supply": 180}


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return what the prescribers in ``subjects`` wrote that counts, and the matrix."""
    told = records.of_scope(records, subjects)
    return {"prescriptions": told, "matrix": records.scope_matrix}


def compared(
    records: Records, subjects: Table, values: Sequence[Mapping[str, int]]
) -> dict[str, Table]:
    """Return the counts of all peers of ``subjects``, in each window that ``values`` ask for."""
    windows = [each["peer_days"] for each in values]
    of = [records.part(name, KEEPS[name]) for name in ("controlled", "outside")]
    return {"peers": records.of_peers(records, *of, subjects=subjects, windows=windows)}


def clearing(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield how many patients or prescriptions fewer, or how much shorter supplies, would clear."""
    yield from fewer_patients(records, parameters, judge)
    yield from shorter_supply(records, parameters, judge)
    yield from fewer_of_class(records, parameters, judge)


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
        PEERS: Definition(
            title="A class that peers of this type seldom prescribe so much",
            sentence="{reviewed} of {controlled} controlled prescriptions ({share} %) in the last "
            "{peer_days} days are of a class ({scope_class}) that is looked at where a {specialty} "
            "prescriber writes far more of it than peers: at most {most} are within the line of "
            "{line} %, {value} beyond it. The line is {line_means}, of {members} {specialty} "
            "prescribers {place} whose quartiles are {lower_quartile} % and {upper_quartile} %.",
            severity="low",
            threshold="beyond_line",
            unit="prescriptions beyond the line of peers",
        ),
    },
    severity="critical, high, medium, low",
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
        "peer_days": _ours(
            90, "days", "Length of the window, up to the as-of date, in which peers are compared"
        ),
        "least_members": _ours(
            30, "prescribers", "Members from which a group of peers is compared at all", ">="
        ),
        "least_controlled": _ours(
            20,
            "controlled prescriptions",
            "Controlled prescriptions in the window from which somebody is a member",
            ">=",
        ),
        "fence_halves": _ours(
            3,
            "halves of the distance between the quartiles",
            "So far above the upper quartile is the line; without distance, the highest share else",
        ),
        "beyond_line": _ours(
            1,
            "prescriptions",
            "Prescriptions of the class beyond those within the line of peers",
            ">=",
        ),
    },
    needs={
        "prescriptions": (
            *("prescriber_npi", "taxonomy", "written_date", "days_supply", "ndc11", "drug_name"),
            *("treatment_type", "patient_birth_year", "patient_setting"),
        ),
        "practitioners": ("npi", "taxonomy", "state"),
    },
    absence_in=(),
    exclusions=(),
    references=(*DRUG_TABLES, "taxonomy", "scope_matrix"),
    reach={
        "prescriptions": Reach(
            explanation="A changed row touches every prescriber of its patient and, where a class "
            "is compared with peers, the lines of everybody; so all are answered anew, those "
            "not touched from counts that are kept.",
            population=True,
        ),
        "practitioners": Reach(explanation="A specialty decides for all rows.", population=True),
    },
    not_checked=(
        "comparison with peers on days before the window that ends with the as-of date",
        "comparison inside the company (no column tells it)",
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
      p7         | ketamine 100 mg troche | 14          | 2025-03-01   | 1444444440     | 2084N0400X
      p7         | oxycodone 5 mg tablet  | 14          | 2025-03-01   | 1555555559     | 207Q00000X

      expected
      subject                   | answer        | severity | value
      1111111112|opioid         | fired         | medium   | 3
      1222222228|opioid         | clear         |          |
      1333333334|benzodiazepine | fired         | critical | 1
      1444444440|ketamine       | not_evaluable |          |
      1555555559|opioid         | clear         |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=clearing,
    oracle_parameters=oracle_parameters,
    keeps=KEEPS,
    compared=compared,
)
def prescriber_type_mismatch(records: Records, *, patient_days: int, **numbers: int) -> Findings:
    """A dentist who keeps patients on opioids, or a pharmacist who writes them, stands out.

    That a drug lies outside the prescriber's specialty is a red flag that pharmacists are
    told to look for. A table says for each specialty and class of controlled drugs whether
    it is usual, unusual from several patients on, never, or unusual only where its share is
    far above that of peers. Distinct patients are counted in the days up to each day on
    which such a prescription was written, whatever its refills. Shares are those of the
    controlled prescriptions in the last days, compared with those of the same specialty in
    the state, where they are enough, else everywhere.
    """
    numbers = {"patient_days": patient_days, **numbers}
    parts = {name: records.part(name, derive) for name, derive in KEEPS.items()}
    contrary = parts["outside"].filter(parts["outside"].verdict != "review")
    certain = contrary.filter(contrary.doubt.isnull())
    crowded = _crowded(records.crowded(records, certain, numbers), numbers)
    by_peers = {name: numbers[name] for name in BY_PEERS}
    reviewed = records.reviewed(records, parts["controlled"], parts["outside"], **by_peers)
    far = reviewed.filter(reviewed.stands_out)
    far = far.mutate(definition=ibis.literal(PEERS), occurred_on=far.written_on)
    unsure = reviewed.filter(reviewed.reason.notnull()).select("subject_id", "reason").distinct()
    unplaced = parts["unplaced"].select("subject_id", "reason").distinct()
    tipping = records.tipping(records, contrary, numbers)
    return Findings(
        population=parts["asked"].select("subject_id").distinct(),
        occurrences=_told(crowded).union(_told(_far(far, numbers))),
        evidence=_evidence(records.behind(crowded, certain, numbers)).union(_evidence(far)),
        unusable=unplaced.union(tipping, unsure),
    )


def _crowded(runs: Table, numbers: Mapping[str, int]) -> Table:
    """Return one occurrence a run, with the specialty it was held against."""
    return runs.mutate(
        definition=ibis.ifelse(runs.verdict == "critical", NEVER, OUTSIDE),
        excluded_by=ibis.null("string"),
        specialty=runs.role_group.replace("_", " "),
        patient_days=ibis.literal(numbers["patient_days"]),
    )


def _far(far: Table, numbers: Mapping[str, int]) -> Table:
    """Return one occurrence for each day on which one of too many was written."""
    told = ("beyond", "is_fence", *COUNTED, *TEXTS)
    on = far.group_by("subject_id", "definition", "occurred_on", "scope_class", "role_group")
    o = on.agg(**{name: far[name].max() for name in told})
    fence = f"the upper quartile and {numbers['fence_halves']} halves of the distance between both"
    return o.mutate(
        severity=ibis.literal("low"),
        excluded_by=ibis.null("string"),
        last_on=o.occurred_on,
        value=o.beyond,
        specialty=o.role_group.replace("_", " "),
        peer_days=ibis.literal(numbers["peer_days"]),
        line_means=ibis.ifelse(o.is_fence, fence, HIGHEST),
        place=ibis.ifelse(o.place == "", "in all states", "in " + o.place),
    )


def _told(occurrences: Table) -> Table:
    """Return occurrences with all columns that are shown, null where they have none."""
    o = occurrences.mutate(value=occurrences.value.cast("int64"))
    missing = {name: ibis.null(kind) for name, kind in COLUMNS.items() if name not in o.columns}
    o = o.mutate(**missing)
    return o.select(*OCCURRENCE_COLUMNS, **{n: o[n].cast(kind) for n, kind in COLUMNS.items()})


def _evidence(rows: Table) -> Table:
    return rows.mutate(kind=ibis.literal("prescriptions")).select(*EVIDENCE_COLUMNS, *SHOWN)
