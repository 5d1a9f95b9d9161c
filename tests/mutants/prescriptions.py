"""Mutants of what is derived for every prescription: dates, dose, what counts."""

from .mutant import changes

DATED, DOSED = "def dated(", "def dosed("
PROBLEM, DUPLICATES = "def _dose_problem(", "def _exact_duplicates("
TWICE, ORDERS = "def _twice_reported(", "def _dispensed_orders("

ROWS = changes(
    "audits/enrichment/prescriptions.py",
    ("LONGEST_DAYS_SUPPLY = 180", "LONGEST_DAYS_SUPPLY = 179", "180 days are unusable"),
    ("LONGEST_DAYS_SUPPLY = 180", "LONGEST_DAYS_SUPPLY = 181", "181 days are usable"),
    (
        "IMPLAUSIBLE_THOUSANDTHS = 1_000_000",
        "IMPLAUSIBLE_THOUSANDTHS = 999_999",
        "1,000 MME are implausible",
    ),
    (
        "IMPLAUSIBLE_THOUSANDTHS = 1_000_000",
        "IMPLAUSIBLE_THOUSANDTHS = 1_000_001",
        "1,000.001 MME are plausible",
    ),
    (
        "p.mme_day > IMPLAUSIBLE_THOUSANDTHS",
        "p.mme_day >= IMPLAUSIBLE_THOUSANDTHS",
        "1,000 MME are implausible by the sign",
    ),
    ("PATCH_DAYS = 3", "PATCH_DAYS = 2", "a patch lasts two days"),
    ("PATCH_DAYS = 3", "PATCH_DAYS = 1", "a patch lasts a day"),
    (
        "repaired = p.fentanyl_patch & (p.quantity > 0)",
        "repaired = ibis.literal(False)",
        "patches last as written",
    ),
    ("* PATCH_DAYS // 1000, 1)", "* PATCH_DAYS // 1000, 0)", "a piece of a patch lasts no day"),
    ('fill_null("human") != "animal"', 'fill_null("human") != "x"', "animals are patients"),
    (
        "event_date=ibis.coalesce(p.filled_date, written)",
        "event_date=ibis.coalesce(written, p.filled_date)",
        "supply begins when written",
    ),
    (
        "event_date=ibis.coalesce(p.filled_date, written)",
        "event_date=p.filled_date",
        "orders have no date",
    ),
    (
        "written_on=ibis.coalesce(written, p.filled_date)",
        "written_on=ibis.coalesce(p.filled_date, written)",
        "written when filled",
    ),
    ('| (p.moud_if_treatment & (p.treatment_type == "02"))', "", "methadone for treatment counts"),
    (
        '(p.moud_if_treatment & (p.treatment_type == "02"))',
        "p.moud_if_treatment",
        "all methadone is treatment",
    ),
    ("opioid=p.dose_opioid & ~p.moud", "opioid=p.dose_opioid", "treatment counts in the dose"),
    (
        "p.written_on >= p.schedule_since",
        "p.written_on > p.schedule_since",
        "a schedule begins a day late",
    ),
    ("_usable_days(p) - 1)", "_usable_days(p))", "a fill covers a day more"),
    ("* 2 + days * SCALE", "* 2", "doses are rounded down"),
    (
        "days = _usable_days(p)",
        "days = p.effective_days",
        "days beyond all dates stop the work",
        "def _mme_day(",
    ),
    ("approximate < OVERFLOW_GUARD", "approximate < 1e300", "a great product stops the work"),
    ("(~p.matched, Reason.DRUG_UNMATCHED.value),", "", "unmatched drugs are usable", PROBLEM),
    (
        "(p.fentanyl_patch & no_quantity, Reason.QUANTITY_UNUSABLE.value),",
        "",
        "patches without quantity lack days",
        PROBLEM,
    ),
    ("days.isnull() | (days < 1)", "(days < 1)", "missing days are usable", PROBLEM),
    ("(days < 1)", "(days < 0)", "no days are usable", PROBLEM),
    ("(days < 1)", "(days < 2)", "one day is unusable", PROBLEM),
    (
        "days > LONGEST_DAYS_SUPPLY",
        "days >= LONGEST_DAYS_SUPPLY",
        "180 days are unusable by the sign",
        PROBLEM,
    ),
    (
        "        (no_quantity, Reason.QUANTITY_UNUSABLE.value),\n",
        "",
        "no quantity is usable",
        PROBLEM,
    ),
    (
        "p.quantity.isnull() | (p.quantity <= 0)",
        "p.quantity.isnull()",
        "quantity 0 is usable",
        PROBLEM,
    ),
    (
        "p.quantity.isnull() | (p.quantity <= 0)",
        "(p.quantity <= 0)",
        "missing quantity is usable",
        PROBLEM,
    ),
    (
        "        (p.strength_millionths.isnull(), Reason.STRENGTH_UNKNOWN.value),\n",
        "",
        "missing strength is usable",
        PROBLEM,
    ),
    (
        "        (p.factor_thousandths.isnull(), Reason.FACTOR_UNKNOWN.value),\n",
        "",
        "missing factor is usable",
        PROBLEM,
    ),
    ("p.mme_day.isnull() | (p.mme_day", "(p.mme_day", "an uncomputable dose is usable", PROBLEM),
)

COUNTING = changes(
    "audits/enrichment/counting.py",
    ("numbered.place > 0", "numbered.place > 1", "the second duplicate counts", "def _repeats("),
    ("p.patient_key,\n", "", "duplicates of any patient", DUPLICATES),
    ("p.ingredient,\n", "", "duplicates of any drug", DUPLICATES),
    ("p.strength_millionths,\n", "", "duplicates of any strength", DUPLICATES),
    ("p.quantity,\n", "", "duplicates of any quantity", DUPLICATES),
    ("p.event_date,\n", "", "duplicates of any day", DUPLICATES),
    ("p.pharmacy_key,\n", "", "duplicates at any pharmacy", DUPLICATES),
    ("p.record_type,\n", "", "an order is a duplicate of its fill", DUPLICATES),
    (
        "_exact_duplicates(p).union(_twice_reported(p))",
        "_twice_reported(p)",
        "duplicates count twice",
    ),
    (".union(_twice_reported(p))", "", "fills reported by two sources count twice"),
    (".union(_dispensed_orders(p))", "", "orders count beside their fills"),
    (
        '("pharmacy_key", "prescription_id", "f',
        '("prescription_id", "f',
        "twice reported at any pharmacy",
    ),
    (
        '("pharmacy_key", "prescription_id", "f',
        '("pharmacy_key", "f',
        "twice reported under any number",
    ),
    ('"fill_number", "filled_date")', '"filled_date")', "twice reported for any fill"),
    (', "filled_date")', ")", "twice reported on any day"),
    ('p.filter(p.record_type == "dispense"), *D', "p, *D", "an order is twice reported"),
    (
        "told.source_system != told.teller",
        "told.source_system == told.teller",
        "the first teller is left out",
        TWICE,
    ),
    ('[*same, "prescription_id"]', "same", "any fill of the prescriber replaces an order", ORDERS),
    (
        'numbered.select("upload", "row").union(alike.select("upload", "row"), distinct=True)',
        'alike.select("upload", "row")',
        "fills are not found by number",
        ORDERS,
    ),
    (
        'numbered.select("upload", "row").union(alike.select("upload", "row"), distinct=True)',
        'numbered.select("upload", "row")',
        "fills are not found by date",
        ORDERS,
    ),
    (
        '"ingredient", "written_date"',
        '"written_date"',
        "a fill of any drug replaces an order",
        ORDERS,
    ),
    (
        '"ingredient", "written_date"',
        '"ingredient"',
        "a fill of any date replaces an order",
        ORDERS,
    ),
    (
        '["patient_key", "prescriber_key"]',
        '["patient_key"]',
        "a fill of any prescriber replaces",
        ORDERS,
    ),
)

RECORDS = changes(
    "audits/enrichment/records.py",
    ("dated.event_date <= as_of", "dated.event_date < as_of", "the as-of day is left out"),
    ("dated.filter(dated.event_date <= as_of)", "dated", "the as-of date is no matter"),
)

DIAGNOSED = changes(
    "audits/enrichment/diagnosed.py",
    ('p.treatment_type == "03"', 'p.treatment_type == "02"', "treatment 02 is cancer treatment"),
    (
        'p.treatment_type.isin(["04", "05"])',
        'p.treatment_type.isin(["04"])',
        "05 is no hospice care",
    ),
    (
        'p.treatment_type.isin(["04", "05"])',
        'p.treatment_type.isin(["05"])',
        "04 is no hospice care",
    ),
    (' | (p.patient_setting == "hospice")', "", "a hospice is no hospice care"),
    ('split(";").unnest()', 'split("|").unnest()', "of several codes none is read"),
)

MUTANTS = [*ROWS, *COUNTING, *RECORDS, *DIAGNOSED]
