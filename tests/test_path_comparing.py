"""The comparison with the ledger: made once for each state of it, and anew for any other."""

import json

import pytest

from audits import ingestion
from audits.ingestion.comparing import BASIS
from audits.models import Source, Upload

from .paths import ADA, counts, done, in_force, ingest, row, stage, withdraw

pytestmark = pytest.mark.django_db


def _promoted(upload: Upload) -> tuple[Upload, bool]:
    """Promote a staged upload; return it and whether its lists were written anew for that."""
    lists = ingestion.folder_of(upload) / "outcomes.parquet"
    before = lists.stat().st_mtime_ns
    done(ingestion.ask_for_promotion(upload, ADA, then_evaluate=False))
    upload.refresh_from_db()
    return upload, lists.stat().st_mtime_ns != before


def test_what_the_check_found_stands_while_nothing_changed():
    upload, anew = _promoted(stage([row(1), row(2), row(2)]))
    assert not anew
    assert counts(upload) == {"new": 2, "duplicate": 1}
    assert in_force() == {"1": (upload.pk, 2), "2": (upload.pk, 3)}


def test_another_upload_promoted_meanwhile_is_seen():
    upload = stage([row(1), row(2)])
    first = ingest([row(1), row(3)])
    upload, anew = _promoted(upload)
    assert anew
    assert counts(upload) == {"new": 1, "unchanged": 1}
    assert in_force() == {"1": (first.pk, 2), "2": (upload.pk, 3), "3": (first.pk, 3)}


def test_a_withdrawal_meanwhile_is_seen():
    first = ingest([row(1)])
    upload = stage([row(1), row(2)])
    assert counts(upload) == {"new": 1, "unchanged": 1}
    withdraw(first)
    upload, anew = _promoted(upload)
    assert (anew, counts(upload)) == (True, {"new": 2})


def test_another_policy_of_the_source_meanwhile_is_seen():
    ingest([row(1)])
    upload = stage([row(1, quantity=90)])
    assert counts(upload) == {"conflict": 1}
    Source.objects.update(change_policy="latest_wins")
    upload, anew = _promoted(upload)
    assert (anew, counts(upload)) == (True, {"revised": 1})


def test_a_snapshot_of_the_same_number_from_another_time_is_another():
    ingest([row(1)])
    upload = stage([row(2)])
    path = ingestion.folder_of(upload) / BASIS
    noted = json.loads(path.read_bytes())
    noted["basis"]["snapshot"][1] = "2020-01-01T00:00:00+00:00"
    path.write_text(json.dumps(noted))
    assert _promoted(upload)[1]
