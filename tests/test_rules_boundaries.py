"""Both rules on either side of each boundary: answers by hand, then by the oracle."""

from collections import defaultdict
from dataclasses import replace

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.enrichment.held import HOLDING_COLUMNS
from audits.evaluation import answering

from . import boundaries_counting as counting
from . import boundaries_dose as dose
from . import boundaries_supervision as supervision
from .findings import answered, answers_of, judged_by_oracle

DOSES = {**dose.CASES, **counting.CASES}


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def doses(limits):
    rows = [
        {"patient_id": patient, "patient_state": "AZ", **row}
        for patient, (given, _) in DOSES.items()
        for row in given
    ]
    with examples.put(limits, {"prescriptions": rows}, dose.AS_OF) as (backend, records):
        yield backend, CATALOGUE["opioid_high_dose_90d"], records


@pytest.fixture(scope="module")
def teams(limits):
    with examples.put(limits, supervision.files(), supervision.AS_OF) as (backend, records):
        held = engine.load(backend, "stated", supervision.HOLDINGS, HOLDING_COLUMNS)
        yield backend, CATALOGUE["supervision_missing"], replace(records, holdings=held)


def patients():
    keys = {}
    for patient, (rows, _) in DOSES.items():
        (source,) = {row["source_system"] for row in rows}
        keys[patient] = examples.keys.patient_key(examples.SECRET, source, patient)
    return keys


def test_every_patient_at_a_boundary_of_the_dose_gets_the_answer_worked_out_by_hand(doses):
    found = answered(*doses)
    told = {patient: found.pop(key, None) for patient, key in patients().items()}
    assert told == {patient: expected for patient, (_, expected) in DOSES.items()}
    assert found == {}


def test_spells_begin_and_end_on_the_days_worked_out_by_hand(doses):
    backend, rule, records = doses
    answered(backend, rule, records)
    found = dict(answering.occurrences(backend))
    for patient, spells in dose.SPELLS.items():
        told = [
            (o.occurred_on.isoformat(), o.last_on.isoformat(), o.excluded_by)
            for o in found[patients()[patient]]
        ]
        assert told == spells, patient


def test_every_prescriber_at_a_boundary_of_supervision_gets_the_answer_worked_out_by_hand(teams):
    found = answered(*teams)
    told, expected = {}, {}
    for place, (name, case) in enumerate(supervision.CASES.items()):
        told[name] = found.pop(f"{supervision.npi_of(place)}|{case.state or 'unknown'}", None)
        expected[name] = case.expected
    assert told == expected
    assert found == {}


def test_a_finding_says_what_stands_against_the_agreement(teams):
    backend, rule, records = teams
    answered(backend, rule, records)
    rows = engine.rows(backend, "SELECT DISTINCT subject_id, agreement FROM evidence")
    said = {row["subject_id"].split("|")[0]: row["agreement"] for row in rows}
    for place, (name, case) in enumerate(supervision.CASES.items()):
        if case.agreement:
            assert said[supervision.npi_of(place)] == case.agreement, name


def test_the_evidence_of_a_dose_adds_up_to_its_value(doses):
    backend, rule, records = doses
    answered(backend, rule, records)
    rows = engine.rows(
        backend,
        "SELECT o.subject_id, o.occurred_on, any_value(o.value) AS value, "
        "sum(e.mme_day * e.days_in_window) AS added FROM occurrences o "
        "JOIN evidence e USING (subject_id, occurred_on) GROUP BY ALL",
    )
    assert rows
    assert [row for row in rows if row["value"] != row["added"]] == []


@pytest.mark.parametrize("who", ["doses", "teams"])
def test_the_evidence_is_the_records_that_the_oracle_names(who, request):
    backend, rule, records = request.getfixturevalue(who)
    answered(backend, rule, records)
    rows = engine.rows(
        backend,
        "SELECT subject_id, occurred_on, definition, list(source_system || '|' || "
        "source_record_id) AS keys FROM evidence GROUP BY ALL",
    )
    found = {(r["subject_id"], r["occurred_on"], r["definition"]): set(r["keys"]) for r in rows}
    judged = defaultdict(set)
    for subject, (verdict, _) in judged_by_oracle(
        backend, rule, records, keep_records=True
    ).items():
        for each in verdict["occurrences"]:
            judged[subject, each["first_on"], each["definition"]] |= set(each["records"])
    assert found == judged


@pytest.mark.parametrize("who", ["doses", "teams"])
def test_the_oracle_says_the_same_at_every_boundary(who, request):
    given = request.getfixturevalue(who)
    backend, rule, records = given
    assert judged_by_oracle(backend, rule, records) == answers_of(backend, rule, records)


@pytest.mark.parametrize(("supervisor", "answer"), [("", "fired"), ("1245319599", "clear")])
def test_an_agreement_with_nobody_covers_nothing_though_no_practitioners_are_held(
    limits, supervisor, answer
):
    nurse = {"prescriber_npi": "1111111112", "prescriber_type": "np"}
    row = dose.rx("oxycodone 5 mg tablet", written_date="2025-06-02", filled="2025-06-02")
    agreement = {"supervisee_npi": "1111111112", "supervisor_npi": supervisor, "state": "FL"}
    files = {
        "prescriptions": [{"patient_id": "p1", "patient_state": "FL", **nurse, **row}],
        "supervision": [{**agreement, "valid_from": "2025-01-01", "source_system": "clinic"}],
    }
    with examples.put(limits, files, dose.AS_OF) as (backend, records):
        found = answered(backend, CATALOGUE["supervision_missing"], records)
    assert [told[0] for told in found.values()] == [answer]
