"""CDC's file of opioids, benzodiazepines and others by NDC, with strengths and MME factors.

Its MME factor is kept to be read and compared; doses are reckoned by ``mme_factors``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from .. import products
from ..codes import NDC_DIGITS, PLACEHOLDER_LABELERS, hyphenated_ndc
from ..forms import form_of, long_acting_of
from ..names import read
from ..products import Product
from ..published import Fault, Faults, File, Line, Loaded, LoadError, Sheet, required, sheet
from ..strengths import stated

TABLE = products.CDC
TITLE = "CDC oral morphine milligram equivalents by NDC"
SOURCE = "CDC, National Center for Injury Prevention and Control, MME conversion file"
FILES = ("the sheets of the workbook as one CSV",)
KEY = ("ndc",)
COMPARED = (*Product._fields, "mme_factor")
FEEDS = ("ndc_products",)
COLUMNS = ("ndc", "name", "substances", *COMPARED, "left_out")

WANTED = ("NDC", "PRODNME", "GENNME", "MasterForm", "LongShortActing", "DEAClassCode")
WANTED += ("StrengthPerUnit", "UOM", "MMEConversionFactor")
HEADINGS = tuple(name.upper() for name in WANTED)
# 6 stands for a drug that is not scheduled.
SCHEDULES = {"2": "II", "3": "III", "4": "IV", "5": "V", "6": "", "": ""}
UNITS = {"MCG/SPRAY": "MCG"}
NAMES = {"A.p.c. W/codeine": "aspirin caffeine codeine"}
NASAL_FENTANYL_FACTOR = "0.16"
NO_INGREDIENT = "no ingredient that the reference tables know"
PLACEHOLDER = "a labeler number that stands for none"


def load(files: Sequence[File]) -> Loaded:
    """Return the file's codes, one row an NDC; raises LoadError."""
    if len(files) != 1:
        named = ", ".join(file.name for file in files) or "no file"
        problem = "CDC's codes are one file."
        raise LoadError([Fault(file=named, problem=problem, remedy=f"Give {FILES[0]}.")])
    codes = sheet(files[0])
    required(codes, HEADINGS, "CDC's MME file")
    found: dict[str, tuple[Line, dict[str, str]]] = {}
    faults = Faults()
    for line in codes.lines:
        if fault := _fault(codes, line, found):
            faults.add(fault)
            continue
        row = _row(line.cells)
        found[row["ndc"]] = line, row
    faults.refuse()
    rows = tuple(found[ndc][1] for ndc in sorted(found))
    return Loaded(
        table=TABLE,
        columns=COLUMNS,
        rows=rows,
        counts={"ndcs": len(rows)},
        left_out=Counter(row["left_out"] for row in rows if row["left_out"]),
    )


def _row(cells: Mapping[str, str]) -> dict[str, str]:
    ndc = hyphenated_ndc(cells["NDC"]) or ""
    product, why = _product(cells), NO_INGREDIENT
    if ndc.startswith(PLACEHOLDER_LABELERS):
        product, why = None, PLACEHOLDER
    facts = product or Product("", "", "", "", "", SCHEDULES[cells["DEACLASSCODE"]])
    return {
        "ndc": ndc,
        "name": cells["PRODNME"],
        "substances": cells["GENNME"],
        **facts._asdict(),
        "mme_factor": cells["MMECONVERSIONFACTOR"],
        "left_out": "" if product else why,
    }


def _product(cells: Mapping[str, str]) -> Product | None:
    """Return what a row means, None where its generic name holds no known ingredient."""
    facts = read(NAMES.get(cells["GENNME"], cells["GENNME"]))
    if facts is None:
        return None
    form = form_of(cells["MASTERFORM"])
    nasal = cells["MMECONVERSIONFACTOR"] == NASAL_FENTANYL_FACTOR
    if form == "spray" and (nasal or facts.ingredients[0] == "butorphanol"):
        form = "nasal_spray"
    slow = cells["LONGSHORTACTING"] == "LA" or bool(long_acting_of(cells["MASTERFORM"]))
    unit = UNITS.get(cells["UOM"], cells["UOM"])
    strength = cells["STRENGTHPERUNIT"]
    amount = stated(Decimal(strength), unit) if strength and unit else None
    return products.of(facts.ingredients, amount, form, slow, SCHEDULES[cells["DEACLASSCODE"]])


def _fault(codes: Sheet, line: Line, found: Mapping[str, tuple[Line, dict]]) -> Fault | None:
    """Return what is wrong with a row, None where nothing is."""
    code = line.cells["NDC"]
    ndc = hyphenated_ndc(code)
    if ndc is None:
        return codes.fault(line, "NDC", f"{code!r} is no NDC of 11 digits.", _remedy(code))
    if ndc in found:
        problem = f"{code} stands on line {found[ndc][0].number} already."
        return codes.fault(line, "NDC", problem, "Take one of the two rows out.")
    if line.cells["DEACLASSCODE"] not in SCHEDULES:
        problem = f"{line.cells['DEACLASSCODE']!r} is no class."
        return codes.fault(line, "DEACLASSCODE", problem, "CDC writes 2, 3, 4, 5 or 6.")
    for column in ("STRENGTHPERUNIT", "MMECONVERSIONFACTOR"):
        if not _is_number(line.cells[column]):
            problem = f"{line.cells[column]!r} is no number."
            return codes.fault(line, column, problem, "Write digits with a point, or nothing.")
    return None


def _remedy(code: str) -> str:
    if code.isdigit() and len(code) < NDC_DIGITS:
        return "A spreadsheet drops leading zeros: load the column as text and save it again."
    return "Give the codes as CDC publishes them."


def _is_number(text: str) -> bool:
    """Return whether a cell is empty or a number from zero on."""
    try:
        return not text or (Decimal(text).is_finite() and Decimal(text) >= 0)
    except InvalidOperation:
        return False
