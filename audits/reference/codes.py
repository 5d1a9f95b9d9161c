"""Drug codes: National Drug Codes brought to eleven digits, and what NDC and RxNorm codes mean."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from .identity import Amount, Facts
from .loading import rows

HYPHENATED = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})")
LAYOUTS = frozenset({(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)})
NDC_DIGITS = 11
PRODUCT_DIGITS = 9
PLACEHOLDER_LABELERS = ("99999", "00000")


def normalise_ndc(
    text: str | None, known: Callable[[str], Facts | None] | None = None
) -> str | None:
    """Return an NDC as 11 digits, or None where it cannot be one.

    Takes 11 digits or any hyphenated layout (4-4-2, 5-3-2, 5-4-1, 5-4-2). Ten digits
    without hyphens may be any of three codes; they are taken where exactly one of the
    three is a product by ``known`` (by default in the shipped table).
    """
    cleaned = (text or "").strip()
    if cleaned.isascii() and cleaned.isdigit() and len(cleaned) == NDC_DIGITS - 1:
        return _padded(cleaned, known or by_ndc)
    return hyphenated_ndc(cleaned)


def hyphenated_ndc(text: str) -> str | None:
    """Return an NDC in a hyphenated layout, or of 11 digits, as 11 digits; None for any other."""
    cleaned = text.strip()
    if not cleaned.isascii():
        return None
    if cleaned.isdigit() and len(cleaned) == NDC_DIGITS:
        return cleaned
    parts = HYPHENATED.fullmatch(cleaned)
    if not parts or tuple(map(len, parts.groups())) not in LAYOUTS:
        return None
    return parts[1].zfill(5) + parts[2].zfill(4) + parts[3].zfill(2)


def _padded(ten: str, by: Callable[[str], Facts | None]) -> str | None:
    readings = {f"0{ten}", f"{ten[:5]}0{ten[5:]}", f"{ten[:9]}0{ten[9:]}"}
    known = [reading for reading in readings if by(reading)]
    return known[0] if len(known) == 1 else None


def by_ndc(ndc11: str) -> Facts | None:
    """Return what the NDC table says of an 11-digit code: of its package, else of its product."""
    table = _ndc_table()
    return table.get(ndc11) or table.get(ndc11[:PRODUCT_DIGITS])


def by_rxcui(rxcui: str) -> Facts | None:
    """Return what the RxNorm table says of a concept number, or None where it is not there."""
    return _rxnorm_table().get(rxcui.strip())


@cache
def _ndc_table() -> Mapping[str, Facts]:
    """Return the facts by 9-digit product, and by 11-digit package where a product is not one."""
    return _expanded("ndc_products", "ndcs")


@cache
def _rxnorm_table() -> Mapping[str, Facts]:
    return _expanded("rxnorm", "rxcuis")


def _expanded(name: str, column: str) -> Mapping[str, Facts]:
    """Return the facts of each code of a table whose rows list the codes that share them."""
    facts: dict[str, Facts] = {}
    for row in rows(name):
        facts.update(dict.fromkeys(row[column].split(), facts_of(row)))
    return MappingProxyType(facts)


def facts_of(row: Mapping[str, str]) -> Facts:
    """Return what a row of a table of codes tells."""
    strength = row["strength"]
    return Facts(
        ingredients=tuple(row["ingredients"].split(";")),
        amount=Amount(Decimal(strength), row["strength_unit"]) if strength else None,
        form=row["form"],
        long_acting={"yes": True, "no": False}.get(row["long_acting"]),
        schedule=row.get("schedule") or None,
    )
