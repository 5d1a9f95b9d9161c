"""What NDCs mean: by the loaded editions of FDA's and CDC's files, then by the shipped table.

Which wins, and why: a loaded edition is newer and whole, so a code it lists never falls back
on the shipped table. Of a code in both editions FDA's directory gives ingredients, form and
listed schedule, for it is what labelers register; CDC's gives the strength, where the two are
within a quarter of each other (FDA often names the salt), and whether an opioid is long-acting,
which FDA does not say. Strengths further apart: one is wrong, and the code has none. Where the
two mean different drugs the code means nothing, and the row's own words decide. A code that FDA
lacks is CDC's. Over both, the dated table ``schedules`` says the schedule: labelers never
updated some listings when hydrocodone combinations moved to II on 2014-10-06.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .codes import PRODUCT_DIGITS, by_ndc, facts_of
from .identity import Facts
from .products import Product, by_code


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The meaning of NDCs for one evaluation.

    ``loaded`` is by 9-digit product, or by 11-digit package where a product is not one; None
    for a code of which the editions mean different drugs.
    """

    loaded: Mapping[str, Facts | None] = field(default_factory=dict)

    def by_ndc(self, ndc11: str) -> Facts | None:
        """Return what an 11-digit code means, None where nobody knows it."""
        for code in (ndc11, ndc11[:PRODUCT_DIGITS]):
            if code in self.loaded:
                return self.loaded[code]
        return by_ndc(ndc11)


SHIPPED = Directory()


def directory_of(tables: Mapping[str, Iterable[Mapping[str, str]]]) -> Directory:
    """Return the directory that the rows of the loaded tables make, by name of the table."""
    packages: dict[str, dict[str, Product]] = defaultdict(dict)
    for table, rows in tables.items():
        for row in rows:
            if not row["left_out"]:
                packages[row["ndc"]][table] = Product(*(row[name] for name in Product._fields))
    facts = {
        code: facts_of(product._asdict()) if product else None
        for code, _, product in by_code(packages)
    }
    return Directory(loaded=facts) if facts else SHIPPED
