"""Derive the NDC and RxNorm tables of audits/reference from the files of CDC, FDA and NLM.

    python -m benchmarks.derive_drug_codes CDC_NDC.csv FDA_PACKAGES.csv RXNORM.csv TARGET_FOLDER

Run from the repository. The tables hold facts (what is in a product, how much, in what
form), grouped so that products alike share a line; the files themselves are not copied.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from audits.reference.forms import form_by_route, form_of, long_acting_of
from audits.reference.identity import Amount
from audits.reference.names import read
from audits.reference.strengths import fit, stated, tidy
from audits.reference.substances import SUBSTANCES, in_order

CDC, FDA, RXNORM = "cdc-2018", "fda-2019", "cds-rxnorm"
CDC_SCHEDULES = {"2": "II", "3": "III", "4": "IV", "5": "V"}
CDC_UNITS = {"MCG/SPRAY": "MCG"}
CDC_NAMES = {"A.p.c. W/codeine": "aspirin caffeine codeine"}
NASAL_FENTANYL_FACTOR = "0.16"
PLACEHOLDER_LABELER = "99999"
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


def opened(path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def cdc_products(path: Path) -> Iterator[tuple[str, Product]]:
    """Yield each NDC of the CDC file with its product."""
    for row in opened(path):
        facts = read(CDC_NAMES.get(row["GENNME"], row["GENNME"]))
        if facts is None or row["NDC"].startswith(PLACEHOLDER_LABELER):
            continue
        leader, form = facts.ingredients[0], form_of(row["Master_Form"])
        nasal = leader == "butorphanol" or row["MME_Conversion_Factor"] == NASAL_FENTANYL_FACTOR
        if form == "spray" and nasal:
            form = "nasal_spray"
        long_acting = row["LongShortActing"] == "LA" or bool(long_acting_of(row["Master_Form"]))
        unit = CDC_UNITS.get(row["UOM"], row["UOM"])
        strength = row["Strength_Per_Unit"]
        amount = stated(Decimal(strength), unit) if strength and unit else None
        schedule = CDC_SCHEDULES.get(row["DEAClassCode"], "")
        yield row["NDC"], of(facts.ingredients, amount, form, long_acting, schedule)


def fda_products(path: Path) -> Iterator[tuple[str, Product]]:
    """Yield each NDC of the FDA packages with its product; homeopathic dilutions are left out."""
    for row in opened(path):
        names = [read(name) for name in row["substance_names"].split("; ")]
        ingredients = in_order(i for facts in names if facts for i in facts.ingredients)
        if not ingredients or ingredients[0] not in SUBSTANCES or "[hp" in row["units"]:
            continue
        form = form_of(row["dosage_form"])
        for route in row["route"].split("; "):
            form = form_by_route(form, route)
        yield (
            row["ndc11"],
            of(
                ingredients,
                fda_amount(row, ingredients[0]),
                form,
                "EXTENDED" in row["dosage_form"]
                or form in {"patch", "implant"}
                or ingredients[0] in {"methadone", "levorphanol"},
                row["dea_schedule"].removeprefix("C"),
            ),
        )


def fda_amount(row: Mapping[str, str], leader: str) -> Amount | None:
    """Return the strength of the deciding ingredient; the salts of one ingredient add up."""
    salts = {"amphetamine", "dextroamphetamine"} if leader == "amphetamine" else {leader}
    columns = (row[name].split("; ") for name in ("substance_names", "strengths", "units"))
    found = []
    for name, strength, unit in zip(*columns, strict=False):
        facts = read(name)
        if facts and facts.ingredients[0] in salts:
            found.append(stated(Decimal(strength), unit) if strength else None)
    if not found or None in found or len({amount.unit for amount in found}) > 1:
        return None
    return Amount(tidy(sum((amount.value for amount in found), Decimal(0))), found[0].unit)


def merged(told: Mapping[str, Product]) -> Product | None:
    """Return the one product that all sources mean, or None where they mean different drugs.

    Other ingredients and form are as FDA has them; strength and an opioid's release as
    CDC has them. Where the two strengths are far apart one is wrong, and there is none.
    """
    if len(told) == 1:
        return next(iter(told.values()))
    cdc, fda = told[CDC], told[FDA]
    if cdc.leader != fda.leader:
        return None
    strength, unit = agreed(cdc, fda)
    is_opioid = SUBSTANCES[fda.leader]["drug_class"] == "opioid"
    slow = cdc.long_acting if is_opioid else max(cdc.long_acting, fda.long_acting)
    return fda._replace(
        strength=strength,
        strength_unit=unit,
        form=cdc.form if fda.form == "unknown" else fda.form,
        long_acting=slow,
    )


def agreed(cdc: Product, fda: Product) -> tuple[str, str]:
    """Return strength and unit that both sources can mean; both "" where they cannot."""
    if not fda.strength or cdc.core == fda.core:
        return cdc.strength, cdc.strength_unit
    if not cdc.strength:
        return fda.strength, fda.strength_unit
    low, high = sorted((Decimal(cdc.strength), Decimal(fda.strength)))
    near = cdc.strength_unit == fda.strength_unit and high <= low * TOLERANCE
    return (cdc.strength, cdc.strength_unit) if near else ("", "")


def by_code(packages: Mapping[str, Mapping[str, Product]]) -> Iterator[tuple[str, str, Product]]:
    """Yield (code, source, product): nine digits where all packages agree, else eleven."""
    products: dict[str, dict[str, Mapping[str, Product]]] = defaultdict(dict)
    for ndc, told in packages.items():
        products[ndc[:PRODUCT_DIGITS]][ndc] = told
    for ndc9, inside in products.items():
        sources = sorted({source for told in inside.values() for source in told})
        variants = {s: {told[s] for told in inside.values() if s in told} for s in sources}
        if all(len(kinds) == 1 for kinds in variants.values()):
            whole = merged({source: next(iter(kinds)) for source, kinds in variants.items()})
            if whole:
                yield ndc9, ";".join(sources), whole
                continue
        for ndc, told in inside.items():
            if package := merged(told):
                yield ndc, ";".join(sorted(told)), package


def rxnorm_products(path: Path) -> Iterator[tuple[str, str, Product]]:
    """Yield (code, source, product) for each RxNorm concept whose display name can be read."""
    for row in opened(path):
        facts = read(row["display"])
        if facts:
            product = of(facts.ingredients, facts.amount, facts.form, facts.long_acting)
            yield row["rxcui"], RXNORM, product


def write(path: Path, column: str, found: Iterable[tuple[str, str, Product]]) -> Counter[str]:
    """Write a table with one line for each kind of product, its codes in one cell."""
    lines: dict[tuple[Product, str], set[str]] = defaultdict(set)
    for code, source, product in found:
        lines[product, source].add(code)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*Product._fields, "source", "status", column])
        for (product, source), codes in sorted(lines.items()):
            writer.writerow([*product, source, "VERIFIED, derived", " ".join(sorted(codes))])
    return Counter(lines=len(lines), codes=sum(map(len, lines.values())))


def main() -> None:
    """Write both tables and print how many lines and codes they have."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("cdc", "fda", "rxnorm", "target"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    packages: dict[str, dict[str, Product]] = defaultdict(dict)
    for source, found in ((CDC, cdc_products(given.cdc)), (FDA, fda_products(given.fda))):
        for ndc, product in found:
            packages[ndc][source] = product
    print("NDC", write(given.target / "ndc_products.csv", "ndcs", by_code(packages)))
    print("RxNorm", write(given.target / "rxnorm.csv", "rxcuis", rxnorm_products(given.rxnorm)))


if __name__ == "__main__":
    main()
