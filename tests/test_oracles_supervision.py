"""The oracle of R26 gives the verdicts that the text of the rule gives by hand."""

from datetime import date, timedelta

import pytest

from audits.oracles import supervision_missing as oracle

NPI, SUPERVISOR = "1234567893", "1245319599"
DAY = date(2026, 3, 4)
DAY_BEFORE, DAY_AFTER = DAY - timedelta(1), DAY + timedelta(1)
WISCONSIN_FROM = date(2026, 9, 1)


def line(state, category, hours=None, valid_from=None, valid_to=None):
    dates = {"valid_from": valid_from, "valid_to": valid_to}
    return {"state": state, "category": category, "hours_required": hours} | dates


AUTHORITY = [
    line("FL", "restricted"),
    line("PA", "reduced"),
    line("AZ", "full"),
    line("CT", "full", 2000),
    line("WI", "reduced", None, None, date(2026, 8, 31)),
    line("WI", "full_conditional", 3840, WISCONSIN_FROM),
]


def rx(**changes):
    row = {
        "key": "rx-1",
        "written_on": DAY,
        "schedule": "IV",
        "matched": True,
        "ingredient": "alprazolam",
        "at_home": True,
        "prescriber_type": "np",
        "practice_hours": None,
    }
    return row | changes


def agreement(**changes):
    row = {
        "key": "ag-1",
        "supervisee_npi": NPI,
        "supervisor_npi": SUPERVISOR,
        "state": "FL",
        "schedules": "II;III; IV;V",
        "valid_from": date(2025, 1, 1),
        "valid_to": None,
        "exempt_reason": None,
    }
    return row | changes


def held(kind, **changes):
    year = {"covers_from": date(2026, 1, 1), "covers_to": date(2026, 12, 31), "states": None}
    return {"kind": kind} | year | changes


def licence(kind="licence", state="FL", valid_to=None):
    first = date(2024, 1, 1)
    row = {"npi": SUPERVISOR, "kind": kind, "state": state, "schedules": None}
    return row | {"valid_from": first, "valid_to": valid_to}


def judged(*rows, state="FL", as_of=None, **kinds):
    records = {
        "subject": {"npi": NPI, "state": state},
        "prescriptions": list(rows),
        "practitioners": [{"npi": SUPERVISOR}, {"npi": NPI}],
        "supervision": [],
        "licences": [],
        "holdings": [held("supervision")],
        "authority": AUTHORITY,
    }
    return oracle.judge(records | kinds, {"as_of": as_of, "prescriptions": 0})


def said(verdict):
    """Return the answer with its one reason, if it has one."""
    return (verdict["answer"], *verdict["reasons"])


def test_florida_fires_and_arizona_is_clear_without_an_agreement():
    verdict = judged(rx())
    [occurrence] = verdict["occurrences"]
    assert (occurrence["first_on"], occurrence["last_on"]) == (DAY, DAY)
    assert (occurrence["excluded_by"], occurrence["records"]) == (None, ["rx-1"])
    assert (said(verdict), verdict["severity"], verdict["value"]) == (("fired",), "high", 1)
    assert verdict["arithmetic"] == [
        "1 prescriptions: uncovered.",
        "rx-1: schedule IV, 2026-03-04, FL, by np.",
        "A supervisor is required of np under restricted practice.",
        "No agreement of this prescriber is on record.",
    ]
    assert said(judged(rx(), state="AZ")) == ("clear",)
    assert said(judged(rx(), state="PA")) == ("fired",)


@pytest.mark.parametrize(
    ("changes", "definition", "severity"),
    [
        ({"schedule": "II"}, "schedule_ii_or_home_ketamine", "critical"),
        ({"schedule": "II", "prescriber_type": "pa"}, "schedule_ii_or_home_ketamine", "critical"),
        ({"ingredient": "ketamine"}, "schedule_ii_or_home_ketamine", "critical"),
        ({"ingredient": "esketamine"}, "schedule_ii_or_home_ketamine", "critical"),
        ({"ingredient": "ketamine", "at_home": False}, "required_by_state", "high"),
        ({"prescriber_type": "pa"}, "physician_assistant", "medium"),
        ({"prescriber_type": "cns"}, "required_by_state", "high"),
        ({"prescriber_type": "crna"}, "required_by_state", "high"),
    ],
)
def test_definition_and_severity_follow_drug_and_profession(changes, definition, severity):
    [occurrence] = judged(rx(**changes))["occurrences"]
    assert (occurrence["definition"], occurrence["severity"]) == (definition, severity)


def test_every_occurrence_carries_the_number_of_uncovered_prescriptions_and_the_worst_leads():
    rows = [rx(key="c", schedule="II"), rx(key="b"), rx(key="a", written_on=DAY_BEFORE)]
    verdict = judged(*rows, rx(key="d", prescriber_type=None))
    assert [o["records"] for o in verdict["occurrences"]] == [["a"], ["b"], ["c"]]
    assert [o["value"] for o in verdict["occurrences"]] == [3, 3, 3]
    assert (said(verdict), verdict["severity"], verdict["value"]) == (("fired",), "critical", 3)
    assert "c: schedule II, 2026-03-04, FL, by np." in verdict["arithmetic"]


@pytest.mark.parametrize("state", ["FL", "AZ", "PR"])
def test_a_physician_assistant_needs_a_supervisor_in_every_state(state):
    assert said(judged(rx(prescriber_type="pa"), state=state)) == ("fired",)


@pytest.mark.parametrize(
    ("day", "hours", "answer"),
    [
        (date(2026, 8, 31), 3840, ("fired",)),
        (date(2026, 8, 31), None, ("fired",)),
        (WISCONSIN_FROM, 3839, ("fired",)),
        (WISCONSIN_FROM, 3840, ("clear",)),
        (WISCONSIN_FROM, None, ("not_evaluable", "practice_hours_unknown")),
    ],
)
def test_wisconsin_turns_conditional_on_the_first_of_september_2026(day, hours, answer):
    assert said(judged(rx(written_on=day, practice_hours=hours), state="WI")) == answer


@pytest.mark.parametrize(
    ("hours", "answer"), [(1999, "fired"), (2000, "clear"), (None, "clear"), (0, "fired")]
)
def test_a_full_state_with_a_transition_requires_only_of_those_known_to_be_below(hours, answer):
    assert judged(rx(practice_hours=hours), state="CT")["answer"] == answer


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "clear"),
        ({"valid_from": DAY}, "clear"),
        ({"valid_from": DAY_AFTER}, "fired"),
        ({"valid_to": DAY}, "clear"),
        ({"valid_to": DAY_BEFORE}, "fired"),
        ({"schedules": "II;III"}, "fired"),
        ({"schedules": "IV"}, "clear"),
        ({"schedules": None}, "clear"),
        ({"schedules": " "}, "clear"),
        ({"state": "GA"}, "fired"),
        ({"supervisee_npi": SUPERVISOR}, "fired"),
        ({"supervisor_npi": "1999999984"}, "fired"),
        ({"supervisor_npi": None}, "fired"),
        ({"supervisor_npi": None, "exempt_reason": "board order"}, "clear"),
        ({"supervisor_npi": None, "exempt_reason": " "}, "fired"),
        ({"exempt_reason": "board order", "valid_to": DAY_BEFORE}, "fired"),
        ({"exempt_reason": "board order", "schedules": "II"}, "fired"),
    ],
)
def test_an_agreement_covers_its_days_state_schedules_and_prescriber(changes, answer):
    assert judged(rx(), supervision=[agreement(**changes)])["answer"] == answer


def test_one_agreement_that_covers_is_enough_and_the_others_are_explained():
    lapsed = agreement(key="ag-0", valid_to=DAY_BEFORE)
    assert judged(rx(), supervision=[lapsed, agreement()])["answer"] == "clear"
    assert (
        judged(rx(), supervision=[lapsed])["arithmetic"][-1] == "Agreement ag-0 was not in force."
    )


def test_the_supervisor_is_not_looked_up_where_no_practitioners_are_held():
    assert said(judged(rx(), supervision=[agreement()], practitioners=[])) == ("clear",)


LAPSED = [licence(valid_to=DAY_BEFORE), licence("dea")]


@pytest.mark.parametrize(
    ("licences", "answer"),
    [
        ([licence(), licence("dea")], "clear"),
        ([licence(valid_to=DAY), licence("dea", "GA", DAY)], "clear"),
        (LAPSED, "fired"),
        ([licence(state="GA"), licence("dea")], "fired"),
        ([licence(), licence("dea", valid_to=DAY_BEFORE)], "fired"),
        ([licence()], "fired"),
        ([], "fired"),
    ],
)
def test_where_licences_are_held_the_supervisor_needs_a_licence_and_a_registration(
    licences, answer
):
    holdings = [held("supervision"), held("licences", states=["FL"])]
    verdict = judged(rx(), supervision=[agreement()], licences=licences, holdings=holdings)
    assert verdict["answer"] == answer


@pytest.mark.parametrize(
    "holding",
    [
        held("supervision"),
        held("licences", covers_to=DAY_BEFORE),
        held("licences", covers_from=DAY_AFTER),
        held("licences", states=["GA"]),
    ],
)
def test_where_no_licences_are_held_a_lapsed_licence_is_not_asked(holding):
    holdings = [held("supervision"), holding]
    verdict = judged(rx(), supervision=[agreement()], licences=LAPSED, holdings=holdings)
    assert verdict["answer"] == "clear"


def test_a_refill_after_the_agreement_ended_is_judged_by_its_written_date():
    ended = [agreement(valid_to=DAY)]
    refill = rx(key="refill", event_date=DAY + timedelta(60))
    assert said(judged(rx(), refill, supervision=ended)) == ("clear",)


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({}, True),
        ({"covers_from": DAY, "covers_to": DAY, "states": ["FL", "GA"]}, True),
        ({"covers_from": DAY_AFTER}, False),
        ({"covers_to": DAY_BEFORE}, False),
        ({"states": ["GA"]}, False),
        ({"kind": "licences"}, False),
    ],
)
def test_absence_counts_only_where_supervision_is_held(changes, fires):
    verdict = judged(rx(), holdings=[held("supervision") | changes])
    assert said(verdict) == (("fired",) if fires else ("not_evaluable", "supervision_not_held"))


UNMATCHED = {"matched": False, "schedule": None, "ingredient": None}


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"prescriber_type": None}, "FL", "prescriber_type_unknown"),
        ({"prescriber_type": None} | UNMATCHED, "unknown", "prescriber_type_unknown"),
        (UNMATCHED, "FL", "drug_unmatched"),
        (UNMATCHED, "unknown", "patient_state_missing"),
        (UNMATCHED, "PR", "drug_unmatched"),
        ({}, "unknown", "patient_state_missing"),
        ({"prescriber_type": "pa"}, "unknown", "patient_state_missing"),
        ({}, "PR", "state_not_in_table"),
    ],
)
def test_a_row_that_cannot_be_judged_gives_one_reason(changes, state, reason):
    assert said(judged(rx(**changes), state=state)) == ("not_evaluable", reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": None},
        {"schedule": None, "prescriber_type": None},
        {"prescriber_type": "physician"},
        {"prescriber_type": "physician"} | UNMATCHED,
        {"written_on": DAY_AFTER},
    ],
)
def test_rows_outside_the_question_are_ignored(changes):
    verdict = judged(rx(**changes), as_of=DAY)
    assert (verdict["answer"], verdict["arithmetic"]) == ("clear", [])


def test_prescribers_and_states_with_a_relevant_row_are_the_population():
    rows = [
        rx(npi="1", state="FL"),
        rx(npi="2", state=None, **UNMATCHED),
        rx(npi="3", state="FL", schedule=None),
        rx(npi="4", state="FL", prescriber_type="dentist"),
        rx(npi="5", state="FL", written_on=DAY_AFTER),
        rx(npi=None, state="FL"),
    ]
    assert oracle.population(rows, DAY) == {"1|FL", "2|unknown"}
