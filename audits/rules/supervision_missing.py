"""R26: prescribing without a supervisor where the patient's state requires one."""

from collections.abc import Callable, Iterator
from datetime import date

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from ..changes import Change
from ..reference import DRUG_TABLES
from ..reference.citations import AANP, CEREBRAL, WISCONSIN_17
from ..rule import (
    EVIDENCE_COLUMNS,
    UNUSABLE_COLUMNS,
    Definition,
    Findings,
    Parameter,
    Reach,
    Records,
    rule,
)
from ..vocabulary import CONTROLLED_SCHEDULES, SUPERVISABLE_TYPES, Basis, Subject

UNKNOWN_STATE = "unknown"
KETAMINES = ("ketamine", "esketamine")
WATCHED_SETTINGS = ("hospital", "clinic")
CRITICAL, ASSISTANT, BY_STATE = (
    "schedule_ii_or_home_ketamine",
    "physician_assistant",
    "required_by_state",
)
RECORD = ("patient_key", "source_system", "source_record_id", "upload", "row")
SHOWN = (
    *("written_on", "ingredient", "schedule", "prescriber_type", "patient_state"),
    *("category", "practice_hours", "agreement", "supervising_npi"),
)


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return what the oracle reads for the prescribers and states in ``subjects``."""
    rows = _relevant(records).join(subjects, "subject_id")
    agreements = records.supervision.mutate(subject_id=_pair(records.supervision, "supervisee_npi"))
    agreements = agreements.join(subjects, "subject_id")
    return {
        "prescriptions": rows.select(
            "subject_id",
            "written_on",
            "schedule",
            "matched",
            "ingredient",
            "prescriber_type",
            "practice_hours",
            at_home=_at_home(rows),
            key=rows.source_system + "|" + rows.source_record_id,
        ),
        "practitioners": records.practitioners.select("npi").distinct(),
        "supervision": agreements.select(
            "subject_id",
            "supervisee_npi",
            "supervisor_npi",
            "state",
            "schedules",
            "valid_from",
            "valid_to",
            "exempt_reason",
            key=agreements.source_system + "|" + agreements.source_record_id,
        ),
        "licences": records.licences.select(
            "npi", "kind", "state", "schedules", "valid_from", "valid_to"
        ),
        "holdings": records.holdings.select("kind", "covers_from", "covers_to", "state"),
        "authority": records.authority,
    }


def clearing(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the agreement that, had it been on record, would clear the prescriber."""
    spans = [o["first_on"] for o in judge(records, parameters)["occurrences"]]
    npi, state = records["subject"]["npi"], records["subject"]["state"]
    agreement = {
        "key": "what if",
        "supervisee_npi": npi,
        "supervisor_npi": None,
        "state": state,
        "schedules": None,
        "valid_from": min(spans),
        "valid_to": max(spans),
        "exempt_reason": "documented",
    }
    yield Change(
        sentence=f"An agreement for {state} (or a documented exemption) on record for NPI {npi}, "
        f"in force on every day from {min(spans)} to {max(spans)} and covering these schedules.",
        apply=lambda given: {**given, "supervision": [*given["supervision"], agreement]},
    )


def _asked(records: Records) -> Table:
    """Return whoever wrote a relevant row, and for whom, each once."""
    return _relevant(records).select("patient_key", "subject_id").distinct()


def _uncovered(records: Records) -> Table:
    """Return the rows that needed a supervisor and had none, where such records are held."""
    judged = records.supervised(records, _relevant(records))
    uncovered = judged.filter(judged.requires & ~judged.covered & judged.held)
    wanted = {*EVIDENCE_COLUMNS, *SHOWN, "subject_id", "state", "holding", "patient_setting"}
    return uncovered.select(*(column for column in uncovered.columns if column in wanted))


def _unusable(records: Records) -> Table:
    """Return the rows of which it cannot be said, with the reason."""
    judged = records.supervised(records, _relevant(records))
    return judged.filter(judged.reason.notnull()).select(*UNUSABLE_COLUMNS, *RECORD)


# All that it reads of prescriptions, so that everybody is answered where only some are read.
KEEPS = {"asked": _asked, "uncovered": _uncovered, "unusable": _unusable}


@rule(
    keeps=KEEPS,
    number="R26",
    title="Prescribing without a required supervisor on record",
    category="supervision",
    subject=Subject.PRESCRIBER_STATE,
    threshold="prescriptions",
    unit="prescriptions",
    value_divisor=1,
    value_per="",
    definitions={
        CRITICAL: Definition(
            title="Schedule II or ketamine for home use, unsupervised",
            sentence="{value} controlled prescriptions for patients in {state} were written "
            "without a required supervisor on record, some of schedule II or ketamine for "
            "home use.",
            severity="critical",
        ),
        BY_STATE: Definition(
            title="The state requires supervision or collaboration",
            sentence="{value} controlled prescriptions for patients in {state} were written "
            "without the supervisor that the state requires on record.",
            severity="high",
        ),
        ASSISTANT: Definition(
            title="Physician assistant without an agreement",
            sentence="{value} controlled prescriptions for patients in {state} were written by a "
            "physician assistant without an agreement on record.",
            severity="medium",
        ),
    },
    severity="critical, high, medium",
    citations=(AANP, WISCONSIN_17, CEREBRAL),
    parameters={
        "prescriptions": Parameter(
            default=0,
            unit="prescriptions",
            comparison=">",
            meaning="Uncovered prescriptions above which the rule fires",
            basis=Basis.LAW,
            citation="AANP",
        )
    },
    needs={
        "prescriptions": ("prescriber_npi", "patient_state", "written_date", "ndc11", "drug_name"),
        "practitioners": ("npi", "prescriber_type", "taxonomy", "practice_hours"),
        "supervision": ("supervisee_npi", "supervisor_npi", "state", "valid_from"),
        "licences": ("npi", "kind", "state", "valid_from"),
    },
    absence_in=("supervision", "licences"),
    exclusions=(),
    references=(*DRUG_TABLES, "np_authority", "taxonomy"),
    reach={
        "prescriptions": Reach(
            explanation="A changed row touches every prescriber of its patient, in each state."
        ),
        "practitioners": Reach(explanation="A person may supervise anybody.", population=True),
        "supervision": Reach(explanation="Holdings change for all.", population=True),
        "licences": Reach(explanation="Holdings change for all.", population=True),
    },
    not_checked=(
        "federal and veterans' facilities (no column carries them)",
        "24 months in the role, which Wisconsin asks for besides hours",
        "years of collaboration in Connecticut, Maine and Nevada",
        "supervisor's licence and DEA registration where no licences are held for the date",
    ),
    caveat="An agreement that was never sent to us looks like an agreement that never was. Ask "
    "for it before anything else.",
    examples="""
      prescriptions
      patient_id | drug_name       | written_date | patient_state | prescriber_npi | prescriber_type
      p1         | oxycodone 5 mg  | 2025-03-01   | FL            | 1111111112     | np
      p2         | alprazolam 1 mg | 2025-03-01   | AZ            | 1111111112     | np
      p3         | alprazolam 1 mg | 2025-03-01   | FL            | 1222222228     | np
      p4         | alprazolam 1 mg | 2019-03-01   | FL            | 1333333334     | np

      supervision
      supervisee_npi | supervisor_npi | state | schedules | valid_from | valid_to
      1222222228     | 1245319599     | FL    | IV        | 2024-01-01 | 2025-12-31

      expected
      subject       | answer        | severity | value
      1111111112|FL | fired         | critical | 1
      1111111112|AZ | clear         |          |
      1222222228|FL | clear         |          |
      1333333334|FL | not_evaluable |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 2, 1),
    history=history,
    clearing=clearing,
)
def supervision_missing(records: Records, *, prescriptions: int) -> Findings:
    """Telehealth companies let nurse practitioners prescribe controlled drugs unsupervised.

    The state where the patient is decides whether a nurse practitioner, clinical nurse
    specialist, nurse anaesthetist or physician assistant needs a supervisor. Each
    controlled prescription is judged on the day it was written: an agreement for that
    state, in force, covering the schedule, with a supervisor who is known and, where
    licences are held, licensed and registered on that day. No agreement counts as
    absence only where supervision records are held for that day and state.
    """
    parts = {name: records.part(name, derive) for name, derive in KEEPS.items()}
    uncovered = parts["uncovered"]
    totals = uncovered.group_by("subject_id").agg(value=uncovered.row.count())
    totals = totals.filter(totals.value > prescriptions)
    fired = records.judged(uncovered, "written_on").join(totals, "subject_id")
    return Findings(
        population=parts["asked"].select("subject_id").distinct(),
        occurrences=_occurrences(fired),
        evidence=_evidence(fired),
        unusable=parts["unusable"].drop("patient_key"),
    )


def _pair(table: Table, prescriber: str) -> StringValue:
    return table[prescriber] + "|" + table.state


def _at_home(rows: Table) -> BooleanValue:
    """Ketamine counts as taken at home unless the row names a clinic or hospital."""
    return ~rows.patient_setting.fill_null("home").isin(WATCHED_SETTINGS)


def _relevant(records: Records) -> Table:
    """Return rows that are, or may be, controlled and by somebody who may need a supervisor."""
    p = records.prescriptions
    p = p.filter(p.counts_as_supply & p.prescriber_key.notnull())
    p = p.filter(p.schedule.isin(CONTROLLED_SCHEDULES) | ~p.matched)
    p = p.filter(p.prescriber_type.isnull() | p.prescriber_type.isin(SUPERVISABLE_TYPES))
    wanted = {*EVIDENCE_COLUMNS, *SHOWN, "prescriber_key", "patient_setting", "matched"}
    return p.select(
        *(column for column in p.columns if column in wanted),
        subject_id=p.prescriber_key + "|" + p.patient_state.fill_null(UNKNOWN_STATE),
        state=p.patient_state,
    )


def _definition(rows: Table) -> StringValue:
    """Return by which definition an uncovered row fires; the gravest that fits."""
    home_ketamine = rows.ingredient.isin(KETAMINES) & _at_home(rows)
    return ibis.cases(
        ((rows.schedule == "II") | home_ketamine, CRITICAL),
        (rows.prescriber_type == "pa", ASSISTANT),
        else_=BY_STATE,
    )


def _occurrences(fired: Table) -> Table:
    """Return one occurrence for each day and definition with uncovered prescriptions."""
    o = fired.mutate(definition=_definition(fired))
    severity = ibis.cases(
        (o.definition == CRITICAL, "critical"), (o.definition == ASSISTANT, "medium"), else_="high"
    )
    days = o.mutate(severity=severity).group_by(
        "subject_id", "definition", "severity", "written_on", "value", "state"
    )
    o = days.agg(holding=o.holding.min())
    return o.select(
        "subject_id",
        "definition",
        occurred_on="written_on",
        last_on="written_on",
        value=o.value.cast("int64"),
        severity="severity",
        excluded_by=ibis.null("string"),
        state="state",
        holding="holding",
    )


def _evidence(fired: Table) -> Table:
    """Return the uncovered prescriptions with what was found of an agreement for each."""
    e = fired.mutate(
        definition=_definition(fired),
        occurred_on=fired.written_on,
        kind=ibis.literal("prescriptions"),
    )
    return e.select(*EVIDENCE_COLUMNS, *SHOWN)
