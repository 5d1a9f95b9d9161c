"""The oracle of R28 places a prescription in the matrix, and says where it cannot."""

from datetime import date
from decimal import Decimal

import pytest

from .scope_prescriptions import cell, judged, late, others, peer, rx, said, to_patients


@pytest.mark.parametrize(
    ("birth_year", "answer"),
    [
        (2009, ("clear",)),  # 17 at most in 2026
        (2008, ("not_evaluable", "age_unknown")),  # 17 or 18
        (2007, ("above_peers", "low", 1)),  # 18 at least
        (1980, ("above_peers", "low", 1)),
        (None, ("not_evaluable", "age_unknown")),
    ],
)
def test_a_pediatrician_writes_stimulants_for_minors(birth_year, answer):
    years = {"born_from": birth_year, "born_to": birth_year}
    child = {"role_group": "pediatrics", "scope_class": "stimulant"}
    rows = [late(1, **child, **years), *others(19, role_group="pediatrics")]
    peers = [peer(n, 0, **child) for n in range(1, 31)]
    assert said(judged(*rows, peers=peers, drug_class="stimulant")) == answer


@pytest.mark.parametrize(
    ("setting", "answer"),
    [
        ("clinic", ("clear",)),
        ("hospital", ("clear",)),
        ("home", ("outside_scope", "medium", 3)),
        ("ltc", ("outside_scope", "medium", 3)),
        (None, ("outside_scope", "medium", 3)),
    ],
)
def test_an_emergency_physician_gives_ketamine_in_a_facility(setting, answer):
    rows = to_patients(3, role_group="emergency", scope_class="ketamine", patient_setting=setting)
    assert said(judged(*rows, drug_class="ketamine")) == answer


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"role_group": "psychiatry"}, ("not_evaluable", "few_controlled")),
        ({"role_group": "psychiatry", "days_supply": 7}, ("clear",)),
        ({"role_group": "psychiatry", "days_supply": None}, ("not_evaluable", "few_controlled")),
        ({"role_group": "neurology"}, ("not_evaluable", "no_matrix_row")),
        ({"role_group": "neurology", "days_supply": 1}, ("not_evaluable", "no_matrix_row")),
        ({"role_group": None}, ("not_evaluable", "prescriber_role_unknown")),
        ({"role_group": None, "days_supply": 1}, ("not_evaluable", "prescriber_role_unknown")),
    ],
)
def test_one_prescription_that_cannot_be_placed_is_enough_unless_others_fire(changes, answer):
    odd = late(50, **{"role_group": "dental"} | changes)
    assert said(judged(odd)) == answer
    assert said(judged(odd, *to_patients(3))) == ("outside_scope", "medium", 3)


@pytest.mark.parametrize("days", [None, 0, 181])
def test_unknown_days_matter_where_the_row_would_make_the_flag_fire(days):
    odd = rx(50, days_supply=days)
    reason = ("not_evaluable", "days_supply_unusable")
    assert said(judged(rx(1), rx(2), odd)) == reason
    assert said(judged(rx(1), odd, rx(51, days_supply=days))) == reason
    assert said(judged(rx(1), odd)) == ("clear",)
    assert said(judged(rx(1), rx(2), rx(3, days_supply=days, patient_key="p_1"))) == ("clear",)
    assert said(judged(rx(1), rx(2), rx(92, days_supply=days))) == ("clear",)
    assert said(judged(*to_patients(3), odd)) == ("outside_scope", "medium", 3)


def test_a_minor_is_one_on_the_day_of_writing():
    day = date(2025, 12, 31)
    years = {"born_from": 2008, "born_to": 2008}
    row = rx(1, role_group="pediatrics", scope_class="stimulant", written_on=day, **years)
    assert said(judged(row, drug_class="stimulant")) == ("clear",)


def test_records_that_contradict_one_another_on_the_age_do_not_tell_it():
    matrix = [cell("pediatrics", "stimulant", "flag", minors_ok=True)]
    child = {"role_group": "pediatrics", "scope_class": "stimulant"}
    rows = to_patients(3, **child, born_from=1980, born_to=2010)
    verdict = judged(*rows, matrix=matrix, drug_class="stimulant")
    assert said(verdict) == ("not_evaluable", "age_unknown")


def test_only_doubts_within_a_window_that_would_fire_are_told():
    matrix = [cell("dental", "opioid", "flag", 7, minors_ok=True)]
    odd, ageless = rx(3, days_supply=None), rx(200, born_from=None, born_to=None)
    verdict = judged(rx(1), rx(2), odd, ageless, matrix=matrix)
    assert said(verdict) == ("not_evaluable", "days_supply_unusable")


@pytest.mark.parametrize(
    ("patches", "answer"),
    [(2, "clear"), (3, "fired"), (0, "not_evaluable"), (None, "not_evaluable")],
)
def test_fentanyl_patches_last_three_days_each_whatever_is_reported(patches, answer):
    quantity = None if patches is None else Decimal(patches)
    rows = to_patients(3, fentanyl_patch=True, quantity=quantity, days_supply=8)
    assert judged(*rows)["answer"] == answer


def test_all_reasons_are_told_and_counted():
    rows = [rx(1, role_group=None), rx(2, role_group="neurology"), late(3)]
    verdict = judged(*rows)
    reasons = ["few_controlled", "no_matrix_row", "prescriber_role_unknown"]
    assert said(verdict) == ("not_evaluable", *reasons)
    found = ("no_matrix_row", "prescriber_role_unknown", "review")
    assert verdict["arithmetic"] == [f"1 prescriptions: {each}." for each in found]
