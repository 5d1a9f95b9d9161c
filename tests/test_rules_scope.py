"""R28 on either side of each boundary, by hand and by its oracle, and on random prescribers."""

from datetime import date, timedelta

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.oracles import prescriber_type_mismatch as oracle

from . import boundaries_scope_written as boundaries
from .boundaries_scope import AS_OF, FIRST
from .findings import (
    answered,
    answers_of,
    behind_findings,
    behind_verdicts,
    judged_by_oracle,
    seeds,
)
from .histories_scope import desks

RULE = CATALOGUE["prescriber_type_mismatch"]
LAST_DAY = date(2030, 12, 31)


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def prescribers(limits):
    with examples.put(limits, boundaries.files(), AS_OF) as (backend, records):
        yield backend, RULE, records


def subjects():
    """Yield each case's name and subject."""
    for place, (name, case) in enumerate(boundaries.CASES.items()):
        yield name, f"{boundaries.npi_of(place)}|{case.of}"


def test_every_prescriber_at_a_boundary_of_scope_gets_the_answer_worked_out_by_hand(prescribers):
    found = answered(*prescribers)
    told = {name: found.get(subject) for name, subject in subjects()}
    assert told == {name: case.expected for name, case in boundaries.CASES.items()}


def test_runs_outside_scope_begin_and_end_on_the_days_worked_out_by_hand(prescribers):
    found = answered(*prescribers)
    rows = engine.rows(prescribers[0], "FROM occurrences ORDER BY occurred_on")
    unknown = engine.rows(prescribers[0], "FROM unusable")
    assert {row["subject_id"] for row in (*rows, *unknown)} <= found.keys()
    for name, subject in subjects():
        told = tuple(
            (
                (row["occurred_on"] - FIRST) // timedelta(1),
                (row["last_on"] - FIRST) // timedelta(1),
                row["severity"],
                row["value"],
            )
            for row in rows
            if row["subject_id"] == subject
        )
        assert not boundaries.CASES[name].runs or told == boundaries.CASES[name].runs, name


def test_the_oracle_says_the_same_of_scope_at_every_boundary(prescribers):
    assert judged_by_oracle(*prescribers) == answers_of(*prescribers)


def test_the_evidence_of_scope_is_the_records_that_the_oracle_names(prescribers):
    answered(*prescribers)
    assert behind_findings(prescribers[0]) == behind_verdicts(*prescribers)


def test_fewer_patients_or_shorter_supplies_would_clear_every_prescriber(prescribers):
    backend, rule, records = prescribers
    parameters = {**rule.oracle_parameters(rule.settled()), "as_of": records.as_of}
    told = judged_by_oracle(backend, rule, records, keep_records=True)
    sentences = {}
    for subject, (verdict, given) in told.items():
        if verdict["answer"] == "fired":
            for change in rule.clearing(given, parameters, oracle.judge):
                assert oracle.judge(change.apply(given), parameters)["answer"] != "fired"
                sentences.setdefault(subject, []).append(change.sentence)
    fired = {s for s, (verdict, _) in told.items() if verdict["answer"] == "fired"}
    assert sentences.keys() == fired
    named = dict(subjects())
    assert sentences[named["ten patients"]] == [
        "Without the last 8 of the 10 patients whom these prescriptions were for.",
        "Each of these prescriptions for at most 7 days.",
    ]
    assert sentences[named["a pharmacist, once"]] == [
        "Without the last 1 of the 1 patients whom these prescriptions were for."
    ]


def both(limits, files, as_of=LAST_DAY, **values):
    with examples.put(limits, files, as_of) as (backend, records):
        found = answers_of(backend, RULE, records, **values)
        behind = behind_findings(backend), behind_verdicts(backend, RULE, records, **values)
        return found, judged_by_oracle(backend, RULE, records, **values), *behind


@pytest.mark.parametrize("seed", seeds())
def test_usual_scope_agrees_with_counting_every_stretch(limits, seed):
    found, judged, records, named = both(limits, desks(seed, 250))
    assert {a["answer"] for a in found.values()} == {"fired", "not_evaluable", "clear"}
    severities = {o[3] for a in found.values() for o in a["occurrences"]}
    assert severities == {"medium", "high", "critical"}
    assert found == judged
    assert records == named


def test_an_earlier_as_of_date_leaves_out_later_prescriptions(limits):
    found, judged, records, named = both(limits, desks(9, 200), date(2025, 6, 15))
    assert any(a["answer"] == "fired" for a in found.values())
    assert (found, records) == (judged, named)


@pytest.mark.parametrize(
    "values",
    [
        {"patient_days": 45, "flag_patients": 2},
        {"severe_patients": 4, "critical_patients": 2},
        {"flag_patients": 5, "severe_patients": 3},
        {"patient_days": 1, "flag_patients": 1},
    ],
)
def test_other_limits_move_scope_and_its_oracle_alike(limits, values):
    usual = both(limits, desks(3, 150))[0]
    found, judged, records, named = both(limits, desks(3, 150), **values)
    assert (found, records) == (judged, named)
    assert found != usual
