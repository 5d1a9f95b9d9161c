"""Rules against their oracles on generated histories, many subjects in each case."""

import os
from datetime import date

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE

from . import histories
from .findings import answers_of, judged_by_oracle

LAST_DAY = date(2030, 12, 31)
SEEDS = range(int(os.environ.get("RULE_CASES", "2")))


@pytest.fixture
def limits(tmp_path):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path)


def both(limits, rule, files, as_of=LAST_DAY, **values):
    with examples.put(limits, files, as_of) as (backend, records):
        found = answers_of(backend, rule, records, **values)
        return found, judged_by_oracle(backend, rule, records, **values)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_dose_rule_agrees_with_counting_days(limits, seed):
    files = {"prescriptions": histories.patients(seed, 250)}
    found, judged = both(limits, CATALOGUE["opioid_high_dose_90d"], files)
    assert {a["answer"] for a in found.values()} == {
        "fired",
        "suppressed",
        "not_evaluable",
        "clear",
    }
    assert found == judged


@pytest.mark.parametrize("seed", SEEDS)
def test_the_supervision_rule_agrees_with_asking_each_prescription(limits, seed):
    files = histories.teams(seed, 250)
    found, judged = both(limits, CATALOGUE["supervision_missing"], files)
    assert {a["answer"] for a in found.values()} == {"fired", "not_evaluable", "clear"}
    assert found == judged


def test_an_earlier_as_of_date_leaves_out_later_fills_but_not_supply_beyond_it(limits):
    files = {"prescriptions": histories.patients(7, 150)}
    as_of = date(2025, 9, 1)
    found, judged = both(limits, CATALOGUE["opioid_high_dose_90d"], files, as_of)
    assert found == judged
    last = max(o[2] for a in found.values() for o in a["occurrences"])
    assert last > as_of


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("opioid_high_dose_90d", {"threshold_mme": 90, "window_days": 30}),
        ("opioid_high_dose_90d", {"severe_mme": 121, "exclusion_days": 30}),
        ("supervision_missing", {"prescriptions": 1}),
    ],
)
def test_other_parameters_move_rule_and_oracle_alike(limits, name, values):
    files = {"prescriptions": histories.patients(3, 120)}
    if name == "supervision_missing":
        files = histories.teams(3, 120)
    found, judged = both(limits, CATALOGUE[name], files, **values)
    assert found == judged
