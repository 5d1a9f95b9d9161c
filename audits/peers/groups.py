"""With whom a prescriber is compared: those of his role group in his state, else everywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .standards import LEAST_CONTROLLED, LEAST_MEMBERS


class Ground(StrEnum):
    """Why a group was chosen, or why there is none."""

    STATE = "state"
    STATE_SMALL = "state_small"
    STATE_UNKNOWN = "state_unknown"
    TOO_SMALL = "too_small"
    TOO_FEW = "too_few"
    ROLE_UNKNOWN = "role_unknown"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A prescriber in one window; role group and state of practice are None where unknown."""

    key: str
    role_group: str | None
    state: str | None
    controlled: int

    @property
    def is_member(self) -> bool:
        """Return whether enough was written to be held against others, and others against it."""
        return self.controlled >= LEAST_CONTROLLED


@dataclass(frozen=True, kw_only=True)
class Group:
    """A role group in a state, or everywhere where ``state`` is empty.

    ``members`` are those with enough controlled prescriptions, in ascending order of key;
    ``below`` the others of the same role group and place.
    """

    role_group: str
    state: str
    members: Sequence[Person]
    below: Sequence[Person]

    @property
    def is_enough(self) -> bool:
        """Return whether the group has the least number of members."""
        return len(self.members) >= LEAST_MEMBERS


@dataclass(frozen=True, kw_only=True)
class Choice:
    """With whom one person is compared in one window; ``group`` None: with nobody.

    ``in_state`` and ``everywhere`` are the members of both groups that were looked at.
    """

    group: Group | None
    ground: Ground
    in_state: int
    everywhere: int


def group_of(people: Iterable[Person], role_group: str, state: str) -> Group:
    """Return the group of a role in a state, everywhere where ``state`` is empty."""
    alike = [p for p in people if p.role_group == role_group and state in ("", p.state)]
    alike.sort(key=lambda person: person.key)
    return Group(
        role_group=role_group,
        state=state,
        members=[person for person in alike if person.is_member],
        below=[person for person in alike if not person.is_member],
    )


def choose(person: Person, people: Sequence[Person]) -> Choice:
    """Return with which of ``people``, himself among them, a person is compared.

    Source: rules.md 1.6, readings.md A-83 and A-107.
    """
    if person.role_group is None:
        ground = Ground.ROLE_UNKNOWN if person.is_member else Ground.TOO_FEW
        return Choice(group=None, ground=ground, in_state=0, everywhere=0)
    everywhere = group_of(people, person.role_group, "")
    near = group_of(people, person.role_group, person.state) if person.state else None
    group, ground = _chosen(person, near, everywhere)
    return Choice(
        group=group,
        ground=ground,
        in_state=len(near.members) if near else 0,
        everywhere=len(everywhere.members),
    )


def _chosen(person: Person, near: Group | None, everywhere: Group) -> tuple[Group | None, Ground]:
    if not person.is_member:
        return None, Ground.TOO_FEW
    if near and near.is_enough:
        return near, Ground.STATE
    if everywhere.is_enough:
        return everywhere, Ground.STATE_SMALL if near else Ground.STATE_UNKNOWN
    return None, Ground.TOO_SMALL
