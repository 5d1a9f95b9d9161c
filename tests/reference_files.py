"""Files as FDA, CDC and NUCC publish them, with made-up rows, shipped tables, and shared files."""

import csv
import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

from audits.reference import shipped
from audits.reference.loaders import LOADERS
from audits.reference.published import File, Loaded

SHARED = Path(__file__).parents[2] / "shared" / "data" / "reference"
FDA_FILES = ("fda_ndc_controlled_products_2019-04.csv", "fda_ndc_controlled_packages_2019-04.csv")
CDC_FILE = "cdc_mme_ndc_2018-09.csv"

PRODUCT_HEADINGS = (
    "PRODUCTID",
    "PRODUCTNDC",
    "PRODUCTTYPENAME",
    "PROPRIETARYNAME",
    "PROPRIETARYNAMESUFFIX",
    "NONPROPRIETARYNAME",
    "DOSAGEFORMNAME",
    "ROUTENAME",
    "STARTMARKETINGDATE",
    "ENDMARKETINGDATE",
    "MARKETINGCATEGORYNAME",
    "APPLICATIONNUMBER",
    "LABELERNAME",
    "SUBSTANCENAME",
    "ACTIVE_NUMERATOR_STRENGTH",
    "ACTIVE_INGRED_UNIT",
    "PHARM_CLASSES",
    "DEASCHEDULE",
    "NDC_EXCLUDE_FLAG",
    "LISTING_RECORD_CERTIFIED_THROUGH",
)
PACKAGE_HEADINGS = (
    "PRODUCTID",
    "PRODUCTNDC",
    "NDCPACKAGECODE",
    "PACKAGEDESCRIPTION",
    "STARTMARKETINGDATE",
    "ENDMARKETINGDATE",
    "NDC_EXCLUDE_FLAG",
    "SAMPLE_PACKAGE",
)
CDC_HEADINGS = (
    "NDC",
    "PRODNME",
    "GENNME",
    "Master_Form",
    "Class",
    "Drug",
    "LongShortActing",
    "DEAClassCode",
    "Strength_Per_Unit",
    "UOM",
    "MME_Conversion_Factor",
)
OXYCODONE = {
    "PRODUCTID": "0406-8530_a",
    "PRODUCTNDC": "0406-8530",
    "PROPRIETARYNAME": "Oxycodone",
    "DOSAGEFORMNAME": "TABLET",
    "ROUTENAME": "ORAL",
    "SUBSTANCENAME": "OXYCODONE HYDROCHLORIDE",
    "ACTIVE_NUMERATOR_STRENGTH": "30",
    "ACTIVE_INGRED_UNIT": "mg/1",
    "DEASCHEDULE": "CII",
}
OXYCODONE_BY_CDC = {
    "NDC": "00406853001",
    "PRODNME": "OXYCODONE",
    "GENNME": "Oxycodone HCl",
    "Master_Form": "Tablet",
    "Class": "Opioid",
    "LongShortActing": "SA",
    "DEAClassCode": "2",
    "Strength_Per_Unit": "30",
    "UOM": "MG",
    "MME_Conversion_Factor": "1.5",
}


def written(name: str, headings, rows, between: str = "\t", encoding: str = "cp1252") -> File:
    """Give a file of rows, each a mapping with the cells that are not empty."""
    lines = [headings, *([str(row.get(name, "")) for name in headings] for row in rows)]
    return File(name, "".join(f"{between.join(line)}\r\n" for line in lines).encode(encoding))


def product_txt(*rows: dict) -> File:
    return written("product.txt", PRODUCT_HEADINGS, rows or (OXYCODONE,))


def package_txt(*codes: str, **cells: str) -> File:
    """Give the packages ``codes`` of the product above, or of the one that ``cells`` name."""
    of = {"PRODUCTID": "0406-8530_a", "PRODUCTNDC": "0406-8530"} | cells
    rows = [of | {"NDCPACKAGECODE": code} for code in codes or ("0406-8530-01",)]
    return written("package.txt", PACKAGE_HEADINGS, rows)


def cdc_csv(*rows: dict) -> File:
    return written("cdc.csv", CDC_HEADINGS, rows or (OXYCODONE_BY_CDC,), between=",")


def nucc_csv(*lines: str) -> File:
    headings = "Code,Grouping,Classification,Specialization,Definition,Effective Date,"
    headings += "Deactivation Date,Last Modified Date,Notes,Display Name,Section"
    return File("nucc.csv", "\n".join([headings, *lines, ""]).encode())


def own_csv(table: str, rows: Iterable[Mapping[str, str]] | None = None) -> File:
    """Give a shipped table as a file, with other rows where they are given."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(shipped(table)[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(shipped(table) if rows is None else rows)
    return File(f"{table}.csv", text.getvalue().encode())


def load(table: str, *files: File) -> Loaded:
    return LOADERS[table].load(files)


def shared(*names: str) -> tuple[File, ...]:
    """Give shared files; the test is not run where they are not found."""
    if not SHARED.exists():
        pytest.skip("no shared data")
    return tuple(File(name, (SHARED / name).read_bytes()) for name in names)


@cache
def shared_tables() -> dict[str, Loaded]:
    """Give what the loaders make of the shared files of FDA and CDC."""
    return {
        "fda_ndc": load("fda_ndc", *shared(*FDA_FILES)),
        "cdc_mme": load("cdc_mme", *shared(CDC_FILE)),
    }
