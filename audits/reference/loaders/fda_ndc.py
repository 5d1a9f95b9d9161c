"""FDA's National Drug Code Directory: ``product.txt`` with ``package.txt``.

Both come tab-separated in Windows-1252 from FDA; a CSV of the same columns is read as well,
and so is a list of packages that carries its products' columns itself.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from .. import products
from ..codes import PLACEHOLDER_LABELERS, hyphenated_ndc
from ..forms import form_by_route, form_of
from ..identity import Amount
from ..names import read
from ..products import Product
from ..published import Fault, Faults, File, Line, Loaded, LoadError, Sheet, required, sheet
from ..strengths import stated, tidy
from ..substances import in_order

TABLE = products.FDA
TITLE = "FDA National Drug Code Directory"
SOURCE = "FDA, National Drug Code Directory (ndctext.zip)"
FILES = ("product.txt", "package.txt")
KEY = ("ndc",)
COMPARED = Product._fields
FEEDS = ("ndc_products",)
COLUMNS = ("ndc", "name", "substances", *Product._fields, "left_out")

PRODUCT = ("PRODUCTNDC", "SUBSTANCENAME", "ACTIVENUMERATORSTRENGTH", "ACTIVEINGREDUNIT")
PRODUCT += ("DOSAGEFORMNAME", "ROUTENAME", "DEASCHEDULE")
PACKAGE = ("NDCPACKAGECODE", "PRODUCTNDC")
ALIASES = {
    "SUBSTANCENAMES": "SUBSTANCENAME",
    "STRENGTHS": "ACTIVENUMERATORSTRENGTH",
    "UNITS": "ACTIVEINGREDUNIT",
    "DOSAGEFORM": "DOSAGEFORMNAME",
    "ROUTE": "ROUTENAME",
}
SCHEDULES = {"": "", "CI": "I", "CII": "II", "CIII": "III", "CIV": "IV", "CV": "V"}
BETWEEN = ";"
HOMEOPATHIC = "[hp"
AMPHETAMINES = frozenset({"amphetamine", "dextroamphetamine"})
ALWAYS_SLOW = frozenset({"methadone", "levorphanol"})
SLOW_FORMS = frozenset({"patch", "implant"})
NO_INGREDIENT = "no ingredient that the reference tables know"
DILUTION = "a homeopathic dilution"
PLACEHOLDER = "a labeler number that stands for none"
CONTRADICTED = "listed twice with different facts"
CODE_REMEDY = "An NDC has 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits with hyphens, or 11 without."


def load(files: Sequence[File]) -> Loaded:
    """Return the directory, one row an 11-digit package; raises LoadError.

    Counts are of products and packages (the rows of the two files), of NDCs and of packages
    that only repeat another. A code written in two ways refuses the file.
    """
    listed, packages = _told_apart([sheet(file, ALIASES) for file in files])
    by_id = _products(listed)
    found: dict[str, tuple[Line, dict[str, str]]] = {}
    faults, repeated = Faults(), 0
    for line in packages.lines:
        product = by_id.get(_identity(line), None)
        if fault := _fault(packages, line, product):
            faults.add(fault)
            continue
        row = _row(line, line if "SUBSTANCENAME" in line.cells else product)
        former = found.get(row["ndc"])
        if former is None:
            found[row["ndc"]] = line, row
        elif former[0].cells["NDCPACKAGECODE"] != line.cells["NDCPACKAGECODE"]:
            faults.add(_collision(packages, line, former[0]))
        else:
            repeated += 1
            _contradict(former[1], row)
    faults.refuse()
    rows = tuple(found[ndc][1] for ndc in sorted(found))
    counts = {"products": len(listed.lines), "packages": len(packages.lines)}
    return Loaded(
        table=TABLE,
        columns=COLUMNS,
        rows=rows,
        counts={**counts, "ndcs": len(rows), "repeated": repeated},
        left_out=Counter(row["left_out"] for row in rows if row["left_out"]),
    )


def product_of(cells: Mapping[str, str]) -> tuple[Product | None, str]:
    """Return what a row of either file means, or None and the reason why it means nothing."""
    if HOMEOPATHIC in cells["ACTIVEINGREDUNIT"].lower():
        return None, DILUTION
    names = [read(name) for name in _parts(cells["SUBSTANCENAME"])]
    ingredients = in_order(i for facts in names if facts for i in facts.ingredients)
    if not ingredients:
        return None, NO_INGREDIENT
    form = form_of(cells["DOSAGEFORMNAME"])
    for route in _parts(cells["ROUTENAME"]):
        form = form_by_route(form, route)
    slow = "EXTENDED" in cells["DOSAGEFORMNAME"].upper()
    return (
        products.of(
            ingredients,
            _amount(cells, ingredients[0]),
            form,
            slow or form in SLOW_FORMS or ingredients[0] in ALWAYS_SLOW,
            SCHEDULES[cells["DEASCHEDULE"].upper()],
        ),
        "",
    )


def _amount(cells: Mapping[str, str], leader: str) -> Amount | None:
    """Return the strength of the deciding ingredient; the salts of one ingredient add up."""
    salts = AMPHETAMINES if leader == "amphetamine" else {leader}
    told = zip(
        _parts(cells["SUBSTANCENAME"]),
        _parts(cells["ACTIVENUMERATORSTRENGTH"]),
        _parts(cells["ACTIVEINGREDUNIT"]),
        strict=False,
    )
    found = []
    for name, strength, unit in told:
        facts = read(name)
        if facts and facts.ingredients[0] in salts:
            number = _number(strength)
            found.append(None if number is None else stated(number, unit))
    if not found or None in found or len({amount.unit for amount in found}) > 1:
        return None
    return Amount(tidy(sum((amount.value for amount in found), Decimal(0))), found[0].unit)


def _number(text: str) -> Decimal | None:
    """Return a strength above zero, None for what is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(BETWEEN)]


def _told_apart(sheets: Sequence[Sheet]) -> tuple[Sheet, Sheet]:
    """Return the sheet of products and that of packages, in whatever order they were given."""
    packages = [each for each in sheets if "NDCPACKAGECODE" in each.headings]
    listed = [each for each in sheets if "NDCPACKAGECODE" not in each.headings]
    if len(packages) != 1 or len(listed) != 1:
        names = ", ".join(each.file for each in sheets) or "no file"
        problem = "These are not one list of products and one of packages."
        remedy = "Give product.txt and package.txt of one edition, unpacked."
        raise LoadError([Fault(file=names, problem=problem, remedy=remedy)])
    required(listed[0], PRODUCT, "FDA's list of products")
    required(packages[0], PACKAGE, "FDA's list of packages")
    if "SUBSTANCENAME" in packages[0].headings:
        required(packages[0], PRODUCT, "a list of packages with their products")
    return listed[0], packages[0]


def _products(listed: Sheet) -> dict[str, Line]:
    """Return the products by their identity; raises LoadError for a wrong cell."""
    faults = Faults()
    for line in listed.lines:
        if line.cells["DEASCHEDULE"].upper() not in SCHEDULES:
            faults.add(_schedule_fault(listed, line))
    faults.refuse()
    named = {line.cells["PRODUCTNDC"]: line for line in listed.lines}
    return named | {_identity(line): line for line in listed.lines}


def _identity(line: Line) -> str:
    return line.cells.get("PRODUCTID") or line.cells["PRODUCTNDC"]


def _fault(packages: Sheet, line: Line, product: Line | None) -> Fault | None:
    """Return what is wrong with the row of a package, None where nothing is."""
    code = line.cells["NDCPACKAGECODE"]
    ndc = hyphenated_ndc(code)
    if ndc is None:
        return packages.fault(line, "NDCPACKAGECODE", f"{code!r} is no NDC.", CODE_REMEDY)
    if (given := line.cells.get("NDC11")) and given != ndc:
        problem = f"{given!r} is not {code} in eleven digits, which is {ndc}."
        return packages.fault(line, "NDC11", problem, "Load the column as text, or leave it out.")
    if product is None:
        problem = f"No product {_identity(line)!r} is in the list of products."
        remedy = "Give product.txt and package.txt of the same edition."
        return packages.fault(line, "PRODUCTNDC", problem, remedy)
    if line.cells.get("DEASCHEDULE", "").upper() not in SCHEDULES:
        return _schedule_fault(packages, line)
    return None


def _schedule_fault(of: Sheet, line: Line) -> Fault:
    problem = f"{line.cells['DEASCHEDULE']!r} is no schedule."
    return of.fault(line, "DEASCHEDULE", problem, "FDA writes CI, CII, CIII, CIV, CV or nothing.")


def _row(line: Line, source: Line) -> dict[str, str]:
    """Return the row of the table for a package, told by its own cells or by its product's."""
    cells = source.cells
    ndc = hyphenated_ndc(line.cells["NDCPACKAGECODE"]) or ""
    product, why = product_of(cells)
    if ndc.startswith(PLACEHOLDER_LABELERS):
        product, why = None, PLACEHOLDER
    facts = product or _nothing(cells)
    return {
        "ndc": ndc,
        "name": cells.get("PROPRIETARYNAME", ""),
        "substances": cells["SUBSTANCENAME"],
        **facts._asdict(),
        "left_out": why,
    }


def _nothing(cells: Mapping[str, str]) -> Product:
    return Product("", "", "", "", "", SCHEDULES[cells["DEASCHEDULE"].upper()])


def _contradict(kept: dict[str, str], other: Mapping[str, str]) -> None:
    """Leave a code out that two listings of one package tell different facts of."""
    same: Callable[[str], bool] = lambda column: kept[column] == other[column]  # noqa: E731
    if not kept["left_out"] and not all(map(same, COMPARED)):
        kept.update(dict.fromkeys(COMPARED, ""), left_out=CONTRADICTED)


def _collision(packages: Sheet, line: Line, former: Line) -> Fault:
    problem = (
        f"{line.cells['NDCPACKAGECODE']} is in eleven digits the same code as "
        f"{former.cells['NDCPACKAGECODE']} on line {former.number}."
    )
    return packages.fault(line, "NDCPACKAGECODE", problem, "One of the two is wrong.")
