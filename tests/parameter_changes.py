"""Other values for a rule's parameters, and the people who say so, for the tests.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

from datetime import date
from functools import partial

from audits import parameters
from audits.catalogue import CATALOGUE
from audits.models import ParameterChange

from . import proposing
from .proposing import acting, people

__all__ = ["people"]

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


def proposed(people, said=WANTED, of=(R01, "threshold_mme"), **more) -> ParameterChange:
    rule = CATALOGUE[of[0]], of[1]
    return parameters.propose(rule, said, "The board asks for it.", **acting(people, "ann"), **more)


decided = partial(proposing.decided, parameters.CHANGES)
taken_back = partial(proposing.taken_back, parameters.CHANGES)


def changed(people, said=WANTED, of=(R01, "threshold_mme"), **more) -> ParameterChange:
    return decided(people, proposed(people, said, of, **more))
