"""The oracle of R19 gives the verdicts that the text of the rule gives by hand."""

from datetime import date

import pytest

from audits.oracles import ketamine_unmonitored_home_use as oracle

from .ketamine_home import (
    DAY_AFTER,
    FIRST,
    LAST,
    LIMITS,
    NEW_YEARS_EVE,
    NPI,
    held,
    judged,
    month,
    other,
    said,
    session,
    troches,
    visit,
)


def test_thirty_one_days_of_troches_unmonitored_fire():
    verdict = judged(troches())
    assert said(verdict) == ("over_days", "high", 31)
    assert (verdict["answer"], verdict["reasons"]) == ("fired", [])
    [occurrence] = verdict["occurrences"]
    assert (occurrence["first_on"], occurrence["last_on"]) == (FIRST, LAST)
    assert (occurrence["excluded_by"], occurrence["records"]) == (None, ["rx-1"])
    assert verdict["arithmetic"] == [
        "rx-1: 2026-01-01 + 31 days - 1 = 2026-01-31; 1 tube, route sublingual.",
        "rx-1: monitored in these days by no record (looked for up to 2026-06-30): unmonitored.",
        "rx-1: 0 days shared with depressants (none); graver from 1 such days, above 30 days, "
        "above 6 doses, nasal or injected.",
    ]


@pytest.mark.parametrize(
    ("day", "answer"),
    [(NEW_YEARS_EVE, "fired"), (FIRST, "clear"), (LAST, "clear"), (DAY_AFTER, "fired")],
)
def test_a_visit_with_vitals_or_an_observed_dose_monitors_on_covered_days_alone(day, answer):
    assert judged(troches(), encounters=[visit(day)])["answer"] == answer
    assert judged(troches(), administrations=[session(day)])["answer"] == answer


def test_what_monitored_is_named_in_the_arithmetic():
    lines = judged(troches(), encounters=[visit(LAST)])["arithmetic"]
    assert lines[1] == (
        "rx-1: monitored in these days by visit (looked for up to 2026-06-30): monitored."
    )


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"modality": "in_person"}, "clear"),
        ({"modality": "audio_only"}, "clear"),
        ({"modality": "async"}, "fired"),
        ({"modality": "unknown"}, "fired"),
        ({"vitals_recorded": False}, "fired"),
        ({"vitals_recorded": None}, "fired"),
        ({"provider_npi": None}, "clear"),
    ],
)
def test_a_visit_monitors_when_it_was_live_and_vitals_were_recorded(changes, answer):
    assert judged(troches(), encounters=[visit(LAST, **changes)])["answer"] == answer


@pytest.mark.parametrize(
    ("changes", "answer"),
    [({}, "clear"), ({"observer_npi": None}, "fired"), ({"ingredient": "esketamine"}, "fired")],
)
def test_a_dose_monitors_when_it_was_ketamine_and_somebody_observed_it(changes, answer):
    assert judged(troches(), administrations=[session(LAST, **changes)])["answer"] == answer


NOT_HELD = ("not_evaluable", "monitoring_not_held")
OVER = ("over_days", "high", 31)
HOLDINGS = {
    "the covered days alone": ([held(covers_from=FIRST, covers_to=LAST)], OVER),
    "all but the first": ([held(covers_from=date(2026, 1, 2))], NOT_HELD),
    "all but the last": ([held(covers_to=date(2026, 1, 30))], NOT_HELD),
    "two that meet": (
        [held(covers_to=date(2026, 1, 15)), held(covers_from=date(2026, 1, 16))],
        OVER,
    ),
    "all but one in the middle": (
        [held(covers_to=date(2026, 1, 15)), held(covers_from=date(2026, 1, 17))],
        NOT_HELD,
    ),
    "administrations": ([held("administrations")], OVER),
    "half of each kind": (
        [held(covers_to=date(2026, 1, 15)), held("administrations", date(2026, 1, 16))],
        NOT_HELD,
    ),
    "another kind": ([held("conditions")], NOT_HELD),
    "the state": ([held(states=["GA", "FL"])], OVER),
    "another state": ([held(states=["GA"])], NOT_HELD),
    "nothing": ([], NOT_HELD),
}


@pytest.mark.parametrize("case", HOLDINGS)
def test_absence_counts_only_where_one_kind_is_held_on_every_covered_day(case):
    holdings, answer = HOLDINGS[case]
    assert said(judged(troches(), holdings=holdings)) == answer


def test_a_patient_without_a_state_needs_a_holding_of_all_states():
    assert said(judged(troches(patient_state=None))) == OVER
    assert said(judged(troches(patient_state=None), holdings=[held(states=["FL"])])) == NOT_HELD


def test_monitoring_on_record_counts_whatever_is_held():
    assert said(judged(troches(), encounters=[visit(LAST)], holdings=[])) == ("clear",)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"patient_setting": "clinic", "route": "intravenous", "is_compound": False}, "clear"),
        ({"patient_setting": "clinic"}, "clear"),
        ({"patient_setting": "hospital"}, "clear"),
        ({"patient_setting": None}, "fired"),
        ({"patient_setting": "ltc"}, "fired"),
        ({"is_compound": False}, "fired"),
        ({"is_compound": None, "route": "oral"}, "fired"),
        ({"is_compound": False, "route": "intravenous"}, "clear"),
        ({"is_compound": None, "route": "topical"}, "clear"),
        ({"is_compound": True, "route": "topical"}, "fired"),
        ({"ingredient": "esketamine", "route": "nasal"}, "clear"),
        ({"counts_as_supply": False}, "clear"),
        ({"prescriber_key": "9"}, "clear"),
        ({"event_date": date(2026, 7, 1)}, "clear"),
    ],
)
def test_what_goes_home_is_asked_and_nothing_else(changes, answer):
    verdict = judged(month(**changes))
    assert verdict["answer"] == answer
    assert len(verdict["arithmetic"]) == (3 if answer == "fired" else 0)


@pytest.mark.parametrize(
    ("as_of", "holding", "answer"),
    [
        (date(2026, 1, 10), held(covers_to=date(2026, 1, 10)), OVER),
        (date(2026, 1, 10), held(covers_to=date(2026, 1, 9)), NOT_HELD),
        (date(2026, 1, 11), held(covers_to=date(2026, 1, 10)), NOT_HELD),
        (FIRST, held(covers_from=FIRST, covers_to=FIRST), OVER),
    ],
)
def test_a_row_that_runs_beyond_the_as_of_date_is_judged_on_the_days_up_to_it(
    as_of, holding, answer
):
    verdict = judged(troches(), holdings=[holding], as_of=as_of)
    assert said(verdict) == answer
    assert [each["last_on"] for each in verdict["occurrences"]] in ([], [LAST])


def test_a_visit_after_the_as_of_date_is_not_known_yet():
    later = [visit(date(2026, 1, 11))]
    assert judged(troches(), encounters=later, as_of=date(2026, 1, 10))["answer"] == "fired"
    assert judged(troches(), encounters=later, as_of=date(2026, 1, 11))["answer"] == "clear"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"route": None, "is_compound": False}, "route_unknown"),
        ({"route": None, "is_compound": None}, "route_unknown"),
        ({"route": None, "is_compound": None, "days_supply": None}, "route_unknown"),
        ({"days_supply": None}, "days_supply_unusable"),
        ({"days_supply": 0}, "days_supply_unusable"),
        ({"days_supply": 181}, "days_supply_unusable"),
    ],
)
def test_an_unusable_row_makes_the_pair_not_evaluable_unless_another_row_fires(changes, reason):
    odd = troches(key="odd", **changes)
    assert said(judged(odd)) == ("not_evaluable", reason)
    assert said(judged(odd, month(event_date=date(2026, 3, 1)))) == ("unmonitored", "medium", 30)


def test_a_row_of_unknown_length_that_was_monitored_on_its_first_day_could_not_have_fired():
    odd = troches(days_supply=None)
    assert said(judged(odd, encounters=[visit(FIRST)])) == ("clear",)
    assert said(judged(odd, encounters=[visit(LAST)])) == ("not_evaluable", "days_supply_unusable")


def test_all_reasons_are_told():
    rows = [month(), troches(key="b", days_supply=None), troches(key="c", is_compound=False)]
    verdict = judged(*rows, troches(key="d", is_compound=False, route=None), holdings=[])
    reasons = ("days_supply_unusable", "monitoring_not_held", "route_unknown")
    assert said(verdict) == ("not_evaluable", *reasons)


def test_pairs_with_ketamine_for_home_are_the_population():
    rows = [
        month(),
        month(patient_key="p_2", route=None, is_compound=False),
        month(patient_key="p_3", days_supply=None),
        month(patient_key="p_4", prescriber_key=None),
        month(patient_key="p_5", patient_setting="clinic"),
        month(patient_key="p_6", event_date=date(2026, 7, 1)),
        month(patient_key="p_7", counts_as_supply=False),
        month(patient_key="p_8", ingredient="esketamine"),
        other("alprazolam", "benzodiazepine", patient_key="p_9"),
    ]
    assert oracle.population(rows, LIMITS["as_of"]) == {f"p_{n}|{NPI}" for n in (1, 2, 3)}
