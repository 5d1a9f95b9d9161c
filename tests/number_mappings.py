"""Numbers of one pharmacy and one prescriber under two names, for the tests of their mappings.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

from datetime import date
from functools import partial

from audits import numbers
from audits.models import NumberMapping

from . import proposing
from .paths import row
from .proposing import acting, people

__all__ = ["people"]
SHOPPING = "multiple_provider_episode"
NCPDP, NPI_OF_IT = "0300001", "1972345672"  # the same pharmacy, as two sources name it
DEA, PERSON = "FS1234563", "1234567893"
NOWHERE = {"pharmacy_ncpdp": "", "pharmacy_npi": "", "pharmacy_dea": ""}
PLACES = [
    {"pharmacy_ncpdp": NCPDP},
    {"pharmacy_npi": NPI_OF_IT},
    {"pharmacy_ncpdp": "0300002"},
    {"pharmacy_ncpdp": "0300003"},
]
MEANING = numbers.Meaning(means=NCPDP, valid_from=date(2024, 1, 1), valid_to=None)


def meaning(**changes) -> numbers.Meaning:
    return numbers.Meaning(**{**vars(MEANING), **changes})


def fills(patient: str = "S", places=PLACES) -> list[dict]:
    """Give an adult's opioids of four months, each from the next of ``places``."""
    told = {"patient_id": patient, "quantity": 20, "patient_birth_year": 1970}
    return [
        row(f"{patient}{n}", filled_date=date(2025, 1 + n, 1), **told, **(NOWHERE | place))
        for n, place in enumerate(places)
    ]


def proposed(people, number=("pharmacies", NPI_OF_IT), said=MEANING, **more) -> NumberMapping:
    return numbers.propose(number, said, "Asked by telephone.", **acting(people, "ann"), **more)


decided = partial(proposing.decided, numbers.NUMBERS)
taken_back = partial(proposing.taken_back, numbers.NUMBERS)


def mapped(people, number=("pharmacies", NPI_OF_IT), said=MEANING, **more) -> NumberMapping:
    return decided(people, proposed(people, number, said, **more))
