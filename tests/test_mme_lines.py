"""MME a day by each set of factors, against values computed by hand from the published ones."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from audits import engine, examples
from audits.reference.factors import MME_SETS

AS_OF = date(2026, 10, 31)
# One line a drug as a row names it, three doses worked out by hand, empty where there is none.
LINES_FILE = Path(__file__).parent / "mme_lines.csv"
LINES = list(csv.DictReader(LINES_FILE.read_text(encoding="utf-8").splitlines()))
SETS = ("cdc2022+2018", "cdc2018", "nih_heal")
NAMED_BY = ("ndc11", "rxcui", "drug_name", "strength_value", "strength_unit")
DOSED_BY = ("treatment_type", "quantity", "days_supply")
OF_THE_SUBJECT = {
    "methadone",
    "patch",
    "film",
    "tramadol",
    "hydromorphone",
    "tapentadol",
    "buprenorphine",
    "lozenge",
    "levorphanol",
    "meperidine",
    "butorphanol",
    "pentazocine",
    "opium",
    "dihydrocodeine",
    "solution",
    "injection",
}


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


def dosed(limits, mme_set):
    """Return the enriched row of each line, in their order."""
    given = [
        {"patient_id": f"p{n}", "filled_date": "2025-01-01"}
        | {name: line[name] for name in (*NAMED_BY, *DOSED_BY)}
        for n, line in enumerate(LINES)
    ]
    files = {"prescriptions": given}
    with examples.put(limits, files, AS_OF, mme_set=mme_set) as (backend, records):
        found = {r["patient_key"]: r for r in engine.rows(backend, records.prescriptions)}
    return [found[examples.key_of(f"p{n}")] for n in range(len(LINES))]


def counted(row):
    """Return the MME a day with which a row enters a sum, as text; empty where it does not."""
    if not row["opioid"] or row["mme_day"] is None:
        return ""
    return f"{Decimal(row['mme_day']).scaleb(-3).normalize():f}"


def test_the_sets_and_the_table_are_those_asked_for():
    assert tuple(MME_SETS) == SETS
    assert sum(1 for line in LINES if line["cdc2022+2018"]) >= 40
    told = " ".join(f"{line['drug_name']} {line['by_hand']}" for line in LINES)
    assert all(word in told for word in OF_THE_SUBJECT)


@pytest.mark.parametrize("mme_set", SETS)
def test_a_dose_is_the_one_worked_out_by_hand(limits, mme_set):
    for line, row in zip(LINES, dosed(limits, mme_set), strict=True):
        assert counted(row) == line[mme_set], line
        problem = line["problem"] or (mme_set == "nih_heal" and line["problem_heal"])
        assert (row["dose_problem"] or "") == (problem or ""), line
