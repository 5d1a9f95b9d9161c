"""Medicare Part D events: CMS's own rows come out as the values they stand for."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from audits.mapping import MappingError, choose
from audits.mapping.cms_pde import KNOWN, NEEDED, STATUS

from .checked_files import pseudonym, run

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "cms_pde"
ROW = {
    "DML_IND": "INSERT",
    "PDE_ID": "-100000806",
    "BENE_ID": "-1000014",
    "SRVC_DT": "01-Mar-2015",
    "SRVC_PRVDR_ID_QLFYR_CD": "07",
    "SRVC_PRVDR_ID": "0312345",
    "PRSCRBR_ID_QLFYR_CD": "01",
    "PRSCRBR_ID": "1234567893",
    "RX_SRVC_RFRNC_NUM": "806",
    "PROD_SRVC_ID": "50090443201",
    "CMPND_CD": "1",
    "QTY_DSPNSD_NUM": "90",
    "DAYS_SUPLY_NUM": "30",
    "FILL_NUM": "1",
    "DSPNSNG_STUS_CD": None,
    "ADJSTMT_DLTN_CD": None,
    "RX_ORGN_CD": "3",
    "PTNT_RSDNC_CD": "01",
    "PHRMCY_SRVC_TYPE_CD": "01",
    "PLAN_CNTRCT_REC_ID": "H9999",
}


def mapped(folder, **changes):
    outcome = run(folder, [{**ROW, **changes}], source="plan")
    assert outcome.rejections == set()
    return outcome.accepted[0]


def test_a_row_comes_out_in_canonical_columns(tmp_path):
    row = mapped(tmp_path)
    expected = {
        "source_system": "plan",
        "source_record_id": "-100000806",
        "record_type": "dispense",
        "record_status": "new",
        "prescription_id": "806",
        "written_date": None,
        "filled_date": date(2015, 3, 1),
        "patient_key": pseudonym("plan", "-1000014"),
        "patient_setting": "home",
        "ndc11": "50090443201",
        "is_compound": False,
        "quantity": Decimal(90),
        "days_supply": 30,
        "fill_number": 1,
        "partial_fill": 0,
        "prescriber_npi": "1234567893",
        "prescriber_dea": None,
        "pharmacy_ncpdp": "0312345",
        "pharmacy_npi": None,
        "mail_order": False,
        "payment_type": "medicare",
        "origin": "electronic",
        "species": None,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"SRVC_DT": "12-MAY-2015"}, "filled_date", date(2015, 5, 12)),
        ({"PRSCRBR_ID_QLFYR_CD": "12", "PRSCRBR_ID": "AP5836727"}, "prescriber_dea", "AP5836727"),
        ({"PRSCRBR_ID_QLFYR_CD": "12", "PRSCRBR_ID": "AP5836727"}, "prescriber_npi", None),
        ({"PRSCRBR_ID_QLFYR_CD": "06"}, "prescriber_npi", None),
        ({"SRVC_PRVDR_ID_QLFYR_CD": "01"}, "pharmacy_npi", "0312345"),
        ({"SRVC_PRVDR_ID_QLFYR_CD": "99"}, "pharmacy_ncpdp", None),
        ({"CMPND_CD": "2"}, "is_compound", True),
        ({"CMPND_CD": "0"}, "is_compound", None),
        ({"DSPNSNG_STUS_CD": "P"}, "partial_fill", 1),
        ({"DSPNSNG_STUS_CD": "C"}, "partial_fill", 2),
        ({"RX_ORGN_CD": "0"}, "origin", None),
        ({"RX_ORGN_CD": "1"}, "origin", "written"),
        ({"RX_ORGN_CD": "2"}, "origin", "phone"),
        ({"RX_ORGN_CD": "4"}, "origin", "fax"),
        ({"RX_ORGN_CD": "5"}, "origin", "transferred"),
        ({"PTNT_RSDNC_CD": "00"}, "patient_setting", None),
        ({"PTNT_RSDNC_CD": "02"}, "patient_setting", "ltc"),
        ({"PTNT_RSDNC_CD": "03"}, "patient_setting", "ltc"),
        ({"PTNT_RSDNC_CD": "04"}, "patient_setting", "other"),
        ({"PTNT_RSDNC_CD": "11"}, "patient_setting", "hospice"),
        ({"PHRMCY_SRVC_TYPE_CD": "06"}, "mail_order", True),
        ({"PHRMCY_SRVC_TYPE_CD": "99"}, "mail_order", None),
        ({"PHRMCY_SRVC_TYPE_CD": None}, "mail_order", None),
        ({"DML_IND": "DELETE"}, "record_status", "void"),
        ({"ADJSTMT_DLTN_CD": "D", "DML_IND": "UPDATE"}, "record_status", "void"),
        ({"ADJSTMT_DLTN_CD": "A"}, "record_status", "revise"),
        ({"DML_IND": "UPDATE"}, "record_status", "revise"),
    ],
)
def test_a_code_becomes_the_word_it_stands_for(tmp_path, changes, column, value):
    assert mapped(tmp_path, **changes)[column] == value


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"SRVC_DT": "31-Feb-2015"}, "SRVC_DT", "not_a_date"),
        ({"SRVC_DT": "03/01/2015"}, "SRVC_DT", "not_a_date"),
        ({"RX_ORGN_CD": "9"}, "RX_ORGN_CD", "not_in_list"),
        ({"CMPND_CD": "X"}, "CMPND_CD", "not_true_or_false"),
        ({"PTNT_RSDNC_CD": "home sweet home"}, "PTNT_RSDNC_CD", "not_in_list"),
        ({"BENE_ID": None}, "BENE_ID", "no_patient"),
        ({"PROD_SRVC_ID": None}, "PROD_SRVC_ID", "no_drug"),
    ],
)
def test_what_does_not_fit_is_rejected_under_its_own_header(tmp_path, changes, column, code):
    outcome = run(tmp_path, [{**ROW, **changes}], source="plan")
    assert outcome.rejections == {(2, column, code)}


def test_columns_that_are_not_needed_are_known_and_left_out():
    plan = choose(KNOWN)
    assert (plan.preset, plan.kind, plan.change_policy) == (
        "cms-pde",
        "prescriptions",
        "latest_wins",
    )
    assert plan.carries_status
    assert any("PLAN_PBP_REC_NUM" in note for note in plan.notes)


def test_a_file_without_status_columns_says_so():
    plan = choose(tuple(c for c in KNOWN if c not in STATUS))
    assert not plan.carries_status
    assert any("every row is read as new" in note for note in plan.notes)


@pytest.mark.parametrize("column", NEEDED)
def test_a_file_that_lacks_a_needed_column_is_refused(column):
    with pytest.raises(MappingError, match=f"no column {column}"):
        choose(tuple(c for c in KNOWN if c != column))


def test_public_use_events_without_prescriber_are_refused():
    public = ("DESYNPUF_ID", "PDE_ID", "SRVC_DT", "PROD_SRVC_ID", "QTY_DSPNSD_NUM")
    with pytest.raises(MappingError, match="PRSCRBR_ID") as error:
        choose(public)
    assert "unknown column DESYNPUF_ID" in str(error.value)


def test_part_d_events_are_nothing_but_prescriptions():
    with pytest.raises(MappingError, match="not licences"):
        choose(KNOWN, kind="licences")


def real_rows(name):
    if not FOLDER.exists():
        pytest.skip("no shared data")
    with (FOLDER / name).open(newline="") as file:
        header, *rows = csv.reader(file, delimiter="|")
    # The row of sample-a has one delimiter too many at its end; as it stands it is ragged.
    return [dict(zip(header, cells, strict=False)) for cells in rows]


@pytest.mark.shared_data
def test_the_synthetic_rows_of_cms_come_out_as_known(tmp_path):
    rows = real_rows("rif_synthea_pde.csv")
    outcome = run(tmp_path, rows, source="rif")
    accepted = outcome.accepted
    assert (outcome.checked.read, outcome.checked.accepted) == (18, 18)
    assert outcome.checked.warning_counts["PRSCRBR_ID", "npi_synthetic"] == 18
    assert (outcome.checked.first_date, outcome.checked.last_date) == (
        date(2015, 3, 1),
        date(2021, 4, 4),
    )
    assert [row["ndc11"] for row in accepted] == [row["PROD_SRVC_ID"] for row in rows]
    assert [row["source_record_id"] for row in accepted] == [row["PDE_ID"] for row in rows]
    assert outcome.checked.sums == {"quantity": sum(Decimal(r["QTY_DSPNSD_NUM"]) for r in rows)}
    words = [row["origin"] for row in accepted[:5]]
    assert words == [None, "fax", "electronic", "electronic", "fax"]
    assert [row["mail_order"] for row in accepted[:4]] == [False, False, False, True]
    assert {row["patient_setting"] for row in accepted} == {"home"}
    assert accepted[0]["pharmacy_npi"] == "PCP257488"
    assert accepted[16]["days_supply"] == 14


@pytest.mark.shared_data
def test_the_sample_row_of_cms_comes_out_as_known(tmp_path):
    outcome = run(tmp_path, real_rows("sample-a-pde.txt"), source="rif")
    (row,) = outcome.accepted
    expected = {
        "source_record_id": "89",
        "record_status": "revise",
        "filled_date": date(2015, 5, 12),
        "patient_key": pseudonym("rif", "567834"),
        "patient_setting": "ltc",
        "prescription_id": "799999",
        "is_compound": False,
        "quantity": Decimal(60),
        "days_supply": 30,
        "fill_number": 3,
        "partial_fill": 1,
        "prescriber_npi": "1750384806",
        "pharmacy_npi": "1023011079",
        "origin": "electronic",
        "mail_order": False,
        "payment_type": "medicare",
    }
    assert {name: row[name] for name in expected} == expected
