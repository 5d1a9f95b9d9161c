"""Mutants of R26: what it asks about, whom, and how grave it is."""

from .mutant import changes

RELEVANT = "def _relevant("

RULES = changes(
    "audits/rules/supervision_missing.py",
    ("default=0,", "default=1,", "one prescription is not enough"),
    ("totals.value > prescriptions", "totals.value >= prescriptions + 2", "two are needed"),
    (
        "judged.requires & ~judged.covered & judged.held",
        "judged.requires & judged.held",
        "agreements do not cover",
    ),
    (
        "judged.requires & ~judged.covered & judged.held",
        "~judged.covered & judged.held",
        "everybody needs a supervisor",
    ),
    (
        "judged.requires & ~judged.covered & judged.held",
        "judged.requires & ~judged.covered",
        "absence counts where nothing is held",
    ),
    (
        "judged.filter(judged.reason.notnull())",
        "judged.filter(False)",
        "what cannot be said is silently clear",
    ),
    (
        'WATCHED_SETTINGS = ("hospital", "clinic")',
        'WATCHED_SETTINGS = ("clinic",)',
        "a hospital is a home",
    ),
    (
        'WATCHED_SETTINGS = ("hospital", "clinic")',
        'WATCHED_SETTINGS = ("hospital",)',
        "a clinic is a home",
    ),
    ('fill_null("home")', 'fill_null("clinic")', "a place not said is a clinic"),
    (
        'KETAMINES = ("ketamine", "esketamine")',
        'KETAMINES = ("ketamine",)',
        "esketamine is no ketamine",
    ),
    (
        'KETAMINES = ("ketamine", "esketamine")',
        'KETAMINES = ("esketamine",)',
        "ketamine is no matter",
    ),
    (
        "rows.ingredient.isin(KETAMINES) & _at_home(rows)",
        "rows.ingredient.isin(KETAMINES)",
        "ketamine in a clinic is critical",
    ),
    ('(rows.schedule == "II") | home_ketamine', "home_ketamine", "schedule II is not critical"),
    (
        '(rows.schedule == "II") | home_ketamine',
        '(rows.schedule == "II")',
        "ketamine at home is not critical",
    ),
    ('rows.schedule == "II"', 'rows.schedule == "III"', "schedule III is critical"),
    ('        (rows.prescriber_type == "pa", ASSISTANT),\n', "", "an assistant is high"),
    (
        '(o.definition == ASSISTANT, "medium")',
        '(o.definition == ASSISTANT, "high")',
        "an assistant's severity is high",
    ),
    (
        '(o.definition == CRITICAL, "critical")',
        '(o.definition == CRITICAL, "high")',
        "nothing is critical",
    ),
    ('else_="high"', 'else_="medium"', "a missing supervisor is medium"),
    (
        "p.counts_as_supply & p.prescriber_key.notnull()",
        "p.prescriber_key.notnull()",
        "an order and its fill are two",
        RELEVANT,
    ),
    (" | ~p.matched", "", "unmatched drugs are not asked about", RELEVANT),
    (
        "p.schedule.isin(CONTROLLED_SCHEDULES) | ~p.matched",
        "p.prescriber_key.notnull()",
        "uncontrolled drugs are asked about",
        RELEVANT,
    ),
    ("p.prescriber_type.isnull() | ", "", "unknown professions are not asked about", RELEVANT),
    (
        "p.prescriber_type.isnull() | p.prescriber_type.isin(SUPERVISABLE_TYPES)",
        "p.prescriber_key.notnull()",
        "physicians are asked about",
        RELEVANT,
    ),
    (
        "p.patient_state.fill_null(UNKNOWN_STATE)",
        'p.patient_state.fill_null("FL")',
        "an unknown state is Florida",
        RELEVANT,
    ),
)

WORDS = changes(
    "audits/vocabulary.py",
    *(
        (
            f"CONTROLLED_SCHEDULES = {('II', 'III', 'IV', 'V')!r}".replace("'", '"'),
            f"CONTROLLED_SCHEDULES = {tuple(s for s in ('II', 'III', 'IV', 'V') if s != left)!r}",
            f"schedule {left} is not controlled",
        )
        for left in ("II", "III", "IV", "V")
    ),
    *(
        (
            'SUPERVISABLE_TYPES = ("np", "pa", "cns", "crna")',
            f"SUPERVISABLE_TYPES = {tuple(s for s in ('np', 'pa', 'cns', 'crna') if s != left)!r}",
            f"a {left} needs no supervisor",
        )
        for left in ("np", "pa", "cns", "crna")
    ),
)

PEOPLE = changes(
    "audits/enrichment/prescriptions.py",
    (
        "ibis.coalesce(p.profession, p.type_given, p.role_type)",
        "ibis.coalesce(p.type_given, p.profession, p.role_type)",
        "the row speaks before the person",
    ),
    (
        "ibis.coalesce(p.profession, p.type_given, p.role_type)",
        "p.profession",
        "the row does not speak",
    ),
)

MUTANTS = [*RULES, *WORDS, *PEOPLE]
