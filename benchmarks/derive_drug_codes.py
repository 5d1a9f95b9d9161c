"""Derive the NDC and RxNorm tables of audits/reference from the files of CDC, FDA and NLM.

    python -m benchmarks.derive_drug_codes CDC.csv PRODUCTS.csv PACKAGES.csv RXNORM.csv FOLDER

Run from the repository. The tables hold facts (what is in a product, how much, in what
form), grouped so that products alike share a line; the files themselves are not copied.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from audits.reference import products
from audits.reference.loaders import LOADERS
from audits.reference.names import read
from audits.reference.products import CDC, FDA, Product
from audits.reference.published import File, sheet
from audits.reference.substances import substances

RXNORM = "cds-rxnorm"
SOURCES = {CDC: "cdc-2018", FDA: "fda-2019"}


def opened(path: Path) -> File:
    """Return a file with its name and bytes."""
    return File(path.name, path.read_bytes())


def ndc_products(files: dict[str, list[Path]]) -> Iterator[tuple[str, str, Product]]:
    """Yield (code, source, product) of what the loaders read, by product or package.

    FDA's mistaken schedules for drugs like aspirin are left out to keep the table small.
    """
    packages: dict[str, dict[str, Product]] = defaultdict(dict)
    for table, paths in files.items():
        for row in LOADERS[table].load([opened(path) for path in paths]).rows:
            told = Product(*(row[name] for name in Product._fields))
            if not row["left_out"] and (table == CDC or told.leader in substances()):
                packages[row["ndc"]][table] = told
    for code, told, product in products.by_code(packages):
        if product:
            yield code, ";".join(SOURCES[source] for source in told), product


def rxnorm_products(path: Path) -> Iterator[tuple[str, str, Product]]:
    """Yield (code, source, product) for each RxNorm concept whose display name can be read."""
    for line in sheet(opened(path)).lines:
        facts = read(line.cells["DISPLAY"])
        if facts:
            known = facts.ingredients, facts.amount, facts.form, facts.long_acting
            yield line.cells["RXCUI"], RXNORM, products.of(*known)


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
    for name in ("cdc", "fda_products", "fda_packages", "rxnorm", "target"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    files = {CDC: [given.cdc], FDA: [given.fda_products, given.fda_packages]}
    print("NDC", write(given.target / "ndc_products.csv", "ndcs", ndc_products(files)))
    print("RxNorm", write(given.target / "rxnorm.csv", "rxcuis", rxnorm_products(given.rxnorm)))


if __name__ == "__main__":
    main()
