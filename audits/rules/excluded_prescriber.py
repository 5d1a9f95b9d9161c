"""R46: prescriptions written by a person excluded from federal health care programmes."""

from collections.abc import Callable, Iterator
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, StringValue, Table

from ..changes import Change, listed_otherwise
from ..reference import DRUG_TABLES
from ..reference.citations import CFR_1901, LEIE, OIG_13, USC_1320A7
from ..rule import (
    EVIDENCE_COLUMNS,
    OCCURRENCE_COLUMNS,
    Definition,
    Exclusion,
    Findings,
    Parameter,
    Reach,
    Records,
    rule,
)
from ..vocabulary import Basis, Reason, Subject

FEDERAL, UNKNOWN, OTHER = "federal_payer", "payer_unknown", "other_payer"
SEVERITIES = {FEDERAL: "critical", UNKNOWN: "high", OTHER: "low"}
FEDERAL_PAYERS = ("medicare", "medicaid", "military", "tribal")
NUMBER, NO_NUMBER = r"^[0-9]{10}$", "0000000000"
EXCLUDED, WAIVED, DOUBTFUL = "excluded", "waived", "doubtful"
ROW = ("upload", "row")
LISTED = ("exclusion", "exclusion_type", "excluded_on")
SHOWN = (
    *("written_on", "ingredient", "schedule", "payment_type", "patient_state", "prescriber_key"),
    *LISTED,
)


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return what the oracle reads for the prescribers in ``subjects``."""
    p = records.prescriptions.mutate(subject_id=records.prescriptions.prescriber_key)
    rows = p.join(subjects, "subject_id")
    listed = records.exclusions.mutate(subject_id=records.exclusions.npi)
    listed = listed.join(subjects, "subject_id")
    return {
        "prescriptions": rows.select(
            *("subject_id", "prescriber_key", "event_date", "written_on", "patient_state"),
            *("payment_type", "counts_as_prescription"),
            key=rows.source_system + "|" + rows.source_record_id,
        ),
        "exclusions": listed.select(
            *("subject_id", "npi", "excluded_on", "reinstated_on", "exclusion_type"),
            *("waiver_state", "waivered_on"),
            key=listed.source_system + "|" + listed.source_record_id,
        ),
        "holdings": records.holdings.select("kind", "covers_from", "covers_to", "state"),
    }


def clearing(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield what the list would have to say for the prescriber to be clear."""
    yield from listed_otherwise(records, parameters, judge)


def _asked(records: Records) -> Table:
    """Return whoever wrote something, and for whom, each once."""
    return _written(records).select("patient_key", "subject_id").distinct()


def _found(records: Records) -> Table:
    """Return the rows written while on the list; a list can be searched for numbers alone."""
    rows = _written(records)
    return _listed(records, rows.filter(_is_number(rows.subject_id)))


def _silent(records: Records) -> Table:
    """Return who wrote a row that no list has, on a day that no list is held for."""
    rows = _written(records)
    rows = rows.filter(_is_number(rows.subject_id)).anti_join(_found(records), list(ROW))
    asked = rows.select("patient_key", "subject_id", "written_on").distinct()
    days = asked.select("written_on").distinct()
    h = records.holdings
    h = h.filter((h.kind == "exclusions") & h.state.isnull())
    whole = days.join(h, [_.written_on >= h.covers_from, _.written_on <= h.covers_to])
    return asked.anti_join(whole, "written_on").select("patient_key", "subject_id").distinct()


# All that it reads of prescriptions, so that everybody is answered where only some are read.
KEEPS = {"asked": _asked, "listed": _found, "silent": _silent}


@rule(
    keeps=KEEPS,
    number="R46",
    title="Prescriptions by a person excluded from federal programmes",
    category="prescriber type",
    subject=Subject.PRESCRIBER,
    threshold="prescriptions",
    unit="prescriptions",
    value_divisor=1,
    value_per="",
    definitions={
        FEDERAL: Definition(
            title="Written while excluded, and some paid by a federal programme",
            sentence="{value} prescriptions were written by a person whose NPI is on the list of "
            "excluded persons since {excluded_on}, some of them paid by a federal health care "
            "programme.",
            severity="critical",
        ),
        UNKNOWN: Definition(
            title="Written while excluded, and who paid is not known",
            sentence="{value} prescriptions were written by a person whose NPI is on the list of "
            "excluded persons since {excluded_on}; who paid for some is not on record, and of "
            "none that a federal health care programme did.",
            severity="high",
        ),
        OTHER: Definition(
            title="Written while excluded, and paid otherwise",
            sentence="{value} prescriptions were written by a person whose NPI is on the list of "
            "excluded persons since {excluded_on}; none is on record as paid by a federal health "
            "care programme, so the exclusion itself may not concern them.",
            severity="low",
        ),
    },
    severity="critical, high, low",
    citations=(USC_1320A7, CFR_1901, OIG_13, LEIE),
    parameters={
        "prescriptions": Parameter(
            default=0,
            unit="prescriptions",
            comparison=">",
            meaning="Prescriptions written while excluded above which the rule fires",
            basis=Basis.HOUSE_DEFAULT,
        )
    },
    needs={
        "prescriptions": ("prescriber_npi", "written_date", "payment_type", "patient_state"),
        "exclusions": ("npi", "excluded_on", "reinstated_on", "waiver_state", "waivered_on"),
    },
    absence_in=("exclusions",),
    exclusions=(
        Exclusion(
            reason=Reason.WAIVER,
            test="the exclusion is waived in the patient's state on the day of writing; that the "
            "patient's state decides is our reading",
            basis=Basis.HOUSE_DEFAULT,
        ),
    ),
    references=DRUG_TABLES,
    reach={
        "prescriptions": Reach(explanation="A changed row touches its patient's prescribers."),
        "practitioners": Reach(explanation="A person's numbers.", population=True),
        "exclusions": Reach(explanation="Anybody may be on a list.", population=True),
    },
    not_checked=(
        "listed persons without an NPI (nobody is matched by name)",
        "who was reinstated before the list was made and is no longer in it",
        "how later fills of a prescription were paid",
        "exclusions by a state's own Medicaid programme, and debarments in SAM.gov",
    ),
    caveat="An exclusion is about payment by federal health care programmes, not a loss of "
    "licence: it forbids nobody to write a prescription that the patient pays himself. Confirm on "
    "the OIG's own page that the listed person is this one before anything is concluded. The "
    "severities are house defaults.",
    examples="""
      prescriptions
      patient_id | drug_name       | written_date | prescriber_npi | prescriber_dea | payment_type
      p1         | oxycodone 5 mg  | 2025-03-01   | 1111111112     |                | medicaid
      p2         | alprazolam 1 mg | 2025-04-01   | 1111111112     |                | cash
      p5         | oxycodone 5 mg  | 2025-03-01   | 1222222228     |                | medicaid
      p3         | alprazolam 1 mg | 2025-03-01   | 1333333334     |                |
      p6         | alprazolam 1 mg | 2025-03-01   | 1444444440     |                | cash
      p4         | alprazolam 1 mg | 2019-03-01   | 1555555556     |                | medicare
      p7         | alprazolam 1 mg | 2025-03-01   |                | FS1234563      | medicare

      exclusions
      npi        | excluded_on | reinstated_on
      1111111112 | 2025-03-01  |
      1222222228 | 2024-01-01  | 2025-03-01
      1333333334 | 2024-01-01  |
      1444444440 | 2025-02-01  | 2025-03-02

      expected
      subject    | answer        | severity | value
      1111111112 | fired         | critical | 2
      1222222228 | clear         |          |
      1333333334 | fired         | high     | 1
      1444444440 | fired         | low      | 1
      1555555556 | not_evaluable |          |
      FS1234563  | not_evaluable |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=clearing,
)
def excluded_prescriber(records: Records, *, prescriptions: int) -> Findings:
    """No federal health care programme pays for what an excluded person prescribes.

    The Office of Inspector General excludes persons for fraud, for crimes with controlled
    substances, for a licence revoked, and publishes who is excluded. A company that lets such a
    person write prescriptions may owe the programmes their money back. Every prescription is
    held against the list by the prescriber's NPI on the day it was written. Not to be listed
    counts only for days that a list is held for.
    """
    parts = {name: records.part(name, derive) for name, derive in KEEPS.items()}
    judged, asked = parts["listed"], parts["asked"].select("subject_id").distinct()
    counted = judged.filter(judged.standing != DOUBTFUL)
    total = ibis.window(group_by=["subject_id", "standing"])
    counted = counted.mutate(value=counted.row.count().over(total).cast("int64"))
    found = _freest(counted.filter(counted.value > prescriptions))
    found = records.judged(found, "written_on")
    return Findings(
        population=asked,
        occurrences=_occurrences(found),
        evidence=found.select(*EVIDENCE_COLUMNS, *SHOWN),
        unusable=_unusable(asked, judged, parts["silent"].select("subject_id").distinct()),
    )


def _written(records: Records) -> Table:
    p = records.prescriptions
    p = p.filter(p.counts_as_prescription & p.prescriber_key.notnull())
    return p.mutate(subject_id=p.prescriber_key)


def _is_number(text: StringValue) -> BooleanValue:
    """Return whether a list can be searched for ``text``: ten digits, not all of them zero."""
    return text.re_search(NUMBER) & (text != NO_NUMBER)


def _listed(records: Records, rows: Table) -> Table:
    """Return the rows written while on the list, with ``standing`` and what the list says.

    Excluded: an exclusion in force that no waiver reaches; doubtful: it depends on a state that
    is not known; waived: all are waived in the patient's state.
    """
    listed = records.exclusions.select(
        *("npi", "excluded_on", "reinstated_on", "exclusion_type", "waiver_state", "waivered_on"),
        exclusion=_.source_system + "/" + _.source_record_id,
    )
    met = rows.select(*ROW, "subject_id", "written_on", "patient_state").join(
        listed, [_.subject_id == listed.npi, _.written_on >= listed.excluded_on]
    )
    met = met.filter(met.reinstated_on.isnull() | (met.written_on < met.reinstated_on))
    begun = met.waivered_on.isnull() | (met.waivered_on <= met.written_on)
    reaches = met.waiver_state.notnull() & begun
    doubtful = reaches & met.patient_state.isnull()
    waived = (reaches & (met.waiver_state == met.patient_state)).fill_null(False)
    told = met.mutate(doubtful=doubtful, plain=~waived & ~doubtful).group_by(*ROW)
    told = told.agg(
        plain=_.plain.any(),
        doubtful=_.doubtful.any(),
        exclusion=_.exclusion.min(),
        exclusion_type=_.exclusion_type.min(),
        excluded_on=_.excluded_on.min(),
    )
    standing = ibis.cases((told.plain, EXCLUDED), (told.doubtful, DOUBTFUL), else_=WAIVED)
    told = told.mutate(standing=standing).drop("plain", "doubtful")
    found = rows.join(told, list(ROW)).mutate(definition=_definition())
    wanted = {*EVIDENCE_COLUMNS, *SHOWN, "standing"}
    return found.select(*(column for column in found.columns if column in wanted))


def _definition() -> StringValue:
    return ibis.cases(
        (_.payment_type.isin(FEDERAL_PAYERS), FEDERAL),
        (_.payment_type.isnull(), UNKNOWN),
        else_=OTHER,
    )


def _freest(rows: Table) -> Table:
    """Return the rows without those waived on a day and definition that others are not."""
    day = ibis.window(group_by=["subject_id", "definition", "written_on"])
    rows = rows.mutate(is_free=(rows.standing == EXCLUDED).any().over(day))
    rows = rows.filter((rows.standing == EXCLUDED) | ~rows.is_free)
    return rows.mutate(occurred_on=rows.written_on, kind=ibis.literal("prescriptions"))


def _occurrences(found: Table) -> Table:
    """Return one occurrence for each day and definition."""
    days = found.group_by("subject_id", "definition", "occurred_on", "value", "standing")
    o = days.agg(**{name: found[name].min() for name in LISTED})
    severity = ibis.cases(*((o.definition == name, word) for name, word in SEVERITIES.items()))
    excluded_by = ibis.ifelse(o.standing == WAIVED, Reason.WAIVER.value, ibis.null("string"))
    o = o.mutate(last_on=o.occurred_on, severity=severity, excluded_by=excluded_by)
    return o.select(*OCCURRENCE_COLUMNS, *LISTED)


def _unusable(asked: Table, judged: Table, silent: Table) -> Table:
    """Return who has no number, whose waiver is in doubt, and who wrote when no list is held."""
    numberless = asked.filter(~_is_number(asked.subject_id))
    doubtful = judged.filter(judged.standing == DOUBTFUL).select("subject_id").distinct()
    return ibis.union(
        numberless.mutate(reason=ibis.literal(Reason.PRESCRIBER_NPI_MISSING.value)),
        doubtful.mutate(reason=ibis.literal(Reason.PATIENT_STATE_MISSING.value)),
        silent.mutate(reason=ibis.literal(Reason.EXCLUSIONS_NOT_HELD.value)),
    )
