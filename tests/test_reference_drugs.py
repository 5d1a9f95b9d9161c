"""What decides where codes, names and cells disagree; schedules, factors, addiction treatment."""

import json
from datetime import date
from decimal import Decimal

import pytest

from audits.reference.drugs import (
    MME_SETS,
    DrugIdentity,
    factor,
    is_dose_opioid,
    is_fentanyl_patch,
    is_moud,
    match,
    schedule_on,
)

OXYCODONE_30 = "00406853001"
CODEINE_SYRUP = "00121054704"  # promethazine and codeine
APAP_CODEINE_SOLUTION = "00121050416"


def named(name: str, **cells):
    return match(DrugIdentity(drug_name=name, **cells))


def test_the_ndc_decides_over_rxcui_and_name():
    drug = match(DrugIdentity(ndc11=OXYCODONE_30, rxcui="864706", drug_name="tramadol 50 mg"))
    assert (drug.ingredient, drug.strength, drug.via) == ("oxycodone", 30, "ndc")
    assert "drug_codes_disagree" in drug.notes


def test_the_rxcui_decides_over_the_name():
    drug = match(DrugIdentity(rxcui="864706", drug_name="methadone 5 mg"))
    assert (drug.strength, drug.via, drug.notes) == (10, "rxcui", ("strength_differs",))


def test_an_unknown_ndc_falls_to_the_rxcui_and_then_to_the_name():
    drug = match(DrugIdentity(ndc11="12345678901", rxcui="864706"))
    assert (drug.ingredient, drug.via, drug.notes) == ("methadone", "rxcui", ("ndc_unknown",))
    drug = match(DrugIdentity(ndc11="12345678901", rxcui="1", drug_name="methadone 5 mg"))
    assert (drug.ingredient, drug.via) == ("methadone", "name")


def test_an_ndc_that_cannot_be_read_is_noted_and_a_placeholder_is_not():
    assert named("methadone 5 mg", ndc11="12-3").notes == ("ndc_unreadable",)
    assert named("ketamine 50 mg troche", ndc11="99999999999").notes == ()


def test_nothing_recognised_is_no_drug():
    assert match(DrugIdentity()) is None
    assert match(DrugIdentity(ndc11="12345678901", drug_name="mystery", ingredients="[]")) is None


def test_the_rows_own_strength_serves_only_where_the_code_gives_none():
    cells = {"strength_value": Decimal("10"), "strength_unit": "mg"}
    by_code = match(DrugIdentity(ndc11=OXYCODONE_30, **cells))
    assert (by_code.strength, by_code.notes) == (30, ("strength_differs",))
    by_name = named("oxycodone tablet", **cells)
    assert (by_name.strength, by_name.strength_unit, by_name.notes) == (10, "mg", ())


def test_the_rows_own_strength_comes_before_the_names():
    drug = named("oxycodone 5 mg", strength_value=Decimal("10"), strength_unit="mg")
    assert (drug.strength, drug.notes) == (10, ("strength_differs",))


@pytest.mark.parametrize(
    ("name", "written", "form", "becomes"),
    [
        ("morphine", "10 mg/5 ml", "solution", "2 mg/ml"),
        ("morphine", "10 MG/5ML", "solution", "2 mg/ml"),
        ("morphine", "0.02 g/ml", "solution", "20 mg/ml"),
        ("fentanyl", "25 mcg/h", None, "25 mcg/hr"),
        ("fentanyl", "25 UG/HR", "patch", "25 mcg/hr"),
        ("fentanyl", "0.4 mg", "lozenge", "400 mcg"),
        ("hydromorphone", "500 mcg", "tablet", "0.5 mg"),
        ("oxycodone", "10 mg/1", "tablet", "10 mg"),
        ("oxycodone", "10 MG/TABLET", "tablet", "10 mg"),
        ("ketamine", "10 %", "nasal spray", "100 mg/ml"),
        ("oxycodone", "10 units", "tablet", "None None"),
        ("oxycodone", "10 ", "tablet", "None None"),
    ],
)
def test_the_unit_of_the_cell_is_brought_to_the_dosing_unit(name, written, form, becomes):
    value, unit = written.split(" ", 1)
    drug = named(name, strength_value=Decimal(value), strength_unit=unit, dose_form=form)
    assert f"{drug.strength} {drug.strength_unit}" == becomes


def test_the_dose_form_cell_comes_before_the_name_and_the_route_sharpens_it():
    assert named("ketamine 100 mg", dose_form="Troche").form == "troche"
    assert named("ketamine 50 mg/ml solution", route="nasal").form == "nasal_spray"
    assert named("ketamine 50 mg/ml solution", route="intravenous").form == "injection"
    assert named("oxycodone 5 mg tablet", route="nasal").form == "tablet"
    assert named("morphine 10 mg/ml", dose_form="INJECTION, SOLUTION").injectable


def test_the_dose_form_cell_says_extended_release_where_the_trade_name_does_not():
    assert named("Ultram 100 mg", dose_form="TABLET, EXTENDED RELEASE").long_acting
    assert not named("Ultram 100 mg").long_acting
    assert match(DrugIdentity(ndc11=OXYCODONE_30, dose_form="ER tablet")).long_acting is False


def test_the_code_of_what_went_into_a_compound_gives_the_ingredient_only():
    vial = "00143950801"
    assert match(DrugIdentity(ndc11=vial)).form == "injection"
    made = match(DrugIdentity(ndc11=vial, drug_name="ketamine 100 mg troche", is_compound=True))
    assert (made.ingredient, made.form, made.strength, made.via) == (
        "ketamine",
        "troche",
        100,
        "ndc",
    )


def test_a_compound_is_known_by_its_list_of_ingredients():
    listed = [{"name": "Gelatin base"}, {"name": "Ketamine HCl", "quantity": 3, "unit": "g"}]
    drug = match(
        DrugIdentity(
            drug_name="compounded troche",
            dose_form="troche",
            ingredients=json.dumps(listed),
            strength_value=Decimal("100"),
            strength_unit="mg",
        )
    )
    assert (drug.ingredient, drug.form, drug.strength, drug.via) == (
        "ketamine",
        "troche",
        100,
        "ingredients",
    )


def test_a_compounds_ingredient_may_be_a_code_and_its_strength_is_not_the_compounds():
    drug = match(DrugIdentity(ingredients='[{"ndc": "0143-9508-01", "quantity": 10}]'))
    assert (drug.ingredient, drug.strength) == ("ketamine", None)


@pytest.mark.parametrize(
    "text", ["not json", "{}", "[]", "[1]", '[{"quantity": 3}]', "null", "[" * 4000]
)
def test_a_list_that_tells_nothing_is_no_drug(text):
    assert match(DrugIdentity(ingredients=text)) is None


def test_hydrocodone_combinations_changed_schedule_on_a_day():
    norco = named("Norco 10/325")
    assert schedule_on(norco, date(2014, 10, 5)) == "III"
    assert schedule_on(norco, date(2014, 10, 6)) == "II"
    assert norco.schedule == "II"
    assert schedule_on(named("Hydromet"), date(2014, 10, 5)) == "III"
    assert schedule_on(named("Zohydro ER 10 mg"), date(2014, 10, 5)) == "II"


def test_the_directory_listing_does_not_bring_back_schedule_three():
    """FDA still lists some hydrocodone combinations as CIII."""
    listed_three = match(DrugIdentity(ndc11="67296058901"))
    assert (listed_three.ingredient, listed_three.schedule) == ("hydrocodone", "II")


def test_codeines_schedule_follows_its_company():
    assert named("codeine 30 mg").schedule == "II"
    assert named("acetaminophen-codeine #3").schedule == "III"
    assert named("promethazine-codeine syrup").schedule == "V"
    assert schedule_on(named("codeine 30 mg"), date(2020, 1, 1)) == "II"


def test_the_listed_schedule_of_a_codeine_mixture_wins_over_the_general_one():
    assert match(DrugIdentity(ndc11=CODEINE_SYRUP)).schedule == "V"
    assert match(DrugIdentity(ndc11=APAP_CODEINE_SOLUTION)).schedule == "V"


def test_dihydrocodeine_goes_as_codeine_does():
    assert named("dihydrocodeine 16 mg").schedule == "II"
    assert named("dihydrocodeine-aspirin-caffeine").schedule == "III"
    assert named("dihydrocodeine-guaifenesin").schedule == "V"


def test_an_uncontrolled_drug_has_no_schedule_on_any_day():
    assert schedule_on(named("gabapentin 300 mg"), date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("name", "treatment", "answer"),
    [
        ("Suboxone 8-2 mg film", None, True),
        ("buprenorphine 8 mg SL tablet", "", True),
        ("buprenorphine-naloxone", None, True),
        ("Sublocade 300 mg/1.5 ml", None, True),
        ("Probuphine implant", None, True),
        ("Butrans 10 mcg/hr", None, False),
        ("Belbuca 450 mcg", None, False),
        ("Buprenex 0.3 mg/ml", None, False),
        ("Butrans 10 mcg/hr", "02", True),
        ("methadone 10 mg", None, False),
        ("methadone 10 mg", "11", False),
        ("methadone 10 mg", "02", True),
        ("oxycodone 10 mg", "02", False),
    ],
)
def test_treatment_of_opioid_use_disorder(name, treatment, answer):
    assert is_moud(named(name), treatment) is answer


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("oxycodone 10 mg", True),
        ("acetaminophen-codeine #3", True),
        ("methadone 10 mg", True),
        ("promethazine-codeine syrup", False),
        ("Hydromet", False),
        ("Lomotil", False),
        ("Viberzi 100 mg", False),
        ("morphine 4 mg/ml injection", False),
        ("Butrans 10 mcg/hr", False),
        ("naloxone 4 mg nasal spray", False),
        ("alprazolam 1 mg", False),
        ("ketamine 100 mg troche", False),
    ],
)
def test_opioids_of_the_dose_rules(name, answer):
    assert is_dose_opioid(named(name)) is answer


def test_the_sets_of_factors_differ_where_they_were_published_so():
    values = {
        name: [factor(named(name), mme_set) for mme_set in MME_SETS]
        for name in ("hydromorphone 4 mg", "tapentadol 50 mg", "propoxyphene 65 mg")
    }
    assert tuple(MME_SETS) == ("cdc2022+2018", "cdc2018", "nih_heal")
    assert values["hydromorphone 4 mg"] == [5, 4, 5]
    assert values["tapentadol 50 mg"] == [Decimal("0.4"), Decimal("0.4"), Decimal("0.3")]
    assert values["propoxyphene 65 mg"] == [Decimal("0.23"), Decimal("0.23"), None]


def test_the_patch_factor_is_for_three_days_a_patch_in_every_set():
    patch = named("fentanyl 75 mcg/hr patch")
    assert is_fentanyl_patch(patch)
    assert [factor(patch, mme_set) for mme_set in MME_SETS] == [Decimal("7.2")] * 3
    assert patch.strength * 10 / 30 * factor(patch) == 180


def test_buprenorphine_never_has_a_factor():
    for name in ("Suboxone 8-2 mg film", "Butrans 10 mcg/hr", "Belbuca 450 mcg"):
        assert [factor(named(name), mme_set) for mme_set in MME_SETS] == [None] * 3


def test_an_unknown_set_of_factors_is_an_error():
    with pytest.raises(KeyError):
        factor(named("oxycodone 10 mg"), "cdc2016")
