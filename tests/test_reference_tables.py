"""The tables themselves: whole, sourced, small; authority, diagnoses and professions."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from audits import reference
from audits.reference import TABLES, digest, rows
from audits.reference.authority import CATEGORIES, authority, periods
from audits.reference.diagnoses import in_set, sets
from audits.reference.identity import FORMS
from audits.reference.loaders import titled
from audits.reference.substances import OTHERS, substances
from audits.reference.taxonomy import role_of

FOLDER = Path(reference.__file__).parent


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_status_and_a_source_that_is_known(name):
    known = {row["key"] for row in rows("sources")}
    for row in rows(name):
        assert row["status"]
        if name != "sources":
            assert set(row["source"].split(";")) <= known, row
    assert None not in rows(name)[0]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_small_and_its_digest_is_that_of_its_bytes(name):
    content = (FOLDER / f"{name}.csv").read_bytes()
    assert len(content) < 600_000
    assert digest(name) == hashlib.sha256(content).hexdigest()
    assert rows(name) is rows(name)


def test_every_table_has_a_title():
    assert len({titled(name) for name in TABLES}) == len(TABLES)


def test_a_table_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError, match="no reference table is called prices"):
        rows("prices")
    with pytest.raises(KeyError):
        digest("../vocabulary")


def test_rows_cannot_be_changed():
    with pytest.raises(TypeError):
        rows("substances")[0]["ingredient"] = "x"


def test_every_name_in_the_tables_leads_to_a_known_ingredient():
    known = {*substances(), *OTHERS}
    for table in ("brands", "synonyms", "ndc_products", "rxnorm"):
        for row in rows(table):
            assert set(row["ingredients"].split(";")) <= known, row
    for table in ("schedules", "mme_factors"):
        assert {row["ingredient"] for row in rows(table)} <= known


def test_forms_in_the_tables_are_forms():
    for table in ("ndc_products", "rxnorm"):
        assert {row["form"] for row in rows(table)} <= set(FORMS)
    assert {row["form"] for row in rows("brands")} <= {"", *FORMS}


def test_no_ingredient_has_two_rows_and_none_is_in_both_lists():
    assert len(rows("substances")) == len(substances())
    assert not substances().keys() & OTHERS.keys()


def test_fifty_states_and_dc_have_an_authority_on_every_day():
    assert len(periods()) == 51
    for state, mine in periods().items():
        for day in (date(2015, 1, 1), date(2026, 8, 31), date(2026, 9, 1), date(2030, 1, 1)):
            assert sum(period.holds_on(day) for period in mine) == 1, (state, day)
            assert authority(state, day).category in CATEGORIES


def test_wisconsin_changes_on_the_first_of_september():
    before, after = (authority("WI", date(2026, *day)) for day in ((8, 31), (9, 1)))
    assert (before.category, before.hours_required) == ("reduced", None)
    assert (after.category, after.hours_required) == ("full_conditional", 3840)
    assert after.valid_from == date(2026, 9, 1)
    assert "wi-act-17" in after.source


@pytest.mark.parametrize(
    ("state", "category", "hours"),
    [
        ("AZ", "full", None),
        ("CT", "full", 2000),
        ("NV", "full", 2000),
        ("SD", "full", 1040),
        ("ME", "full", None),
        ("FL", "restricted", None),
        ("tx", "restricted", None),
        ("NJ", "reduced", None),
        ("DC", "full", None),
    ],
)
def test_authority_by_state(state, category, hours):
    found = authority(state, date(2026, 3, 4))
    assert (found.category, found.hours_required) == (category, hours)


def test_counts_of_states_are_those_of_the_published_list():
    now = [authority(state, date(2026, 11, 22)).category for state in periods()]
    assert [now.count(category) for category in CATEGORIES] == [28, 1, 11, 11]


def test_a_territory_is_not_in_the_table():
    assert authority("PR", date(2026, 1, 1)) is None
    assert authority("", date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("code", "set_id", "answer"),
    [
        ("C50.911", "cancer", True),
        ("c50911", "cancer", True),
        ("D48.9", "cancer", True),
        ("D50.0", "cancer", False),
        ("G89.3", "cancer", True),
        ("D57.1", "sickle_cell", True),
        ("D57.3", "sickle_cell", False),
        ("D573", "sickle_cell", False),
        ("Z51.5", "hospice_palliative", True),
        ("F11.20", "oud", True),
        ("F11.20", "sud", True),
        ("F17.210", "sud", False),
        ("F10.20", "sud", True),
        ("M54.5", "chronic_pain", True),
        ("M54.50", "chronic_pain", True),
        ("F33.2", "depression", True),
        ("Z79.891", "long_term_opioid", True),
        ("T40.1X1A", "overdose", True),
        ("T40.2X4D", "overdose", True),
        ("T40.2X5A", "overdose", False),
        ("T40.2X6A", "overdose", False),
        ("T43.601A", "overdose", True),
        ("T40.1", "overdose", True),
        ("", "cancer", False),
    ],
)
def test_diagnoses_in_sets(code, set_id, answer):
    assert in_set(code, set_id) is answer


def test_all_diagnosis_sets_are_there_and_an_unknown_one_is_an_error():
    assert len(sets()) == 25
    assert all(include for include, _ in sets().values())
    with pytest.raises(KeyError):
        in_set("C50", "no_such_set")


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("2084P0800X", ("physician", "psychiatry")),
        ("363LP0808X", ("np", "psychiatric_np")),
        ("367500000X", ("crna", "nurse_anesthetist")),
        (" 2084p0800x ", ("physician", "psychiatry")),
        ("000000000X", None),
        ("", None),
    ],
)
def test_roles_by_taxonomy(code, role):
    assert role_of(code) == role
