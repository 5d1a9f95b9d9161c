"""The people who propose and who decide upon what others propose, for the tests of every kind."""

import pytest

from audits import proposals, trail
from audits.models import Proposal, User

from .people import person


@pytest.fixture
def people() -> dict[str, User]:
    return proposers()


def proposers() -> dict[str, User]:
    roles = {"ann": "administrator", "ben": "administrator", "ada": "compliance officer"}
    roles["bea"] = "compliance officer"
    return {name: person(role, name) for name, role in roles.items()}


def acting(people, who: str) -> dict:
    return {"by": people[who], "actor": trail.Actor.of_user(people[who])}


def decided(
    kind: proposals.Kind, people, version, *, agrees=True, who="ada", reason=""
) -> Proposal:
    return proposals.decide(kind, version, agrees=agrees, reason=reason, **acting(people, who))


def taken_back(kind: proposals.Kind, people, version) -> Proposal:
    ending = proposals.take_back(kind, version, "It was wrong.", **acting(people, "ann"))
    return decided(kind, people, ending)
