"""Mutants of who looked after a patient, what else sedated them, and what they suffered from."""

from .mutant import changes

SEEN, HELD, ADDED = "def _seen(", "def _held(", "def _added("
SEDATED, OBSTACLE, DEPRESSANT = "def sedated(", "def _obstacle(", "def _depressant("

MONITORING = changes(
    "audits/enrichment/monitoring.py",
    (
        'TALKING = ("in_person", "audio_video", "audio_only")',
        'TALKING = ("in_person", "audio_video")',
        "a call is no visit",
    ),
    (
        'TALKING = ("in_person", "audio_video", "audio_only")',
        'TALKING = ("in_person", "audio_only")',
        "a video is no visit",
    ),
    (
        'TALKING = ("in_person", "audio_video", "audio_only")',
        'TALKING = ("audio_video", "audio_only")',
        "a meeting is no visit",
    ),
    ('"audio_only")', '"audio_only", "async")', "a questionnaire is a visit"),
    ('"audio_only")', '"audio_only", "unknown")', "anything is a visit"),
    (
        'SILENT_KINDS = ("encounters", "administrations")',
        'SILENT_KINDS = ("encounters",)',
        "doses held are not held",
    ),
    (
        'SILENT_KINDS = ("encounters", "administrations")',
        'SILENT_KINDS = ("administrations",)',
        "visits held are not held",
    ),
    ("h.kind.isin(SILENT_KINDS)", "h.kind.notnull()", "anything held will do"),
    (
        "ibis.least(ibis.coalesce(rows.last_covered, rows.event_date), records.as_of_day)",
        "ibis.coalesce(rows.last_covered, rows.event_date)",
        "days to come must be held",
    ),
    (
        "ibis.coalesce(rows.last_covered, rows.event_date)",
        "ibis.coalesce(rows.last_covered, records.as_of_day)",
        "unknown days last for ever",
    ),
    ("doses.filter(doses.observer_npi.notnull())", "doses", "nobody need watch a dose", SEEN),
    (" & visits.vitals_recorded)", ")", "vitals are no matter", SEEN),
    (
        "visits.vitals_recorded)",
        "visits.vitals_recorded.fill_null(True))",
        "vitals not said are vitals",
        SEEN,
    ),
    (
        'on="started_on"), ["patient_key", "ingredient"]',
        'on="started_on"), ["patient_key"]',
        "a dose of any drug",
        SEEN,
    ),
    (
        "each.on.between(each.begins, each.ends)",
        "(each.on > each.begins) & (each.on <= each.ends)",
        "the first day is not covered",
        SEEN,
    ),
    (
        "each.on.between(each.begins, each.ends)",
        "(each.on >= each.begins) & (each.on < each.ends)",
        "the last day is not covered",
        SEEN,
    ),
    (
        "each.on.between(each.begins, each.ends)",
        "each.on <= each.ends",
        "a visit before is enough",
        SEEN,
    ),
    (
        "each.on.between(each.begins, each.ends)",
        "each.on >= each.begins",
        "a visit after is enough",
        SEEN,
    ),
    (
        "spans.begins >= h.covers_from",
        "spans.begins > h.covers_from",
        "a holding begins a day late",
        HELD,
    ),
    (
        "spans.ends <= h.covers_to",
        "spans.ends < h.covers_to",
        "a holding ends a day early",
        HELD,
    ),
    (", spans.ends <= h.covers_to]", "]", "a holding never ends", HELD),
    ("[spans.begins >= h.covers_from, ", "[", "a holding always began", HELD),
    (
        "found.held_state.isnull() | (found.held_state == found.patient_state)",
        "found.held_state.isnull()",
        "what is held for a state is not held",
        HELD,
    ),
    (
        "found.held_state.isnull() | (found.held_state == found.patient_state)",
        "found.holding.notnull()",
        "held for one state is held for all",
        HELD,
    ),
    (
        '        (rows.watched, ibis.null("string")),\n',
        "",
        "a visit leaves questions open",
        OBSTACLE,
    ),
    (
        "        (route_unknown, Reason.ROUTE_UNKNOWN.value),\n",
        "",
        "an unknown route is a home route",
        OBSTACLE,
    ),
    (
        " & ~rows.is_compound.fill_null(False)",
        "",
        "a compound must say its route",
        OBSTACLE,
    ),
    (
        "rows.is_compound.fill_null(False)",
        "rows.is_compound.fill_null(True)",
        "what does not say is compounded",
        OBSTACLE,
    ),
    (
        "        (rows.last_covered.isnull(), Reason.DAYS_SUPPLY_UNUSABLE.value),\n",
        "",
        "unknown days are known",
        OBSTACLE,
    ),
    (
        "        (rows.holding.isnull(), Reason.MONITORING_NOT_HELD.value),\n",
        "",
        "silence is absence",
        OBSTACLE,
    ),
    ("p.counts_as_supply & ", "", "what is told twice sedates twice", SEDATED),
    (
        "pairs.shared_from <= pairs.shared_to",
        "pairs.shared_from < pairs.shared_to",
        "one shared day is none",
        SEDATED,
    ),
    (
        "ibis.greatest(pairs.event_date, pairs.first_day)",
        "pairs.event_date",
        "days before count as shared",
        SEDATED,
    ),
    (
        "ibis.least(pairs.last_covered, pairs.last_day)",
        "pairs.last_covered",
        "days after count as shared",
        SEDATED,
    ),
    ('(p.analgesic, "opioid")', '(p.opioid, "opioid")', "pain patches do not count", DEPRESSANT),
    (
        '(p.analgesic, "opioid")',
        '(p.drug_class == "opioid", "opioid")',
        "any opioid counts",
        DEPRESSANT,
    ),
    (
        "        (p.ingredient == OXYBATE, OXYBATE),\n",
        "",
        "oxybate does not count",
        DEPRESSANT,
    ),
    ('("benzodiazepine", "z-drug", "barbiturate")', '("z-drug", "barbiturate")', "no alprazolam"),
    ('("benzodiazepine", "z-drug", "barbiturate")', '("benzodiazepine", "barbiturate")', "no z"),
    ('("benzodiazepine", "z-drug", "barbiturate")', '("benzodiazepine", "z-drug")', "no barb"),
    ('"barbiturate")', '"barbiturate", "gabapentinoid")', "gabapentin counts"),
    (
        'unit="day") + 1',
        'unit="day")',
        "the last shared day is left out",
        ADDED,
    ),
    (
        "ibis.greatest(ibis.least(alone, beyond), 0)",
        "alone",
        "days shared with two count twice",
        ADDED,
    ),
    (
        "ibis.greatest(ibis.least(alone, beyond), 0)",
        "ibis.least(alone, beyond)",
        "a shorter depressant takes days away",
        ADDED,
    ),
    (
        "ibis.greatest(ibis.least(alone, beyond), 0)",
        "ibis.greatest(beyond, 0)",
        "days between two count as shared",
        ADDED,
    ),
    ("pairs.shared_to.max().over", "pairs.shared_to.min().over", "the first end counts", ADDED),
)
ESCALATED = changes(
    "audits/enrichment/diagnosed.py",
    ('("overdose", "sud"), 365', '("overdose", "sud"), 364', "364 days before"),
    ('("overdose", "sud"), 365', '("overdose", "sud"), 366', "366 days before"),
    ('("overdose", "sud"), 365', '("overdose",), 365', "addiction is no matter"),
    ('("overdose", "sud"), 365', '("sud",), 365', "overdoses are no matter"),
    (
        "near.on <= near.occurred_on",
        "near.on < near.occurred_on",
        "a diagnosis of the day is no matter",
    ),
    ("(near.on <= near.occurred_on) & ", "", "later diagnoses count back"),
    (
        "near.occurred_on.delta(near.until",
        "near.occurred_on.delta(near.on",
        "ends of diagnoses are no matter",
    ),
    (
        "o.escalated.fill_null(False)",
        "o.escalated.fill_null(True)",
        "everybody had an overdose",
    ),
)
MUTANTS = [*MONITORING, *ESCALATED]
