"""Mutants of the ketamine that goes home with nobody on record looking after the patient."""

from . import monitoring
from .mutant import changes

TESTS = ("tests/test_rules_ketamine.py",)
RELEVANT, JUDGED, GRAVITY = "def _relevant(", "def _judged(", "def _occurrences("

RULE = changes(
    "audits/rules/ketamine_unmonitored_home_use.py",
    ("            default=30,", "            default=29,", "30 days are many"),
    ("            default=30,", "            default=31,", "31 days are few"),
    ("            default=6,", "            default=5,", "six doses are many"),
    ("            default=6,", "            default=7,", "seven doses are few"),
    (
        "            default=1,",
        "            default=2,",
        "one shared day is not enough",
        '"min_overlap_days": Parameter(',
    ),
    (
        "            default=1,",
        "            default=2,",
        "one day alone is not enough",
        '"min_unmonitored_days": Parameter(',
    ),
    ('GRAVE_ROUTES = ("nasal", ', "GRAVE_ROUTES = (", "the nose is not graver"),
    ('"injection", "intramuscular", "subc', '"intramuscular", "subc', "vials are not graver"),
    ('"intramuscular", "subcutaneous")', '"subcutaneous")', "the muscle is not graver"),
    ('"intramuscular", "subcutaneous")', '"intramuscular")', "the skin is not graver"),
    ('HOME_ROUTES = ("oral", ', "HOME_ROUTES = (", "tablets stay away"),
    ('"oral", "sublingual", "buccal", "rectal"', '"oral", "buccal", "rectal"', "troches stay away"),
    ('"oral", "sublingual", "buccal", "rectal"', '"oral", "sublingual", "rectal"', "lozenges too"),
    ('"buccal", "rectal", *', '"buccal", *', "suppositories stay away"),
    ('"rectal", *GRAVE', '"rectal", "intravenous", *GRAVE', "infusions go home"),
    (
        '(p.ingredient == "ketamine")',
        'p.ingredient.contains("ketamine")',
        "esketamine too",
        RELEVANT,
    ),
    (" & p.at_home)", ")", "what is given in a clinic goes home", RELEVANT),
    ("p.counts_as_supply & ", "", "an order and its fill are two", RELEVANT),
    (
        "p.is_compound.fill_null(False)\n            | ",
        "",
        "compounds by other routes stay away",
        RELEVANT,
    ),
    ("p.route_taken.isnull()\n            | ", "", "unknown routes are not asked about", RELEVANT),
    (
        "        p.prescriber_key.notnull()\n        & ",
        "        ",
        "nobody prescribed it",
        RELEVANT,
    ),
    (
        "~looked.watched & looked.reason.isnull()",
        "looked.reason.isnull()",
        "the watched are unwatched",
    ),
    ("~looked.watched & looked.reason.isnull()", "~looked.watched", "doubts are no matter"),
    (
        "looked.filter(looked.reason.notnull())",
        "looked.filter(looked.reason.isnull())",
        "doubts upside down",
    ),
    ("a.shared >= limits", "a.shared > limits", "overlap by the sign", JUDGED),
    (
        'a.effective_days > limits["max_days_supply"]',
        'a.effective_days >= limits["max_days_supply"]',
        "30 days by the sign",
        JUDGED,
    ),
    (
        'a.quantity > limits["max_doses"]',
        'a.quantity >= limits["max_doses"]',
        "six doses by the sign",
        JUDGED,
    ),
    ('(a.quantity_unit == "each") & ', "", "millilitres are doses", JUDGED),
    (
        'a.effective_days >= limits["min_unmonitored_days"]',
        'a.effective_days > limits["min_unmonitored_days"]',
        "one day by the sign",
        JUDGED,
    ),
    (
        "(a.route_taken.isin(GRAVE_ROUTES) & long_enough, GRAVE)",
        "(a.route_taken.isin(GRAVE_ROUTES), GRAVE)",
        "the nose fires whatever the days",
        JUDGED,
    ),
    (
        "            (long_enough, PLAIN),\n",
        "            (a.shared >= 0, PLAIN),\n",
        "always",
        JUDGED,
    ),
    ("a.shared.fill_null(0)", "a.shared.fill_null(1)", "everybody is sedated", JUDGED),
    ("a.quantity.floor()", "a.quantity.ceil()", "half a dose is a dose"),
    ("(a.definition == SEDATED, a.shared)", "(a.definition == SEDATED, a.effective_days)", "all"),
    ("last_on=judged.last_covered.max()", "last_on=judged.last_covered.min()", "ends", GRAVITY),
    ("value=judged.value.max()", "value=judged.value.min()", "the lower figure speaks", GRAVITY),
    ('(o.definition == SEDATED, "critical")', '(o.definition == SEDATED, "high")', "high", GRAVITY),
    ('ibis.ifelse(o.escalated, "high", "medium")', '"medium"', "an overdose is no matter", GRAVITY),
    ('ibis.ifelse(o.escalated, "critical", "high")', '"high"', "an overdose, by the nose", GRAVITY),
    ("ibis.union(*both, distinct=True)", "both[0]", "depressants are no evidence"),
    ("ibis.union(*both, distinct=True)", "ibis.union(*both)", "one depressant twice"),
    (
        'prescriber_key=ibis.null("string"))',
        "prescriber_key=beside.prescriber_key)",
        "another prescriber is accused",
    ),
)
MUTANTS = [*monitoring.MUTANTS, *RULE]
