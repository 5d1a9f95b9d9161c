"""Mutants of R04, of its windows and of what diagnoses excuse."""

from .mutant import changes, off_by_one

RULE = "audits/rules/multiple_provider_episode.py"


NUMBERS = {
    "ok_days": 90,
    "ok_prescribers": 5,
    "ok_pharmacies": 5,
    "year_days": 365,
    "half_year_days": 183,
    "pqa_days": 180,
    "providers": 4,
    "controlled_pharmacies": 3,
    "oms_prescribers": 3,
    "oms_pharmacies": 3,
    "oms_prescribers_alone": 5,
    "oms_mme": 90,
    "dose_threshold_mme": 120,
    "min_claims": 2,
    "min_days_supply": 15,
}
PARAMETERS = changes(RULE, *(each for name in NUMBERS.items() for each in off_by_one(*name)))

RULES = changes(
    RULE,
    ("DOSE_DAYS, SCALE = 90", "DOSE_DAYS, SCALE = 89", "the average is over 89 days"),
    ("DOSE_DAYS, SCALE = 90", "DOSE_DAYS, SCALE = 91", "the average is over 91 days"),
    ('"dose_days": 1,', '"dose_days": 2,', "the dose is that of two days"),
    ("a.oms_mme * SCALE - 1", "a.oms_mme * SCALE", "exactly 90 MME are not enough"),
    ("a.oms_mme * SCALE - 1", "a.oms_mme * SCALE - 2", "a thousandth less than 90 is enough"),
    (', "any_dose": True', "", "an excused day of a high dose does not count"),
    ("adult=True", "adult=False", "minors are measured like adults"),
    ('{"when": "sedated", "graver": "critical"}', "{}", "a sedative is no matter"),
    ('"low": "medium"', '"low": "low"', "a low one is not escalated"),
    ('"medium": "high"', '"medium": "medium"', "a medium one is not escalated"),
    ('"high": "critical"', '"high": "high"', "a high one is not escalated"),
    ("CONTROLLED_SCHEDULES[:-1]", "CONTROLLED_SCHEDULES", "schedule V counts for the house tier"),
    ("CONTROLLED_SCHEDULES[:-1]", "CONTROLLED_SCHEDULES[1:]", "schedule II does not count"),
    (
        '((p.drug_class == "opioid") & ~p.analgesic).fill_null(False)',
        "ibis.literal(False)",
        "cough medicine and treatment count",
    ),
    (
        "p.counts_as_supply & (p.analgesic | p.scheduled | ~p.matched)",
        "p.counts_as_supply & (p.analgesic | p.scheduled)",
        "unmatched drugs are not asked about",
    ),
    (
        "p.counts_as_supply & (p.analgesic | p.scheduled | ~p.matched)",
        "p.counts_as_supply",
        "every drug is asked about",
    ),
    (
        "p.counts_as_supply & (p.analgesic",
        "(p.analgesic",
        "what counts once is counted twice",
    ),
    ("(since < tier.days)", "(since < tier.days - 1)", "evidence lacks the window's first day"),
    ("(since < tier.days)", "(since <= tier.days)", "evidence has a day too many"),
    ("(e.event_date <= e.until)", "(e.event_date < e.until)", "evidence lacks the last day"),
    ('excluded_by="excluded_by"', 'excluded_by=ibis.null("string")', "excuses are not told"),
)

WINDOWS = changes(
    "audits/enrichment/providers.py",
    (
        "(counts.prescribers >= tier.prescribers) &",
        "(counts.prescribers > tier.prescribers) &",
        "one prescriber more is asked for",
    ),
    (
        "(counts.pharmacies >= tier.pharmacies)\n",
        "(counts.pharmacies > tier.pharmacies)\n",
        "one pharmacy more is asked for",
    ),
    (
        "(counts.prescribers >= tier.prescribers) &",
        "(counts.prescribers >= tier.prescribers) |",
        "prescribers or pharmacies are enough",
    ),
    (
        "enough |= counts.prescribers >= tier.prescribers_alone",
        "enough |= counts.prescribers > tier.prescribers_alone",
        "prescribers alone: one more is asked for",
    ),
    (
        "enough |= counts.pharmacies >= tier.pharmacies_alone",
        "pass",
        "pharmacies alone are not enough",
    ),
    (
        "rows.unsure & (fits | ~rows.matched)",
        "rows.unsure & ~rows.matched",
        "unmatched rows are taken without the known",
    ),
    (
        "rows.unsure & (fits | ~rows.matched)",
        "rows.unsure & fits",
        "unmatched rows are never taken",
    ),
    (
        "_step(days, days.day + days.length, **gone)",
        "_step(days, days.day + days.length - 1, **gone)",
        "a day's sums leave early",
    ),
    (
        "_step(days, days.day + days.length, **gone)",
        "_step(days, days.day + days.length + 1, **gone)",
        "a day's sums leave late",
    ),
    (
        "met.day - met.before >= met.length",
        "met.day - met.before > met.length",
        "one who leaves and comes on a day is gone",
    ),
    (
        "met.after - met.day >= met.length",
        "met.after - met.day > met.length",
        "one who leaves and comes on a day is two",
    ),
    (
        "met.before.isnull() | (met.day - met.before >= met.length)",
        "met.before.isnull()",
        "who comes back after leaving is not seen",
    ),
    (
        "goes.day + goes.length, **",
        "goes.day + goes.length - 1, **",
        "a provider leaves early",
    ),
    (
        "goes.day + goes.length, **",
        "goes.day + goes.length + 1, **",
        "a provider leaves late",
    ),
    ("asked.filter(asked[who].notnull())", "asked", "a blank key counts for one"),
    (
        "(asked.matched & asked.days.isnull()).sum()",
        "(asked.days.isnull() & ~asked.matched).sum()",
        "unusable days are not told",
    ),
)

EPISODES = changes(
    "audits/enrichment/episodes.py",
    ("ADULT, EXCUSED_DAYS, FAR_DAY = 18, 365", "ADULT, EXCUSED_DAYS, FAR_DAY = 17, 365", "17"),
    ("ADULT, EXCUSED_DAYS, FAR_DAY = 18, 365", "ADULT, EXCUSED_DAYS, FAR_DAY = 19, 365", "19"),
    ("FAR_DAY = 18, 365", "FAR_DAY = 18, 364", "excuses hold 364 days"),
    ("FAR_DAY = 18, 365", "FAR_DAY = 18, 366", "excuses hold 366 days"),
    ("(counts.dates >= t.dates)", "(counts.dates > t.dates)", "a date more is asked for"),
    ("~w.needs_dose | w.dosed", "w.needs_dose | w.dosed", "the dose test is upside down"),
    ("w.dosed.fill_null(False)", "w.dosed.fill_null(True)", "no dose is needed"),
    ("(year - w.born_to > ADULT)", "(year - w.born_to >= ADULT)", "adult in that year is adult"),
    ("(year - w.born_to > ADULT).fill_null(False)", "ibis.literal(True)", "no age is asked for"),
    ("(year - w.born_from < ADULT)", "(year - w.born_from <= ADULT)", "nobody's age is unknown"),
    ("w.days >= w.supply", "w.days > w.supply", "a day more of supply is asked for"),
    ("LONGEST_DAYS_SUPPLY * (w.short + w.unmatched)", "LONGEST_DAYS_SUPPLY * w.short", "no doubt"),
    ("LONGEST_DAYS_SUPPLY * (w.short + w.unmatched)", "0 * w.short", "unusable days are clear"),
    ("(w.lacks_since <= w.event_date)", "(w.lacks_since > w.event_date)", "later doses are doubts"),
    (
        "(w.lacks_since <= w.event_date)",
        "(w.lacks_since < w.event_date)",
        "a lack on the day is none",
    ),
    ("(w.age_met | ~w.minor)", "w.age_met", "an unknown age is clear"),
    ("(w.age_met | ~w.minor)", "ibis.literal(True)", "a minor's age is in doubt"),
    ("w.many & w.dose_met & w.age_met & w.days_met", "w.many & w.age_met & w.days_met", "no dose"),
    ("w.many & w.dose_met & w.age_met & w.days_met", "w.many & w.dose_met & w.age_met", "no days"),
    ("runs.filter(runs.excluded_by.isnull())", "runs", "an excused average counts"),
    ("near.first_on <= near.event_date", "near.first_on < near.event_date", "a span begins late"),
    ("(since < near.length)", "(since <= near.length)", "a span reaches a day too far"),
    ("(since < near.length)", "(since < near.length - 1)", "a span reaches a day too short"),
    ("judged.filter(~judged.perhaps), tiers", "judged, tiers", "what may be is found"),
    ('drug_class == "benzodiazepine"', 'drug_class == "stimulant"', "other drugs sedate"),
    (
        "(w.prescribers >= t.prescribers) & (w.pharmacies >= t.pharmacies),",
        "w.prescribers >= t.prescribers,",
        "prescribers alone are both",
    ),
    ('windows.severity + "|"', '(windows.severity + "|").left(0)', "severities are one run"),
    ('windows.excluded_by.fill_null("")', '""', "a change of excuse is one run"),
    ("ibis.ifelse(w.either, more, w.prescribers)", "w.prescribers", "pharmacies are never told"),
    ("ibis.ifelse(w.either, more, w.prescribers)", "more", "the more of both is always told"),
    ("value=_.value.max()", "value=_.value.min()", "a run tells its emptiest window"),
    ("first_on=_.event_date.min()", "first_on=_.event_date.max()", "a run begins with its end"),
    ("last_on=_.event_date.max()", "last_on=_.event_date.min()", "a run ends with its begin"),
    ("_.event_date <= _.last", "_.event_date > _.last", "later doses give the reason"),
    (
        "_because(few.filter(few.short > 0), Reason.DAYS_SUPPLY_UNUSABLE)",
        "_because(few.filter(few.short > 9), Reason.DAYS_SUPPLY_UNUSABLE)",
        "unusable days are no reason",
    ),
    (
        "_because(few.filter(few.unmatched > 0), Reason.DRUG_UNMATCHED)",
        "_because(few.filter(few.unmatched > 9), Reason.DRUG_UNMATCHED)",
        "days of unmatched drugs are no reason",
    ),
    (
        "_because(strange, Reason.DRUG_UNMATCHED)",
        "_because(strange.limit(0), Reason.DRUG_UNMATCHED)",
        "places of unmatched drugs are no reason",
    ),
    (
        "_because(w.filter(~w.age_met), Reason.AGE_UNKNOWN)",
        "_because(w.limit(0), Reason.AGE_UNKNOWN)",
        "an unknown age is no reason",
    ),
)

CIRCUMSTANCES = changes(
    "audits/enrichment/circumstances.py",
    ("told.on <= told.event_date", "told.on < told.event_date", "an excuse begins the day after"),
    ("told.on <= told.event_date", "told.on.notnull()", "a later diagnosis excuses"),
    ("(since < exclusion_days)", "(since <= exclusion_days)", "an excuse ends a day late"),
    ("(since < exclusion_days)", "(since < exclusion_days - 1)", "an excuse ends a day early"),
    ("told.what.isin(LIFELONG) |", "", "sickle cell excuses for a year"),
    ("told.what.argmin(told.place)", "told.what.argmax(told.place)", "the last excuse is told"),
)

MUTANTS = [*PARAMETERS, *RULES, *WINDOWS, *EPISODES, *CIRCUMSTANCES]
