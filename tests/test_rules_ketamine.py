"""R19 on either side of each boundary, by hand and by its oracle, and on random histories."""

from dataclasses import replace
from datetime import date

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.enrichment import held
from audits.oracles import ketamine_unmonitored_home_use as oracle

from . import boundaries_ketamine as boundaries
from . import boundaries_ketamine_gravity as gravity
from .findings import (
    answered,
    answers_of,
    behind_findings,
    behind_verdicts,
    judged_by_oracle,
    seeds,
)
from .histories_ketamine import HOLDINGS, homes

RULE = CATALOGUE["ketamine_unmonitored_home_use"]
LAST_DAY = date(2030, 12, 31)
CASES = {**boundaries.CASES, **gravity.CASES}


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


def holding(backend, records, stated):
    """Return the records with nothing held but what is ``stated``."""
    return replace(
        records, holdings=held.holdings(backend, stated), held_spans=held.spans(backend, stated)
    )


@pytest.fixture(scope="module")
def patients(limits):
    with examples.put(limits, boundaries.files(CASES), boundaries.AS_OF) as (backend, records):
        yield backend, RULE, holding(backend, records, boundaries.HOLDINGS)


def subject_of(name):
    return f"{examples.key_of(name)}|{CASES[name].npi}"


def test_every_patient_at_a_boundary_of_ketamine_gets_the_answer_worked_out_by_hand(patients):
    found = answered(*patients)
    told = {name: found.get(subject_of(name)) for name in CASES}
    assert told == {name: case.expected for name, case in CASES.items()}


def test_every_occurrence_of_ketamine_is_by_the_definition_worked_out_by_hand(patients):
    found = answers_of(*patients)
    for name, case in CASES.items():
        if case.definition:
            occurrences = found[subject_of(name)]["occurrences"]
            assert case.definition in {o[0] for o in occurrences}, name
            assert not case.last_on or case.last_on in {o[2].isoformat() for o in occurrences}


def test_the_oracle_says_the_same_of_ketamine_at_every_boundary(patients):
    assert judged_by_oracle(*patients) == answers_of(*patients)


def test_the_evidence_of_ketamine_is_the_records_that_the_oracle_names(patients):
    answered(*patients)
    assert behind_findings(patients[0]) == behind_verdicts(*patients)


def test_a_depressant_is_evidence_but_its_prescriber_is_not_accused(patients):
    answered(*patients)
    subject = subject_of("alprazolam from the last day")
    rows = engine.rows(patients[0], f"FROM evidence WHERE subject_id = '{subject}'")
    assert {(r["ingredient"], r["depressant"], r["prescriber_key"]) for r in rows} == {
        ("ketamine", None, boundaries.NPI),
        ("alprazolam", "benzodiazepine", None),
    }


def test_a_finding_names_the_holding_it_relied_on(patients):
    found = answered(*patients)
    rows = engine.rows(patients[0], "FROM occurrences")
    relied = {row["subject_id"]: row["holding"] for row in rows}
    assert relied.keys() <= found.keys()
    assert relied[subject_of("30 days")] == 1
    assert relied[subject_of("doses held from that day")] == 3
    assert None not in relied.values()


def test_visits_with_vitals_would_clear_every_patient(patients):
    backend, rule, records = patients
    parameters = {**rule.oracle_parameters(rule.settled()), "as_of": records.as_of}
    told = judged_by_oracle(backend, rule, records, keep_records=True)
    fired = [given for verdict, given in told.values() if verdict["answer"] == "fired"]
    assert fired
    for given in fired:
        (change,) = rule.clearing(given, parameters, oracle.judge)
        assert oracle.judge(change.apply(given), parameters)["answer"] != "fired"


def both(limits, files, as_of=LAST_DAY, **values):
    with examples.put(limits, files, as_of) as (backend, put):
        records = holding(backend, put, HOLDINGS)
        found = answers_of(backend, RULE, records, **values)
        behind = behind_findings(backend), behind_verdicts(backend, RULE, records, **values)
        return found, judged_by_oracle(backend, RULE, records, **values), *behind


@pytest.mark.parametrize("seed", seeds())
def test_ketamine_at_home_agrees_with_asking_each_day(limits, seed):
    found, judged, records, named = both(limits, homes(seed, 250))
    assert {a["answer"] for a in found.values()} == {"fired", "not_evaluable", "clear"}
    assert {o[0] for a in found.values() for o in a["occurrences"]} == set(RULE.definitions)
    assert found == judged
    assert records == named


def test_an_earlier_as_of_date_leaves_out_later_visits(limits):
    found, judged, records, named = both(limits, homes(9, 200), date(2025, 6, 15))
    assert any(a["answer"] == "fired" for a in found.values())
    assert (found, records) == (judged, named)


@pytest.mark.parametrize(
    "values",
    [
        {"max_days_supply": 13, "max_doses": 29},
        {"min_overlap_days": 2},
        {"min_unmonitored_days": 14, "max_days_supply": 31},
    ],
)
def test_other_limits_move_ketamine_and_its_oracle_alike(limits, values):
    usual = both(limits, homes(3, 150))[0]
    found, judged, records, named = both(limits, homes(3, 150), **values)
    assert (found, records) == (judged, named)
    assert found != usual
