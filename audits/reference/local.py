"""What the people of a house say a drug description means, where no reference table knows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, Self

from .codes import normalise_ndc
from .dated import Dated, Entry
from .identity import FORMS, Amount, DrugIdentity
from .strengths import fit, tidy
from .substances import OTHERS, substances

# What a mapping can go by; where several fit a row the first decides, as with the tables.
NAMED_BY = ("ndc", "rxcui", "name")
UNITS = ("mg", "mcg", "mcg/hr", "mg/ml", "mg/g")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class LocalMapping(Dated):
    """One approved mapping: rows that name their drug so, dated within the period, mean this.

    ``described`` is the NDC in 11 digits, the RxNorm number, or the exact text of the name,
    as ``by`` says. ``strength`` and its unit are None where the row's own are to be taken.
    """

    by: str
    described: str
    ingredient: str
    strength: Decimal | None
    strength_unit: str | None
    form: str

    @classmethod
    def of_entry(cls, entry: Entry) -> Self:
        """Return the mapping that an entry tells of."""
        strength = entry["strength"]
        return super().of_entry({**entry, "strength": Decimal(strength) if strength else None})

    def as_entry(self) -> dict[str, str | None]:
        """Return it as plain values that JSON can hold."""
        strength = None if self.strength is None else f"{tidy(self.strength):f}"
        return {**super().as_entry(), "strength": strength}

    @property
    def amount(self) -> Amount | None:
        """Return the strength with its unit, None where the row's own is to be taken."""
        if self.strength is None or self.strength_unit is None:
            return None
        return Amount(tidy(self.strength), self.strength_unit)


class Period(NamedTuple):
    """Days, both inclusive, and the mapping in force on them, None where none is."""

    begins: date
    ends: date
    meant: LocalMapping | None


Book = Mapping[tuple[str, str], Sequence[LocalMapping]]


def book_of(entries: Iterable[Mapping[str, str | None]]) -> Book:
    """Return the mappings of ``entries`` by what they go by."""
    found: dict[tuple[str, str], list[LocalMapping]] = {}
    for each in map(LocalMapping.of_entry, entries):
        found.setdefault((each.by, each.described), []).append(each)
    return found


def names_of(identity: DrugIdentity) -> dict[str, str]:
    """Return the ways in which a row names its drug that a mapping can go by."""
    told = {
        "ndc": normalise_ndc(identity.ndc11) if identity.ndc11 else None,
        "rxcui": identity.rxcui,
        "name": identity.drug_name,
    }
    return {by: text for by in NAMED_BY if (text := told[by])}


def periods(identity: DrugIdentity, book: Book) -> list[Period]:
    """Return what a description means over all days, in order and without gaps."""
    fitting = [each for name in names_of(identity).items() for each in book.get(name, ())]
    begins = {date.min, *(each.valid_from for each in fitting)}
    begins |= {e.valid_to + ONE_DAY for e in fitting if e.valid_to and e.valid_to < date.max}
    starts = sorted(begins)
    ends = [start - ONE_DAY for start in starts[1:]] + [date.max]
    return [
        Period(start, end, next((each for each in fitting if each.holds_on(start)), None))
        for start, end in zip(starts, ends, strict=True)
    ]


def ingredients() -> tuple[str, ...]:
    """Return every ingredient that a table knows, in order of their names."""
    return tuple(sorted({*substances(), *OTHERS}))


def fault(ingredient: str, strength: Decimal | None, unit: str | None, form: str) -> str:
    """Return what is wrong with a meaning, in one sentence; empty where nothing is."""
    if ingredient not in substances() and ingredient not in OTHERS:
        return f"No reference table knows an ingredient called {ingredient!r}."
    if form not in FORMS:
        return f"There is no form {form!r}."
    if strength is None and not unit:
        return ""
    return _fault_of_strength(ingredient, strength, unit, form)


def _fault_of_strength(
    ingredient: str, strength: Decimal | None, unit: str | None, form: str
) -> str:
    if strength is None or not unit:
        return "Give the strength with its unit, or neither."
    if unit not in UNITS or strength <= 0:
        return f"Give a strength above zero in one of: {', '.join(UNITS)}."
    if fit(Amount(tidy(strength), unit), (ingredient,), form) is None:
        return "A solution has its strength in each ml: choose mg/ml, or leave the strength out."
    return ""
