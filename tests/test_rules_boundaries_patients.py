"""R04 and R12 on either side of each boundary: answers by hand, then by the oracle."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.evaluation import answering

from . import boundaries_providers as providers
from . import boundaries_refills as refills
from . import boundaries_shopping as shopping
from .findings import answers_of, judged_by_oracle

AS_OF = date(2026, 10, 31)
RULES = {
    "places": ("multiple_provider_episode", providers),
    "shopping": ("multiple_provider_episode", shopping),
    "refills": ("early_refill_accumulation", refills),
}


@pytest.fixture(scope="module", params=RULES)
def asked(request, tmp_path_factory):
    """Give engine, rule, records and the cases of one rule."""
    name, cases = RULES[request.param]
    limits = engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))
    rows = [
        {"patient_id": patient, "patient_state": "AZ", "record_type": "dispense", **row}
        for patient, (given, _) in cases.CASES.items()
        for row in given
    ]
    with examples.put(limits, {"prescriptions": rows}, AS_OF) as (backend, records):
        yield backend, CATALOGUE[name], records, cases


def subject(cases, name):
    """Return the id of the subject of a case."""
    return getattr(cases, "subject", examples.key_of)(name)


def found_by(backend, rule, records, **values):
    """Return answer, reason and what each occurrence says, of every subject."""
    with TemporaryDirectory() as folder:
        answering.answer(
            backend,
            rule.find(records, **values),
            precedence=tuple(rule.definitions),
            touched=None,
            former=None,
            into=Path(folder),
        )
        rows = engine.rows(backend, f"FROM read_parquet('{folder}/answers.parquet')")
    found = dict(answering.occurrences(backend))
    order = list(rule.definitions)
    return {
        row["subject_id"]: (
            row["answer"],
            row["reason"],
            [
                (o.definition, o.severity, o.value)
                for o in sorted(
                    found.get(row["subject_id"], ()),
                    key=lambda o: (order.index(o.definition), o.occurred_on),
                )
            ],
        )
        for row in rows
    }


def test_everybody_at_a_boundary_gets_the_answer_worked_out_by_hand(asked):
    backend, rule, records, cases = asked
    found = found_by(backend, rule, records)
    told = {name: found.pop(subject(cases, name), None) for name in cases.CASES}
    assert told == {name: expected for name, (_, expected) in cases.CASES.items()}
    assert found == getattr(cases, "ALSO", {})


def test_what_was_found_lies_on_the_days_worked_out_by_hand(asked):
    backend, rule, records, cases = asked
    found_by(backend, rule, records)
    found = dict(answering.occurrences(backend))
    for name, (definition, runs) in cases.RUNS.items():
        told = [
            (o.occurred_on.isoformat(), o.last_on.isoformat(), o.excluded_by)
            for o in found[subject(cases, name)]
            if o.definition == definition
        ]
        assert told == runs, name


def test_the_evidence_is_the_records_that_the_oracle_names(asked):
    backend, rule, records, _ = asked
    found_by(backend, rule, records)
    rows = engine.rows(
        backend,
        "SELECT subject_id, occurred_on, definition, list(source_system || '|' || "
        "source_record_id ORDER BY source_record_id) AS keys FROM evidence GROUP BY ALL",
    )
    found = {(r["subject_id"], r["occurred_on"], r["definition"]): r["keys"] for r in rows}
    judged = defaultdict(list)
    verdicts = judged_by_oracle(backend, rule, records, keep_records=True)
    for subject, (verdict, _) in verdicts.items():
        for each in verdict["occurrences"]:
            judged[subject, each["first_on"], each["definition"]] += each["records"]
    assert found == judged


def test_every_reason_is_one_that_the_oracle_gives(asked):
    backend, rule, records, _ = asked
    found = found_by(backend, rule, records)
    verdicts = judged_by_oracle(backend, rule, records, keep_records=True)
    for subject, (_, reason, _) in found.items():
        reasons = verdicts[subject][0]["reasons"]
        assert reason == (reasons[0] if reasons else None)


def test_the_oracle_says_the_same_at_every_boundary(asked):
    backend, rule, records, _ = asked
    assert judged_by_oracle(backend, rule, records) == answers_of(backend, rule, records)


def test_an_age_is_a_reason_where_it_alone_decides(tmp_path):
    limits = engine.Limits(memory="1GB", threads=1, scratch=tmp_path)
    fired = ("fired", None, [providers.PQA4])
    unknown, clear = ("not_evaluable", "age_unknown", []), ("clear", None, [])
    expected = {"2006": fired, "2007": unknown, "2008": clear, "": unknown}
    rows = [
        row | {"patient_id": f"born {year}", "record_type": "dispense", "patient_birth_year": year}
        for year in expected
        for row in providers.many(4, 4, 179, days="7")
    ]
    rule = CATALOGUE["multiple_provider_episode"]
    only_by_age = {"year_days": 100, "controlled_pharmacies": 9}
    with examples.put(limits, {"prescriptions": rows}, AS_OF) as (backend, records):
        found = found_by(backend, rule, records, **only_by_age)
        judged = judged_by_oracle(backend, rule, records, **only_by_age)
        assert judged == answers_of(backend, rule, records, **only_by_age)
    assert found == {examples.key_of(f"born {year}"): each for year, each in expected.items()}
