"""Strengths read from text, and brought to the unit that fits ingredient and form."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from .identity import Amount

# Nine digits at most: what is longer is a code, and decimals stay exact.
NUMBER = r"(?:(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,9})(?:\.\d+)?|\.\d+)"
MASS = r"mcg|ug|μg|micrograms?|mgs?|milligrams?|%|percent|pct"
PER = r"ml|mls|cc|milliliters?|hours?|hrs?|h|days?|d"
PART = rf"{NUMBER}(?:[\s-]*(?:{MASS})(?![a-z])|(?!\s*(?:{PER}|gms?|grams?|g)\b)(?![\d.,]*\d))"
GROUP = re.compile(
    rf"(?=[\d.])(?<![\d.#])(?<!#\s)(?P<parts>{NUMBER}\s*(?:gms?|grams?|g)(?![a-z])"
    rf"|{PART}(?:\s*[-/;]\s*{PART})*)"
    rf"(?:\s*(?:/|\bper\b)\s*(?P<count>{NUMBER})?\s*(?P<per>{PER}|gms?|grams?|g)(?![a-z]))?"
    # Per weight or surface of the body it is a dose.
    r"(?!\s*(?:/|\bper\b)\s*(?:kg|m2)\b)"
)
COMPONENT = re.compile(rf"({NUMBER})[\s-]*({MASS}|gms?|grams?|g)?(?![a-z])")

HAS_UNIT = re.compile(r"[a-zμ%]")
PERCENT = frozenset({"%", "percent", "pct"})
MASSES = frozenset({"mg", "mcg"})
MICROGRAM_DRUGS = frozenset({"fentanyl", "sufentanil"})
WRITTEN_IN_MICROGRAMS = MICROGRAM_DRUGS | {"buprenorphine"}
LIQUID = frozenset({"solution", "spray", "nasal_spray", "injection"})
NOT_DOSED_IN_MICROGRAMS = frozenset({"patch", "injection", "implant", "powder"})
THOUSAND = Decimal(1000)
LEAST_VOLUME = Decimal("0.001")
SIX_PLACES = Decimal("0.000001")


@lru_cache(maxsize=100_000)
def groups(text: str) -> tuple[tuple[int, tuple[Amount, ...]], ...]:
    """Return the strengths in ``text``: where each group of them begins, and its amounts in order.

    ``5-325 mg`` is one group of two. A lone number without a unit is not a strength, and
    numbers joined without a unit (``10/325``) are mg, where no other group has a unit.
    """
    found = [
        (match.start(), bool(HAS_UNIT.search(match[0])), _amounts(match))
        for match in GROUP.finditer(text.lower())
    ]
    named = [(start, amounts) for start, has_unit, amounts in found if has_unit and amounts]
    bare = [(start, amounts) for start, _, amounts in found if len(amounts) > 1]
    return tuple(named or bare)


def _amounts(match: re.Match[str]) -> tuple[Amount, ...]:
    """Return the amounts of one group in order; none where they are per nothing (``/0 ml``)."""
    count = Decimal((match["count"] or "1").replace(",", ""))
    if count < LEAST_VOLUME:
        return ()
    unit = "mg"
    amounts: list[Amount] = []
    # Backwards, because the unit of "5-325 mg" stands behind its last number only.
    for number, own in reversed(COMPONENT.findall(match["parts"])):
        unit = own or unit
        value = Decimal(number.replace(",", ""))
        amounts.append(_per(_mass(value, unit), count, match["per"]))
    return tuple(reversed(amounts))


def _mass(value: Decimal, unit: str) -> Amount:
    if unit.startswith("g"):
        return Amount(value * THOUSAND, "mg")
    if unit.startswith(("mg", "mil")):
        return Amount(value, "mg")
    return Amount(value, "percent" if unit in PERCENT else "mcg")


def _per(mass: Amount, count: Decimal, per: str | None) -> Amount:
    if per is None or mass.unit == "percent":
        return Amount(tidy(mass.value), mass.unit)
    value = mass.value / count
    if per.startswith("h") or per.startswith("d"):
        micrograms = value * THOUSAND if mass.unit == "mg" else value
        return Amount(tidy(micrograms / 24 if per.startswith("d") else micrograms), "mcg/hr")
    milligrams = value / THOUSAND if mass.unit == "mcg" else value
    return Amount(tidy(milligrams), "mg/g" if per.startswith("g") else "mg/ml")


def tidy(value: Decimal) -> Decimal:
    """Return ``value`` to six places at most, without trailing zeros or an exponent."""
    rounded = value.quantize(SIX_PLACES)
    whole = rounded.to_integral_value()
    return whole if whole == rounded else rounded.normalize()


@lru_cache(maxsize=20_000)
def stated(value: Decimal, unit: str) -> Amount | None:
    """Return the strength of a row's own two cells; None where the unit says nothing."""
    unit = unicodedata.normalize("NFKC", unit)
    unit = re.sub(r"/\s*(?:1|each|ea|actuat\w*|act|sprays?|tab\w*|cap\w*|patch|dose)\s*$", "", unit)
    found = groups(f"{value:f} {unit.lower().replace(' per ', '/')}")
    return found[0][1][0] if len(found) == 1 and len(found[0][1]) == 1 else None


def fit(amount: Amount | None, ingredients: Sequence[str], form: str) -> Amount | None:
    """Return ``amount`` in the unit in which this ingredient and form are dosed.

    Fentanyl is in mcg, a patch in mcg/hr, a liquid in mg/ml, all else in mg; a buprenorphine
    film below 1 mg is a buccal one in mcg. None where that cannot be said: a bare mg of a
    liquid (of which volume?), a percentage of an unknown form.
    """
    if amount is None or (amount.unit in MASSES and form == "solution"):
        return None
    if amount.unit == "percent":
        return _of_percent(amount.value, form)
    if amount.unit == "mcg" and form == "patch":
        return Amount(amount.value, "mcg/hr")
    return _in_dosing_unit(amount, ingredients, form)


def _in_dosing_unit(amount: Amount, ingredients: Sequence[str], form: str) -> Amount:
    small = ingredients[0] in MICROGRAM_DRUGS or _is_buccal_film(amount, ingredients, form)
    if amount.unit == "mg" and small and form not in NOT_DOSED_IN_MICROGRAMS:
        return Amount(tidy(amount.value * THOUSAND), "mcg")
    if amount.unit == "mcg" and ingredients[0] not in WRITTEN_IN_MICROGRAMS:
        return Amount(tidy(amount.value / THOUSAND), "mg")
    return amount


def _of_percent(value: Decimal, form: str) -> Amount | None:
    """Ten mg in each ml or g make one percent (weight in volume, weight in weight)."""
    if form in LIQUID:
        return Amount(tidy(value * 10), "mg/ml")
    return Amount(tidy(value * 10), "mg/g") if form == "other" else None


def _is_buccal_film(amount: Amount, ingredients: Sequence[str], form: str) -> bool:
    return (
        ingredients[0] == "buprenorphine"
        and form == "film"
        and amount.value < 1
        and "naloxone" not in ingredients
    )
