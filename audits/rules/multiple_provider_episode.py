"""R04: several prescribers and several pharmacies within a short time."""

from datetime import date
from types import SimpleNamespace

import ibis
from ibis.expr.types import Table

from ..changes import fewer_providers
from ..patients import EXCUSED_BY_ILLNESS, Tier, diagnosis_sets
from ..reference import DRUG_TABLES
from ..reference.citations import CMS_OMS, NCQA_UOP, OIG_250, OK_PMP, PQA_OMP, Citation
from ..rule import EVIDENCE_COLUMNS, Definition, Findings, Parameter, Reach, Records, rule
from ..vocabulary import CONTROLLED_SCHEDULES, Basis, Subject

DOSE_DAYS, SCALE = 90, 1_000
SETS = ("cancer", "hospice_palliative", "sickle_cell", "overdose", "sud")
GRAVER = {"low": "medium", "medium": "high", "high": "critical", "critical": "critical"}
# By definition: title, threshold, severity, window, and what else was asked for.
OPIOIDS, DRUGS = "days of opioids", "days of controlled drugs"
WORDS = {
    "ok_pmp": (
        *("Five and five in 90 days, any controlled drug", "ok_prescribers", "critical"),
        *(f"90 {DRUGS}", ""),
    ),
    "oig_shopping": (
        *("Four and four in a year, opioids at a high average dose", "providers"),
        *("high; critical with a benzodiazepine in the window", f"365 {OPIOIDS}"),
        ", with a 90-day average as rule R01 looks for",
    ),
    "cms_oms": (
        *("Three and three, or five prescribers, in 183 days, opioids with a day of a high dose",),
        *("oms_prescribers", "high", f"183 {OPIOIDS}", ", with a day of a high dose"),
    ),
    "pqa_omp": (
        *("Four and four in 180 days, opioids for an adult", "providers", "medium"),
        *(f"180 {OPIOIDS}", ""),
    ),
    "all_controlled": (
        *("Four prescribers and three pharmacies in 180 days, any controlled drug", "providers"),
        *("medium", f"180 {DRUGS}", " (a house criterion)"),
    ),
    "ncqa_uop": (
        *("Four prescribers or four pharmacies in a year, opioids", "providers"),
        *("low; medium with both", f"365 {OPIOIDS}", " (many of one kind are enough)"),
    ),
}
SHOWN = (
    *("event_date", "ingredient", "schedule", "quantity", "effective_days", "mme_day"),
    *("prescriber_key", "pharmacy_key", "patient_state"),
)


def oracle_parameters(settled: dict[str, int]) -> dict:
    """Return what the oracle of this rule takes: its numbers and the diagnosis sets."""
    limits = {"implausible_mme": 1_000, "longest_days_supply": 180}
    return {**settled, **limits, "diagnosis_sets": diagnosis_sets(SETS)}


def history(records: Records, subjects: Table) -> dict[str, Table]:
    """Return every prescription row of the patients in ``subjects``, as the oracle reads it."""
    return records.histories(records, subjects)


def _figure(default: int, unit: str, meaning: str, source: Citation | None) -> Parameter:
    return Parameter(
        default=default,
        unit=unit,
        meaning=meaning,
        comparison="" if unit == "days" else ">=",
        basis=Basis.MEASURE if source else Basis.HOUSE_DEFAULT,
        citation=source.key if source else "",
    )


def _definition(title: str, threshold: str, severity: str, window: str, also: str) -> Definition:
    return Definition(
        title=title,
        sentence=f"In the {window} up to {{peak_on}} there were {{prescribers}} prescribers and "
        f"{{pharmacies}} pharmacies{also}; the rule fires from {{threshold}} on.",
        severity=severity,
        threshold=threshold,
    )


@rule(
    number="R04",
    title="Several prescribers and pharmacies",
    category="frequency",
    subject=Subject.PATIENT,
    threshold="providers",
    unit="prescribers",
    value_divisor=1,
    value_per="",
    definitions={name: _definition(*words) for name, words in WORDS.items()},
    severity="critical, high, medium, low; one step graver with an overdose or substance use "
    "diagnosis in the 365 days before",
    citations=(PQA_OMP, NCQA_UOP, OIG_250, CMS_OMS, OK_PMP),
    parameters={
        "ok_days": _figure(90, "days", "Window of the state's alert", OK_PMP),
        "ok_prescribers": _figure(5, "prescribers", "Prescribers of the state's alert", OK_PMP),
        "ok_pharmacies": _figure(5, "pharmacies", "Pharmacies of the state's alert", OK_PMP),
        "year_days": _figure(365, "days", "Window of a year", NCQA_UOP),
        "half_year_days": _figure(183, "days", "Window of six months", CMS_OMS),
        "pqa_days": _figure(180, "days", "Window of the pharmacy measure", PQA_OMP),
        "providers": _figure(4, "prescribers", "Prescribers, and likewise pharmacies", PQA_OMP),
        "controlled_pharmacies": _figure(
            3, "pharmacies", "Pharmacies enough where any controlled drug counts", None
        ),
        "oms_prescribers": _figure(3, "prescribers", "Prescribers beside pharmacies", CMS_OMS),
        "oms_pharmacies": _figure(3, "pharmacies", "Pharmacies beside prescribers", CMS_OMS),
        "oms_prescribers_alone": _figure(5, "prescribers", "Prescribers enough alone", CMS_OMS),
        "oms_mme": _figure(90, "MME a day", "Sum of the doses of some day in the window", CMS_OMS),
        "dose_threshold_mme": Parameter(
            default=120,
            unit="MME a day",
            comparison=">",
            meaning="Average over 90 days that rule R01 looks for, not excused",
            basis=Basis.MEASURE,
            citation=OIG_250.key,
        ),
        "min_claims": _figure(2, "dates", "Distinct dates in the window", PQA_OMP),
        "min_days_supply": _figure(15, "days supplied", "Sum of days supply", PQA_OMP),
    },
    needs={
        "prescriptions": (
            *("filled_date", "written_date", "quantity", "days_supply", "ndc11", "rxcui"),
            *("drug_name", "strength_value", "prescriber_npi", "prescriber_dea", "pharmacy_npi"),
            *("pharmacy_ncpdp", "pharmacy_dea", "patient_birth_year", "diagnosis_codes"),
            *("patient_setting", "treatment_type"),
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
    not_checked=(
        "prescribers of one practice who cover for each other (no column carries the practice)",
        "pharmacies of one chain (no column carries the chain)",
        "hospice enrolment (no column carries it)",
    ),
    caveat="A move, a hospital stay or a practice whose prescribers cover for one another looks "
    "the same. What other companies prescribe is not seen, so the counts are lower bounds, and "
    "no flag is no proof of safety: Medicare's criteria missed many who later came to harm.",
    examples="""
      prescriptions
      patient_id | drug_name      | days_supply | filled_date | prescriber_npi | pharmacy_ncpdp
      many       | oxycodone 5 mg | 7           | 2025-01-01  | 1111111112     | 1000001
      many       | oxycodone 5 mg | 7           | 2025-02-01  | 1222222228     | 1000002
      many       | oxycodone 5 mg | 7           | 2025-03-01  | 1333333334     | 1000003
      many       | oxycodone 5 mg | 7           | 2025-06-29  | 1444444440     | 1000004
      few        | oxycodone 5 mg | 7           | 2025-01-01  | 1111111112     | 1000001
      few        | oxycodone 5 mg | 7           | 2025-02-01  | 1222222228     | 1000002
      few        | oxycodone 5 mg | 7           | 2025-03-01  | 1333333334     | 1000002
      ill        | oxycodone 5 mg | 7           | 2025-01-01  | 1111111112     | 1000001
      ill        | oxycodone 5 mg | 7           | 2025-02-01  | 1222222228     | 1000002
      ill        | oxycodone 5 mg | 7           | 2025-03-01  | 1333333334     | 1000003
      ill        | oxycodone 5 mg | 7           | 2025-06-29  | 1444444440     | 1000004
      unclear    | oxycodone 5 mg | 7           | 2025-01-01  | 1111111112     | 1000001
      unclear    | oxycodone 5 mg | 7           | 2025-02-01  | 1222222228     | 1000002
      unclear    | oxycodone 5 mg | 7           | 2025-03-01  | 1333333334     | 1000003
      unclear    | gibberish 5 mg | 7           | 2025-06-29  | 1444444440     | 1000004

      conditions
      patient_id | code    | recorded_on
      ill        | C50.911 | 2024-06-30

      expected
      subject | answer        | severity | value
      many    | fired         | medium   | 4
      few     | clear         |          |
      ill     | suppressed    | medium   | 4
      unclear | not_evaluable |          |
    """,
    owner="Oversight maintainers",
    review_by=date(2027, 11, 1),
    history=history,
    clearing=fewer_providers,
    oracle_parameters=oracle_parameters,
)
def multiple_provider_episode(records: Records, **asked: int) -> Findings:
    """Who gets one drug from many prescribers and pharmacies may be looking for more of it.

    No single prescriber or pharmacist sees the whole, which is why monitoring programs and
    quality measures count both. Six published or house criteria are put to every window that
    ends on a day with a prescription of their drugs. A key that is missing counts for nobody.
    """
    rows = _relevant(records)
    tiers = _tiers(asked)
    episodes = records.provider_episodes(records, rows, tiers)
    occurrences = _occurrences(records, episodes.found)
    return Findings(
        population=rows.select(subject_id="patient_key").distinct(),
        occurrences=occurrences,
        evidence=_evidence(occurrences, rows, tiers),
        unusable=episodes.doubts.select("reason", subject_id="patient_key").relocate("subject_id"),
    )


def _tiers(asked: dict[str, int]) -> dict[str, Tier]:
    """Return the criteria with these numbers, in the order of the definitions."""
    a = SimpleNamespace(**asked)
    both = {"prescribers": a.providers, "pharmacies": a.providers}
    alone = {"prescribers_alone": a.providers, "pharmacies_alone": a.providers}
    state = {"prescribers": a.ok_prescribers, "pharmacies": a.ok_pharmacies}
    medicare = {"prescribers": a.oms_prescribers, "pharmacies": a.oms_pharmacies}
    medicare |= {"prescribers_alone": a.oms_prescribers_alone, "any_dose": True}
    house = {"prescribers": a.providers, "pharmacies": a.controlled_pharmacies}
    average = {"dose_days": DOSE_DAYS, "dose_floor": a.dose_threshold_mme * DOSE_DAYS * SCALE}
    medicare |= {"dose_days": 1, "dose_floor": a.oms_mme * SCALE - 1}
    supply, sedated = {"supply": a.min_days_supply}, {"when": "sedated", "graver": "critical"}
    return {
        "ok_pmp": Tier(group="scheduled", days=a.ok_days, severity="critical", **state),
        "oig_shopping": Tier(
            group="analgesic", days=a.year_days, severity="high", **both, **average, **sedated
        ),
        "cms_oms": Tier(group="analgesic", days=a.half_year_days, severity="high", **medicare),
        "pqa_omp": Tier(
            **both,
            **supply,
            group="analgesic",
            days=a.pqa_days,
            severity="medium",
            dates=a.min_claims,
            adult=True,
        ),
        "all_controlled": Tier(group="abusable", days=a.pqa_days, severity="medium", **house),
        "ncqa_uop": Tier(
            **both,
            **alone,
            **supply,
            group="analgesic",
            days=a.year_days,
            severity="low",
            graver="medium",
            when="both",
        ),
    }


def _relevant(records: Records) -> Table:
    """Return the rows that a tier counts, or might if their drug were known."""
    p = records.prescriptions
    # Treatment of addiction is among these: it is no analgesic.
    no_pain = ((p.drug_class == "opioid") & ~p.analgesic).fill_null(False)
    groups = {
        "analgesic": p.analgesic,
        "scheduled": p.schedule.isin(CONTROLLED_SCHEDULES),
        "abusable": p.schedule.isin(CONTROLLED_SCHEDULES[:-1]) & ~no_pain,
    }
    p = p.mutate(**{name: group.fill_null(False) for name, group in groups.items()})
    p = p.filter(p.counts_as_supply & (p.analgesic | p.scheduled | ~p.matched))
    return p.mutate(days=ibis.ifelse(p.last_covered.notnull(), p.effective_days, None))


def _occurrences(records: Records, found: Table) -> Table:
    """Return one row an episode, one step graver where a diagnosis says so."""
    o = records.escalated(records, found.rename(occurred_on="first_on"))
    return o.select(
        subject_id="patient_key",
        definition="tier",
        occurred_on="occurred_on",
        last_on="last_on",
        value="value",
        severity=ibis.ifelse(o.escalated, o.severity.cases(*GRAVER.items()), o.severity),
        excluded_by="excluded_by",
        peak_on="peak_on",
        prescribers="prescribers",
        pharmacies="pharmacies",
        escalated="escalated",
    )


def _evidence(occurrences: Table, rows: Table, tiers: dict[str, Tier]) -> Table:
    """Return the rows that a tier counts in the windows of each occurrence."""
    named = occurrences.select("subject_id", "definition", "occurred_on", until="last_on")
    e = named.join(rows, named.subject_id == rows.patient_key)
    since = e.occurred_on.delta(e.event_date, unit="day")
    counted = [
        (e.definition == name) & e[tier.group] & (since < tier.days) for name, tier in tiers.items()
    ]
    e = e.filter(ibis.or_(*counted) & (e.event_date <= e.until))
    return e.mutate(kind=ibis.literal("prescriptions")).select(*EVIDENCE_COLUMNS, *SHOWN)
