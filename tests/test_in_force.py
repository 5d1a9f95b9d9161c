"""Which parameters are in force on a day: the card's, and what people put in their place."""

from dataclasses import replace
from datetime import date

import pytest

from audits.catalogue import CATALOGUE
from audits.in_force import settings_of
from audits.rule import RuleError

RULE = CATALOGUE["opioid_high_dose_90d"]
CARD = {"window_days": 90, "threshold_mme": 120, "severe_mme": 200, "exclusion_days": 365}


def entry(parameter="threshold_mme", value=90, first="2025-07-01", last=None, **more):
    told = {"rule": RULE.name, "parameter": parameter, "value": value, "basis": "law"}
    return told | {"valid_from": first, "valid_to": last, "source": "Act 1"} | more


def spans(found):
    return [
        (str(each.first or ""), str(each.last or ""), each.values["threshold_mme"])
        for each in found.settings
    ]


def test_without_changes_there_is_one_setting_the_card_s():
    found = settings_of(RULE)
    assert found.is_constant and found.divisor == 90_000
    assert found.on(date(1, 1, 1)) is found.on(date.max) is found.settings[0]
    assert (found.settings[0].values, found.settings[0].told()) == (CARD, {})
    assert found == settings_of(RULE, [entry(rule="another")])


def test_a_change_holds_from_its_first_day_to_its_last_and_the_card_before_and_after():
    found = settings_of(RULE, [entry(last="2025-12-31")])
    assert spans(found) == [
        ("", "2025-06-30", 120),
        ("2025-07-01", "2025-12-31", 90),
        ("2026-01-01", "", 120),
    ]
    on = {day: found.on(date.fromisoformat(day)).values["threshold_mme"] for day in DAYS}
    assert on == dict(zip(DAYS, (120, 90, 90, 120), strict=True))


DAYS = ("2025-06-30", "2025-07-01", "2025-12-31", "2026-01-01")


def test_changes_of_several_parameters_cut_the_days_at_each_of_their_dates():
    found = settings_of(RULE, [entry(), entry("severe_mme", 150, "2025-03-01", "2025-09-30")])
    assert [(s.values["threshold_mme"], s.values["severe_mme"]) for s in found.settings] == [
        (120, 200),
        (120, 150),
        (90, 150),
        (90, 200),
    ]
    assert [sorted(s.changed) for s in found.settings] == [
        [],
        ["severe_mme"],
        ["severe_mme", "threshold_mme"],
        ["threshold_mme"],
    ]
    assert found.settings[1].told()["changes"][0]["source"] == "Act 1"


def test_the_digest_follows_values_days_and_sources_and_not_the_order():
    one, other = entry(), entry("severe_mme", 150)
    told = [
        settings_of(RULE, entries).digest
        for entries in (
            (),
            [one],
            [one | {"value": 91}],
            [one | {"valid_from": "2025-07-02"}],
            [one | {"source": "Act 2"}],
            [one | {"value": 120}],
            [one, other],
        )
    ]
    assert len(set(told)) == len(told)
    assert settings_of(RULE, [other, one]).digest == told[-1]
    assert settings_of(RULE, [entry(rule="another")]).digest == told[0]


def test_windows_of_different_length_count_in_one_unit():
    found = settings_of(RULE, [entry("window_days", 60)])
    assert found.divisor == 180_000
    assert [found.scale(each) for each in found.settings] == [2, 3]


def test_dates_on_the_card_leave_other_days_unjudged_unless_a_change_covers_them():
    dated = replace(RULE.parameters["threshold_mme"], valid_from=date(2025, 1, 1))
    rule = replace(RULE, parameters={**RULE.parameters, "threshold_mme": dated})
    found = settings_of(rule)
    assert spans(found) == [("2025-01-01", "", 120)] and not found.is_constant
    with pytest.raises(RuleError, match="no parameters are in force on 2024-12-31"):
        found.on(date(2024, 12, 31))
    earlier = settings_of(rule, [entry(first="2024-01-01", last="2024-06-30")])
    assert spans(earlier) == [("2024-01-01", "2024-06-30", 90), ("2025-01-01", "", 120)]
    never = replace(dated, valid_from=date(2026, 1, 1), valid_to=date(2025, 1, 1))
    with pytest.raises(RuleError, match="never in force together"):
        settings_of(replace(rule, parameters={**RULE.parameters, "threshold_mme": never}))


def test_a_parameter_that_the_rule_has_no_more_changes_nothing():
    assert settings_of(RULE, [entry("former")]).settings[-1].values == CARD
