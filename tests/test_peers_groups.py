"""Who is compared with whom: by state where enough are there, else everywhere, else nobody."""

import pytest
from hypothesis import given
from hypothesis import settings as generated
from hypothesis import strategies as st

from audits.peers import Ground, Person, choose, group_of

LEAST, WRITTEN = 30, 20


def people(number: int, state: str | None = "FL", written: int = WRITTEN, role="family") -> list:
    return [
        Person(
            key=f"{role}-{state}-{written}-{n}", role_group=role, state=state, controlled=written
        )
        for n in range(number)
    ]


def test_thirty_in_the_state_are_enough_himself_among_them():
    there = people(LEAST) + people(5, "GA")
    choice = choose(there[0], there)
    assert choice.ground is Ground.STATE
    assert (choice.group.state, len(choice.group.members)) == ("FL", LEAST)
    assert there[0] in choice.group.members


def test_one_fewer_in_the_state_is_compared_everywhere():
    there = people(LEAST - 1) + people(1, "GA")
    choice = choose(there[0], there)
    assert (choice.ground, choice.group.state) == (Ground.STATE_SMALL, "")
    assert (choice.in_state, choice.everywhere) == (LEAST - 1, LEAST)


@pytest.mark.parametrize("number", [1, LEAST - 1])
def test_too_few_everywhere_are_compared_with_nobody(number):
    there = people(number) + people(100, role="dentistry")
    choice = choose(there[0], there)
    assert (choice.group, choice.ground) == (None, Ground.TOO_SMALL)
    assert choice.everywhere == number


def test_who_writes_less_than_twenty_is_no_member_of_any_group():
    there = people(LEAST) + people(1, written=WRITTEN - 1)
    assert choose(there[-1], there).ground is Ground.TOO_FEW
    group = group_of(there, "family", "FL")
    assert (len(group.members), group.below) == (LEAST, [there[-1]])


def test_without_a_state_all_of_the_role_are_the_peers_and_without_a_role_nobody_is():
    there = people(1, None) + people(LEAST)
    choice = choose(there[0], there)
    assert (choice.ground, choice.group.state) == (Ground.STATE_UNKNOWN, "")
    unknown = people(LEAST, role=None)
    assert choose(unknown[0], unknown).ground is Ground.ROLE_UNKNOWN
    assert choose(unknown[0], unknown).group is None


@generated(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["family", "pain", None]),
            st.sampled_from(["FL", "GA", None]),
            st.sampled_from([0, WRITTEN - 1, WRITTEN, WRITTEN + 1]),
        ),
        min_size=1,
        max_size=250,
    )
)
def test_the_choice_is_that_of_counting_one_by_one(told):
    there = [
        Person(key=f"{n:04}", role_group=role, state=state, controlled=written)
        for n, (role, state, written) in enumerate(told)
    ]
    person = there[0]
    alike = [p for p in there if p.role_group == person.role_group and p.controlled >= WRITTEN]
    near = [p for p in alike if p.state == person.state] if person.state else []
    expected = near if len(near) >= LEAST else alike if len(alike) >= LEAST else None
    if person.role_group is None or person.controlled < WRITTEN:
        expected = None
    group = choose(person, there).group
    assert (list(group.members) if group else None) == expected
