"""How versions of a table differ, and where FDA and CDC list different schedules."""

from collections import Counter
from datetime import date, timedelta

import pytest

from audits.reference.differences import counted, differences, meant, shipped
from audits.reference.disagreements import disagreements
from audits.reference.loaders import LOADERS
from tests.reference_files import (
    OXYCODONE,
    OXYCODONE_BY_CDC,
    cdc_csv,
    load,
    package_txt,
    product_txt,
    shared_tables,
)

RESCHEDULED = date(2014, 10, 6)
FDA = LOADERS["fda_ndc"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("day", "in_force"), [(RESCHEDULED - timedelta(days=1), "III"), (RESCHEDULED, "II")]
)
def test_fda_and_cdc_disagree_on_248_codes_all_hydrocodone_and_the_dated_table_settles_them(
    day, in_force
):
    tables = shared_tables()
    found = disagreements(tables["fda_ndc"].rows, tables["cdc_mme"].rows, day)
    assert len(found) == 248
    assert {(each.fda, each.cdc, each.in_force) for each in found} == {("III", "II", in_force)}
    assert all("hydrocodone, combination" in each.why for each in found)
    assert all("dea-2014-hydrocodone" in each.source for each in found)


@pytest.mark.shared_data
def test_the_shared_files_agree_on_the_schedule_of_all_other_codes_in_both():
    tables = {name: {r["ndc"]: r for r in t.rows} for name, t in shared_tables().items()}
    both = tables["fda_ndc"].keys() & tables["cdc_mme"].keys()
    same = Counter(
        tables["fda_ndc"][ndc]["schedule"] == tables["cdc_mme"][ndc]["schedule"] for ndc in both
    )
    assert same == {True: 4755, False: 248}


@pytest.mark.shared_data
def test_the_fda_file_alone_differs_from_the_shipped_table_where_cdc_spoke_there():
    rows = shared_tables()["fda_ndc"].rows
    found = differences(shipped(FDA, [row["ndc"] for row in rows]), meant(FDA, rows), FDA.COMPARED)
    assert counted(found) == {
        "added": 14,
        "removed": 0,
        "changed": 230,
        "release": 177,
        "strength": 53,
    }


def test_codes_that_came_went_and_changed_are_told_with_what_changed():
    stronger = {"ACTIVE_NUMERATOR_STRENGTH": "15", "DEASCHEDULE": "CIII", "DOSAGEFORMNAME": "FILM"}
    before = load("fda_ndc", product_txt(), package_txt("0406-8530-01", "0406-8530-02"))
    after = load(
        "fda_ndc",
        product_txt(OXYCODONE | stronger),
        package_txt("0406-8530-02", "0406-8530-03"),
    )
    one, other = (meant(FDA, table.rows) for table in (before, after))
    found = differences(one, other, FDA.COMPARED)
    assert [(each.code, each.kind, each.facts) for each in found] == [
        ("00406853001", "removed", ()),
        ("00406853002", "changed", ("strength", "form", "schedule")),
        ("00406853003", "added", ()),
    ]
    assert counted(found)["schedule"] == 1
    assert differences(one, one, FDA.COMPARED) == []


@pytest.mark.parametrize(
    ("fda", "cdc", "why"),
    [
        ({"DEASCHEDULE": "CIV"}, {}, "The table of schedules: oxycodone, any is II."),
        (
            {"DEASCHEDULE": "CIV"},
            {"GENNME": "Diazepam"},
            "The two list different drugs under this code, so it means none.",
        ),
        ({"SUBSTANCENAME": "IBUPROFEN"}, {"GENNME": "Ibuprofen", "DEAClassCode": "6"}, "no row"),
    ],
)
def test_why_a_schedule_is_in_force_is_said(fda, cdc, why):
    one = load("fda_ndc", product_txt(OXYCODONE | fda), package_txt())
    other = load("cdc_mme", cdc_csv(OXYCODONE_BY_CDC | cdc))
    (found,) = disagreements(one.rows, other.rows, date(2025, 1, 1))
    assert why in found.why
