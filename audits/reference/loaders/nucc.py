"""NUCC's Health Care Provider Taxonomy: codes with the names they are shown by.

What a code may prescribe is not in it: role groups are our own table ``taxonomy``.
"""

import re
from collections.abc import Mapping, Sequence

from ..published import Fault, Faults, File, Line, Loaded, LoadError, Sheet, required, sheet

TABLE = "nucc"
TITLE = "NUCC health care provider taxonomy"
SOURCE = "National Uniform Claim Committee, Health Care Provider Taxonomy code set"
FILES = ("nucc_taxonomy_NNN.csv",)
KEY = ("taxonomy_code",)
COMPARED = ("display_name", "grouping", "deactivated")
FEEDS: tuple[str, ...] = ()
COLUMNS = ("taxonomy_code", *COMPARED)

WANTED = ("CODE", "GROUPING", "CLASSIFICATION", "SPECIALIZATION")
CODE = re.compile(r"[0-9A-Z]{9}X")


def load(files: Sequence[File]) -> Loaded:
    """Return the edition's codes, one row a code; raises LoadError."""
    if len(files) != 1:
        named = ", ".join(file.name for file in files) or "no file"
        problem = "NUCC's taxonomy is one file."
        raise LoadError([Fault(file=named, problem=problem, remedy=f"Give {FILES[0]}.")])
    codes = sheet(files[0])
    required(codes, WANTED, "NUCC's taxonomy")
    found: dict[str, tuple[Line, dict[str, str]]] = {}
    faults = Faults()
    for line in codes.lines:
        if fault := _fault(codes, line, found):
            faults.add(fault)
        else:
            found[line.cells["CODE"].upper()] = line, _row(line.cells)
    faults.refuse()
    rows = tuple(found[code][1] for code in sorted(found))
    return Loaded(
        table=TABLE,
        columns=COLUMNS,
        rows=rows,
        counts={"codes": len(rows), "deactivated": sum(bool(r["deactivated"]) for r in rows)},
    )


def _row(cells: Mapping[str, str]) -> dict[str, str]:
    """Return a code with its name: its own since edition 22, before that made of its parts."""
    parts = " ".join(filter(None, (cells["SPECIALIZATION"], cells["CLASSIFICATION"])))
    return {
        "taxonomy_code": cells["CODE"].upper(),
        "display_name": cells.get("DISPLAYNAME") or parts,
        "grouping": cells["GROUPING"],
        "deactivated": cells.get("DEACTIVATIONDATE", ""),
    }


def _fault(codes: Sheet, line: Line, found: Mapping[str, tuple[Line, dict]]) -> Fault | None:
    """Return what is wrong with a row, None where nothing is."""
    code = line.cells["CODE"].upper()
    if not CODE.fullmatch(code):
        remedy = "A code has nine digits or letters and an X; a last line of words is no row."
        return codes.fault(line, "CODE", f"{code!r} is no taxonomy code.", remedy)
    if code in found:
        problem = f"{code} stands on line {found[code][0].number} already."
        return codes.fault(line, "CODE", problem, "Take one of the two rows out.")
    return None
