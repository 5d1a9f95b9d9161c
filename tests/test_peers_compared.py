"""Prescribers beside their peers, by the real path: numbers worked out by hand."""

from datetime import date
from fractions import Fraction

import pytest

from audits import dossiers, snapshots
from audits.peers import Ground, Standing
from tests.peer_fixtures import (
    ARIZONANS,
    DENTAL,
    NOBODY,
    NURSES,
    OUTLIER,
    SELDOM,
    UNKNOWN,
    npi,
)

pytest_plugins = ("tests.peer_fixtures",)
pytestmark = [pytest.mark.django_db]
ROLE = "general_np"


def compared(who: int) -> list[dossiers.Compared]:
    return dossiers.compared_with_peers(dossiers.latest_basis(), npi(who))


def lines(window: dossiers.Compared) -> dict[str, dossiers.Line]:
    return {line.measure.name: line for line in window.lines}


def test_the_windows_end_at_the_as_of_date_and_hold_their_days(practices):
    short, long = compared(OUTLIER)
    assert (short.window.first, short.window.last) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (long.window.first, long.window.days) == (date(2025, 4, 1), 365)
    assert (compared(0)[0].counts["controlled"], compared(0)[1].counts["controlled"]) == (20, 30)


def test_the_values_and_the_spread_are_those_of_the_files(practices):
    short = compared(OUTLIER)[0]
    assert short.choice.ground is Ground.STATE
    assert len(short.choice.group.members) == 31
    share = lines(short)["opioid_share"]
    assert (share.value, share.spread.median) == (1, Fraction(5, 20))
    assert (share.spread.lower, share.spread.upper) == (Fraction(4, 20), Fraction(6, 20))
    assert share.position.percentile == Fraction(61, 62)
    assert share.position.z == Fraction(6745, 10000) * Fraction(3, 4) / Fraction(1, 20)
    assert share.position.standing is Standing.OUTER
    controlled = lines(short)["controlled"]
    assert (controlled.value, controlled.position.standing) == (40, Standing.ABOVE_ALL)
    assert controlled.position.z is None
    assert lines(short)["pharmacies"].value == 2
    assert lines(short)["days_per_patient"].value == 30
    assert lines(short)["schedule_ii_share"].value == 1
    assert lines(short)["controlled_per_patient"].value == 1


def test_ketamine_is_zero_without_any_and_unknown_where_an_amount_is(practices):
    assert lines(compared(0)[1])["ketamine_mg_per_patient"].value == 0
    assert lines(compared(1)[1])["ketamine_mg_per_patient"].value == 3000
    unknown = lines(compared(2)[1])["ketamine_mg_per_patient"]
    assert (unknown.value, unknown.position) == (None, None)
    assert unknown.valued == 30


def test_each_falls_back_as_the_reading_says(practices):
    arizona = compared(ARIZONANS[0])[0].choice
    assert (arizona.ground, arizona.group.state) == (Ground.STATE_SMALL, "")
    assert (arizona.in_state, arizona.everywhere) == (4, 35)
    for who, ground in (
        (DENTAL[0], Ground.TOO_SMALL),
        (SELDOM, Ground.TOO_FEW),
        (UNKNOWN, Ground.ROLE_UNKNOWN),
        (NOBODY, Ground.TOO_FEW),
        (999, Ground.TOO_FEW),
    ):
        for window in compared(who):
            assert (window.choice.ground, window.choice.group) == (ground, None)
            assert window.lines == []


def test_two_windows_may_choose_otherwise(practices, monkeypatch):
    """Readings A-107: with 31 needed the year has them and the quarter too, with 32 neither."""
    monkeypatch.setattr("audits.peers.groups.LEAST_MEMBERS", 32)
    assert [window.choice.ground for window in compared(0)] == [Ground.STATE_SMALL] * 2
    monkeypatch.setattr("audits.peers.groups.LEAST_MEMBERS", 36)
    assert [window.choice.ground for window in compared(0)] == [Ground.TOO_SMALL] * 2


def test_the_group_draws_members_only(practices):
    basis = dossiers.latest_basis()
    group = dossiers.peer_group(basis, ROLE, "FL", 90)
    assert (len(group.group.members), len(group.group.below)) == (31, 2)
    funnel = group.funnel("opioid_share")
    assert funnel.undrawn == 2
    assert funnel.share == Fraction(150 + 40, 30 * 20 + 40)
    drawn = {point.counted.key for point in funnel.points}
    assert drawn == {npi(n) for n in (*NURSES, OUTLIER)}
    assert funnel.alarms.found == 1
    small = dossiers.peer_group(basis, "dental", "", 90)
    assert small.funnel("opioid_share") is None
    assert set(small.spreads.values()) == {None}
    assert dossiers.peer_group(basis, ROLE, "WY", 90) is None


def test_what_the_evaluation_counted_is_what_the_first_reader_counts(practices):
    basis = dossiers.latest_basis()
    kept = snapshots.evidence_folder(basis.evaluation, "peers") / "counts.parquet"
    before = dossiers.peer_group(basis, ROLE, "", 365)
    assert kept.exists()
    kept.unlink()
    assert dossiers.peer_group(basis, ROLE, "", 365) == before
    assert kept.exists()
    assert [path.name for path in kept.parent.iterdir()] == ["counts.parquet"]


def test_what_is_counted_cannot_be_read_where_the_file_is_damaged(practices):
    basis = dossiers.latest_basis()
    kept = snapshots.evidence_folder(basis.evaluation, "peers") / "counts.parquet"
    kept.write_bytes(b"nothing")
    with pytest.raises(dossiers.UnreadableError):
        compared(0)
