"""Drug codes: layouts, ambiguity, and products by NDC and RxNorm."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from audits.reference import rows
from audits.reference.drugs import (
    DrugIdentity,
    factor,
    is_fentanyl_patch,
    match,
    normalise_ndc,
)

SHARED = Path(__file__).parents[2] / "shared" / "data" / "reference"


@pytest.mark.parametrize(
    ("written", "eleven"),
    [
        ("00406853001", "00406853001"),
        (" 00406853001 ", "00406853001"),
        ("0406-8530-01", "00406853001"),  # 4-4-2
        ("50458-094-05", "50458009405"),  # 5-3-2
        ("12496-1208-3", "12496120803"),  # 5-4-1
        ("00406-8530-01", "00406853001"),  # 5-4-2
        ("0406853001", "00406853001"),  # ten digits, one of three readings is a product
        ("6878874071", "68788740701"),
        ("99999999999", "99999999999"),
    ],
)
def test_an_ndc_in_any_layout_becomes_eleven_digits(written, eleven):
    assert normalise_ndc(written) == eleven


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "6808408891",  # two of its three readings are products
        "1234567890",  # none is
        "0406-8530-1",  # 4-4-1 is no layout
        "406853001",
        "004068530010",
        "0406-8530",
        "1-2-3",
        "NDC00406853001",
        "٠٠٤٠٦٨٥٣٠٠١",
    ],
)
def test_what_cannot_be_one_ndc_is_none(written):
    assert normalise_ndc(written) is None


# The drugs of the seven worked vectors: name, NDC, strength, unit, factor today and in 2018.
VECTORS = [
    ("oxycodone 30 mg tablet", "00406853001", "30", "mg", "1.5", "1.5"),
    ("morphine ER 60 mg tablet", "00406838001", "60", "mg", "1", "1"),
    ("oxycodone 10 mg tablet", "00904659061", "10", "mg", "1.5", "1.5"),
    ("fentanyl 100 mcg/h patch", "50458009405", "100", "mcg/hr", "7.2", "7.2"),
    ("methadone 10 mg tablet", "00406577101", "10", "mg", "4.7", "3"),
    ("tramadol 50 mg tablet", "00093005801", "50", "mg", "0.2", "0.1"),
    ("buprenorphine-naloxone 8/2 mg film", "12496120803", "8", "mg", None, None),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[0])
def test_the_drugs_of_the_vectors_are_the_same_by_name_and_by_code(vector):
    name, ndc, strength, unit, today, in_2018 = vector
    for identity in (DrugIdentity(drug_name=name), DrugIdentity(ndc11=ndc)):
        drug = match(identity)
        assert (drug.strength, drug.strength_unit) == (Decimal(strength), unit)
        assert factor(drug) == (Decimal(today) if today else None)
        assert factor(drug, "cdc2018") == (Decimal(in_2018) if in_2018 else None)
    both = match(DrugIdentity(ndc11=ndc, drug_name=name))
    assert (both.via, both.notes) == ("ndc", ())


def test_the_vectors_come_to_the_daily_doses_worked_by_hand():
    def daily(ndc, quantity, days):
        drug = match(DrugIdentity(ndc11=ndc))
        days = quantity * 3 if is_fentanyl_patch(drug) else days
        return drug.strength * quantity / days * factor(drug)

    assert daily("00406853001", 180, 30) == 270
    assert daily("00406838001", 60, 30) == 120
    assert daily("00904659061", 120, 30) == 60
    assert daily("50458009405", 10, 10) == 240
    assert daily("00406577101", 270, 30) == 423
    assert daily("00093005801", 240, 30) == 80


@pytest.mark.parametrize(
    ("rxcui", "ingredient", "form", "strength", "unit"),
    [
        ("1049618", "oxycodone", "tablet", "30", "mg"),
        ("894813", "morphine", "tablet", "60", "mg"),
        ("245136", "fentanyl", "patch", "100", "mcg/hr"),
        ("668624", "fentanyl", "tablet", "200", "mcg"),
        ("858087", "fentanyl", "film", "1200", "mcg"),
        ("864706", "methadone", "tablet", "10", "mg"),
        ("835603", "tramadol", "tablet", "50", "mg"),
        ("1010604", "buprenorphine", "film", "8", "mg"),
        ("1716079", "buprenorphine", "film", "75", "mcg"),
        ("904876", "buprenorphine", "patch", "20", "mcg/hr"),
        ("993770", "codeine", "tablet", "15", "mg"),
        ("197529", "clonazepam", "tablet", "2", "mg"),
    ],
)
def test_an_rxnorm_code_is_known(rxcui, ingredient, form, strength, unit):
    drug = match(DrugIdentity(rxcui=rxcui))
    assert (drug.ingredient, drug.form, drug.via) == (ingredient, form, "rxcui")
    assert (drug.strength, drug.strength_unit) == (Decimal(strength), unit)


def test_a_product_code_that_was_used_twice_is_told_apart_by_package():
    """Labeler 52959 gave product 0119 to two drugs."""
    codes = [code for row in rows("ndc_products") for code in row["ndcs"].split()]
    packages = [code for code in codes if code.startswith("529590119")]
    assert {len(code) for code in packages} == {11}
    found = {match(DrugIdentity(ndc11=code)).ingredient for code in packages}
    assert found == {"codeine", "oxycodone"}


@pytest.mark.shared_data
def test_every_code_of_the_cdc_file_has_the_factor_the_file_gives_it():
    path = SHARED / "cdc_mme_ndc_2018-09.csv"
    if not path.exists():
        pytest.skip("no shared data")
    differing, unmatched, rows = [], 0, 0
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows += 1
            drug = match(DrugIdentity(ndc11=row["NDC"]))
            if drug is None:
                unmatched += 1
                assert row["NDC"].startswith("99999")  # placeholders, left out
                continue
            theirs = Decimal(row["MME_Conversion_Factor"] or 0)
            if (factor(drug, "cdc2018") or 0) != theirs:
                differing.append((row["NDC"], drug.ingredient, drug.form))
    assert (rows, unmatched) == (30_264, 81)
    # FDA lists this package for injection, which has no oral factor.
    assert [(ingredient, form) for _, ingredient, form in differing] == [("morphine", "injection")]


@pytest.mark.shared_data
def test_every_controlled_package_of_the_fda_file_is_matched_or_known_to_be_left_out():
    path = SHARED / "fda_ndc_controlled_packages_2019-04.csv"
    if not path.exists():
        pytest.skip("no shared data")
    with path.open(encoding="utf-8", newline="") as file:
        missing = [
            row for row in csv.DictReader(file) if not match(DrugIdentity(ndc11=row["ndc11"]))
        ]
    assert missing
    for row in missing:
        drug = match(DrugIdentity(drug_name=row["substance_names"]))
        # A dilution, or a listing in error: aspirin and menthol are not controlled.
        assert "[hp" in row["units"] or drug is None or drug.schedule is None, row
