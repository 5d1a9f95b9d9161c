"""The oracle of R46 asks each prescription against the list as a person would by hand."""

from datetime import date

import pytest

from audits.oracles.excluded_prescriber import judge, population

DAY, NPI = date(2025, 3, 1), "1234567893"
WHOLE = {
    "kind": "exclusions",
    "covers_from": date(2025, 1, 1),
    "covers_to": date(2025, 12, 31),
    "states": None,
}


def wrote(key="clinic|1", **cells):
    row = {
        "key": key,
        "prescriber_key": NPI,
        "event_date": DAY,
        "written_on": DAY,
        "patient_state": "AZ",
        "payment_type": "medicare",
        "counts_as_prescription": True,
    }
    return row | cells


def listed(**cells):
    row = {
        "key": "oig|1",
        "npi": NPI,
        "excluded_on": DAY,
        "reinstated_on": None,
        "exclusion_type": "1128a1",
        "waiver_state": None,
        "waivered_on": None,
    }
    return row | cells


def verdict(rows, exclusions=(), *, holdings=(WHOLE,), npi=NPI, as_of=date(2026, 1, 1), most=0):
    records = {
        "prescriptions": list(rows),
        "exclusions": list(exclusions),
        "holdings": list(holdings),
        "subject": {"npi": npi},
    }
    return judge(records, {"as_of": as_of, "prescriptions": most})


def said(*asked, **more):
    found = verdict(*asked, **more)
    return found["answer"], found["severity"], found["value"], found["reasons"]


@pytest.mark.parametrize(
    ("exclusion", "answer"),
    [
        ({}, "fired"),
        ({"excluded_on": date(2025, 3, 2)}, "clear"),
        ({"reinstated_on": date(2025, 3, 2)}, "fired"),
        ({"reinstated_on": DAY}, "clear"),
        ({"waiver_state": "TX"}, "fired"),
        ({"waiver_state": "AZ"}, "suppressed"),
        ({"waiver_state": "AZ", "waivered_on": DAY}, "suppressed"),
        ({"waiver_state": "AZ", "waivered_on": date(2025, 3, 2)}, "fired"),
    ],
)
def test_an_exclusion_holds_on_its_days_and_where_it_is_not_waived(exclusion, answer):
    assert verdict([wrote()], [listed(**exclusion)])["answer"] == answer


@pytest.mark.parametrize(
    ("payer", "definition", "severity"),
    [
        ("medicaid", "federal_payer", "critical"),
        ("tribal", "federal_payer", "critical"),
        (None, "payer_unknown", "high"),
        ("cash", "other_payer", "low"),
        ("workcomp", "other_payer", "low"),
    ],
)
def test_who_paid_decides_how_grave_it_is(payer, definition, severity):
    (occurrence,) = verdict([wrote(payment_type=payer)], [listed()])["occurrences"]
    assert (occurrence["definition"], occurrence["severity"]) == (definition, severity)


@pytest.mark.parametrize(
    "holding",
    [
        {"kind": "licences"},
        {"states": ["AZ"]},
        {"covers_from": date(2025, 3, 2)},
        {"covers_to": date(2025, 2, 28)},
    ],
)
def test_a_day_without_a_list_for_the_whole_country_is_not_clear(holding):
    found = said([wrote()], holdings=[WHOLE | holding])
    assert found == ("not_evaluable", None, None, ["exclusions_not_held"])
    assert said([wrote()], [listed()], holdings=[])[0] == "fired"


@pytest.mark.parametrize("key", ["FS1234563", "123456789", "12345678931", "0000000000"])
def test_who_has_no_number_of_the_list_is_not_evaluable(key):
    found = said([wrote(prescriber_key=key)], [listed(npi=key)], npi=key)
    assert found == ("not_evaluable", None, None, ["prescriber_npi_missing"])


def test_a_waiver_is_in_doubt_where_the_state_is_not_known():
    rows, waived = [wrote(patient_state=None)], listed(waiver_state="AZ")
    assert said(rows, [waived]) == ("not_evaluable", None, None, ["patient_state_missing"])
    assert said(rows, [waived, listed(key="oig|2")])[0] == "fired"


def test_a_day_is_one_occurrence_for_each_payer_and_free_rows_hide_waived_ones():
    rows = [
        wrote("clinic|1"),
        wrote("clinic|2", patient_state="TX"),
        wrote("clinic|3", patient_state="TX", payment_type="cash"),
    ]
    found = verdict(rows, [listed(waiver_state="AZ")])
    told = [(o["definition"], o["value"], o["records"]) for o in found["occurrences"]]
    assert told == [("federal_payer", 2, ["clinic|2"]), ("other_payer", 2, ["clinic|3"])]
    assert "2 prescriptions: excluded." in found["arithmetic"]


def test_only_prescriptions_as_written_up_to_the_day_count():
    rows = [wrote(), wrote("clinic|2", counts_as_prescription=False)]
    assert said(rows, [listed()]) == ("fired", "critical", 1, [])
    assert said(rows, [listed()], most=1)[0] == "clear"
    assert said(rows, [listed()], as_of=date(2025, 2, 28))[0] == "clear"
    assert population([*rows, wrote(prescriber_key=None)]) == {NPI}
    assert population(rows, date(2025, 2, 28)) == set()
