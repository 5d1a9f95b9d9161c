"""R12: a controlled drug filled early again and again, or piling up."""

from datetime import date

import ibis
from ibis.expr.types import IntegerValue, StringValue, Table

from ..changes import later_fills
from ..patients import diagnosis_sets
from ..reference import DRUG_TABLES
from ..reference.citations import CA_FLAGS, REFILL
from ..rule import (
    EVIDENCE_COLUMNS,
    Definition,
    Exclusion,
    Findings,
    Parameter,
    Reach,
    Records,
    rule,
)
from ..vocabulary import CONTROLLED_SCHEDULES, Basis, Reason, Subject

SETS = ("overdose", "sud")
STOCKPILE, REPEATED, ONCE = "stockpile", "repeated_early", "early_once"
SHOWN = (
    "event_date",
    "ingredient",
    "strength",
    "strength_unit_used",
    "quantity",
    "effective_days",
    "early",
    "stock",
    "run_out",
    "prescriber_key",
    "pharmacy_key",
    "patient_state",
)


def oracle_parameters(settled: dict[str, int]) -> dict:
    """Return what the oracle of this rule takes: its numbers and the diagnosis sets."""
    return {**settled, "longest_days_supply": 180, "diagnosis_sets": diagnosis_sets(SETS)}


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return all rows of the patients in ``subjects`` once a subject, as the oracle reads them."""
    return records.histories(records, subjects)


def _house(default: int, unit: str, meaning: str, comparison: str = "") -> Parameter:
    return Parameter(
        default=default,
        unit=unit,
        meaning=meaning,
        comparison=comparison,
        basis=Basis.HOUSE_DEFAULT,
    )


@rule(
    number="R12",
    title="Early fills and stockpiling",
    category="frequency",
    subject=Subject.PATIENT_INGREDIENT,
    threshold="stock_days",
    unit="days on hand",
    value_divisor=1,
    value_per="",
    definitions={
        STOCKPILE: Definition(
            title="Days still on hand at a fill",
            sentence="On {filled_on} {ingredient} was filled while earlier fills still lasted "
            "{value} more days; the rule fires at {threshold}.",
            severity="high",
            threshold="stock_days",
            unit="days on hand",
        ),
        REPEATED: Definition(
            title="Early again and again",
            sentence="In the 180 days up to {filled_on} {value} fills of {ingredient} came before "
            "the former fill was used up; the rule fires at {threshold}.",
            severity="medium",
            threshold="repeated_fills",
            unit="early fills",
        ),
        ONCE: Definition(
            title="One early fill",
            sentence="On {filled_on} {ingredient} was filled {value} days before the former fill "
            "was used up; the rule fires at {threshold}.",
            severity="low",
            threshold="early_days",
            unit="days early",
        ),
    },
    severity="high, medium, low; one step graver with an overdose or substance use diagnosis in "
    "the 365 days before",
    citations=(CA_FLAGS, REFILL),
    parameters={
        "stock_days": _house(15, "days on hand", "Days from earlier fills still on hand", ">="),
        "repeated_fills": _house(3, "early fills", "Fills early again, close together", ">="),
        "repeated_days": _house(3, "days early", "Days by which each of them is early", ">="),
        "repeated_window": _house(
            180, "days", "Days that hold the repeated early fills, first and last included"
        ),
        "early_days": _house(4, "days early", "Days by which one fill alone is too early", ">="),
        "change_percent": _house(
            20, "percent", "Change of the amount a day above which the count starts anew", ">"
        ),
    },
    needs={
        "prescriptions": (
            "filled_date",
            "quantity",
            "days_supply",
            "ndc11",
            "rxcui",
            "drug_name",
            "strength_value",
            "diagnosis_codes",
            "patient_setting",
        ),
        "conditions": ("code", "recorded_on", "ended_on"),
    },
    absence_in=(),
    exclusions=(
        Exclusion(
            reason=Reason.LONG_TERM_CARE,
            test="the fill itself is for long-term care (patient setting ltc), where packs are "
            "short by design; the fill still adds to what is on hand",
            basis=Basis.HOUSE_DEFAULT,
        ),
    ),
    references=(*DRUG_TABLES, "icd10_sets"),
    reach={
        "prescriptions": Reach(explanation="A changed row touches its patient, every drug."),
        "conditions": Reach(explanation="A changed diagnosis touches its patient."),
    },
    not_checked=(
        "lost, stolen or destroyed medication and travel (no column carries such a code)",
        "prescriptions of which only the order is known: issue dates are no fills",
    ),
    caveat="A day or two early is ordinary. A fill before a journey, a changed dose written "
    "without a changed amount, or a bottle that was lost looks the same.",
    examples="""
        prescriptions
        patient_id | drug_name             | quantity | days_supply | filled_date | patient_setting
        early      | oxycodone 10 mg       | 90       | 30          | 2025-01-01  | home
        early      | oxycodone 10 mg       | 90       | 30          | 2025-01-27  | home
        ordinary   | oxycodone 10 mg       | 90       | 30          | 2025-01-01  | home
        ordinary   | oxycodone 10 mg       | 90       | 30          | 2025-01-28  | home
        dose       | oxycodone 10 mg       | 90       | 30          | 2025-01-01  | home
        dose       | oxycodone 10 mg       | 120      | 30          | 2025-01-16  | home
        thrice     | alprazolam 1 mg       | 60       | 30          | 2025-01-01  | home
        thrice     | alprazolam 1 mg       | 60       | 30          | 2025-01-28  | home
        thrice     | alprazolam 1 mg       | 60       | 30          | 2025-02-24  | home
        thrice     | alprazolam 1 mg       | 60       | 30          | 2025-03-23  | home
        piles      | ketamine 100 mg troche | 30       | 30          | 2025-01-01  | home
        piles      | ketamine 100 mg troche | 30       | 30          | 2025-01-16  | home
        care       | alprazolam 1 mg       | 28       | 14          | 2025-01-01  | ltc
        care       | alprazolam 1 mg       | 28       | 14          | 2025-01-08  | ltc
        unknown    | oxycodone 10 mg       | 90       |             | 2025-01-01  | home
        unknown    | oxycodone 10 mg       | 90       | 30          | 2025-01-05  | home

        expected
        subject            | answer        | severity | value
        early|oxycodone    | fired         | low      | 4
        ordinary|oxycodone | clear         |          |
        dose|oxycodone     | clear         |          |
        thrice|alprazolam  | fired         | medium   | 3
        piles|ketamine     | fired         | high     | 15
        care|alprazolam    | suppressed    | low      | 7
        unknown|oxycodone  | not_evaluable |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=later_fills,
    oracle_parameters=oracle_parameters,
)
def early_refill_accumulation(records: Records, *, change_percent: int, **least: int) -> Findings:
    """A controlled drug that is filled before the last fill is used up goes somewhere.

    Early fills are among the signs pharmacists are told to look at: a patient may take more
    than was prescribed, or pass it on. Each fill of one ingredient is put to two questions.
    How many days early is it against the former fill alone? And how many days are on hand,
    when every fill starts where all before it run out? A change of the amount a day by more
    than a fifth is a new regimen, and the count starts anew.
    """
    p = records.prescriptions
    controlled = p.matched & p.schedule.isin(CONTROLLED_SCHEDULES)
    rows = p.filter(p.counts_as_supply & p.filled_date.notnull() & controlled)
    rows = rows.mutate(subject_id=_subject(rows))
    walk = records.refills(rows, change_percent=change_percent)
    walk = walk.mutate(subject_id=_subject(walk))
    found = records.judged(_found(records, walk, **least), "event_date")
    totals = rows.group_by("subject_id").agg(fills=rows.count())
    several = totals.filter(totals.fills > 1)
    unusable = rows.filter(rows.last_covered.isnull()).semi_join(several, "subject_id")
    return Findings(
        population=totals.select("subject_id"),
        occurrences=_occurrences(records, found),
        evidence=_evidence(found, walk, rows),
        unusable=unusable.select(
            "subject_id",
            reason=ibis.literal(Reason.DAYS_SUPPLY_UNUSABLE.value),
            source_system="source_system",
            source_record_id="source_record_id",
            upload="upload",
            row="row",
        ),
    )


def _subject(table: Table) -> StringValue:
    return table.patient_key + "|" + table.ingredient


def _found(records: Records, walk: Table, **least: int) -> Table:
    """Return each definition that holds at a fill, and which fills are behind it.

    These are the fills numbered ``since`` up to this one, from ``from_day`` on, that are
    at least ``least_early`` days early.
    """
    days, window = least["repeated_days"], least["repeated_window"]
    piled = walk.filter(walk.stock >= least["stock_days"])
    often = records.counted_early(walk.filter(walk.early >= days), window)
    often = often.filter(often.recent >= least["repeated_fills"])
    once = walk.filter(walk.early >= least["early_days"])
    return ibis.union(
        _told(piled, STOCKPILE, value=piled.stock, since=piled.since),
        _told(
            often, REPEATED, value=often.recent, from_day=often.day - window + 1, least_early=days
        ),
        _told(once, ONCE, value=once.early, since=once.number - 1),
    )


def _told(steps: Table, definition: str, **figures: IntegerValue | int) -> Table:
    """Return what is found at ``steps`` as rows of one form, whatever figure is not given zero."""
    asked = {"since": 0, "from_day": 0, "least_early": 0, **figures}
    return steps.select(
        "subject_id",
        "patient_key",
        "ingredient",
        "number",
        "event_date",
        "in_care",
        definition=ibis.literal(definition),
        **{name: ibis.literal(0, "int64") + figure for name, figure in asked.items()},
    )


def _occurrences(records: Records, found: Table) -> Table:
    """Return one occurrence a definition and day; one fill outside care is enough to be free."""
    days = found.group_by("subject_id", "patient_key", "ingredient", "definition", "event_date")
    o = days.agg(value=found.value.max(), in_care=found.in_care.all())
    o = records.escalated(records, o.rename(occurred_on="event_date"))
    graver = o.escalated
    severity = ibis.cases(
        (o.definition == STOCKPILE, ibis.ifelse(graver, "critical", "high")),
        (o.definition == REPEATED, ibis.ifelse(graver, "high", "medium")),
        else_=ibis.ifelse(graver, "medium", "low"),
    )
    return o.select(
        "subject_id",
        "definition",
        occurred_on="occurred_on",
        last_on="occurred_on",
        value="value",
        severity=severity,
        excluded_by=ibis.ifelse(o.in_care, Reason.LONG_TERM_CARE.value, ibis.null("string")),
        ingredient="ingredient",
        filled_on="occurred_on",
        escalated=graver,
    )


def _evidence(found: Table, walk: Table, rows: Table) -> Table:
    """Return the fills behind each occurrence, each once, with the figures of its step."""
    named = found.select(
        "subject_id",
        "definition",
        "since",
        "from_day",
        "least_early",
        occurred_on="event_date",
        last_number="number",
    )
    steps = walk.select("subject_id", "number", "day", "early", "stock", "run_out", "upload", "row")
    e = named.join(steps, "subject_id")
    e = e.filter(e.number.between(e.since, e.last_number))
    e = e.filter((e.day >= e.from_day) & (e.early >= e.least_early))
    e = e.select("definition", "occurred_on", "early", "stock", "run_out", "upload", "row")
    e = e.distinct().join(rows, ["upload", "row"])
    return e.mutate(kind=ibis.literal("prescriptions")).select(*EVIDENCE_COLUMNS, *SHOWN)
