"""Tables derived from records: made once, and from a plan whatever was made before."""

import ibis
import pytest

from audits import derived, engine
from audits.derived import Derived, built_once

LIMITS = {"memory": "200MB", "threads": 1}


@pytest.fixture
def backend(tmp_path):
    with engine.connect(engine.Limits(scratch=tmp_path, **LIMITS)) as found:
        yield found


@pytest.fixture(autouse=True)
def no_plans(monkeypatch):
    monkeypatch.setattr(derived, "PLANS", {})


def numbers(backend, *values):
    return engine.load(backend, "numbers", [{"n": value} for value in values], {"n": "BIGINT"})


def doubled(kept, table):
    return kept.store("doubled", table.mutate(n=table.n * 2))


def told(backend, sql):
    return sorted(row["n"] for row in engine.rows(backend, sql))


def test_a_table_is_made_once_however_often_it_is_asked_for(backend):
    kept, table = Derived(backend=backend), numbers(backend, 1, 2)
    first = doubled(kept, table)
    backend.con.execute(f'DELETE FROM "{first.get_name()}"')
    assert told(backend, doubled(kept, table)) == []


def test_tables_of_another_content_have_another_name(backend):
    kept, table = Derived(backend=backend), numbers(backend, 1)
    other = kept.store("doubled", table.mutate(n=table.n * 4))
    assert (told(backend, doubled(kept, table)), told(backend, other)) == ([2], [4])


def test_a_plan_holds_for_other_records_of_the_same_shape(backend):
    calls = []

    def ask(*values):
        table = numbers(backend, *values)

        def build():
            calls.append(values)
            return {"all": doubled(kept, table)}

        kept = Derived(backend=backend)
        return told(backend, kept.planned("key", build)["all"])

    assert (ask(1, 2), ask(3)) == ([2, 4], [6])
    assert calls == [(1, 2)]


def test_a_plan_makes_what_another_had_made_when_it_was_built(backend):
    kept = Derived(backend=backend)
    table = numbers(backend, 5)
    doubled(kept, table)  # by somebody else, before

    def build(among):
        return {"all": (twice := doubled(among, table)).mutate(n=twice.n + 1)}

    assert told(backend, kept.planned("key", lambda: build(kept))["all"]) == [11]
    backend.con.execute(f'DROP TABLE "{doubled(kept, table).get_name()}"')
    fresh = Derived(backend=backend)
    assert told(backend, fresh.planned("key", lambda: pytest.fail("built"))["all"]) == [11]


def test_a_plan_within_a_plan_is_part_of_both(backend):
    kept, table = Derived(backend=backend), numbers(backend, 1)

    def outer():
        parts = kept.planned("inner", lambda: {"all": doubled(kept, table)})
        assert parts["all"]
        return {"more": (twice := doubled(kept, table)).mutate(n=twice.n + 1)}

    kept.planned("outer", outer)
    backend.con.execute(f'DROP TABLE "{doubled(kept, table).get_name()}"')
    fresh = Derived(backend=backend)
    assert told(backend, fresh.planned("outer", outer)["more"]) == [3]


def test_the_oldest_of_too_many_plans_is_forgotten(backend, monkeypatch):
    monkeypatch.setattr(derived, "KEPT", 2)
    kept, table = Derived(backend=backend), numbers(backend, 1)
    for key in "abc":
        kept.planned(key, lambda: {"all": table})
    assert list(derived.PLANS) == ["b", "c"]


def test_an_expression_is_built_once_for_the_same_tables_and_values():
    calls = []

    @built_once
    def build(table, more):
        calls.append(more)
        return table.mutate(n=table.n + more)

    def made():
        return ibis.table({"n": "int64"}, "made")

    assert build(made(), 1).equals(build(made(), 1))
    assert not build(made(), 1).equals(build(made(), 2))
    assert not build(made(), 1).equals(build(ibis.table({"n": "int64"}, "other"), 1))
    assert calls == [1, 2, 1]
