"""What is read of a prescriber and of a patient: every number against one worked out by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from audits import dossiers
from audits.dossiers import Wanted
from audits.dossiers.doses import dose_line
from audits.models import Evaluation
from tests.dossier_fixtures import DOCTOR, LONE_DEA, NURSE, NURSE_DEA, PATIENT, pseudonym

pytest_plugins = ("tests.dossier_fixtures",)
pytestmark = pytest.mark.django_db


def counts(shares) -> dict[str, tuple[int, int]]:
    return {share.name: (share.prescriptions, share.patients) for share in shares}


def nurse(**more) -> dossiers.Prescriber:
    return dossiers.prescriber_of(dossiers.latest_basis(), NURSE, **more)


def records(wanted: Wanted, **more) -> list[str]:
    page = dossiers.rows_of(dossiers.latest_basis(), NURSE, wanted, **more)
    return [row["source_record_id"] for row in page.rows]


def test_the_period_is_24_months_that_end_with_the_as_of_date(clinic):
    basis = dossiers.latest_basis()
    assert (basis.first, basis.as_of) == (date(2024, 4, 1), date(2026, 3, 20))
    assert [basis.months[0], basis.months[-1]] == [date(2024, 4, 1), date(2026, 3, 1)]
    assert len(basis.months) == 24


def test_without_a_published_evaluation_there_is_no_basis(clinic):
    Evaluation.objects.update(unpublished=True)
    assert dossiers.latest_basis() is None


def test_volumes_are_parts_of_the_prescriptions_as_written(clinic):
    volumes = nurse().volumes
    assert volumes.rows == 11
    assert volumes.others == {"later_fill": 1, "exact_duplicate": 1, "order_with_dispense": 1}
    assert counts([volumes.everything, volumes.controlled]) == {
        "all": (8, 2),
        "controlled": (6, 2),
    }
    assert counts(volumes.schedules) == {
        "II": (1, 1),
        "IV": (5, 2),
        "none": (1, 1),
        "unknown": (1, 1),
    }
    assert counts(volumes.states) == {"FL": (6, 2), "AZ": (1, 1), "unknown": (1, 1)}
    assert counts(volumes.ingredients) == {
        "alprazolam": (5, 2),
        "oxycodone": (1, 1),
        "lisinopril": (1, 1),
        "unknown": (1, 1),
    }


def test_the_months_add_up_to_the_volumes(clinic):
    volumes = nurse().volumes
    months = {month.first: month for month in volumes.months}
    assert sum(month.prescriptions for month in volumes.months) == volumes.everything.prescriptions
    june = months[date(2025, 6, 1)]
    assert (june.prescriptions, june.patients) == (5, 2)
    assert june.schedules == {"II": 1, "III": 0, "IV": 2, "V": 0, "none": 1, "unknown": 1}
    assert months[date(2024, 4, 1)].prescriptions == 0


def test_who_the_nurse_is_comes_with_papers_and_agreements(clinic):
    found = nurse()
    assert (found.person.profession, found.person.practice_hours) == ("np", 900)
    assert [entry["dea"] for entry in found.person.entries] == [NURSE_DEA]
    papers = [(paper["kind"], paper["number"], paper["valid_to"]) for paper in found.papers]
    assert papers == [("dea", NURSE_DEA, None), ("licence", "RN-77", date(2026, 12, 31))]
    assert [agreement["supervisor_npi"] for agreement in found.agreements] == [DOCTOR]
    assert (found.first_on, found.last_on) == (date(2024, 3, 31), date(2026, 3, 20))
    doctor = dossiers.prescriber_of(dossiers.latest_basis(), DOCTOR)
    assert [agreement["supervisee_npi"] for agreement in doctor.supervises] == [NURSE]
    assert doctor.supervision.asked == 0
    assert doctor.supervision.unasked == 2


def test_supervision_is_answered_for_each_day_and_state(clinic):
    supervision = nurse().supervision
    assert supervision.asked == 7
    assert supervision.counts == {
        "missing": 2,
        "covered": 1,
        "not_required": 1,
        "not_held": 1,
        "unclear": 2,
    }
    days = {(f"{day.written_on:%m-%d}", day.state): day for day in supervision.days}
    covered = days["02-10", "FL"]
    assert (covered.verdict, covered.covered_by) == ("covered", "clinic/s-1")
    missing = days["06-01", "FL"]
    assert (missing.verdict, missing.agreement, missing.required) == (
        "missing",
        "ended before",
        True,
    )
    assert missing.prescriptions == 2
    assert days["06-02", "AZ"].verdict == "not_required"
    assert (days["02-15", "FL"].verdict, days["02-15", "FL"].required) == ("not_held", True)
    assert days["06-04", "FL"].reason.startswith("the drug is not in the reference tables")
    assert days["03-20", "unknown"].reason == "the patient's state is missing"


def test_older_days_follow_without_a_gap(clinic, monkeypatch):
    whole = nurse().supervision.days
    monkeypatch.setattr("audits.dossiers.supervision.DAYS", 2)
    seen, before = [], None
    while True:
        page = nurse(before=before).supervision
        assert page.asked == 7
        seen += page.days
        if page.older is None:
            break
        before = page.older
    assert seen == list(whole)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), 8),
        (Wanted(every=True), 11),
        (Wanted(schedule="controlled"), 6),
        (Wanted(schedule="II"), 1),
        (Wanted(schedule="III-V"), 5),
        (Wanted(schedule="none"), 1),
        (Wanted(schedule="unknown"), 1),
        (Wanted(ingredient="alprazolam", state="FL"), 3),
        (Wanted(state="unknown"), 1),
        (Wanted(month=date(2025, 6, 1)), 5),
        (Wanted(day=date(2025, 6, 1)), 2),
        (Wanted(supervision="missing"), 2),
        (Wanted(supervision="unclear"), 2),
        (Wanted(supervision="covered", state="AZ"), 0),
    ],
)
def test_rows_behind_a_number_are_as_many_as_it_says(clinic, wanted, expected):
    page = dossiers.rows_of(dossiers.latest_basis(), NURSE, wanted)
    assert page.total == len(page.rows) == expected


def test_pages_of_rows_join_into_the_whole_list(clinic):
    basis, after, seen = dossiers.latest_basis(), None, []
    while True:
        page = dossiers.rows_of(basis, NURSE, Wanted(every=True), after, size=3)
        seen += [row["source_record_id"] for row in page.rows]
        if page.next is None:
            break
        after = page.next
    assert seen == records(Wanted(every=True))
    assert len(set(seen)) == 11


def test_a_dea_number_leads_to_the_npi_or_stands_for_itself(clinic):
    basis = dossiers.latest_basis()
    assert dossiers.npi_of(basis, NURSE_DEA) == NURSE
    assert dossiers.npi_of(basis, LONE_DEA) is None
    alone = dossiers.prescriber_of(basis, LONE_DEA)
    assert alone.volumes.everything.prescriptions == 1
    assert dossiers.prescriber_of(basis, "1999999992") is None


def test_a_patient_s_fills_visits_and_doses(clinic):
    found = dossiers.patient_of(dossiers.latest_basis(), pseudonym(PATIENT))
    fills = [fill["source_record_id"] for fill in found.fills]
    assert fills == ["kept-1", "kept-2", "kept-11", "kept-3", "kept-12"]
    assert found.left_out == 1
    assert [visit["source_record_id"] for visit in found.visits] == ["e-1"]
    assert [dose["source_record_id"] for dose in found.doses] == ["d-1"]
    (check,) = found.checks
    assert (check["source_record_id"], check["state"], check["outcome"]) == (
        "c-1",
        "FL",
        "no_records",
    )
    (result,) = found.results
    assert (result["code"], str(result["value"])) == ("1742-6", "0.625000")
    assert found.held == 12
    assert dossiers.patient_of(dossiers.latest_basis(), "p_" + "0" * 32) is None


def test_the_dose_line_adds_up_what_overlaps_and_names_what_it_lacks(clinic):
    found = dossiers.patient_of(dossiers.latest_basis(), pseudonym(PATIENT))
    steps = [(step.first_on, step.last_on, step.mme_day) for step in found.steps]
    assert steps == [
        (date(2025, 6, 1), date(2025, 6, 14), 270_000),
        (date(2025, 6, 15), date(2025, 7, 14), 540_000),
        (date(2025, 7, 15), date(2025, 7, 30), 270_000),
    ]
    assert found.undosed == 1
    assert found.mme_set == "cdc2022+2018"


FIRST = date(2025, 1, 1)
SPANS = some.lists(
    some.tuples(some.integers(0, 60), some.integers(1, 30), some.integers(1, 400_000)), max_size=8
)


@settings(max_examples=60)
@given(SPANS)
def test_every_day_of_the_dose_line_is_the_sum_of_the_fills_that_cover_it(spans):
    fills = [
        (FIRST + timedelta(begin), FIRST + timedelta(begin + days - 1), dose)
        for begin, days, dose in spans
    ]
    steps = dose_line(fills)
    for day in (FIRST + timedelta(n) for n in range(100)):
        taken = sum(dose for begin, end, dose in fills if begin <= day <= end)
        told = [step.mme_day for step in steps if step.first_on <= day <= step.last_on]
        assert told == ([taken] if taken else [])


def test_a_ledger_whose_files_are_gone_is_unreadable(clinic):
    for file in (clinic.folder / "ledger" / "tables" / "prescriptions").rglob("*.parquet"):
        file.unlink()
    with pytest.raises(dossiers.UnreadableError):
        nurse()
    with pytest.raises(dossiers.UnreadableError):
        dossiers.patient_of(dossiers.latest_basis(), pseudonym(PATIENT))
