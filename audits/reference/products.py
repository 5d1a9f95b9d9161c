"""What sources say is behind a drug code, brought to one form, and what two of them both mean.

The judgement is one for the shipped table ``ndc_products``, which was derived from CDC's and
FDA's files by it, and for editions of these files that a house loads.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from .identity import Amount
from .strengths import fit
from .substances import substances

FDA, CDC = "fda_ndc", "cdc_mme"
TOLERANCE = Decimal("1.25")  # base against salt, 12 against 12.5: the same product
PRODUCT_DIGITS = 9


class Product(NamedTuple):
    """What a code means; text as it stands in the table, "" where not known."""

    ingredients: str
    strength: str
    strength_unit: str
    form: str
    long_acting: str
    schedule: str = ""

    @property
    def leader(self) -> str:
        """Return the ingredient that decides."""
        return self.ingredients.split(";")[0]

    @property
    def core(self) -> tuple[str, str, str]:
        """Return what two sources must agree on to be speaking of one product."""
        return (self.leader, self.strength, self.strength_unit)


def of(
    ingredients: tuple[str, ...],
    amount: Amount | None,
    form: str,
    long_acting: bool | None,
    schedule: str = "",
) -> Product:
    """Return a product with its strength in the unit that fits."""
    fitted = fit(amount, ingredients, form)
    return Product(
        ingredients=";".join(ingredients),
        strength=f"{fitted.value:f}" if fitted else "",
        strength_unit=fitted.unit if fitted else "",
        form=form,
        long_acting={True: "yes", False: "no"}.get(long_acting, ""),
        schedule=schedule,
    )


def merged(told: Mapping[str, Product]) -> Product | None:
    """Return the one product that all sources mean, or None where they mean different drugs.

    Other ingredients, form and listed schedule are as FDA has them; strength and an opioid's
    release as CDC has them. Where the two strengths are far apart one is wrong, and there is
    none.
    """
    if len(told) == 1:
        return next(iter(told.values()))
    cdc, fda = told[CDC], told[FDA]
    if cdc.leader != fda.leader:
        return None
    strength, unit = _agreed(cdc, fda)
    is_opioid = substances().get(fda.leader, {}).get("drug_class") == "opioid"
    slow = cdc.long_acting if is_opioid else max(cdc.long_acting, fda.long_acting)
    return fda._replace(
        strength=strength,
        strength_unit=unit,
        form=cdc.form if fda.form == "unknown" else fda.form,
        long_acting=slow,
    )


def _agreed(cdc: Product, fda: Product) -> tuple[str, str]:
    """Return strength and unit that both sources can mean; both "" where they cannot."""
    if not fda.strength or cdc.core == fda.core:
        return cdc.strength, cdc.strength_unit
    if not cdc.strength:
        return fda.strength, fda.strength_unit
    low, high = sorted((Decimal(cdc.strength), Decimal(fda.strength)))
    near = cdc.strength_unit == fda.strength_unit and high <= low * TOLERANCE
    return (cdc.strength, cdc.strength_unit) if near else ("", "")


def by_code(
    packages: Mapping[str, Mapping[str, Product]],
) -> Iterator[tuple[str, tuple[str, ...], Product | None]]:
    """Yield (code, sources, product): nine digits where all packages agree, else eleven.

    ``packages`` is what each source says of an 11-digit code. The product is None for a
    package of which two sources mean different drugs.
    """
    products: dict[str, dict[str, Mapping[str, Product]]] = defaultdict(dict)
    for ndc, told in packages.items():
        products[ndc[:PRODUCT_DIGITS]][ndc] = told
    for ndc9, inside in products.items():
        sources = sorted({source for told in inside.values() for source in told})
        variants = {s: {told[s] for told in inside.values() if s in told} for s in sources}
        if all(len(kinds) == 1 for kinds in variants.values()):
            whole = merged({source: next(iter(kinds)) for source, kinds in variants.items()})
            if whole:
                yield ndc9, tuple(sources), whole
                continue
        for ndc, told in inside.items():
            yield ndc, tuple(sorted(told)), merged(told)
