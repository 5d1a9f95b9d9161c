"""Every kind of record travels the whole path: in, again, changed, cancelled and taken back."""

import pytest

from audits import engine, snapshots
from audits.schema import KINDS

from .paths import counts, ingest, withdraw

pytestmark = pytest.mark.django_db
# Of each kind a column and another value for it; a row is made of the dictionary's examples.
OTHERWISE = {
    "administrations": ("dose_mg", "36"),
    "conditions": ("ended_on", "2026-04-01"),
    "encounters": ("modality", "in_person"),
    "exclusions": ("reinstated_on", "2025-06-01"),
    "lab_results": ("value", "32.000001"),
    "licences": ("valid_to", "2028-01-01"),
    "pdmp_checks": ("outcome", "unavailable"),
    "practitioners": ("practice_hours", "77"),
    "prescriptions": ("quantity", "121"),
    "supervision": ("valid_to", "2026-11-30"),
}


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def sample(kind: str, **cells: str) -> dict[str, str]:
    """Return a row of ``kind`` made of the examples of its field dictionary."""
    return {field.name: field.example for field in KINDS[kind].fields} | cells


def held(kind: str, column: str) -> list[str]:
    """Return what the current rows of ``kind`` have in ``column``, as text."""
    with engine.connect(snapshots.web_limits()) as backend:
        view = snapshots.views(snapshots.latest())[kind]
        sql = f"SELECT {column}::VARCHAR AS cell FROM ({view}) ORDER BY source_record_id"
        return [row["cell"] for row in engine.rows(backend, sql)]


def test_every_kind_is_tried_here():
    assert OTHERWISE.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_the_dictionary_s_examples_goes_in_changes_and_goes(kind):
    column, changed = OTHERWISE[kind]
    rows = [sample(kind, source_record_id=number) for number in ("1", "2")]
    first = ingest(rows, kind=kind)
    assert counts(first) == {"new": 2}
    before = held(kind, column)
    assert len(before) == 2
    again = ingest([rows[0], sample(kind, source_record_id="3")], kind=kind)
    assert counts(again) == {"unchanged": 1, "new": 1}
    revised = rows[0] | {"record_status": "revise", column: changed}
    voided = rows[1] | {"record_status": "void"}
    change = ingest([revised, voided], kind=kind)
    assert counts(change) == {"revised": 1, "voided": 1}
    assert [cell.rstrip("0").rstrip(".") for cell in held(kind, column)[:1]] == [
        changed.rstrip("0").rstrip(".")
    ]
    assert len(held(kind, column)) == 2
    withdraw(change)
    assert held(kind, column) == [*before, before[0]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_dirty_row_is_rejected_and_the_others_of_its_file_load(kind):
    day = KINDS[kind].dates[0] if KINDS[kind].dates else "practice_hours"
    rows = [
        sample(kind, source_record_id="1"),
        sample(kind, source_record_id="2") | {day: "soon"},
        sample(kind, source_record_id=""),
    ]
    upload = ingest(rows, kind=kind)
    assert counts(upload) == {"new": 1, "rejected": 2}
