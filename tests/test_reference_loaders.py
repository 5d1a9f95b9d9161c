"""Loaders of published tables: whole tables by exact counts, wrong files by one clear line."""

from decimal import Decimal

import pytest

from audits.reference import codes
from audits.reference.directory import directory_of
from audits.reference.drugs import DrugIdentity, match
from audits.reference.published import File, LoadError, rows_of
from tests.reference_files import (
    CDC_FILE,
    FDA_FILES,
    OXYCODONE,
    OXYCODONE_BY_CDC,
    cdc_csv,
    load,
    nucc_csv,
    package_txt,
    product_txt,
    shared,
    shared_tables,
)

# FDA lists aspirin of one relabeler as CIV; the shipped table leaves these two products out.
MISLISTED = ("713350195", "713350513")
PSYCHIATRY = "2084P0800X,Allopathic & Osteopathic Physicians,Psychiatry & Neurology,Psychiatry"


def refused(table: str, *files: File) -> str:
    with pytest.raises(LoadError) as error:
        load(table, *files)
    return str(error.value)


def only(table: str, *files: File) -> dict:
    (row,) = load(table, *files).rows
    return dict(row)


@pytest.mark.shared_data
def test_the_shared_fda_files_are_4923_products_and_12333_packages_with_codes_of_their_own():
    loaded = shared_tables()["fda_ndc"]
    assert loaded.counts == {"products": 4923, "packages": 12333, "ndcs": 12333, "repeated": 0}
    assert len({row["ndc"] for row in loaded.rows}) == 12333
    assert all(len(row["ndc"]) == 11 and row["ndc"].isdigit() for row in loaded.rows)
    assert sum(loaded.left_out.values()) == 35


@pytest.mark.shared_data
def test_the_shared_cdc_file_is_30264_codes():
    loaded = shared_tables()["cdc_mme"]
    assert loaded.counts == {"ndcs": 30264}
    assert loaded.left_out == {"a labeler number that stands for none": 81}


@pytest.mark.shared_data
def test_loading_the_files_that_the_shipped_table_was_made_of_changes_no_code():
    tables = {name: loaded.rows for name, loaded in shared_tables().items()}
    directory = directory_of(tables)
    ndcs = {row["ndc"] for rows in tables.values() for row in rows}
    assert len(ndcs) == 12333 + 30264 - 5003
    differing = {n for n in ndcs if directory.by_ndc(n) != codes.by_ndc(n)}
    assert {ndc[:9] for ndc in differing} == set(MISLISTED)


@pytest.mark.shared_data
def test_what_is_kept_of_a_table_is_what_was_loaded():
    for loaded in shared_tables().values():
        assert rows_of(loaded.content()) == loaded.rows


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("table", "names"), [("fda_ndc", FDA_FILES[:1]), ("fda_ndc", (CDC_FILE,)), ("nucc", FDA_FILES)]
)
def test_the_shared_files_of_another_table_are_refused(table, names):
    assert "Give" in refused(table, *shared(*names))


@pytest.mark.parametrize(
    ("code", "ndc"),
    [
        ("0406-8530-01", "00406853001"),  # 4-4-2
        ("50458-094-05", "50458009405"),  # 5-3-2
        ("12496-1208-3", "12496120803"),  # 5-4-1
        ("00406-8530-01", "00406853001"),  # padded, with hyphens
        ("00406853001", "00406853001"),  # padded, without
    ],
)
def test_a_package_code_in_any_layout_becomes_eleven_digits(code, ndc):
    assert only("fda_ndc", product_txt(), package_txt(code)) == {
        "ndc": ndc,
        "name": "Oxycodone",
        "substances": "OXYCODONE HYDROCHLORIDE",
        "ingredients": "oxycodone",
        "strength": "30",
        "strength_unit": "mg",
        "form": "tablet",
        "long_acting": "no",
        "schedule": "II",
        "left_out": "",
    }


def test_the_two_files_of_fda_come_in_any_order_and_equal_content_has_equal_bytes():
    one = load("fda_ndc", product_txt(), package_txt())
    other = load("fda_ndc", package_txt("00406-8530-01"), product_txt())
    assert one.content() == other.content()


def test_letters_of_windows_are_read_and_a_quotation_mark_is_a_letter_like_any_other():
    named = OXYCODONE | {"PROPRIETARYNAME": 'Jos\u00e9\u2019s "30'}
    assert only("fda_ndc", product_txt(named), package_txt())["name"] == 'Jos\u00e9\u2019s "30'
    in_latin_1 = product_txt(OXYCODONE | {"PROPRIETARYNAME": "XY"})
    undefined = File("product.txt", in_latin_1.content.replace(b"XY", b"\x81\xbf"))
    assert only("fda_ndc", undefined, package_txt())["name"] == "\x81\u00bf"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"SUBSTANCENAME": "FLUFF"}, "no ingredient that the reference tables know"),
        ({"ACTIVE_INGRED_UNIT": "[hp_X]/1"}, "a homeopathic dilution"),
    ],
)
def test_a_package_that_means_nothing_stays_in_the_table_with_the_reason(cells, why):
    loaded = load("fda_ndc", product_txt(OXYCODONE | cells), package_txt())
    assert loaded.left_out == {why: 1}
    assert loaded.rows[0]["schedule"] == "II"
    assert directory_of({"fda_ndc": loaded.rows}).by_ndc("00406853001") == codes.by_ndc(
        "00406853001"
    )


@pytest.mark.parametrize("strength", ["", "NaN", "Infinity", "-3", "0", "about 3", "1,000"])
def test_a_strength_that_is_no_number_is_not_known(strength):
    product = product_txt(OXYCODONE | {"ACTIVE_NUMERATOR_STRENGTH": strength})
    row = only("fda_ndc", product, package_txt())
    assert (row["ingredients"], row["strength"], row["strength_unit"]) == ("oxycodone", "", "")


def test_the_salts_of_amphetamine_add_up():
    mixed = {
        "SUBSTANCENAME": "DEXTROAMPHETAMINE SACCHARATE; AMPHETAMINE ASPARTATE",
        "ACTIVE_NUMERATOR_STRENGTH": "2.5; 2.5",
        "ACTIVE_INGRED_UNIT": "mg/1; mg/1",
    }
    row = only("fda_ndc", product_txt(OXYCODONE | mixed), package_txt())
    assert (row["ingredients"].split(";")[0], row["strength"]) == ("amphetamine", "5")


def test_one_package_listed_twice_alike_counts_once_and_one_that_is_contradicted_means_nothing():
    twin = OXYCODONE | {"PRODUCTID": "0406-8530_b"}
    for other, left_out in ((twin, {}), (twin | {"DEASCHEDULE": "CIII"}, 1)):
        packages = package_txt("0406-8530-01").content + b"\r\n".join(
            package_txt("0406-8530-01", PRODUCTID="0406-8530_b").content.split(b"\r\n")[1:]
        )
        loaded = load("fda_ndc", product_txt(OXYCODONE, other), File("package.txt", packages))
        assert (loaded.counts["ndcs"], loaded.counts["repeated"]) == (1, 1)
        assert dict(loaded.left_out) == (
            {"listed twice with different facts": 1} if left_out else {}
        )


def test_two_codes_that_are_one_in_eleven_digits_refuse_the_file_and_both_lines_are_named():
    sentence = refused("fda_ndc", product_txt(), package_txt("0406-8530-01", "00406853001"))
    assert sentence == (
        "package.txt, line 3, column NDCPACKAGECODE: 00406853001 is in eleven digits the same "
        "code as 0406-8530-01 on line 2. One of the two is wrong."
    )


@pytest.mark.parametrize("code", ["", "0406853001", "0406-8530", "0406-8530-1", "abc", "1-2-3"])
def test_a_code_that_is_no_ndc_refuses_the_file(code):
    sentence = refused("fda_ndc", product_txt(), package_txt("0406-8530-01", code))
    assert sentence.startswith(f"package.txt, line 3, column NDCPACKAGECODE: {code!r} is no NDC.")


def test_a_package_of_no_product_and_a_strange_schedule_refuse_the_file():
    lost = refused("fda_ndc", product_txt(), package_txt(PRODUCTID="x"))
    assert "line 2, column PRODUCTNDC: No product 'x' is in the list of products." in lost
    strange = refused("fda_ndc", product_txt(OXYCODONE | {"DEASCHEDULE": "C2"}), package_txt())
    assert strange.startswith("product.txt, line 2, column DEASCHEDULE: 'C2' is no schedule.")


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"NDC": "406853001"}, "A spreadsheet drops leading zeros"),
        ({"DEAClassCode": "7"}, "column DEAClassCode: '7' is no class."),
        ({"Strength_Per_Unit": "ten"}, "column Strength_Per_Unit: 'ten' is no number."),
        ({"MME_Conversion_Factor": "NaN"}, "column MME_Conversion_Factor: 'NaN' is no number."),
    ],
)
def test_a_wrong_cell_refuses_the_file_of_cdc(cells, says):
    assert says in refused("cdc_mme", cdc_csv(OXYCODONE_BY_CDC | cells))


def test_a_code_twice_in_the_file_of_cdc_refuses_it_and_both_lines_are_named():
    sentence = refused("cdc_mme", cdc_csv(OXYCODONE_BY_CDC, OXYCODONE_BY_CDC))
    assert "line 3, column NDC: 00406853001 stands on line 2 already." in sentence


def test_a_row_of_cdc_is_kept_with_its_factor():
    row = only("cdc_mme", cdc_csv())
    facts = ("ingredients", "strength", "form", "long_acting", "schedule", "mme_factor")
    assert [row[name] for name in facts] == ["oxycodone", "30", "tablet", "no", "II", "1.5"]


def test_where_the_editions_mean_different_drugs_the_code_means_none():
    fda = load("fda_ndc", product_txt(), package_txt()).rows
    other = OXYCODONE_BY_CDC | {"GENNME": "Diazepam", "Strength_Per_Unit": "5"}
    cdc = load("cdc_mme", cdc_csv(other)).rows
    directory = directory_of({"fda_ndc": fda, "cdc_mme": cdc})
    assert directory.by_ndc("00406853001") is None
    assert match(DrugIdentity(ndc11="00406853001"), directory) is None


def test_a_code_that_only_the_loaded_directory_knows_is_matched_with_ten_digits_too():
    new = OXYCODONE | {"PRODUCTNDC": "98765-432", "PRODUCTID": "n"}
    fda = load("fda_ndc", product_txt(new), package_txt("98765-432-10", PRODUCTID="n")).rows
    directory = directory_of({"fda_ndc": fda})
    for ndc in ("98765043210", "9876543210", "98765-432-10"):
        assert match(DrugIdentity(ndc11=ndc)) is None
        drug = match(DrugIdentity(ndc11=ndc), directory)
        assert (drug.ingredient, drug.strength, drug.notes) == ("oxycodone", Decimal(30), ())


def test_nucc_gives_names_and_says_which_codes_are_no_longer_given():
    loaded = load(
        "nucc",
        nucc_csv(
            f'{PSYCHIATRY},"Minds, mostly",,,,,Psychiatry Physician,Individual',
            "207L00000X,Physicians,Anesthesiology,Pain,,,1/1/2020,,,,Individual",
        ),
    )
    assert loaded.counts == {"codes": 2, "deactivated": 1}
    assert [row["display_name"] for row in loaded.rows] == [
        "Pain Anesthesiology",
        "Psychiatry Physician",
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("208X,a,b,c,,,,,,,",), "line 2, column Code: '208X' is no taxonomy code."),
        ((f"{PSYCHIATRY},,,,,,,",) * 2, "line 3, column Code: 2084P0800X stands on line 2"),
    ],
)
def test_a_wrong_row_refuses_the_file_of_nucc(lines, says):
    assert says in refused("nucc", nucc_csv(*lines))
