"""What the people of a house say a number in the records stands for, where nothing held tells."""

import re
from dataclasses import dataclass

from ..keys import DEA, NPI, npi_is_valid
from .dated import Dated

PRESCRIBERS, PHARMACIES = "prescribers", "pharmacies"
NCPDP = re.compile(r"\d{7}")
# The kinds of number, each with its form; a row of one pharmacy may have one of each.
KINDS = {"npi": NPI, "ncpdp": NCPDP, "dea": DEA}


@dataclass(frozen=True, kw_only=True)
class NumberMeaning(Dated):
    """One approved mapping: rows of these days with the key ``number`` count under ``means``.

    ``whose`` is one of PRESCRIBERS and PHARMACIES. A prescriber's number means an NPI, a
    pharmacy's another number of the same pharmacy.
    """

    whose: str
    number: str
    means: str


def kind_of(number: str) -> str | None:
    """Return which kind a number is by its form alone, one of KINDS; None for any other text."""
    return next((kind for kind, form in KINDS.items() if form.fullmatch(number)), None)


def fault(whose: str, number: str, means: str) -> str:
    """Return what is wrong with a meaning, in one sentence; empty where nothing is."""
    if means == number:
        return "A number cannot stand for itself."
    if whose == PRESCRIBERS:
        return "" if npi_is_valid(means) else "Give an NPI: ten digits with the right check digit."
    if kind_of(means) is None:
        return "Give an NCPDP number (7 digits), an NPI (10 digits) or a DEA number."
    if kind_of(means) == "npi" and not npi_is_valid(means):
        return "The check digit of this NPI is wrong."
    return ""
