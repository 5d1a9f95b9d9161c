"""Holdings of one kind joined to the unbroken spans they cover together."""

from datetime import date

import pytest

from audits import engine
from audits.enrichment import held


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


def stated(*holdings):
    """Return holdings from (kind, first, last day of January 2025, state)."""
    return [
        {
            "holding": n,
            "kind": kind,
            "covers_from": date(2025, 1, first),
            "covers_to": date(2025, 1, last),
            "state": state,
        }
        for n, (kind, first, last, state) in enumerate(holdings, start=1)
    ]


SPANS = {
    "one": ([("a", 1, 5, None)], [("a", 1, 5, None, 1)]),
    "the day after": ([("a", 1, 5, None), ("a", 6, 9, None)], [("a", 1, 9, None, 1)]),
    "a day between": (
        [("a", 1, 5, None), ("a", 7, 9, None)],
        [("a", 1, 5, None, 1), ("a", 7, 9, None, 2)],
    ),
    "overlapping": ([("a", 4, 9, None), ("a", 1, 5, None)], [("a", 1, 9, None, 1)]),
    "one within another": (
        [("a", 1, 9, None), ("a", 2, 3, None), ("a", 10, 12, None)],
        [("a", 1, 12, None, 1)],
    ),
    "other kinds": (
        [("a", 1, 5, None), ("b", 6, 9, None)],
        [("a", 1, 5, None, 1), ("b", 6, 9, None, 2)],
    ),
    "a state and all": (
        [("a", 1, 5, None), ("a", 6, 9, "FL")],
        [("a", 1, 5, None, 1), ("a", 1, 9, "FL", 1)],
    ),
    "two states": (
        [("a", 1, 5, "FL"), ("a", 6, 9, "TX")],
        [("a", 1, 5, "FL", 1), ("a", 6, 9, "TX", 2)],
    ),
    "a state between all": (
        [("a", 1, 5, None), ("a", 6, 7, "FL"), ("a", 8, 9, None)],
        [("a", 1, 5, None, 1), ("a", 8, 9, None, 3), ("a", 1, 9, "FL", 1)],
    ),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", SPANS)
def test_holdings_are_joined_where_no_day_is_between(limits, name):
    given, wanted = SPANS[name]
    with engine.connect(limits) as backend:
        found = engine.rows(backend, held.spans(backend, stated(*given)))
    told = [
        (r["kind"], r["covers_from"].day, r["covers_to"].day, r["state"], r["holding"])
        for r in found
    ]
    assert sorted(told, key=str) == sorted(wanted, key=str)
