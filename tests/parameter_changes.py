"""Other values for a rule's parameters, and the people who say so, for the tests.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

from datetime import date

import pytest

from audits import parameters, trail
from audits.catalogue import CATALOGUE
from audits.models import ParameterChange, User

from .people import person

R01 = "opioid_high_dose_90d"
WANTED = parameters.Wanted(
    value=90,
    valid_from=date(2025, 7, 1),
    valid_to=None,
    basis="guideline",
    source="State board, circular 12 of 2025, page 3",
)


def wanted(**changes) -> parameters.Wanted:
    return parameters.Wanted(**{**vars(WANTED), **changes})


@pytest.fixture
def people() -> dict[str, User]:
    roles = {"ann": "administrator", "ben": "administrator", "ada": "compliance officer"}
    roles["bea"] = "compliance officer"
    return {name: person(role, name) for name, role in roles.items()}


def proposed(people, said=WANTED, of=(R01, "threshold_mme"), **more) -> ParameterChange:
    ann = people["ann"]
    rule = CATALOGUE[of[0]], of[1]
    actor = trail.Actor.of_user(ann)
    return parameters.propose(rule, said, "The board asks for it.", by=ann, actor=actor, **more)


def decided(people, change, *, agrees=True, who="ada", reason="") -> ParameterChange:
    by = people[who]
    actor = trail.Actor.of_user(by)
    return parameters.decide(change, agrees=agrees, reason=reason, by=by, actor=actor)


def changed(people, said=WANTED, of=(R01, "threshold_mme"), **more) -> ParameterChange:
    return decided(people, proposed(people, said, of, **more))


def taken_back(people, change) -> ParameterChange:
    ann = people["ann"]
    actor = trail.Actor.of_user(ann)
    return decided(people, parameters.take_back(change, "It was wrong.", by=ann, actor=actor))
