"""What every rule needs of a prescription row: dates, keys, drug and dose."""

import ibis
from ibis.expr.types import IntegerValue, StringValue, Table

from ..derived import built_once
from ..vocabulary import Reason
from .days import days_after
from .drugs import DESCRIBED_BY, description

LONGEST_DAYS_SUPPLY = 180
IMPLAUSIBLE_THOUSANDTHS = 1_000_000
OVERFLOW_GUARD = 4e18
SCALE = 1_000_000_000  # millionths of strength, thousandths of quantity and factor to thousandths
PATCH_DAYS = 3
WATCHED_SETTINGS = ("hospital", "clinic")
KETAMINES = ("ketamine", "esketamine")
STIMULANTS = ("amphetamine", "methylphenidate")
KEPT = (
    "source_system",
    "source_record_id",
    "record_type",
    "prescription_id",
    "written_date",
    "filled_date",
    "patient_key",
    "patient_bucket",
    "patient_state",
    "patient_setting",
    "is_compound",
    "quantity",
    "quantity_unit",
    "days_supply",
    "fill_number",
    "diagnosis_codes",
    "treatment_type",
    "supervising_npi",
    "payment_type",
    "content_hash",
    "upload",
    "row",
    "accepted_seq",
)

READ = (
    *KEPT,
    *(column for column in DESCRIBED_BY if column not in KEPT),
    "written_at",
    "species",
    "patient_birth_year",
    "prescriber_npi",
    "prescriber_dea",
    "prescriber_type",
    "taxonomy",
    "pharmacy_npi",
    "pharmacy_ncpdp",
    "pharmacy_dea",
)


def dated(prescriptions: Table) -> Table:
    """Return the rows for people with ``event_date``, ``written_on`` and ``record_type`` settled.

    Event date: filled, else written, else the day of ``written_at``. Written on: written,
    else the day of ``written_at``, else filled, which ``written_from_fill`` admits.
    """
    p = prescriptions.filter(prescriptions.species.fill_null("human") != "animal")
    written = ibis.coalesce(p.written_date, p.written_at.date())
    return p.mutate(
        event_date=ibis.coalesce(p.filled_date, written),
        written_on=ibis.coalesce(written, p.filled_date),
        written_from_fill=written.isnull(),
        record_type=ibis.coalesce(
            p.record_type, ibis.ifelse(p.filled_date.notnull(), "dispense", "order")
        ),
    )


@built_once
def keyed(prescriptions: Table, registrations: Table) -> Table:
    """Return the rows with ``prescriber_key`` (NPI, else the NPI behind the DEA number, else
    the DEA number) and ``pharmacy_key`` (NCPDP number, else NPI, else DEA number)."""
    p = prescriptions.mutate(dea=prescriptions.prescriber_dea.upper())
    p = p.left_join(registrations.rename(dea_npi="npi"), "dea").drop("dea_right")
    return p.mutate(
        prescriber_key=ibis.coalesce(p.prescriber_npi, p.dea_npi, p.dea),
        pharmacy_key=ibis.coalesce(p.pharmacy_ncpdp, p.pharmacy_npi, p.pharmacy_dea),
    )


@built_once
def typed(prescriptions: Table, people: Table, roles: Table) -> Table:
    """Return the rows with the prescriber's profession, role group and practice hours.

    The practitioners' record speaks first, then the prescription's own columns.
    """
    p = prescriptions.rename(type_given="prescriber_type")
    p = p.left_join(people, p.prescriber_key == people.npi).drop("npi")
    p = p.left_join(roles, "taxonomy", rname="given_{name}")
    return p.mutate(
        prescriber_type=ibis.coalesce(p.profession, p.type_given, p.role_type),
        role_group=ibis.coalesce(p.role_group, p.given_role_group),
    )


@built_once
def dosed(prescriptions: Table, drugs: Table) -> Table:
    """Return the rows with their drug, the schedule in force when written, days and dose.

    ``effective_days`` is days supply, for fentanyl patches quantity x 3 (the factor of the CDC
    file holds three days a patch; null without a quantity). ``last_covered`` is null where these
    are not 1 to 180. ``is_compound`` is true too where only words say so. ``mme_day`` is in
    thousandths of an MME a day, half up, null where it cannot be said: ``dose_problem`` says why.
    Source: CDC opioid file of September 2018, instructions; CDC guideline, MMWR 2022;71(3).
    """
    p = scheduled(prescriptions, drugs)
    moud = p.moud_product | (p.moud_if_treatment & (p.treatment_type == "02"))
    repaired = p.fentanyl_patch & (p.quantity > 0)
    thousandths = (p.quantity * 1000).cast("int64")
    patch_days = ibis.greatest(thousandths * PATCH_DAYS // 1000, 1)
    p = p.mutate(
        is_compound=p.compounded,
        moud=moud.fill_null(False),
        at_home=~p.patient_setting.fill_null("home").isin(WATCHED_SETTINGS),
        patch_repaired=repaired.fill_null(False),
        effective_days=ibis.cases(
            (repaired, patch_days),
            (p.fentanyl_patch, ibis.null("int64")),
            else_=p.days_supply.cast("int64"),
        ),
        quantity_thousandths=thousandths,
    )
    p = p.mutate(
        opioid=p.dose_opioid & ~p.moud,
        analgesic=p.analgesic_opioid & ~p.moud,
        mme_day=_mme_day(p),
    )
    p = p.mutate(dose_problem=_dose_problem(p), scope_class=_scope_class(p))
    return p.mutate(
        mme_day=ibis.ifelse(p.dose_problem.isnull(), p.mme_day, ibis.null("int64")),
        last_covered=days_after(p.event_date, _usable_days(p) - 1),
    )


def scheduled(prescriptions: Table, drugs: Table) -> Table:
    """Return the rows with all that is known of their drug, its schedule when written."""
    p = prescriptions.mutate(drug=description(prescriptions))
    on_its_day = p.event_date.between(drugs.applies_from, drugs.applies_to)
    p = p.join(drugs, ["drug", on_its_day])
    return p.mutate(
        matched=p.matched.fill_null(False),
        schedule=ibis.ifelse(p.written_on >= p.schedule_since, p.schedule, p.earlier_schedule),
    )


@built_once
def births(prescriptions: Table) -> Table:
    """Return for each patient ``born_from`` and ``born_to``, the years of birth told of them.

    They differ where records contradict one another; both null where none tells.
    """
    p = prescriptions
    return p.group_by("patient_key").agg(
        born_from=p.patient_birth_year.min(), born_to=p.patient_birth_year.max()
    )


def _scope_class(p: Table) -> StringValue:
    """Return the class of the matrix of scope that a row's drug belongs to, null where to none.

    Opioid: what is taken for pain; stimulant: amphetamines and methylphenidates; ketamine
    with esketamine; buprenorphine: what treats opioid use disorder.
    """
    return ibis.cases(
        (p.analgesic, "opioid"),
        ((p.drug_class == "stimulant") & p.drug_subclass.isin(STIMULANTS), "stimulant"),
        (p.drug_class == "benzodiazepine", "benzodiazepine"),
        (p.ingredient.isin(KETAMINES), "ketamine"),
        (p.moud & (p.ingredient == "buprenorphine"), "buprenorphine"),
        else_=ibis.null("string"),
    )


def _usable_days(p: Table) -> IntegerValue:
    """Return the days a row lasts, null where they cannot be right.

    A supplier may write any number, and dates or products of it would not fit the engine.
    """
    usable = p.effective_days.between(1, LONGEST_DAYS_SUPPLY)
    return ibis.ifelse(usable, p.effective_days, ibis.null("int64"))


def _mme_day(p: Table) -> IntegerValue:
    """Return thousandths of an MME a day, half up, exact in whole numbers; null if not computable.

    Products that would not fit 64 bits are far above any plausible dose and come out null.
    """
    approximate = (
        p.strength_millionths.cast("float64")
        * p.quantity_thousandths.cast("float64")
        * p.factor_thousandths.cast("float64")
    )
    days = _usable_days(p)
    numerator = ibis.ifelse(
        approximate < OVERFLOW_GUARD,
        p.strength_millionths * p.quantity_thousandths * p.factor_thousandths * 2 + days * SCALE,
        ibis.null("int64"),
    )
    divisor = days * (2 * SCALE)
    return ((numerator - numerator % divisor) / divisor).round().cast("int64")


def _dose_problem(p: Table) -> StringValue:
    """Return why a row's dose cannot be used, null where it can; judged for opioids only."""
    days = p.effective_days
    no_quantity = p.quantity.isnull() | (p.quantity <= 0)
    return ibis.cases(
        (~p.matched, Reason.DRUG_UNMATCHED.value),
        (~p.opioid, ibis.null("string")),
        (p.fentanyl_patch & no_quantity, Reason.QUANTITY_UNUSABLE.value),
        (
            days.isnull() | (days < 1) | (days > LONGEST_DAYS_SUPPLY),
            Reason.DAYS_SUPPLY_UNUSABLE.value,
        ),
        (no_quantity, Reason.QUANTITY_UNUSABLE.value),
        (p.strength_millionths.isnull(), Reason.STRENGTH_UNKNOWN.value),
        (p.factor_thousandths.isnull(), Reason.FACTOR_UNKNOWN.value),
        (
            p.mme_day.isnull() | (p.mme_day > IMPLAUSIBLE_THOUSANDTHS),
            Reason.DOSE_IMPLAUSIBLE.value,
        ),
    )


@built_once
def narrow(p: Table) -> Table:
    """Return only the columns that rules and flag pages use."""
    derived = [column for column in DERIVED if column in p.columns]
    return p.select(*KEPT, *derived, notes=_notes(p))


def _notes(p: Table) -> StringValue:
    """Return what a reader should know of a row's quality, words joined by ``;``."""
    # None reported is not the three a patch either.
    reported_otherwise = (p.days_supply != p.effective_days).fill_null(True)
    words = ibis.array(
        [
            ibis.ifelse(p.patch_repaired & reported_otherwise, "patch_days", None),
            ibis.ifelse(p.written_from_fill, "written_date_from_fill", None),
            ibis.ifelse(p.record_type == "order", "prescribed_refills_not_seen", None),
            p.drug_notes.nullif(""),
            ibis.ifelse(p.prescriber_mapped, "prescriber_mapped", None),
            ibis.ifelse(p.pharmacy_mapped, "pharmacy_mapped", None),
        ]
    )
    return words.filter(lambda word: word.notnull()).join(";")


DERIVED = (
    "event_date",
    "written_on",
    "born_from",
    "born_to",
    "prescriber_key",
    "pharmacy_key",
    "prescriber_type",
    "role_group",
    "practice_hours",
    "matched",
    "ingredient",
    "drug_class",
    "drug_subclass",
    "drug_form",
    "long_acting",
    "schedule",
    "strength",
    "strength_unit_used",
    "strength_millionths",
    "factor",
    "fentanyl_patch",
    "patch_repaired",
    "moud",
    "opioid",
    "analgesic",
    "scope_class",
    "route_taken",
    "at_home",
    "effective_days",
    "mme_day",
    "dose_problem",
    "last_covered",
)
