"""Workbooks read back by what the format says (ECMA-376), not by what wrote them."""

import io
import re
import zipfile
from datetime import date, timedelta
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ESCAPED = re.compile(r"_x([0-9A-F]{4})_")
EPOCH = date(1899, 12, 30)
Cell = str | float | date | None


def parts(data: bytes) -> dict[str, str]:
    """Return the texts inside a workbook by their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def sheets(data: bytes) -> dict[str, list[list[Cell]]]:
    """Return the cells of every sheet by its title; a formula anywhere is an error."""
    inside = parts(data)
    days = _day_styles(inside["xl/styles.xml"])
    titles = [
        s.get("name")
        for s in ElementTree.fromstring(inside["xl/workbook.xml"]).iter(MAIN + "sheet")
    ]
    found = {}
    for number, title in enumerate(titles, 1):
        root = ElementTree.fromstring(inside[f"xl/worksheets/sheet{number}.xml"])
        assert not list(root.iter(MAIN + "f")), "a formula"
        assert not list(root.iter(MAIN + "hyperlink")), "a link"
        found[title] = [_row(row, days) for row in root.iter(MAIN + "row")]
    return found


def _day_styles(styles: str) -> set[str]:
    """Return the numbers of the cell styles that show a day."""
    root = ElementTree.fromstring(styles)
    ours = {
        f.get("numFmtId") for f in root.iter(MAIN + "numFmt") if f.get("formatCode") == "yyyy-mm-dd"
    }
    used = root.find(MAIN + "cellXfs")
    return {str(place) for place, each in enumerate(used) if each.get("numFmtId") in ours}


def _row(row: ElementTree.Element, days: set[str]) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row.iter(MAIN + "c"):
        letters = re.match("[A-Z]+", cell.get("r"))[0]
        assert len(letters) == 1, "wider than these tests need"
        cells += [None] * (ord(letters) - ord("A") - len(cells))
        cells.append(_cell(cell, days))
    return cells


def _cell(cell: ElementTree.Element, days: set[str]) -> Cell:
    if cell.get("t") == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(MAIN + "t"))
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    assert cell.get("t") in (None, "n"), "neither a number nor a text in its place"
    number = float(cell.find(MAIN + "v").text)
    return EPOCH + timedelta(days=number) if cell.get("s") in days else number
