"""What a row says its drug is, and what the drug turns out to be."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

FORMS = (
    "tablet",
    "capsule",
    "solution",
    "film",
    "patch",
    "lozenge",
    "troche",
    "spray",
    "nasal_spray",
    "suppository",
    "injection",
    "implant",
    "powder",
    "other",
    "unknown",
)


class Amount(NamedTuple):
    """A strength: how much of which unit.

    Units are mg, mcg, mcg/hr, mg/ml, mg/g and, until the form is known, percent.
    """

    value: Decimal
    unit: str


@dataclass(frozen=True, kw_only=True)
class DrugIdentity:
    """The cells of a prescription that name its drug; all may be empty (None).

    ``ingredients`` is the JSON text of a compound's list.
    """

    ndc11: str | None = None
    rxcui: str | None = None
    drug_name: str | None = None
    strength_value: Decimal | None = None
    strength_unit: str | None = None
    dose_form: str | None = None
    route: str | None = None
    is_compound: bool | None = None
    ingredients: str | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one way of naming a drug (a code, a name, a list) tells about it.

    ``ingredients`` begins with the one that decides; ``amount`` is of that one and None
    where it cannot be read; ``schedule`` is what the FDA directory lists, None where
    it lists nothing.
    """

    ingredients: tuple[str, ...]
    amount: Amount | None = None
    form: str = "unknown"
    long_acting: bool | None = None
    schedule: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Drug:
    """A recognised drug.

    ``ingredient`` is the plain name of the one that decides (``codeine``) and
    ``ingredients`` all that were recognised, that one first. ``form`` is one of FORMS.
    ``strength`` is of ``ingredient``, per unit of quantity, in ``strength_unit`` (mg,
    mcg, mcg/hr, mg/ml or mg/g); both are None where they cannot be read. ``schedule`` is
    today's, II to V, None where the drug is not controlled. ``via`` is what decided: ndc,
    rxcui, name, ingredients, or local for a house's own mapping. ``notes`` are words for the
    quality of the record.
    """

    ingredient: str
    ingredients: tuple[str, ...]
    drug_class: str
    drug_subclass: str
    form: str
    strength: Decimal | None
    strength_unit: str | None
    long_acting: bool | None
    schedule: str | None
    injectable: bool
    via: str
    notes: tuple[str, ...]
