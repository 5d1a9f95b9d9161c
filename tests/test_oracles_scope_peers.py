"""The oracle of R28 compares a share with those of peers as the text of the rule does by hand."""

from datetime import timedelta
from fractions import Fraction

import pytest

from audits.oracles.peer_shares import quartile

from .scope_prescriptions import AS_OF, NPI, judged, late, others, peer, said

# With himself 30: a quarter have at most 2 of 20, three quarters at most 4, the line is at 7.
PEERS = [peer(n, 2) for n in range(10)] + [peer(n, 4) for n in range(10, 29)]
NOBODY = [peer(n, 0) for n in range(29)]


def wrote(of_class, written=20, **changes):
    """Give so many opioids of 8 days among so many controlled prescriptions."""
    opioids = [late(n, **changes) for n in range(of_class)]
    return [*opioids, *others(written - of_class)]


def beside(rows, peers=PEERS, **limits):
    return judged(*rows, peers=peers, **limits)


@pytest.mark.parametrize(
    ("of_class", "written", "answer"),
    [
        (7, 20, ("clear",)),
        (8, 20, ("above_peers", "low", 1)),
        (14, 40, ("clear",)),
        (15, 40, ("above_peers", "low", 1)),
        (8, 21, ("above_peers", "low", 1)),  # 7.35 are within
        (8, 23, ("clear",)),  # 8.05
        (20, 20, ("above_peers", "low", 13)),
        (8, 19, ("not_evaluable", "few_controlled")),
    ],
)
def test_only_a_share_above_the_line_fires(of_class, written, answer):
    assert said(beside(wrote(of_class, written))) == answer


def test_the_arithmetic_is_told():
    verdict = beside(wrote(8))
    assert verdict["arithmetic"] == [
        "8 prescriptions: review.",
        "A quarter of the peers have at most 1/10, three quarters at most 1/5.",
        "Peers everywhere: 30, himself among them.",
        "8 of 20 controlled prescriptions; at most 7 are within the line of 7/20; fires from 1 "
        "more.",
    ]
    [occurrence] = verdict["occurrences"]
    assert occurrence["records"] == [f"rx-{n}" for n in range(8)]
    assert occurrence["first_on"] == occurrence["last_on"] == AS_OF


def test_29_with_himself_are_no_group():
    assert said(beside(wrote(8), PEERS[1:])) == ("not_evaluable", "no_peer_group")
    assert said(beside(wrote(8), PEERS[1:], least_members=29))[0] == "above_peers"


@pytest.mark.parametrize(
    "changes",
    [
        {"controlled": 19},
        {"doubtful": 1},
        {"role_group": "pain"},
        {"role_group": None},
        {"scope_class": "ketamine"},
        {"days": 91},
    ],
)
def test_who_is_no_member_makes_no_group(changes):
    peers = [*PEERS[1:], peer(50, 2, **changes)]
    assert said(beside(wrote(8), peers)) == ("not_evaluable", "no_peer_group")


def test_the_group_of_the_state_comes_first_and_that_of_all_is_the_one_way_out():
    here, elsewhere = (
        [peer(f"{state}-{n}", few if n < 10 else many, state=state) for n in range(29)]
        for state, few, many in (("GA", 2, 4), ("FL", 6, 8))
    )
    himself = peer(0, 0, prescriber_key=NPI, state="GA")

    def of(state_peers):
        return said(judged(*wrote(8), peers=[*state_peers, *elsewhere][::-1], himself=himself))

    assert of(here) == ("above_peers", "low", 1)
    assert of(here[1:]) == ("clear",)


def test_where_the_quartiles_are_equal_only_who_has_more_than_all_others_fires():
    peers = [*NOBODY[1:], peer(40, 3)]
    assert said(beside(wrote(3), peers)) == ("clear",)
    assert said(beside(wrote(4), peers)) == ("above_peers", "low", 1)
    assert said(beside(wrote(4), [*NOBODY[1:], peer(40, 8, 40)])) == ("clear",)
    assert said(beside(wrote(1), NOBODY)) == ("above_peers", "low", 1)


def test_a_doubt_counts_where_it_would_lead_beyond_the_line():
    odd = late(60, days_supply=None)
    eight, peers = [*wrote(7, 19), odd], [*PEERS, peer(50, 4)]
    assert said(beside(eight, peers)) == ("not_evaluable", "days_supply_unusable")
    assert said(beside([*wrote(6, 19), odd], peers)) == ("clear",)
    assert said(beside([*wrote(8, 19), odd], peers)) == ("above_peers", "low", 1)
    assert said(beside(eight, PEERS)) == ("not_evaluable", "no_peer_group")


def test_the_window_is_the_last_90_days_and_a_day_of_writing_an_occurrence():
    first = AS_OF - timedelta(89)
    rows = wrote(8)
    rows[0]["written_on"] = first
    found = beside(rows)["occurrences"]
    assert [o["first_on"] for o in found] == [first, AS_OF]
    assert [len(o["records"]) for o in found] == [1, 7]
    rows[0]["written_on"] = first - timedelta(1)
    assert said(beside([*rows, *others(1)])) == ("clear",)
    assert said(beside(rows)) == ("not_evaluable", "few_controlled")


@pytest.mark.parametrize(
    "changes", [{"schedule": None}, {"schedule": "VI"}, {"matched": False, "schedule": None}]
)
def test_what_is_not_controlled_is_no_part_and_not_of_the_whole(changes):
    rows = wrote(8, 21)
    rows[0] |= changes
    assert said(beside(rows)) == ("clear",)
    assert said(beside(rows[:-1])) == ("not_evaluable", "few_controlled")


def test_who_is_called_by_two_specialties_is_compared_with_nobody():
    rows = wrote(8)
    rows[-1]["role_group"] = "pain"
    assert said(beside(rows)) == ("not_evaluable", "specialties_differ")
    rows[-1]["role_group"] = None
    assert said(beside(rows)) == ("above_peers", "low", 1)


def test_a_higher_line_and_more_beyond_it_may_be_asked_for():
    assert said(beside(wrote(10), fence_halves=6)) == ("clear",)
    assert said(beside(wrote(11), fence_halves=6)) == ("above_peers", "low", 1)
    assert said(beside(wrote(9), beyond_line=3)) == ("clear",)
    assert said(beside(wrote(10), beyond_line=3)) == ("above_peers", "low", 3)


def test_only_days_that_are_judged_fire_whatever_is_counted():
    rows = wrote(8)
    rows[0]["written_on"] = AS_OF - timedelta(10)
    early = {"judge_to": AS_OF - timedelta(1)}
    assert [o["records"] for o in beside(rows, **early)["occurrences"]] == [["rx-0"]]
    assert said(beside(rows, judge_to=AS_OF - timedelta(11))) == ("clear",)


@pytest.mark.parametrize(
    ("values", "lower", "upper"),
    [
        ([1], 1, 1),
        ([1, 2], Fraction(5, 4), Fraction(7, 4)),
        ([1, 2, 3, 4], Fraction(7, 4), Fraction(13, 4)),
        ([1, 2, 3, 4, 5], 2, 4),
    ],
)
def test_quartiles_lie_between_two_values(values, lower, upper):
    assert (quartile(values, 1), quartile(values, 3)) == (lower, upper)
