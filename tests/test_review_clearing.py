"""Judging a flag again: the oracle agrees, and what would clear it does."""

import pytest

from audits import review
from audits.review.clearing import _tried
from tests.flag_fixtures import MANY, SUPERVISION

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
]


def test_the_arithmetic_is_the_oracle_s_and_agrees_with_the_flag(house):
    lines, agrees = review.arithmetic(house.severe())
    assert agrees
    assert len(lines) == 4
    assert "30 x 180 / 30 days x 1.5 = 270.000 MME a day, on 30 days" in lines[0]
    assert lines[-1].endswith("= 270.000000 MME a day; fires above 120.")


def test_a_figure_that_the_oracle_does_not_find_is_seen(house):
    state = house.severe()
    state.occurrences[0]["value"] += 1
    assert not review.arithmetic(state)[1]


def test_the_nearest_change_of_one_prescription_clears_a_dose(house):
    # 90 units give 45 MME over the window; 60 bring the average from 135 to exactly 120.
    assert review.what_would_clear(house.middling()) == [
        "Prescription clinic middling-0 with at most 60 units instead of 90."
    ]


def test_where_no_single_prescription_clears_all_together_do(house):
    (change,) = review.what_would_clear(house.severe())
    assert change.startswith("All 3 prescriptions of these periods at 44 % of their quantity")


def test_an_agreement_on_record_would_clear_a_missing_supervisor(house):
    (change,) = review.what_would_clear(house.critical())
    assert "from 2025-01-01 to 2025-01-31" in change


def test_nothing_needs_to_clear_what_is_suppressed(house):
    assert review.what_would_clear(house.state(verdict="suppressed")) == []


def test_the_evidence_is_as_many_records_as_the_flag_says_page_by_page(house):
    state = house.state(SUPERVISION, severity="high")
    first, second = review.evidence_of(state), review.evidence_of(state, page=2)
    assert (first.total, first.pages, len(first.rows), len(second.rows)) == (MANY, 2, 200, 5)
    assert state.records == MANY
    records = {row["source_record_id"] for row in (*first.rows, *second.rows)}
    assert len(records) == MANY


def test_the_contributions_add_up_to_the_flag_s_figure(house):
    state = house.severe()
    rows = review.evidence_of(state).rows
    assert sum(row["mme_day"] * row["days_in_window"] for row in rows) == state.value


def test_evidence_that_is_gone_is_said_to_be_gone(house):
    state = house.severe()
    (house.folder / "ledger" / "evidence").rename(house.folder / "elsewhere")
    assert not review.evidence_of(state).found


def test_a_search_for_changes_that_runs_dry_is_no_error():
    def dry():
        yield next(iter(()))

    assert list(_tried(dry())) == []
