"""Drugs as real files spell them: from the file through the ledger to what rules and pages say.

What each line of the table means was written down by hand; what is ambiguous stays unknown and
is counted.
"""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from audits import engine, snapshots
from audits.models import FlagState, Upload

from .flag_pages import words
from .paths import evaluate, ingest, row, seen
from .people import browser_of, demo  # noqa: F401

pytestmark = pytest.mark.django_db
LINES_FILE = Path(__file__).parent / "drug_spellings.csv"
LINES = list(csv.DictReader(LINES_FILE.read_text(encoding="utf-8").splitlines()))
GIVEN = ("drug_name", "ndc11", "strength_value", "strength_unit", "dose_form", "route")
GIVEN += ("is_compound", "ingredients", "quantity", "days_supply")
EXPECTED = tuple(LINES[0])[len(GIVEN) : -1]
AS_OF = date(2025, 6, 30)
YES_OR_NO = {True: "yes", False: "no", None: ""}
KETAMINE, OPIOIDS = "ketamine_unmonitored_home_use", "opioid_high_dose_90d"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def sent() -> Upload:
    """Put every line through the real path, each for a patient of its own."""
    return ingest(
        row(n, patient_id=f"P{n}", **{name: line[name] for name in GIVEN})
        for n, line in enumerate(LINES)
    )


def enriched() -> Iterator[dict]:
    """Yield what rules see of each line, in their order."""
    snapshot = snapshots.latest()
    with snapshots.opened(snapshot, AS_OF, snapshots.worker_limits()) as opened:
        found = engine.rows(opened.backend, opened.records.prescriptions)
    yield from sorted(found, key=lambda each: int(each["source_record_id"]))


def plain(value: Decimal | int | None, places: int = 0) -> str:
    """Return a number without trailing zeros, set back by ``places``; empty for none."""
    return "" if value is None else f"{Decimal(value).scaleb(-places).normalize():f}"


def meant(found: dict) -> dict[str, str]:
    """Return what a row was taken to mean, as the table writes it."""
    counted = found["mme_day"] if found["opioid"] else None
    return {
        "ingredient": found["ingredient"] or "",
        "strength": plain(found["strength"]),
        "unit": found["strength_unit_used"] or "",
        "form": found["drug_form"] or "",
        "route_taken": found["route_taken"] or "",
        "long_acting": YES_OR_NO[found["long_acting"]],
        "schedule": found["schedule"] or "",
        "days": plain(found["effective_days"]),
        "mme": plain(counted, 3),
        "problem": found["dose_problem"] or "",
        "notes": found["notes"] or "",
    }


def test_every_spelling_means_what_was_written_down_by_hand():
    upload = sent()
    assert (upload.read, upload.rejected) == (len(LINES), 0)
    rows = list(enriched())
    assert len(LINES) == len(rows) >= 60
    notes = ";written_date_from_fill"
    for line, found in zip(LINES, rows, strict=True):
        told = meant(found)
        told["notes"] = f";{told['notes']};".replace(notes, "").strip(";")
        assert told == {name: line[name] for name in EXPECTED}, line


def test_what_is_ambiguous_stays_unmatched_is_counted_and_listed():
    upload = sent()
    unknown = [line["drug_name"] for line in LINES if not line["ingredient"]]
    assert "Ket/Clon/Gaba cream" in unknown
    assert upload.unmatched_drugs == len(unknown)


def held_visits() -> None:
    """Say that all visits of the half year are held; there was one, of somebody else."""
    visit = {"source_record_id": "v1", "source_system": "clinic", "patient_id": "nobody"}
    visit |= {"started_at": "2025-01-01T15:00:00Z", "provider_npi": "1234567893"}
    visit |= {"modality": "in_person", "vitals_recorded": "true"}
    ingest([visit], kind="encounters", covers_from=date(2025, 1, 1), covers_to=AS_OF)


def test_each_spelling_of_ketamine_that_goes_home_is_flagged_and_no_other():
    sent()
    held_visits()
    evaluate(rules=[KETAMINE], as_of=AS_OF)
    by_key = {found["patient_key"]: line for line, found in zip(LINES, enriched(), strict=True)}
    flagged = [by_key[state.flag.subject_id.split("|")[0]] for state in seen()]
    stayed = [line for line in LINES if line["ingredient"] == "ketamine" and line not in flagged]
    assert {line["ingredient"] for line in flagged} == {"ketamine"}
    # On the skin it is not taken home to be taken; how a powder is taken nothing tells.
    assert {line["route_taken"] for line in stayed} == {"topical", ""}
    assert not {line["is_compound"] for line in stayed} - {""}
    assert "Compounded Ketamine 1,000 mg/10 mL" in {line["drug_name"] for line in flagged}
    assert len(flagged) == 24


@pytest.mark.usefixtures("demo")
def test_repaired_patches_count_three_days_and_the_flag_says_so():
    patch = {"drug_name": "fentanyl 100 mcg/hr patch", "quantity": "30", "prescriber_npi": "1"}
    ingest(
        row(f"{patient}{n}", patient_id=patient, days_supply=days, filled_date=day, **patch)
        for patient, days in (("daily", "30"), ("none", ""), ("right", "90"))
        for n, day in enumerate(("2025-01-01", "2025-04-01"))
    )
    evaluate(rules=[OPIOIDS], as_of=AS_OF)
    states = seen()
    # 100 mcg/hr x 30 patches / 90 days x 7.2 = 240 MME on each of the 90 days.
    assert [state.occurrences[0]["value"] for state in states] == [240_000 * 90] * 3
    browser = browser_of("compliance officer")
    said = [words(browser.get(state.flag.get_absolute_url())) for state in states]
    note = "days of a fentanyl patch taken as three for each patch, not as reported"
    assert sorted(note in page.lower() for page in said) == [False, True, True]
    assert FlagState.objects.count() == 3
