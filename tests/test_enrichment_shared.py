"""What rules share of a row, a person and a day, on either side of each boundary."""

from datetime import date

import pytest

from audits import engine, examples

AS_OF = date(2026, 10, 31)
OF_DRUGS = (
    # Route by the row's own column, then its form, then its name.
    ({"drug_name": "ketamine 10 mg nasal spray"}, {"route_taken": "nasal"}),
    ({"drug_name": "ketamine intranasal 10 mg"}, {"route_taken": "nasal"}),
    ({"drug_name": "ketamine 50 mg suppository"}, {"route_taken": "rectal"}),
    ({"drug_name": "ketamine 50 mg rectal"}, {"route_taken": "rectal"}),
    ({"drug_name": "ketamine 50 mg/ml injection"}, {"route_taken": "injection"}),
    ({"drug_name": "ketamine 50 mg/ml injectable"}, {"route_taken": "injection"}),
    ({"drug_name": "ketamine 50 mg/ml vial"}, {"route_taken": "injection"}),
    ({"drug_name": "ketamine 50 mg/ml intravenous"}, {"route_taken": "intravenous"}),
    ({"drug_name": "ketamine 50 mg/ml im"}, {"route_taken": "intramuscular"}),
    ({"drug_name": "ketamine 50 mg/ml subcutaneous"}, {"route_taken": "subcutaneous"}),
    ({"drug_name": "ketamine 50 mg sublingual"}, {"route_taken": "sublingual"}),
    ({"drug_name": "ketamine 50 mg troche"}, {"route_taken": "sublingual"}),
    ({"drug_name": "ketamine 50 mg lozenge"}, {"route_taken": "buccal"}),
    ({"drug_name": "ketamine 50 mg buccal"}, {"route_taken": "buccal"}),
    ({"drug_name": "ketamine 50 mg tablet"}, {"route_taken": "oral"}),
    ({"drug_name": "ketamine 50 mg capsule"}, {"route_taken": "oral"}),
    ({"drug_name": "ketamine 50 mg"}, {"route_taken": None}),
    ({"drug_name": "gibberish 5 mg tablet"}, {"route_taken": None}),
    (
        {"drug_name": "ketamine 50 mg tablet", "dose_form": "nasal spray"},
        {"route_taken": "nasal"},
    ),
    (
        {"drug_name": "ketamine 50 mg tablet", "dose_form": "troche", "route": "rectal"},
        {"route_taken": "rectal"},
    ),
    ({"drug_name": "ketamine 50 mg", "dose_form": "tablet"}, {"route_taken": "oral"}),
    # An oral troche is held under the tongue.
    ({"drug_name": "ketamine 50 mg oral troche"}, {"route_taken": "sublingual"}),
    # At home unless the row says clinic or hospital.
    ({"drug_name": "ketamine 50 mg"}, {"at_home": True}),
    ({"drug_name": "ketamine 50 mg", "patient_setting": "home"}, {"at_home": True}),
    ({"drug_name": "ketamine 50 mg", "patient_setting": "ltc"}, {"at_home": True}),
    ({"drug_name": "ketamine 50 mg", "patient_setting": "hospice"}, {"at_home": True}),
    ({"drug_name": "ketamine 50 mg", "patient_setting": "other"}, {"at_home": True}),
    ({"drug_name": "ketamine 50 mg", "patient_setting": "clinic"}, {"at_home": False}),
    ({"drug_name": "ketamine 50 mg", "patient_setting": "hospital"}, {"at_home": False}),
    # An opioid for pain is one of both kinds, buprenorphine only of one that sums no dose.
    ({"drug_name": "oxycodone 5 mg tablet"}, {"analgesic": True, "opioid": True}),
    ({"drug_name": "buprenorphine 10 mcg/hr patch"}, {"analgesic": True, "opioid": False}),
    ({"drug_name": "buprenorphine 300 mcg film"}, {"analgesic": True, "moud": False}),
    (
        {"drug_name": "buprenorphine-naloxone 8/2 mg film"},
        {"analgesic": False, "opioid": False, "moud": True},
    ),
    (
        {"drug_name": "buprenorphine 10 mcg/hr patch", "treatment_type": "02"},
        {"analgesic": False, "moud": True},
    ),
    ({"drug_name": "methadone 10 mg tablet"}, {"analgesic": True, "moud": False}),
    (
        {"drug_name": "methadone 10 mg tablet", "treatment_type": "02"},
        {"analgesic": False, "moud": True},
    ),
    ({"drug_name": "loperamide 2 mg capsule"}, {"analgesic": False}),
    ({"drug_name": "eluxadoline 100 mg tablet"}, {"analgesic": False}),
    ({"drug_name": "codeine-guaifenesin 10/100 mg/5ml syrup"}, {"analgesic": False}),
    ({"drug_name": "morphine 10 mg/ml injection"}, {"analgesic": False}),
    ({"drug_name": "alprazolam 1 mg tablet"}, {"analgesic": False}),
    ({"drug_name": "gibberish 5 mg tablet"}, {"analgesic": False, "matched": False}),
    # The class that the matrix of scope has for it.
    ({"drug_name": "oxycodone 5 mg tablet"}, {"scope_class": "opioid"}),
    ({"drug_name": "esketamine 28 mg nasal spray"}, {"scope_class": "ketamine"}),
    ({"drug_name": "phentermine 30 mg capsule"}, {"scope_class": None}),
)
NUMBERED = {"prescription_id": "77", "written_date": "2025-01-01", "prescriber_npi": "1111111112"}
# What was told of one patient each, and which rows stand for a prescription as written.
WRITTEN = {
    "six refills of one": (
        [{"fill_number": str(n), "filled_date": f"2025-0{n + 1}-02"} | NUMBERED for n in range(7)],
        [1],
    ),
    "refills told backwards": (
        [
            {"fill_number": "2", "filled_date": "2025-03-02"} | NUMBERED,
            {"fill_number": "1", "filled_date": "2025-02-02"} | NUMBERED,
        ],
        [2],
    ),
    "a first fill without a fill number": (
        [
            {"fill_number": "1", "filled_date": "2025-02-02"} | NUMBERED,
            {"filled_date": "2025-01-02"} | NUMBERED,
        ],
        [2],
    ),
    "two without a number": (
        [
            {"written_date": "2025-01-01", "filled_date": "2025-01-02"},
            {"written_date": "2025-01-01", "filled_date": "2025-02-02"},
        ],
        [1, 2],
    ),
    "one number, written twice": (
        [
            {"filled_date": "2025-01-02"} | NUMBERED,
            {"filled_date": "2025-02-02"} | NUMBERED | {"written_date": "2025-02-01"},
        ],
        [1, 2],
    ),
    "one number, two prescribers": (
        [
            {"filled_date": "2025-01-02"} | NUMBERED,
            {"filled_date": "2025-02-02"} | NUMBERED | {"prescriber_npi": "1222222228"},
        ],
        [1, 2],
    ),
    "one number, two drugs": (
        [
            {"filled_date": "2025-01-02"} | NUMBERED,
            {"filled_date": "2025-02-02"} | NUMBERED | {"drug_name": "alprazolam 1 mg tablet"},
        ],
        [1, 2],
    ),
    "an order and its dispense": (
        [
            {"record_type": "order"} | NUMBERED,
            {"record_type": "dispense", "filled_date": "2025-01-02"} | NUMBERED,
        ],
        [2],
    ),
    "an order alone": ([{"record_type": "order"} | NUMBERED], [1]),
}
BORN = {
    "nobody told": (["", ""], (None, None)),
    "one told": (["", "1980"], (1980, 1980)),
    "both alike": (["1980", "1980"], (1980, 1980)),
    "both different": (["2010", "1980"], (1980, 2010)),
}
CONDITIONS = {
    # Code, recorded, ended; the sets, the first and the last day it speaks for.
    "no end": (("F10.20", "2025-01-01", ""), ("sud", date(2025, 1, 1), date(2025, 1, 1))),
    "an end": (("F10.20", "2025-01-01", "2025-03-01"), ("sud", date(2025, 1, 1), date(2025, 3, 1))),
    "an end that day": (
        ("F10.20", "2025-01-01", "2025-01-01"),
        ("sud", date(2025, 1, 1), date(2025, 1, 1)),
    ),
    "an end before": (
        ("F10.20", "2025-01-01", "2024-12-01"),
        ("sud", date(2025, 1, 1), date(2025, 1, 1)),
    ),
    "without its point": (("f1020", "2025-01-01", ""), ("sud", date(2025, 1, 1), date(2025, 1, 1))),
    "of no set": (("Z99.9", "2025-01-01", ""), None),
    "nicotine": (("F17.210", "2025-01-01", ""), None),
    "after the as-of day": (("F10.20", "2026-11-01", ""), None),
    "on the as-of day": (("F10.20", "2026-10-31", ""), ("sud", AS_OF, AS_OF)),
}
GIVEN = {
    "ketamine": "ketamine",
    "Ketamine HCl 50 mg/ml": "ketamine",
    "KETALAR": "ketamine",
    "Spravato": "esketamine",
    " Mystery Drops ": "mystery drops",
}


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


def dispense(patient, **more):
    row = {"patient_id": patient, "filled_date": "2025-01-01", "drug_name": "oxycodone 5 mg tablet"}
    return row | more


def rows_of(limits, table, **files):
    """Return the rows of a table of the records, each with the number in its file."""
    with examples.put(limits, files, AS_OF) as (backend, records):
        return engine.rows(backend, getattr(records, table))


def test_route_place_and_kind_of_a_drug_are_read_from_its_row(limits):
    given = [dispense(f"p{n}", **row) for n, (row, _) in enumerate(OF_DRUGS)]
    found = {r["patient_key"]: r for r in rows_of(limits, "prescriptions", prescriptions=given)}
    for n, (row, wanted) in enumerate(OF_DRUGS):
        told = found[examples.key_of(f"p{n}")]
        assert {name: told[name] for name in wanted} == wanted, row


def test_the_code_of_a_product_tells_its_route_only_after_the_rows_own_words(limits):
    given = [
        dispense("coded", drug_name="", ndc11="00143950801"),
        dispense("worded", drug_name="", ndc11="00143950801", dose_form="nasal spray"),
        dispense("routed", drug_name="", ndc11="00143950801", route="buccal"),
    ]
    found = {r["patient_key"]: r for r in rows_of(limits, "prescriptions", prescriptions=given)}
    routes = [found[examples.key_of(n)]["route_taken"] for n in ("coded", "worded", "routed")]
    assert routes == ["injection", "nasal", "buccal"]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_prescription_as_written_is_one_row_whatever_its_fills(limits, name):
    given, standing = WRITTEN[name]
    plain = {"patient_id": "p", "drug_name": "oxycodone 5 mg tablet"}
    rows = [{**plain, "quantity": str(n), **row} for n, row in enumerate(given, start=1)]
    found = rows_of(limits, "prescriptions", prescriptions=rows)
    assert sorted(r["row"] - 1 for r in found if r["counts_as_prescription"]) == standing


@pytest.mark.parametrize("name", BORN)
def test_the_years_of_birth_are_those_that_any_row_of_the_patient_tells(limits, name):
    years, wanted = BORN[name]
    given = [
        dispense("p", filled_date=f"2025-01-0{n}", patient_birth_year=year)
        for n, year in enumerate(years, start=1)
    ]
    found = rows_of(limits, "prescriptions", prescriptions=[*given, dispense("another")])
    mine = [r for r in found if r["patient_key"] == examples.key_of("p")]
    assert {(r["born_from"], r["born_to"]) for r in mine} == {wanted}
    assert len(mine) == len(years)


def test_a_condition_speaks_from_the_day_it_was_recorded_to_its_end(limits):
    given = [
        {"patient_id": name, "code": code, "recorded_on": recorded, "ended_on": ended}
        for name, ((code, recorded, ended), _) in CONDITIONS.items()
    ]
    found = rows_of(limits, "diagnoses", conditions=given)
    told = {r["patient_key"]: (r["set_id"], r["on"], r["until"]) for r in found}
    wanted = {examples.key_of(n): spoken for n, (_, spoken) in CONDITIONS.items() if spoken}
    assert told == wanted


def test_a_diagnosis_on_an_order_is_not_lost_with_the_row_that_does_not_count(limits):
    order = {"record_type": "order", "written_date": "2025-01-01", "filled_date": ""}
    given = [
        dispense("p", **order, prescription_id="7", diagnosis_codes="F10.20; C50.911"),
        dispense("p", record_type="dispense", prescription_id="7", filled_date="2025-01-03"),
        dispense("p", filled_date="2025-02-01", treatment_type="03"),
        dispense("p", filled_date="2025-03-01", patient_setting="hospice"),
    ]
    found = rows_of(limits, "diagnoses", prescriptions=given)
    assert {(r["set_id"], r["on"]) for r in found} == {
        ("sud", date(2025, 1, 1)),
        ("cancer", date(2025, 1, 1)),
        ("cancer_treatment", date(2025, 2, 1)),
        ("hospice_care", date(2025, 3, 1)),
    }


def test_a_dose_given_carries_the_plain_name_of_its_drug(limits):
    given = [
        {"patient_id": name, "ingredient": name, "started_at": "2025-01-01T10:00:00Z"}
        for name in GIVEN
    ]
    found = rows_of(limits, "administrations", administrations=given)
    assert {r["patient_key"]: r["ingredient"] for r in found} == {
        examples.key_of(name): plain for name, plain in GIVEN.items()
    }


def test_visits_and_doses_begin_on_the_day_in_utc_and_end_with_the_as_of_day(limits):
    moments = ("2025-01-01T23:30:00-07:00", "2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z")
    visits = [{"patient_id": "p", "started_at": moment} for moment in moments]
    doses = [{"ingredient": "ketamine", **visit} for visit in visits]
    wanted = [date(2025, 1, 2), AS_OF]
    for kind, rows in (("encounters", visits), ("administrations", doses)):
        found = rows_of(limits, kind, **{kind: rows})
        assert sorted(row["started_on"] for row in found) == wanted
