"""The OIG's list of excluded persons: an invented file in its layout, and how it is read."""

import pytest

from audits.mapping import PRESETS, MappingError, choose

from .checked_files import run

HEADER = (
    *("LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "GENERAL", "SPECIALTY", "UPIN", "NPI", "DOB"),
    *("ADDRESS", "CITY", "STATE", "ZIP", "EXCLTYPE", "EXCLDATE", "REINDATE", "WAIVERDATE"),
    "WVRSTATE",
)
NO_DAY, NO_NPI = "00000000", "0000000000"


def person(**cells):
    row = dict.fromkeys(HEADER, "") | {
        "LASTNAME": "EXAMPLE",
        "FIRSTNAME": "CASEY",
        "GENERAL": "IND- LIC HC SERV PRO",
        "SPECIALTY": "NURSE/NURSES AIDE",
        "NPI": "1234567893",
        "DOB": "19700101",
        "ADDRESS": "1 INVENTED ROAD",
        "CITY": "NOWHERE",
        "STATE": "AZ",
        "ZIP": "85001",
        "EXCLTYPE": "1128b4",
        "EXCLDATE": "20250120",
        "REINDATE": NO_DAY,
        "WAIVERDATE": NO_DAY,
    }
    return row | cells


def read(tmp_path, *rows):
    return run(tmp_path, rows, source="oig")


def test_a_row_becomes_an_exclusion_with_its_days(tmp_path):
    waived = {"WAIVERDATE": "20250301", "WVRSTATE": "AK", "REINDATE": "20260228"}
    (row,) = read(tmp_path, person(**waived)).accepted
    said = {n: str(v) for n, v in row.items() if v is not None and not n.startswith("_")}
    assert said | {"source_record_id": "", "content_hash": "", "row": ""} == {
        "row": "",
        "source_system": "oig",
        "source_record_id": "",
        "record_status": "new",
        "npi": "1234567893",
        "last_name": "EXAMPLE",
        "first_name": "CASEY",
        "specialty": "NURSE/NURSES AIDE",
        "exclusion_type": "1128b4",
        "excluded_on": "2025-01-20",
        "reinstated_on": "2026-02-28",
        "waiver_state": "AK",
        "waivered_on": "2025-03-01",
        "content_hash": "",
        "patient_bucket": "0",
    }


def test_zeros_are_no_number_and_no_day_and_the_row_loads_without_a_name(tmp_path):
    outcome = read(tmp_path, person(NPI=NO_NPI), person(LASTNAME="", BUSNAME="A SHOP", NPI=""))
    assert outcome.warnings == {(2, "NPI", "no_npi_to_match"), (3, "NPI", "no_npi_to_match")}
    assert outcome.rejections == set()
    for row in outcome.accepted:
        told = {name: row[name] for name in ("npi", "last_name", "first_name", "reinstated_on")}
        assert set(told.values()) == {None}
        assert row["waivered_on"] is None


def test_the_number_of_a_record_lasts_when_a_reinstatement_or_an_npi_is_added(tmp_path):
    rows = [person(), person(REINDATE="20260101"), person(NPI=NO_NPI), person(ADDRESS="ELSEWHERE")]
    numbers = [read(tmp_path, row).accepted[0]["source_record_id"] for row in rows]
    assert len(set(numbers)) == 1
    for change in ({"DOB": "19700102"}, {"EXCLDATE": "20250121"}, {"MIDNAME": "B"}):
        assert read(tmp_path, person(**change)).accepted[0]["source_record_id"] != numbers[0]


def test_rows_alike_are_two_records_whatever_their_order(tmp_path):
    pair = [person(), person(NPI="1245319599")]
    there, back = read(tmp_path, *pair), read(tmp_path, *pair[::-1])
    named = [
        {row["npi"]: row["source_record_id"] for row in each.accepted} for each in (there, back)
    ]
    assert named[0] == named[1]
    assert len(set(named[0].values())) == 2


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"EXCLDATE": NO_DAY}, "EXCLDATE", "no_date"),
        ({"EXCLDATE": "20250230"}, "EXCLDATE", "not_a_date"),
        ({"EXCLDATE": "01/20/2025"}, "EXCLDATE", "not_a_date"),
        ({"REINDATE": "soon"}, "REINDATE", "not_a_date"),
        ({"WVRSTATE": "ALASKA"}, "WVRSTATE", "too_long"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_by_its_own_column(tmp_path, cells, column, code):
    assert read(tmp_path, person(**cells)).rejections == {(2, column, code)}


def test_the_header_tells_the_preset_and_the_notes_what_is_left_out():
    plan = choose(HEADER)
    assert (plan.preset, plan.kind, plan.change_policy) == ("leie", "exclusions", "latest_wins")
    assert "Columns left out: GENERAL, UPIN, ADDRESS, CITY, STATE, ZIP." in plan.notes
    assert any("monthly supplement" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("header", "kind", "said"),
    [
        ([c for c in HEADER if c != "NPI"], None, "no column NPI"),
        ([*HEADER, "REINDAT"], None, "unknown column REINDAT"),
        (HEADER, "prescriptions", "not prescriptions"),
    ],
)
def test_another_header_or_kind_is_refused_in_one_line(header, kind, said):
    with pytest.raises(MappingError, match=said) as refused:
        PRESETS["leie"].plan(tuple(header), kind)
    assert "\n" not in str(refused.value)
