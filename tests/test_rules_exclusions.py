"""R46 on either side of each boundary, by hand and by its oracle, and on random prescribers."""

from dataclasses import replace
from datetime import date

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.enrichment.held import HOLDING_COLUMNS
from audits.oracles import excluded_prescriber as oracle

from . import boundaries_exclusions as boundaries
from . import histories_exclusions as histories
from .findings import (
    answered,
    answers_of,
    behind_findings,
    behind_verdicts,
    judged_by_oracle,
    seeds,
)

RULE = CATALOGUE["excluded_prescriber"]
LAST_DAY = date(2030, 12, 31)


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def prescribers(limits):
    with examples.put(limits, boundaries.files(), boundaries.AS_OF) as (backend, records):
        held = engine.load(backend, "stated", boundaries.HOLDINGS, HOLDING_COLUMNS)
        yield backend, RULE, replace(records, holdings=held)


def cases():
    """Yield each case's name, subject and the case."""
    for place, (name, case) in enumerate(boundaries.CASES.items()):
        yield name, boundaries.key_of(place), case


def test_every_prescriber_at_a_boundary_gets_the_answer_worked_out_by_hand(prescribers):
    found = answered(*prescribers)
    told = {name: found.pop(subject, None) for name, subject, _ in cases()}
    assert told == {name: case.expected for name, _, case in cases()}
    assert not found


def test_occurrences_of_exclusions_are_days_and_payers(prescribers):
    answered(*prescribers)
    rows = engine.rows(
        prescribers[0],
        "SELECT subject_id, occurred_on::VARCHAR AS day, definition, records, value, excluded_by "
        "FROM found ORDER BY ALL",
    )
    for name, subject, case in cases():
        mine = [tuple(row.values())[1:] for row in rows if row["subject_id"] == subject]
        assert not case.days or tuple(mine) == case.days, name


def test_the_flag_names_the_exclusion_it_rests_on(prescribers):
    answered(*prescribers)
    (subject,) = (key for name, key, _ in cases() if name == "the first day")
    rows = engine.rows(prescribers[0], "FROM found")
    (row,) = (row for row in rows if row["subject_id"] == subject)
    assert row["exclusion"].startswith("example/exclusions-")
    assert row["excluded_on"] == date(2025, 3, 1)


def test_the_oracle_says_the_same_of_exclusions_at_every_boundary(prescribers):
    assert judged_by_oracle(*prescribers) == answers_of(*prescribers)


def test_the_evidence_of_exclusions_is_the_records_that_the_oracle_names(prescribers):
    answered(*prescribers)
    assert behind_findings(prescribers[0]) == behind_verdicts(*prescribers)


def test_the_list_otherwise_would_clear_every_prescriber(prescribers):
    backend, rule, records = prescribers
    parameters = {**rule.oracle_parameters(rule.settled()), "as_of": records.as_of}
    told = judged_by_oracle(backend, rule, records, keep_records=True)
    for verdict, given in told.values():
        if verdict["answer"] == "fired":
            changes = list(rule.clearing(given, parameters, oracle.judge))
            assert len(changes) >= 2
            for change in changes:
                cleared = oracle.judge(change.apply(given), parameters)["answer"]
                assert cleared != "fired", change.sentence


def test_the_population_is_counted_alike(prescribers):
    backend, rule, records = prescribers
    found = engine.rows(backend, rule.find(records).population)
    p = records.prescriptions
    rows = engine.rows(backend, p.select("prescriber_key", "counts_as_prescription", "event_date"))
    assert {row["subject_id"] for row in found} == oracle.population(rows, records.as_of)


def both(limits, files, as_of=LAST_DAY, **values):
    with examples.put(limits, files, as_of) as (backend, put):
        held = engine.load(backend, "stated", histories.HOLDINGS, HOLDING_COLUMNS)
        records = replace(put, holdings=held)
        found = answers_of(backend, RULE, records, **values)
        behind = behind_findings(backend), behind_verdicts(backend, RULE, records, **values)
        return found, judged_by_oracle(backend, RULE, records, **values), *behind


@pytest.mark.parametrize("seed", seeds())
def test_the_list_agrees_with_asking_each_prescription(limits, seed):
    found, judged, records, named = both(limits, histories.offices(seed, 300))
    answers = {a["answer"] for a in found.values()}
    assert answers == {"fired", "suppressed", "not_evaluable", "clear"}
    assert found == judged
    assert records == named


@pytest.mark.parametrize("values", [{"prescriptions": 1}, {"prescriptions": 2}])
def test_another_number_moves_exclusions_and_their_oracle_alike(limits, values):
    usual = both(limits, histories.offices(3, 150))[0]
    found, judged, records, named = both(limits, histories.offices(3, 150), **values)
    assert (found, records) == (judged, named)
    assert found != usual


def test_an_earlier_as_of_date_leaves_out_what_was_written_later(limits):
    found, judged, *_ = both(limits, histories.offices(5, 100), date(2025, 3, 2))
    assert found == judged
    assert max(o[1] for a in found.values() for o in a["occurrences"]) <= date(2025, 3, 2)
