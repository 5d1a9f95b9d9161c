"""What would clear R04 and R12: the nearest change of one input, tried on the oracle."""

import pytest

from audits import catalogue, engine, examples

from . import boundaries_providers as providers
from . import boundaries_refills as refills
from .findings import judged_by_oracle
from .test_rules_boundaries_patients import AS_OF

ALPRAZOLAM = providers.ALPRAZOLAM
PROVIDERS = {
    "one fewer": (
        providers.many(4, 3, drug=ALPRAZOLAM),
        [
            "3 prescribers instead of 4 (all of 4000000004 by 1000000001)",
            "3 prescribers instead of 4 (all of 3000000003 by 1000000001)",
            "3 prescribers instead of 4 (all of 2000000002 by 1000000001)",
            "2 pharmacies instead of 3 (all of 1000002 by 1000003)",
            "2 pharmacies instead of 3 (all of 1000001 by 1000003)",
        ],
    ),
    "two fewer": (
        providers.many(5, 4, drug=ALPRAZOLAM),
        ["3 prescribers instead of 5", "2 pharmacies instead of 4"],
    ),
    "both fewer": (
        providers.many(4, 4, 179),
        ["3 prescribers instead of 4", "and 3 pharmacies instead of 4"],
    ),
}
REFILLS = {
    "a day later": (refills.fills(0, 26), "filled 1 day later, on 2025-01-28 or after"),
    "a week later": (refills.fills(0, 30, 50), "filled 7 days later, on 2025-02-27 or after"),
    "a stockpile": (refills.fills(0, 10), "filled 17 days later, on 2025-01-28 or after"),
    "one not filled": (
        refills.fills(0, 10, 30, 60, 90),
        "not filled; a later day for one fill alone clears nothing.",
    ),
    "all later": (refills.fills(0, 20, 40, 60, 80), "Every fill of oxycodone made no earlier"),
}


def cleared(tmp_path, name, cases):
    """Return the sentences of the changes for each case, each of them tried."""
    rule = catalogue.CATALOGUE[name]
    judge, told = catalogue.oracle(rule).judge, {}
    parameters = {**rule.oracle_parameters(rule.settled()), "as_of": AS_OF}
    rows = [
        {"patient_id": patient, "record_type": "dispense", **row}
        for patient, (given, _) in cases.items()
        for row in given
    ]
    limits = engine.Limits(memory="1GB", threads=1, scratch=tmp_path)
    with examples.put(limits, {"prescriptions": rows}, AS_OF) as (backend, records):
        judged = judged_by_oracle(backend, rule, records, keep_records=True)
    given = {subject.split("|")[0]: mine for subject, (_, mine) in judged.items()}
    for patient in cases:
        mine = given[examples.key_of(patient)]
        changes = list(rule.clearing(mine, parameters, judge))
        assert all(judge(c.apply(mine), parameters)["answer"] != "fired" for c in changes)
        told[patient] = [change.sentence for change in changes]
    return told


def test_fewer_prescribers_or_pharmacies_clear_it(tmp_path):
    found = cleared(tmp_path, "multiple_provider_episode", PROVIDERS)
    for name, (_, parts) in PROVIDERS.items():
        assert found[name], name
        assert all(any(part in said for said in found[name]) for part in parts), found[name]


@pytest.mark.parametrize("name", REFILLS)
def test_the_fewest_days_later_clear_it(tmp_path, name):
    (said,) = cleared(tmp_path, "early_refill_accumulation", {name: REFILLS[name]})[name]
    assert REFILLS[name][1] in said
