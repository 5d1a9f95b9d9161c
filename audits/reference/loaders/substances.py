"""The class of every ingredient that rules know."""

from collections.abc import Iterator

from ..cells import YES_NO, as_shipped, cell, shaped, words
from ..identity import FORMS
from ..loading import rows
from ..own_table import OwnTable
from ..published import Fault, Sheet
from ..substances import OTHERS

NAMING = ("brands", "synonyms", "ndc_products", "rxnorm")
NAMED = ("schedules", "mme_factors")


def _named_stay(sheet: Sheet) -> Iterator[Fault]:
    """Yield the ingredients that other tables name and that nobody would know."""
    known = {cell(line, "ingredient") for line in sheet.lines} | OTHERS.keys()
    for table in (*NAMED, *NAMING):
        column = "ingredient" if table in NAMED else "ingredients"
        named = {name for row in rows(table) for name in row[column].split(";")}
        for name in sorted(named - known):
            known.add(name)
            problem = f"It has no row for {name}, which the table {table} names."
            yield Fault(file=sheet.file, problem=problem, remedy="Keep the row.")


LOADER = OwnTable(
    TABLE="substances",
    TITLE="Drug classes",
    KEY=("ingredient",),
    CELLS={
        "ingredient": shaped("[a-z0-9][a-z0-9 ,()/'-]*", "the plain name in small letters"),
        "drug_class": as_shipped("substances", "drug_class"),
        "drug_subclass": as_shipped("substances", "drug_subclass", blank=True),
        "only_form": words(*FORMS, blank=True),
        "cns_depressant": YES_NO,
        "counts_in_mme": YES_NO,
    },
    RULES=(_named_stay,),
    ORDERED=True,
    UNREAD=("cns_depressant", "counts_in_mme"),
)
