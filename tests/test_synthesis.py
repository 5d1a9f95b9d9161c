"""The invented records: the same for the same seed, and every planted scheme is found."""

import csv
from collections import Counter, defaultdict
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from pyarrow import parquet

from audits import keys
from audits.catalogue import CATALOGUE
from audits.models import Evaluation, FlagState, Source
from audits.reference import drugs, taxonomy
from audits.schema import KINDS
from audits.snapshots import evidence_folder
from audits.synthesis import FILES, SynthesisError, figures, synthesise
from audits.synthesis.drugs import ORDINARY, PLANTED
from audits.vocabulary import Subject

SMALL = 900  # prescriptions; the schemes alone take about 600
SAID = {"fired": "flag", "clear": "none"}


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        synthesise(tmp_path / name, prescriptions=SMALL, seed=seed)
    for name in (*FILES, "truth.csv"):
        written = [
            (tmp_path / folder / name).read_bytes() for folder in ("first", "again", "other")
        ]
        assert written[0] == written[1] != written[2]


def test_as_many_prescriptions_are_written_as_asked_for(tmp_path):
    written = synthesise(tmp_path, prescriptions=1_234, seed=1)
    assert written.rows["prescriptions.csv"] == len(read(tmp_path / "prescriptions.csv")) == 1_234
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


def test_the_files_are_as_skewed_as_stated(tmp_path):
    synthesise(tmp_path, prescriptions=50_000, seed=5)
    rows, people = read(tmp_path / "prescriptions.csv"), read(tmp_path / "practitioners.csv")
    stated, shares = figures(), {}
    patients, fills = defaultdict(set), Counter(row["patient_id"] for row in rows)
    for row in rows:
        patients[row["prescriber_npi"]].add(row["patient_id"])
    seen = sorted(len(each) for each in patients.values())
    got = sorted(fills.values())
    controlled = {p.drug_name for p in (*ORDINARY, *PLANTED.values()) if schedule_of(p)}
    for name, value in (
        ("patients_per_prescriber_p50", seen[len(seen) // 2]),
        ("patients_per_prescriber_p99", seen[len(seen) * 99 // 100]),
        ("fills_per_patient_p50", got[len(got) // 2]),
        ("fills_per_patient_p99", got[len(got) * 99 // 100]),
        ("controlled_share", sum(row["drug_name"] in controlled for row in rows) / len(rows)),
    ):
        least, most = stated[name]
        assert least <= value <= most, (name, value)
    trades = {p["npi"]: taxonomy.role_of(p["taxonomy"]) for p in people if p["npi"] in patients}
    shares["states"] = Counter(row["patient_state"] for row in rows)
    shares["role_groups"] = Counter(trade[1] for trade in trades.values() if trade)
    for name, counted in shares.items():
        for word, share in stated[name].items():
            off = abs(counted[word] / counted.total() - share)
            assert off <= stated["shares_within"], (name, word)


def schedule_of(product):
    nothing = dict.fromkeys(drugs.DrugIdentity.__dataclass_fields__)
    return drugs.match(drugs.DrugIdentity(**nothing | {"drug_name": product.drug_name})).schedule


def test_a_drug_is_called_controlled_where_the_tables_say_so():
    assert [p.drug_name for p in ORDINARY if bool(schedule_of(p)) != p.controlled] == []


def test_each_scheme_has_a_subject_of_its_own_and_an_answer(tmp_path):
    synthesise(tmp_path, prescriptions=SMALL, seed=2)
    rows = read(tmp_path / "truth.csv")
    assert {row["rule"] for row in rows} == {"R01", "R04", "R12", "R19", "R26", "R28", "R46"}
    assert {row["expected"] for row in rows} == {"flag", "none", "suppressed", "not_evaluable"}
    assert len({(row["rule"], row["subject_id"]) for row in rows}) == len(rows)
    graded = {"flag", "suppressed"}
    assert all(bool(row["severity"]) == (row["expected"] in graded) for row in rows)
    known = {row["patient_id"] for row in read(tmp_path / "prescriptions.csv")}
    known |= {row["prescriber_npi"] for row in read(tmp_path / "prescriptions.csv")}
    assert {row["subject_id"].split("|")[0] for row in rows} <= known


def test_every_visit_that_a_prescription_names_is_among_the_visits(tmp_path):
    synthesise(tmp_path, prescriptions=2_000, seed=4)
    visits = {row["encounter_id"]: row for row in read(tmp_path / "encounters.csv")}
    for row in read(tmp_path / "prescriptions.csv"):
        if row["encounter_id"] and row["encounter_date"] >= "2025-01-01":
            visit = visits[row["encounter_id"]]
            assert visit["patient_id"] == row["patient_id"]
            assert visit["provider_npi"] == row["prescriber_npi"]
            assert visit["started_at"].startswith(row["encounter_date"])


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


@pytest.fixture(params=["as it says", "as the files say"])
def evaluated(request, tmp_path, db):
    """Return the truth about 3,000 prescriptions that were taken in and put to the rules."""
    folder = tmp_path / "synthetic"
    written = synthesise(folder, prescriptions=3_000, seed=11)
    for kind, (first, last) in written.covers.items():
        said = {"covers": f"{first}..{last}"} if request.param == "as it says" else {}
        call_command("ingest", folder / f"{kind}.csv", synthetic=True, stdout=StringIO(), **said)
    call_command("evaluate", stdout=StringIO())
    numbers = {rule.number for rule in CATALOGUE.values()}
    known = [row for row in read(folder / "truth.csv") if row["rule"] in numbers]
    return [as_the_ledger_knows_it(row) for row in known]


def as_the_ledger_knows_it(truth):
    if not Subject(truth["subject_kind"]).led_by_patient:
        return truth
    patient, *rest = truth["subject_id"].split("|")
    domain = Source.objects.get().patient_domain
    key = keys.patient_key(django_settings.PATIENT_SECRET, domain, patient)
    return truth | {"subject_id": "|".join([key, *rest])}


def test_every_scheme_is_answered_as_the_truth_says_and_nobody_else_is_flagged(evaluated):
    answers, evaluation = {}, Evaluation.objects.get()
    for name, rule in CATALOGUE.items():
        rows = parquet.read_table(evidence_folder(evaluation.pk, name) / "answers.parquet")
        answers |= {(rule.number, row["subject_id"]): row["answer"] for row in rows.to_pylist()}
    expected = {(t["rule"], t["subject_id"]): t for t in evaluated}
    told = {key: answers.get(key, "clear") for key in expected}
    wanted = {key: truth["expected"] for key, truth in expected.items()}
    differing = {
        expected[key]["rule"] + " " + expected[key]["scheme"]: answer
        for key, answer in told.items()
        if SAID.get(answer, answer) != wanted[key]
    }
    assert not differing
    flagged = {
        (CATALOGUE[state.flag.rule].number, state.flag.subject_id): state.severity
        for state in FlagState.objects.select_related("flag")
    }
    severe = {key: truth["severity"] for key, truth in expected.items() if truth["severity"]}
    assert flagged == severe
    assert Source.objects.get().synthetic
