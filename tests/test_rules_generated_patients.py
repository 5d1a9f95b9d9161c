"""R04 and R12 against their oracles on generated histories, many patients in each case."""

from datetime import date

import pytest

from audits import engine
from audits.catalogue import CATALOGUE

from . import histories_providers, histories_refills
from .test_rules_generated import SEEDS, both

HISTORIES = {
    "multiple_provider_episode": histories_providers.patients,
    "early_refill_accumulation": histories_refills.patients,
}


@pytest.fixture
def limits(tmp_path):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HISTORIES)
def test_the_rule_agrees_with_counting_by_hand(limits, name, seed):
    found, judged = both(limits, CATALOGUE[name], HISTORIES[name](seed, 250))
    answers = {answer["answer"] for answer in found.values()}
    assert answers == {"fired", "suppressed", "not_evaluable", "clear"}
    definitions = {o[0] for answer in found.values() for o in answer["occurrences"]}
    assert definitions == set(CATALOGUE[name].definitions)
    assert found == judged


@pytest.mark.parametrize("name", HISTORIES)
def test_an_earlier_as_of_date_leaves_out_later_records(limits, name):
    found, judged = both(limits, CATALOGUE[name], HISTORIES[name](7, 120), date(2025, 9, 1))
    assert {answer["answer"] for answer in found.values()} >= {"fired", "clear"}
    assert found == judged


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "multiple_provider_episode",
            {"providers": 3, "controlled_pharmacies": 2, "oms_mme": 30, "dose_threshold_mme": 20},
        ),
        (
            "multiple_provider_episode",
            {
                "ok_days": 60,
                "year_days": 300,
                "half_year_days": 100,
                "pqa_days": 120,
                "ok_prescribers": 3,
                "ok_pharmacies": 4,
                "oms_prescribers": 2,
                "oms_pharmacies": 4,
                "oms_prescribers_alone": 3,
                "min_claims": 4,
                "min_days_supply": 40,
            },
        ),
        (
            "multiple_provider_episode",
            {"year_days": 100, "controlled_pharmacies": 9, "ok_days": 30, "half_year_days": 10},
        ),
        ("early_refill_accumulation", {"stock_days": 30, "change_percent": 25, "early_days": 10}),
        (
            "early_refill_accumulation",
            {"repeated_days": 4, "repeated_fills": 2, "repeated_window": 31},
        ),
    ],
)
def test_other_parameters_move_rule_and_oracle_alike(limits, name, values):
    rule, files = CATALOGUE[name], HISTORIES[name](3, 150)
    found, judged = both(limits, rule, files, **values)
    assert found == judged
    assert found != both(limits, rule, files)[0]
