"""File in, flag out: the published vectors and the boundary rows of R01 and R26."""

from decimal import Decimal

import pytest

from . import instance

SOURCE = "clinic"
FIRST_DAYS = ("2025-01-01", "2025-01-31", "2025-03-02")  # days 1, 31 and 61


def rx(patient, drug, quantity, filled, days=30, **more):
    row = {
        "patient_id": patient,
        "drug_name": drug,
        "quantity": str(quantity),
        "days_supply": str(days),
        "filled_date": filled,
        "written_date": filled,
        "record_type": "dispense",
        "patient_state": "AZ",
        "prescriber_npi": "1111111112",
        "prescriber_type": "physician",
    }
    return row | {k: str(v) for k, v in more.items()}


def thrice(patient, drug, quantity, days=30, **more):
    return [rx(patient, drug, quantity, day, days, **more) for day in FIRST_DAYS]


VECTORS = [
    *thrice("A", "oxycodone 30 mg tablet", 180),
    *thrice("B", "morphine ER 60 mg tablet", 60),
    rx("C", "morphine ER 60 mg tablet", 60, "2025-01-01"),
    rx("C", "oxycodone 10 mg tablet", 120, "2025-01-16"),
    *thrice("D", "fentanyl 100 mcg/h patch", 10, days=10),
    *thrice("E", "methadone 10 mg tablet", 270),
    *thrice("F", "tramadol 50 mg tablet", 240),
    *thrice("G", "buprenorphine-naloxone 8/2 mg film", 60),
    # 120.00 to the last digit, and one hundredth more: 120.01 = 10,800.9 MME in 90 days
    rx("exactly", "morphine 15 mg tablet", 720, "2025-01-01", 90),
    rx("above", "morphine 15 mg tablet", 720, "2025-01-01", 90),
    rx("above", "codeine 15 mg tablet", "0.4", "2025-01-01", 1),
    rx("short", "morphine 100 mg tablet", 106, "2025-01-01", 53),
    rx("cancer", "morphine 65 mg tablet", 180, "2025-01-01", 90, diagnosis_codes="C50.911"),
    rx(
        "order", "oxycodone 30 mg tablet", 180, "2025-01-01", record_type="order", prescription_id=9
    ),
    *thrice("order", "oxycodone 30 mg tablet", 90, prescription_id=9),
]

NP, PA = {"prescriber_type": "np"}, {"prescriber_type": "pa"}


def by(npi, state, written="2025-03-01", drug="alprazolam 1 mg tablet", **more):
    more = {"prescriber_npi": npi, "patient_state": state} | (more or NP)
    return rx(f"patient of {npi}", drug, 30, written, **more)


SUPERVISED = [
    by("1000000001", "FL"),
    by("1000000002", "AZ"),
    by("1000000003", "FL"),  # agreement ends that day
    by("1000000004", "FL"),  # ended the day before
    by("1000000005", "FL"),  # begins the day after
    by("1000000006", "FL"),  # for another state
    by("1000000007", "FL"),  # for other schedules
    by("1000000008", "AZ", **PA),
    by("1000000009", "FL", drug="oxycodone 5 mg tablet"),
    by("1000000010", "FL", drug="ketamine 100 mg troche"),
    by("1000000011", "WI", "2026-08-31"),
    by("1000000012", "WI", "2026-09-01"),  # hours unknown
    by("1000000013", "WI", "2026-09-01"),  # 3,840 hours
    by("1000000014", "WI", "2026-09-01"),  # 3,839 hours
    by("1000000015", "FL", "2023-12-31"),  # before any supervision is held
    by("1000000016", "FL", drug="sertraline 50 mg tablet"),
    by("1000000017", "FL"),  # supervisor's licence ran out, licences are held
]
BOSS, LAPSED = "1990000001", "1990000002"


def agreement(npi, begins="2024-01-01", ends="", state="FL", schedules="", boss=BOSS):
    return {
        "supervisee_npi": npi,
        "supervisor_npi": boss,
        "state": state,
        "schedules": schedules,
        "valid_from": begins,
        "valid_to": ends,
    }


AGREEMENTS = [
    agreement("1000000003", ends="2025-03-01"),
    agreement("1000000004", ends="2025-02-28"),
    agreement("1000000005", begins="2025-03-02"),
    agreement("1000000006", state="GA"),
    agreement("1000000007", schedules="II;III"),
    agreement("1000000017", boss=LAPSED),
]
PEOPLE = [
    {"npi": BOSS, "prescriber_type": "physician"},
    {"npi": LAPSED, "prescriber_type": "physician"},
    {"npi": "1000000013", "prescriber_type": "np", "practice_hours": "3840"},
    {"npi": "1000000014", "prescriber_type": "np", "practice_hours": "3839"},
]
PAPERS = [
    {"npi": npi, "kind": kind, "state": "FL", "valid_from": "2024-01-01", "valid_to": ends}
    for npi, ends in ((BOSS, ""), (LAPSED, "2025-02-28"))
    for kind in ("licence", "dea")
]


def numbered(rows):
    return [{"source_record_id": str(n), **row} for n, row in enumerate(rows, start=1)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = instance.new(tmp_path_factory.mktemp("site"))
    files = {
        "prescriptions": numbered(VECTORS + SUPERVISED),
        "practitioners": numbered(PEOPLE),
        "supervision": numbered(AGREEMENTS),
        "licences": numbered(PAPERS),
    }
    paths = [site.file(f"{name}.csv", rows) for name, rows in files.items()]
    told = site.ask("ingest", *paths, "--source", SOURCE)
    assert [u["status"] for u in told["uploads"]] == ["promoted"] * 4
    site.evaluated = site.ask("evaluate")
    patients = sorted({row["patient_id"] for row in VECTORS})
    keys = site.ask("pseudonym", "--source", SOURCE, *patients)
    site.patients = {key: patient for patient, key in keys.items()}
    site.flags = {
        (f["rule"], site.patients.get(f["subject_id"], f["subject_id"])): f
        for f in site.exported("flags")
    }
    site.answers = {
        rule: {
            site.patients.get(a["subject_id"], a["subject_id"]): a
            for a in site.exported("answers", "--rule", rule)
        }
        for rule in ("R01", "R26")
    }
    return site


@pytest.mark.parametrize(
    ("patient", "answer", "value"),
    [
        ("A", "fired", 270),
        ("B", "clear", None),
        ("C", "clear", None),
        ("D", "fired", 240),
        ("E", "fired", 423),
        ("F", "clear", None),
        ("exactly", "clear", None),
        ("above", "fired", Decimal("120.01")),
        ("short", "clear", None),
        ("cancer", "suppressed", 130),
        ("order", "fired", 135),
    ],
)
def test_a_vector_comes_out_as_published(site, patient, answer, value):
    told = site.answers["R01"][patient]
    assert told["answer"] == answer
    assert (Decimal(told["value"]) if told["value"] else None) == value
    flag = site.flags.get(("opioid_high_dose_90d", patient))
    assert (flag is not None) == (answer in ("fired", "suppressed"))
    if flag:
        assert Decimal(flag["value"]) == value
        assert (flag["comparison"], flag["threshold"], flag["unit"]) == (">", "120", "MME a day")


def test_buprenorphine_is_in_no_dose(site):
    assert "G" not in site.answers["R01"]


@pytest.mark.parametrize(
    ("subject", "answer", "severity"),
    [
        ("1000000001|FL", "fired", "high"),
        ("1000000002|AZ", "clear", ""),
        ("1000000003|FL", "clear", ""),
        ("1000000004|FL", "fired", "high"),
        ("1000000005|FL", "fired", "high"),
        ("1000000006|FL", "fired", "high"),
        ("1000000007|FL", "fired", "high"),
        ("1000000008|AZ", "fired", "medium"),
        ("1000000009|FL", "fired", "critical"),
        ("1000000010|FL", "fired", "critical"),
        ("1000000011|WI", "fired", "high"),
        ("1000000012|WI", "not_evaluable", ""),
        ("1000000013|WI", "clear", ""),
        ("1000000014|WI", "fired", "high"),
        ("1000000015|FL", "not_evaluable", ""),
        ("1000000017|FL", "fired", "high"),
    ],
)
def test_a_supervision_boundary_comes_out(site, subject, answer, severity):
    told = site.answers["R26"][subject]
    assert (told["answer"], told["severity"]) == (answer, severity)
    flag = site.flags.get(("supervision_missing", subject))
    assert (flag is not None) == (answer == "fired")
    if flag:
        assert (flag["value"], flag["severity"], flag["status"]) == ("1", severity, "open")


def test_an_uncontrolled_drug_is_outside_the_population(site):
    assert "1000000016|FL" not in site.answers["R26"]


def test_the_four_answers_sum_to_the_population(site):
    for counts in site.evaluated["rules"].values():
        parts = ("fired", "suppressed", "not_evaluable", "clear")
        assert counts["population"] == sum(counts[part] for part in parts)
    assert site.evaluated["flags"]["new"] == len(site.flags)


def test_the_trail_the_flags_and_the_imports_verify(site):
    for command in ("verify_trail", "verify_flags", "verify_imports"):
        assert site.ask(command)["ok"] is True
