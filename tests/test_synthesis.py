"""The invented records: the same for the same seed, and every planted scheme is found."""

import csv
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from pyarrow import parquet

from audits import keys
from audits.models import Evaluation, FlagState, Source
from audits.reference import drugs
from audits.schema import KINDS
from audits.snapshots import evidence_folder
from audits.synthesis import FILES, SynthesisError, synthesise
from audits.synthesis.drugs import ORDINARY, PLANTED

NAMES = {"R01": "opioid_high_dose_90d", "R26": "supervision_missing"}


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        synthesise(tmp_path / name, prescriptions=400, seed=seed)
    for name in (*FILES, "truth.csv"):
        written = [
            (tmp_path / folder / name).read_bytes() for folder in ("first", "again", "other")
        ]
        assert written[0] == written[1] != written[2]


def test_as_many_prescriptions_are_written_as_asked_for(tmp_path):
    written = synthesise(tmp_path, prescriptions=777, seed=1)
    assert written.rows["prescriptions.csv"] == len(read(tmp_path / "prescriptions.csv")) == 777
    for name in FILES:
        assert list(read(tmp_path / name)[0]) == list(KINDS[name.removesuffix(".csv")].columns)


def test_fewer_prescriptions_than_the_schemes_take_are_refused(tmp_path):
    with pytest.raises(SynthesisError, match="ask for at least"):
        synthesise(tmp_path / "none", prescriptions=10, seed=1)
    assert not (tmp_path / "none").exists()


def test_every_invented_identifier_is_valid_and_its_owner_alone(tmp_path):
    synthesise(tmp_path, prescriptions=2_000, seed=3)
    people = read(tmp_path / "practitioners.csv")
    assert all(keys.npi_is_valid(p["npi"]) and keys.dea_is_valid(p["dea"]) for p in people)
    assert len({p["npi"] for p in people}) == len({p["dea"] for p in people}) == len(people)
    rows = read(tmp_path / "prescriptions.csv")
    assert len({row["source_record_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("product", [*ORDINARY, *PLANTED.values()], ids=lambda p: p.drug_name)
def test_every_invented_drug_is_one_that_the_reference_tables_know(product):
    nothing = dict.fromkeys(drugs.DrugIdentity.__dataclass_fields__)
    found = drugs.match(drugs.DrugIdentity(**nothing | {"drug_name": product.drug_name}))
    assert found is not None
    assert found.ingredient.split()[0] in product.drug_name


@pytest.mark.parametrize("bad", [["--prescriptions", "3"], ["--output", "/proc/nowhere"]])
def test_the_command_refuses_in_one_line(tmp_path, bad, capsys):
    with pytest.raises((SystemExit, CommandError)):
        call_command("synthesise", *["--output", str(tmp_path), *bad])
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.fixture
def evaluated(tmp_path, db):
    """Return the truth about 3,000 prescriptions that were taken in and put to the rules."""
    folder = tmp_path / "synthetic"
    written = synthesise(folder, prescriptions=3_000, seed=11)
    covers = f"{written.covers_from}..{written.covers_to}"
    said = {"synthetic": True, "covers": covers, "stdout": StringIO()}
    call_command("ingest", *(folder / name for name in FILES), **said)
    call_command("evaluate", stdout=StringIO())
    return [as_the_ledger_knows_it(row) for row in read(folder / "truth.csv")]


def as_the_ledger_knows_it(truth):
    if truth["subject_kind"] != "patient":
        return truth
    domain = Source.objects.get().patient_domain
    key = keys.patient_key(django_settings.PATIENT_SECRET, domain, truth["subject_id"])
    return truth | {"subject_id": key}


def test_every_scheme_is_answered_as_the_truth_says_and_nobody_else_is_flagged(evaluated):
    answers = {}
    evaluation = Evaluation.objects.get()
    for number, name in NAMES.items():
        rows = parquet.read_table(evidence_folder(evaluation.pk, name) / "answers.parquet")
        answers |= {(number, row["subject_id"]): row["answer"] for row in rows.to_pylist()}
    expected = {(t["rule"], t["subject_id"]): t for t in evaluated}
    told = {key: answers.get(key, "clear") for key in expected}
    assert told == {key: truth["expected"] for key, truth in expected.items()}
    flagged = {
        (number, state.flag.subject_id): (state.verdict, state.severity)
        for number, name in NAMES.items()
        for state in FlagState.objects.select_related("flag").filter(flag__rule=name)
    }
    assert flagged == {
        key: (truth["expected"], truth["severity"])
        for key, truth in expected.items()
        if truth["severity"]
    }
    assert Source.objects.get().synthetic
