"""Taking an upload back, in whatever order and whatever rests on it."""

import pytest

from .ledger_files import Promotions, row


@pytest.fixture
def promotions(tmp_path):
    return Promotions(tmp_path)


def test_what_it_brought_goes_and_what_it_revised_or_voided_comes_back(promotions):
    promotions.promote([row("1", "a"), row("2", "a")])
    promotions.promote([row("1", "b", "revise"), row("2", "a", "void"), row("3", "a")])
    promotions.withdraw(2)
    assert promotions.in_force() == {"ehr/1": "a", "ehr/2": "a"}
    assert promotions.in_force(at=promotions.snapshots[2]) == {"ehr/1": "b", "ehr/3": "a"}


def test_what_a_later_upload_superseded_too_does_not_come_back(promotions):
    promotions.promote([row("1", "a")])
    promotions.promote([row("1", "b", "revise")])
    promotions.promote([row("1", "c", "revise")])
    promotions.withdraw(2)
    assert promotions.in_force() == {"ehr/1": "c"}
    promotions.withdraw(3)
    assert promotions.in_force() == {"ehr/1": "a"}


def test_a_row_that_another_upload_restated_stays_until_that_goes_too(promotions):
    promotions.promote([row("1", "a")])
    promotions.promote([row("1", "a")])
    promotions.withdraw(1)
    assert promotions.in_force() == {"ehr/1": "a"}
    promotions.withdraw(2)
    assert promotions.in_force() == {}


def test_a_void_that_another_upload_repeated_stays_until_that_goes_too(promotions):
    promotions.promote([row("1", "a")])
    promotions.promote([row("1", "a", "void")])
    promotions.promote([row("1", "a", "void")])
    promotions.withdraw(2)
    assert promotions.in_force() == {}
    promotions.withdraw(3)
    assert promotions.in_force() == {"ehr/1": "a"}


def test_content_that_came_twice_is_in_force_once(promotions):
    promotions.promote([row("1", "a")])
    promotions.promote([row("1", "b", "revise")])
    promotions.promote([row("1", "a", "revise")])
    promotions.withdraw(3)
    assert promotions.in_force() == {"ehr/1": "b"}
    promotions.withdraw(2)
    assert promotions.in_force() == {"ehr/1": "a"}


def test_withdrawn_rows_may_be_uploaded_again_as_new(promotions):
    promotions.promote([row("1", "a")])
    promotions.withdraw(1)
    counts = promotions.promote([row("1", "a"), row("2", "b")])
    assert promotions.outcomes(2) == ["new", "new"]
    assert counts.next_seq == promotions.newest.sequence + 1
