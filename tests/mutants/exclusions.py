"""Mutants of who wrote while excluded, of waivers, and of what an empty list says."""

from .mutant import changes

TESTS = ("tests/test_rules_exclusions.py",)
LISTED, FREEST, FOUND = "def _listed(", "def _freest(", "def excluded_prescriber("
SILENT, OCCURRENCES = "def _silent(", "def _occurrences("

MUTANTS = changes(
    "audits/rules/excluded_prescriber.py",
    ("p.counts_as_prescription & ", "", "every fill is a prescription"),
    ("[0-9]{10}", "[0-9]{9,10}", "nine digits are a number"),
    (" & (text != NO_NUMBER)", "", "ten zeros are a number"),
    ("_.written_on >= listed.excluded_on", "_.written_on > listed.excluded_on", "a day later"),
    ("met.written_on < met.reinstated_on", "met.written_on <= met.reinstated_on", "a day more"),
    ("met.reinstated_on.isnull() | ", "", "nobody is excluded for good", LISTED),
    ("met.waivered_on.isnull() | ", "", "a waiver without a day is none", LISTED),
    (
        "met.waivered_on <= met.written_on",
        "met.waivered_on < met.written_on",
        "a waiver begins a day later",
    ),
    (
        "met.waivered_on <= met.written_on",
        "met.waivered_on.notnull()",
        "a waiver to come counts",
    ),
    (
        "(reaches & (met.waiver_state == met.patient_state))",
        "reaches",
        "a waiver counts in every state",
    ),
    (
        "doubtful = reaches & met.patient_state.isnull()",
        "doubtful = reaches & met.patient_state.notnull()",
        "a known state is in doubt",
    ),
    (
        "doubtful = reaches & met.patient_state.isnull()",
        "doubtful = met.patient_state.isnull()",
        "an unknown state is in doubt without a waiver",
    ),
    ("plain=~waived & ~doubtful", "plain=~doubtful", "a waiver excuses nothing"),
    ("plain=~waived & ~doubtful", "plain=~waived", "what is in doubt is excluded"),
    ("plain=_.plain.any()", "plain=_.plain.all()", "one waiver lifts every exclusion"),
    (
        '("medicare", "medicaid", "military", "tribal")',
        '("medicare", "medicaid", "military")',
        "tribal programmes are not federal",
    ),
    (
        '("medicare", "medicaid", "military", "tribal")',
        '("medicare", "medicaid", "military", "tribal", "workcomp")',
        "compensation for workers is federal",
    ),
    (
        "(_.payment_type.isnull(), UNKNOWN)",
        "(_.payment_type.isnull(), OTHER)",
        "an unknown payer is another one",
    ),
    (
        'group_by=["subject_id", "standing"]',
        'group_by=["subject_id"]',
        "what is waived counts with the rest",
        FOUND,
    ),
    ("default=0,", "default=1,", "one prescription is none"),
    (
        "rows.filter((rows.standing == EXCLUDED) | ~rows.is_free)",
        "rows",
        "waived rows stand beside free ones",
    ),
    ("(rows.standing == EXCLUDED) | ~rows.is_free", "rows.standing == EXCLUDED", "none is waived"),
    (
        'group_by=["subject_id", "definition", "written_on"]',
        'group_by=["subject_id", "written_on"]',
        "a free row hides waived ones of other payers",
        FREEST,
    ),
    (
        "ibis.ifelse(o.standing == WAIVED, Reason.WAIVER.value, ibis.null",
        "ibis.ifelse(o.standing == DOUBTFUL, Reason.WAIVER.value, ibis.null",
        "what is waived fires",
    ),
    ('(h.kind == "exclusions") & ', "", "any holding is a list", SILENT),
    (" & h.state.isnull()", "", "a list of one state is a list", SILENT),
    ("_.written_on >= h.covers_from", "_.written_on > h.covers_from", "held a day later"),
    ("_.written_on <= h.covers_to", "_.written_on < h.covers_to", "held a day less"),
    (".anti_join(_found(records), list(ROW))", "", "who is listed needs a list held", SILENT),
)
