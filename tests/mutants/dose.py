"""Mutants of R01 and of the rolling dose."""

from .mutant import changes

RULE = "audits/rules/opioid_high_dose_90d.py"
WINDOW, THRESHOLD = '"window_days": Parameter', '"threshold_mme": Parameter'
SEVERE, EXCUSED = '"severe_mme": Parameter', '"exclusion_days": Parameter'

RULES = changes(
    RULE,
    ("default=90,", "default=89,", "a window of 89 days", WINDOW),
    ("default=90,", "default=91,", "a window of 91 days", WINDOW),
    ("default=120,", "default=119,", "fires above 119", THRESHOLD),
    ("default=120,", "default=121,", "fires above 121", THRESHOLD),
    ("default=200,", "default=199,", "high above 199", SEVERE),
    ("default=200,", "default=201,", "high above 201", SEVERE),
    ("default=365,", "default=364,", "excuses hold 364 days", EXCUSED),
    ("default=365,", "default=366,", "excuses hold 366 days", EXCUSED),
    (
        'records.escalated(records, runs.rename(occurred_on="first_on"))',
        'runs.rename(occurred_on="first_on").mutate(escalated=ibis.literal(False))',
        "no escalation",
    ),
    ("o.value > severe", "o.value >= severe", "high from 200 on"),
    ("o.value > severe", "o.value < severe", "severity upside down"),
    ('"critical", "high"),', '"high", "high"),', "a severe dose is not escalated"),
    ('"high", "medium"),\n    )', '"medium", "medium"),\n    )', "a lesser dose is not escalated"),
    ("p.opioid | ~p.matched", "p.opioid", "unmatched drugs are not asked about"),
    ("p.opioid | ~p.matched", "p.opioid | p.matched", "every drug is asked about"),
    (
        "records.prescriptions.filter(records.prescriptions.counts_as_supply)",
        "records.prescriptions",
        "what counts once is in the population twice",
    ),
    (
        "relevant.filter(relevant.dose_problem.notnull())",
        "relevant.filter(False)",
        "unusable rows are silently clear",
    ),
    ("threshold_mme * window_days * 1000", "threshold_mme * 90 * 999", "a floor a thousandth low"),
    (
        "severe_mme * window_days * 1000",
        "threshold_mme * window_days * 1000",
        "everything that fires is high",
    ),
    ('excluded_by="excluded_by"', 'excluded_by=ibis.null("string")', "exclusions are not told"),
    ("(e.event_date <= e.until)", "(e.event_date < e.until)", "evidence lacks the last day's fill"),
    (
        'unit="day") > -window_days',
        'unit="day") > 1 - window_days',
        "evidence lacks what ends on the window's first day",
    ),
    ("- begins + 1, 0)", "- begins, 0)", "days in the window are one short"),
)

ROLLING = changes(
    "audits/enrichment/rolling.py",
    ("supply.total > floor", "supply.total > floor + 900", "too many are left out first"),
    (
        "(fills.begins, 1), (fills.ends + 1, -1)",
        "(fills.begins, 1), (fills.ends, -1)",
        "the last day of a fill is not covered",
    ),
    (
        "(fills.begins, 1), (fills.ends + 1, -1)",
        "(fills.begins + 1, 1), (fills.ends + 1, -1)",
        "the first day of a fill is not covered",
    ),
    (
        "(fills.begins + window_days, -1)",
        "(fills.begins + window_days - 1, -1)",
        "a day leaves the window early",
    ),
    (
        "(fills.begins + window_days, -1)",
        "(fills.begins + window_days + 1, -1)",
        "a day leaves the window late",
    ),
    (
        "(fills.ends + 1 + window_days, 1)",
        "(fills.ends + window_days, 1)",
        "the end of a fill leaves the window early",
    ),
    ("(spans.before > floor)", "(spans.before >= floor)", "a level dose at the floor fires"),
    (
        '.floor().cast("int64") + 1, 1)',
        '.floor().cast("int64"), 1)',
        "a rising dose fires when it reaches the floor",
    ),
    (
        '.ceil().cast("int64") - 1, usable)',
        '.ceil().cast("int64"), usable)',
        "a falling dose fires until it reaches the floor",
    ),
    (
        "ibis.least(lines.until - 1, lines.last)",
        "lines.until - 1",
        "windows run beyond the last covered day",
    ),
    (
        '"cancer": ("cancer", "cancer_treatment"),',
        '"cancer": ("cancer_treatment",),',
        "cancer codes do not excuse",
    ),
    (
        '"cancer": ("cancer", "cancer_treatment"),',
        '"cancer": ("cancer",),',
        "cancer treatment does not excuse",
    ),
    ('("hospice_palliative", "hospice_care")', '("hospice_care",)', "Z51.5 does not excuse"),
    (
        '("hospice_palliative", "hospice_care")',
        '("hospice_palliative",)',
        "hospice care does not excuse",
    ),
    ('    "sickle_cell": ("sickle_cell",),\n', "", "sickle cell disease does not excuse"),
    ('LIFELONG = ("sickle_cell",)', "LIFELONG = ()", "sickle cell disease excuses for a year"),
    (
        'LIFELONG = ("sickle_cell",)',
        'LIFELONG = ("sickle_cell", "cancer")',
        "cancer excuses for life",
    ),
    (
        "ended = told.last + exclusion_days",
        "ended = told.last + exclusion_days - 1",
        "an excuse ends a day early",
    ),
    (
        "ended = told.last + exclusion_days",
        "ended = told.last + exclusion_days + 1",
        "an excuse ends a day late",
    ),
    (
        "day=day_number(told.on),",
        "day=day_number(told.on) + 1,",
        "an excuse begins the day after",
    ),
    (
        "day=day_number(told.on),",
        "day=day_number(told.on) - 1,",
        "an excuse begins the day before",
    ),
    ("(lines[n] > 0, n)", "(lines[n] > 1, n)", "one diagnosis does not excuse"),
    (
        "relevant.counts_as_supply & relevant.opioid",
        "relevant.opioid",
        "what counts once is dosed twice",
    ),
    (
        "relevant.opioid & relevant.dose_problem.isnull()",
        "relevant.dose_problem.isnull()",
        "every drug with a dose is dosed",
    ),
    ("value=_.value.max()", "value=_.value.min()", "a spell tells its lowest sum"),
    ("stops=_.stops.max()", "stops=_.stops.min()", "a spell ends with its first piece"),
    (
        '| (ranges.excluded_by.fill_null("") != ',
        '| (ranges.excluded_by.fill_null("") > "z" + ',
        "a change of excuse is one spell",
    ),
    (
        "ranges.starts != ranges.stops.lag().over(order) + 1",
        "ranges.starts != ranges.stops.lag().over(order)",
        "each piece is a spell",
    ),
)

MUTANTS = [*RULES, *ROLLING]
