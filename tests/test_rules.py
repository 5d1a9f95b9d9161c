"""Every rule: its card is whole, its examples come out, and its oracle agrees."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from audits import catalogue, engine, examples
from audits.rule import Rule

from .findings import answers_of, judged_by_oracle

LAST_DAY = date(2030, 12, 31)


@pytest.fixture
def limits(tmp_path):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path)


@pytest.fixture(params=catalogue.CATALOGUE.values(), ids=lambda rule: rule.number)
def rule(request) -> Rule:
    return request.param


def test_the_card_is_complete(rule):
    assert rule.rationale
    assert rule.title and not rule.title.endswith(".")
    assert rule.citations and all(c.url.startswith("https://") for c in rule.citations)
    assert rule.review_by > date(2026, 11, 1) and rule.owner
    keys = {c.key for c in rule.citations}
    for parameter in rule.parameters.values():
        assert parameter.unit and parameter.meaning
        assert (parameter.citation in keys) != (parameter.basis == "house default")
    assert rule.threshold in rule.parameters


def test_the_examples_come_out_as_expected(rule, limits):
    example = examples.read(rule)
    expected = {
        examples.subject_id(rule, row["subject"]): (
            row["answer"],
            row.get("severity"),
            Decimal(row["value"]) if "value" in row else None,
        )
        for row in example.expected
    }
    assert {answer for answer, _, _ in expected.values()} >= {"fired", "clear", "not_evaluable"}
    with examples.put(limits, example.records, LAST_DAY) as (backend, records):
        found = answers_of(backend, rule, records)
    assert {s: (a["answer"], a["severity"], a["value"]) for s, a in found.items()} == expected


def test_the_oracle_says_the_same_of_the_examples(rule, limits):
    example = examples.read(rule)
    with examples.put(limits, example.records, LAST_DAY) as (backend, records):
        found = answers_of(backend, rule, records)
        judged = judged_by_oracle(backend, rule, records)
    assert judged == found


def test_nothing_is_found_where_there_is_nothing(rule, limits):
    with examples.put(limits, {}, LAST_DAY) as (backend, records):
        assert answers_of(backend, rule, records) == {}


def test_the_order_of_the_rows_does_not_matter(rule, limits):
    example = examples.read(rule)
    backwards = {
        kind: [{"source_record_id": f"{kind}-{n}", **row} for n, row in enumerate(rows, start=1)][
            ::-1
        ]
        for kind, rows in example.records.items()
    }
    with examples.put(limits, example.records, LAST_DAY) as (backend, records):
        forwards = answers_of(backend, rule, records)
    with examples.put(limits, backwards, LAST_DAY) as (backend, records):
        assert answers_of(backend, rule, records) == forwards


def test_what_would_clear_it_clears_it(rule, limits):
    oracle = catalogue.oracle(rule)
    parameters = rule.oracle_parameters(rule.settled())
    with examples.put(limits, examples.read(rule).records, LAST_DAY) as (backend, records):
        told = judged_by_oracle(backend, rule, records, keep_records=True)
    fired = {s: r for s, (verdict, r) in told.items() if verdict["answer"] == "fired"}
    assert fired
    changes = defaultdict(list)
    for subject, given in fired.items():
        for change in rule.clearing(given, {**parameters, "as_of": LAST_DAY}, oracle.judge):
            verdict = oracle.judge(change.apply(given), {**parameters, "as_of": LAST_DAY})
            assert verdict["answer"] != "fired", change.sentence
            changes[subject].append(change.sentence)
    assert changes.keys() == fired.keys()
