"""A drug that nobody knows, what it means, and the people who say so, for the tests of mappings.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from audits import drugs
from audits.models import DrugMapping, Evaluation

from . import proposing
from .paths import RULES, row
from .proposing import acting, people

__all__ = ["people"]

NAME = "Dolorex forte 30 tbl"
NDC, RXCUI = "00000000017", "99999991"
MONTHS = [date(2025, 1, 1) + timedelta(30 * n) for n in range(6)]
MEANING = drugs.Meaning(
    ingredient="oxycodone",
    strength=Decimal(30),
    strength_unit="mg",
    form="tablet",
    valid_from=date(2024, 1, 1),
    valid_to=None,
)


def meaning(**changes) -> drugs.Meaning:
    return drugs.Meaning(**{**vars(MEANING), **changes})


def fills(**changes) -> list[dict]:
    """Give six months in a row of a drug that nobody knows: 270 MME a day if it is oxycodone."""
    told = {"drug_name": NAME, "patient_id": "M", **changes}
    return [row(f"m{n}", filled_date=day, **told) for n, day in enumerate(MONTHS)]


def proposed(people, name=("name", NAME), said=MEANING, **more) -> DrugMapping:
    return drugs.propose(
        name, said, "The clinic's own list says so.", **acting(people, "ann"), **more
    )


decided = partial(proposing.decided, drugs.MAPPINGS)


def mapped(people, name=("name", NAME), said=MEANING, **more) -> DrugMapping:
    return decided(people, proposed(people, name, said, **more))


def answers(evaluation: Evaluation) -> dict[str, int]:
    told = evaluation.rules[RULES[0]]
    return {name: told[name] for name in ("fired", "not_evaluable", "clear") if told[name]}
