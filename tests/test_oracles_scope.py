"""The oracle of R28 counts patients in stretches of days as the text of the rule does by hand."""

from datetime import date, timedelta

import pytest

from audits.oracles import prescriber_type_mismatch as oracle

from .scope_prescriptions import DAY_1, LIMITS, NPI, judged, rx, said, to_patients


def test_a_dentist_who_writes_opioids_of_8_days_to_3_patients_fires():
    verdict = judged(rx(1), rx(10), rx(10, key="rx-10b", patient_key="p_1"), rx(90))
    assert said(verdict) == ("outside_scope", "medium", 3)
    [occurrence] = verdict["occurrences"]
    assert occurrence["first_on"] == occurrence["last_on"] == date(2026, 3, 31)
    assert occurrence["records"] == ["rx-1", "rx-10", "rx-10b", "rx-90"]
    assert verdict["arithmetic"] == [
        "4 prescriptions: flag.",
        "dental, opioid: flag above 7 days (house default).",
        "Patient 1: rx-1 of 2026-01-01, 8 days; rx-10b of 2026-01-10, 8 days.",
        "Patient 2: rx-10 of 2026-01-10, 8 days.",
        "Patient 3: rx-90 of 2026-03-31, 8 days.",
        "3 patients from 2026-01-01 to 2026-03-31; critical fires from 1, flag from 3, "
        "high from 10.",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [rx(1), rx(2)],
        [rx(1), rx(2), rx(3, patient_key="p_1")],
        [rx(1), rx(2), rx(91)],
        [rx(1), rx(2), rx(3, days_supply=7)],
        [rx(1), rx(2), rx(3, counts_as_prescription=False)],
        [rx(1), rx(2), rx(400)],
    ],
    ids=["2 patients", "1 twice", "third on day 91", "7 days", "a refill", "after as-of"],
)
def test_fewer_than_3_patients_in_any_90_days_are_clear(rows):
    verdict = judged(*rows)
    assert said(verdict) == ("clear",)
    assert verdict["arithmetic"][-1].startswith("2 patients from ")


def test_the_written_date_counts_and_not_the_day_of_the_fill():
    late = rx(3, event_date=DAY_1 + timedelta(200))
    assert said(judged(rx(1), rx(2), late)) == ("outside_scope", "medium", 3)


@pytest.mark.parametrize(
    ("count", "answer"),
    [
        (3, [("medium", 3, 3)]),
        (9, [("medium", 9, 3)]),
        (10, [("medium", 9, 3), ("high", 10, 10)]),
        (12, [("medium", 9, 3), ("high", 12, 10)]),
    ],
)
def test_ten_patients_are_high_and_a_run_is_of_one_severity(count, answer):
    verdict = judged(*to_patients(count))
    found = [(o["severity"], o["value"], o["first_on"].day) for o in verdict["occurrences"]]
    assert found == answer
    assert (verdict["severity"], verdict["value"]) == answer[-1][:2]


def test_dates_at_which_the_window_does_not_fire_part_two_runs():
    verdict = judged(*to_patients(4), rx(200), *(rx(n) for n in (201, 202, 203)))
    spans = [(o["first_on"], o["last_on"], o["value"]) for o in verdict["occurrences"]]
    assert spans == [
        (date(2026, 1, 3), date(2026, 1, 4), 4),
        (date(2026, 7, 21), date(2026, 7, 22), 4),
    ]
    assert verdict["occurrences"][1]["records"] == ["rx-200", "rx-201", "rx-202", "rx-203"]


def test_of_two_equal_runs_the_one_with_more_patients_leads():
    verdict = judged(*to_patients(3), *(rx(n) for n in (201, 202, 203, 204)))
    assert (verdict["severity"], verdict["value"]) == ("medium", 4)
    assert verdict["arithmetic"][-1].startswith("4 patients from 2026-04-25 to 2026-07-23;")


@pytest.mark.parametrize("days", [1, 8, None, 999])
def test_a_pharmacist_who_prescribes_for_one_patient_is_critical_whatever_the_days(days):
    row = rx(1, role_group="pharmacist", days_supply=days)
    assert said(judged(row)) == ("never_in_scope", "critical", 1)


def test_critical_is_one_run_over_all_dates_and_leads_the_flag():
    never = [rx(n, role_group="pharmacist") for n in (1, 2, 300)]
    assert said(judged(*never)) == ("never_in_scope", "critical", 2)
    [run] = judged(*never)["occurrences"]
    assert (run["first_on"], run["last_on"]) == (DAY_1, date(2026, 10, 27))
    mixed = judged(*never, *(rx(n) for n in range(100, 112)))
    assert [o["definition"] for o in mixed["occurrences"]] == [
        "never_in_scope",
        "outside_scope",
        "outside_scope",
    ]
    assert (mixed["severity"], mixed["value"]) == ("critical", 2)


@pytest.mark.parametrize(
    ("role_group", "days", "answer"),
    [
        ("dental", 3, "clear"),
        ("dental", 4, "fired"),
        ("optometry", 30, "clear"),
        ("optometry", 31, "fired"),
    ],
)
def test_the_dentists_bound_for_benzodiazepines_is_their_own(role_group, days, answer):
    rows = to_patients(3, role_group=role_group, days_supply=days, scope_class="benzodiazepine")
    assert judged(*rows, drug_class="benzodiazepine")["answer"] == answer


@pytest.mark.parametrize("days", [1, None])
def test_a_cell_without_a_bound_does_not_ask_for_the_days(days):
    rows = to_patients(3, scope_class="stimulant", days_supply=days)
    assert said(judged(*rows, drug_class="stimulant")) == ("outside_scope", "medium", 3)


def test_what_is_usual_is_clear_for_any_number_of_patients_and_days():
    assert said(judged(*to_patients(12, role_group="pain", days_supply=None))) == ("clear",)


def test_what_was_filled_after_the_as_of_date_is_not_known_yet():
    late = rx(3, event_date=date(2027, 1, 1))
    assert said(judged(rx(1), rx(2), late)) == ("clear",)


def test_a_facility_excuses_only_where_the_matrix_says_so():
    assert said(judged(*to_patients(3, patient_setting="clinic")))[0] == "outside_scope"


def test_prescribers_and_classes_with_a_prescription_are_the_population():
    rows = [
        rx(1, days_supply=1),
        rx(2, scope_class="ketamine", role_group=None),
        rx(3, scope_class=None),
        rx(4, scope_class="stimulant", prescriber_key=None),
        rx(5, scope_class="stimulant", counts_as_prescription=False),
        rx(400, scope_class="stimulant"),
        rx(6, prescriber_key="9", role_group="pain"),
    ]
    expected = {f"{NPI}|opioid", f"{NPI}|ketamine", "9|opioid"}
    assert oracle.population(rows, LIMITS["as_of"]) == expected
