"""Rules whose parameters change in the middle of the records, against their oracles."""

from dataclasses import replace
from datetime import date

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.enrichment import held
from audits.in_force import settings_of

from . import histories, histories_providers, histories_refills
from .findings import answers_of, answers_over, judged_over, seeds
from .histories_exclusions import offices
from .histories_ketamine import HOLDINGS, homes
from .histories_scope import desks

LAST_DAY = date(2030, 12, 31)
HISTORIES = {
    "opioid_high_dose_90d": lambda seed, n: {"prescriptions": histories.patients(seed, n)},
    "supervision_missing": histories.teams,
    "multiple_provider_episode": histories_providers.patients,
    "early_refill_accumulation": histories_refills.patients,
    "ketamine_unmonitored_home_use": homes,
    "prescriber_type_mismatch": desks,
    "excluded_prescriber": offices,
}
SECOND = {
    "opioid_high_dose_90d": {"threshold_mme": 60, "severe_mme": 130, "window_days": 30},
    "supervision_missing": {"prescriptions": 2},
    "multiple_provider_episode": {"providers": 3, "year_days": 300, "dose_threshold_mme": 40},
    "early_refill_accumulation": {"stock_days": 30, "change_percent": 25, "early_days": 10},
    "ketamine_unmonitored_home_use": {"max_days_supply": 13, "min_overlap_days": 2},
    "prescriber_type_mismatch": {"patient_days": 45, "flag_patients": 2},
    "excluded_prescriber": {"prescriptions": 2},
}
LAST = {
    "opioid_high_dose_90d": {"threshold_mme": 180, "exclusion_days": 30},
    "supervision_missing": {"prescriptions": 1},
    "multiple_provider_episode": {"ok_days": 60, "min_claims": 4, "min_days_supply": 40},
    "early_refill_accumulation": {"repeated_fills": 2, "repeated_window": 31},
    "ketamine_unmonitored_home_use": {"min_unmonitored_days": 14, "max_days_supply": 31},
    "prescriber_type_mismatch": {"severe_patients": 4, "critical_patients": 2},
    "excluded_prescriber": {"prescriptions": 1},
}


@pytest.fixture
def limits(tmp_path):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path)


def entries(rule, days):
    """Give what is in force in the second quarter of the days that fire, and from the last on."""
    begins, until, later = (days[len(days) * n // 4].isoformat() for n in (1, 2, 3))
    for values, first, last in ((SECOND, begins, until), (LAST, later, None)):
        for parameter, value in values[rule.name].items():
            told = {"rule": rule.name, "parameter": parameter, "value": value, "basis": "law"}
            yield told | {"valid_from": first, "valid_to": last, "source": "Act 1"}


def holding(backend, records, name):
    """Give the records with the holdings that the rule about absence needs."""
    if name != "ketamine_unmonitored_home_use":
        return records
    stated, spans = held.holdings(backend, HOLDINGS), held.spans(backend, HOLDINGS)
    return replace(records, holdings=stated, held_spans=spans)


def fired(found):
    return sorted({o[1] for each in found.values() for o in each["occurrences"]})


def test_every_rule_is_asked():
    assert HISTORIES.keys() == CATALOGUE.keys()


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("name", HISTORIES)
def test_each_day_is_judged_by_its_own_parameters(limits, name, seed):
    rule = CATALOGUE[name]
    with examples.put(limits, HISTORIES[name](seed, 60), LAST_DAY) as (backend, put):
        records = holding(backend, put, name)
        usual = answers_of(backend, rule, records)
        in_force = settings_of(rule, entries(rule, fired(usual)))
        found = answers_over(backend, in_force, records)
        assert found == judged_over(backend, in_force, records)
    assert found.keys() == usual.keys() and found != usual
    assert len(in_force.settings) == 4
    assert len({in_force.on(day).first for day in fired(found)}) >= 3
    starts = {setting.first for setting in in_force.settings} - {None}
    for each in found.values():
        for _, first, last, _, _ in each["occurrences"]:
            # A supply lasts beyond the day on which it is judged; a run does not.
            cut = [day for day in starts if first < day <= last]
            assert name == "ketamine_unmonitored_home_use" or not cut
