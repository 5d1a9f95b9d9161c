"""Mutants of R12 and of the walk through the fills of a drug."""

from .mutant import changes, off_by_one

RULE = "audits/rules/early_refill_accumulation.py"
NUMBERS = {
    "stock_days": 15,
    "repeated_fills": 3,
    "repeated_days": 3,
    "repeated_window": 180,
    "early_days": 4,
    "change_percent": 20,
}
PARAMETERS = changes(RULE, *(each for name in NUMBERS.items() for each in off_by_one(*name)))

RULES = changes(
    RULE,
    ("p.matched & p.schedule.isin(", "~p.schedule.isin(", "only uncontrolled drugs are asked"),
    ("isin(CONTROLLED_SCHEDULES)", "isin(CONTROLLED_SCHEDULES[1:])", "schedule II is not asked"),
    ("isin(CONTROLLED_SCHEDULES)", "isin(CONTROLLED_SCHEDULES[:-1])", "schedule V is not asked"),
    ("p.filled_date.notnull() &", "", "orders are fills"),
    ("p.counts_as_supply &", "", "what counts once is filled twice"),
    ("totals.filter(totals.fills > 1)", "totals", "a single fill without days is a doubt"),
    ("totals.filter(totals.fills > 1)", "totals.filter(totals.fills > 2)", "two are no doubt"),
    ("rows.filter(rows.last_covered.isnull())", "rows.limit(0)", "unusable days are clear"),
    ("walk.stock >= ", "walk.stock > ", "a day more on hand is asked for"),
    ("walk.early >= days", "walk.early > days", "repeated ones must be a day earlier"),
    ('often.recent >= least["repeated_fills"]', "often.recent >= 0", "once is often"),
    ('walk.early >= least["early_days"]', 'walk.early > least["early_days"]', "a day earlier"),
    ("often.day - window + 1", "often.day - window", "evidence has a day too many"),
    ("often.day - window + 1", "often.day - window + 2", "evidence lacks the first day"),
    (", least_early=days", "", "evidence has fills that were not early"),
    ("since=piled.since", "since=piled.number", "evidence lacks what is on hand"),
    ("since=once.number - 1", "since=once.number", "evidence lacks the fill before"),
    ("in_care=found.in_care.all()", "in_care=found.in_care.any()", "one in care excuses all"),
    ("in_care=found.in_care.all()", "in_care=ibis.literal(False)", "care does not excuse"),
    ("value=found.value.max()", "value=found.value.min()", "the least of a day is told"),
    ("graver = o.escalated\n", "graver = ibis.literal(False)\n", "no escalation"),
    ('"critical", "high"', '"high", "high"', "a stockpile is not escalated"),
    ('"high", "medium"', '"medium", "medium"', "a repeated one is not escalated"),
    ('"medium", "low"', '"low", "low"', "a single one is not escalated"),
)

STOCK = changes(
    "audits/enrichment/stock.py",
    ('(f.patient_setting == "ltc")', '(f.patient_setting == "home")', "home is care"),
    ("f.fills > 1", "f.fills > 2", "two fills are not walked"),
    (
        '["event_date", "source_system", "source_record_id"]',
        '["event_date", ibis.desc("source_record_id")]',
        "fills of a day go backwards",
    ),
    ("(units > 0) &", "", "a fill of nothing is a change"),
    ("fills.filter(fills.last_covered.notnull())", "fills", "unusable days are walked"),
    ("(now - then).abs()", "(now - then)", "less is no change"),
    ("(now - then).abs()", "(then - now)", "more is no change"),
    ("(more > then", "(more >= then", "exactly 20 percent is a change"),
    ("s.former_amount * s.days", "s.former_amount * s.former_days", "days do not matter"),
    ("s.amount * s.former_days", "s.amount * s.days", "days count the wrong way round"),
    ("ibis.ifelse(changed, steps.number", "ibis.ifelse(~changed, steps.number", "all start anew"),
    ("ibis.ifelse(w.changed, nothing, ", "ibis.ifelse(~w.changed, nothing, ", "early upside down"),
    ("used_up - w.day", "used_up - w.day - 1", "early by a day less"),
    ("used_up - w.day", "used_up - w.day + 1", "early by a day more"),
    ("w.left - w.day, nothing", "w.left - w.day - 1, nothing", "on hand a day less"),
    ("w.left - w.day, nothing", "w.left - w.day + 1, nothing", "on hand a day more"),
    ("before=total - marked.days", "before=total", "what is filled today is on hand before"),
    ("(walked.day - walked.before).max()", "(walked.day - walked.before).min()", "never used up"),
    ("preceding=(None, window)", "preceding=(None, window - 1)", "the window is a day short"),
    ("preceding=(None, window)", "preceding=(None, window + 1)", "the window is a day long"),
    ("ibis.row_number().over(order) + 1", "ibis.row_number().over(order)", "one too few"),
    ("marked.anew.max()", "marked.anew.min()", "the first regimen lasts for ever"),
)

MUTANTS = [*PARAMETERS, *RULES, *STOCK]
