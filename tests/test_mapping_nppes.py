"""The national registry of NPIs: an invented extract in its layout, and how it is read."""

import pytest

from audits.mapping import PRESETS, MappingError, choose

from .checked_files import run

CODES = [f"Healthcare Provider Taxonomy Code_{n}" for n in range(1, 16)]
SWITCHES = [f"Healthcare Provider Primary Taxonomy Switch_{n}" for n in range(1, 16)]
HEADER = (
    "NPI",
    "Entity Type Code",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Business Practice Location Address State Name",
    *(name for pair in zip(CODES, SWITCHES, strict=True) for name in pair),
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Provider Gender Code",
)
PRIMARY = "363LP0808X"


def person(taxonomies=((PRIMARY, "Y"),), **cells):
    row = dict.fromkeys(HEADER, "") | {
        "NPI": "1234567893",
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": "EXAMPLE",
        "Provider First Name": "CASEY",
        "Provider Business Practice Location Address State Name": "FL",
    }
    for place, (code, switch) in enumerate(taxonomies):
        row |= {CODES[place]: code, SWITCHES[place]: switch}
    return row | {name.replace("_", " "): value for name, value in cells.items()}


def read(tmp_path, *rows):
    return run(tmp_path, rows, source="nppes")


def taxonomy(tmp_path, *taxonomies):
    (row,) = read(tmp_path, person(taxonomies)).accepted
    return row["taxonomy"]


def test_a_person_becomes_a_practitioner(tmp_path):
    (row,) = read(tmp_path, person()).accepted
    said = {n: v for n, v in row.items() if v is not None and not n.startswith("_")}
    for derived in ("row", "content_hash", "patient_bucket"):
        del said[derived]
    assert said == {
        "source_system": "nppes",
        "source_record_id": "1234567893",
        "record_status": "new",
        "npi": "1234567893",
        "last_name": "EXAMPLE",
        "first_name": "CASEY",
        "taxonomy": PRIMARY,
        "state": "FL",
    }


def test_the_taxonomy_marked_primary_is_taken_else_the_first(tmp_path):
    first, other = "207Q00000X", "2084P0800X"
    assert taxonomy(tmp_path, (first, "N"), (other, "N"), (PRIMARY, "Y")) == PRIMARY
    assert taxonomy(tmp_path, (first, "N"), (other, "X")) == first
    assert taxonomy(tmp_path, ("", ""), (other, "")) == other
    assert taxonomy(tmp_path, (first, "y"), (other, "Y")) == first
    assert taxonomy(tmp_path, *[(first, "N")] * 14, (other, "Y")) == other
    assert taxonomy(tmp_path) is None


def test_organisations_and_deactivated_numbers_are_counted_and_left_out(tmp_path):
    ended = {"NPI_Deactivation_Date": "01/31/2025"}
    outcome = read(
        tmp_path,
        person(Entity_Type_Code="2"),
        person((), Entity_Type_Code="", **ended),
        person(**ended),
        person(**ended, NPI_Reactivation_Date="12/31/2024"),
        person(**ended, NPI_Reactivation_Date="02/01/2025"),
    )
    assert outcome.rejections == {(row, "NPI", "no_practitioner") for row in (2, 3, 4, 5)}
    assert [row["row"] for row in outcome.accepted] == [6]


@pytest.mark.parametrize(("told", "state"), [("Florida", "FL"), ("fl", "FL"), ("ONTARIO", None)])
def test_a_state_is_two_letters_or_nothing(tmp_path, told, state):
    column = "Provider_Business_Practice_Location_Address_State_Name"
    (row,) = read(tmp_path, person(**{column: told})).accepted
    assert row["state"] == state


def test_the_header_tells_the_preset_also_of_an_extract():
    for header in (HEADER, HEADER[:7], [name.upper() for name in HEADER]):
        plan = choose(tuple(header))
        assert (plan.preset, plan.kind) == ("nppes", "practitioners")
    assert any("organisations" in note.lower() for note in plan.notes)


@pytest.mark.parametrize(
    ("header", "kind", "said"),
    [
        (HEADER[1:], None, "no column npi"),
        ([*HEADER[:4], "Practice State", *HEADER[5:]], None, "address state name"),
        (HEADER, "licences", "not licences"),
    ],
)
def test_a_header_that_lacks_a_column_is_refused_in_one_line(header, kind, said):
    with pytest.raises(MappingError, match=said) as refused:
        PRESETS["nppes"].plan(tuple(header), kind)
    assert "\n" not in str(refused.value)
