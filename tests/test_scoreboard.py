"""``manage.py scoreboard``: what was found of what was planted, and what else was flagged."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import call_command

from audits.catalogue import CATALOGUE
from audits.models import Source
from audits.scoreboard import Score
from audits.synthesis import COVERS, synthesise

HEAD = "rule,subject_kind,subject_id,expected,severity,scheme,first_event"
DIFFERENCES = ("missed", "look_alikes_flagged", "wrong_severities", "other_answers")


def run(*options):
    """Return the object that the command prints, and its exit status."""
    told, status = StringIO(), 0
    try:
        call_command("scoreboard", "--json", *options, stdout=told)
    except SystemExit as end:
        status = end.code
    return json.loads(told.getvalue()) if told.getvalue() else None, status


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEAD.split(","))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def truth(tmp_path, db):
    """Return the rows of the truth about 900 prescriptions that were put to the rules."""
    synthesise(tmp_path, prescriptions=900, seed=3)
    for kind in COVERS:
        call_command("ingest", tmp_path / f"{kind}.csv", synthetic=True, stdout=StringIO())
    call_command("evaluate", stdout=StringIO())
    numbers = {rule.number for rule in CATALOGUE.values()}
    return [row for row in read(tmp_path / "truth.csv") if row["rule"] in numbers]


def row_of(truth, rule, scheme):
    return next(row for row in truth if (row["rule"], row["scheme"]) == (rule, scheme))


def of_dose(truth, expected):
    return [row for row in truth if (row["rule"], row["expected"]) == ("R01", expected)]


def test_it_counts_what_was_found(truth, tmp_path):
    answer, status = run("--truth", str(written(tmp_path / "t.csv", truth)))
    assert (status, answer["ok"]) == (0, True)
    assert not any(answer[title] for title in DIFFERENCES)
    dose = answer["rules"]["R01"]
    planted = of_dose(truth, "flag")
    assert (dose["planted"], dose["found"]) == (len(planted), len(planted))
    assert (dose["recall"], dose["precision"], dose["outside"]) == (1, 1, 0)
    high = sum(row["severity"] == "high" for row in planted)
    assert dose["by_severity"]["high"]["planted"] == high
    # 270 MME a day average more than 120 over 90 days from the 41st on, 120.01 from the last.
    assert dose["days_to_first_flag"] == {"median": 40, "most": 89}
    assert not any(answer["outside"].values())


def test_it_lists_what_is_not_as_the_truth_says(truth, tmp_path):
    row_of(truth, "R01", "at_the_threshold").update(expected="flag", severity="low")
    row_of(truth, "R01", "one_tablet_above").update(expected="none", severity="")
    row_of(truth, "R01", "patches").update(severity="critical")
    row_of(truth, "R01", "days_supply_missing").update(expected="suppressed")
    truth.remove(row_of(truth, "R01", "high_dose"))
    answer, status = run("--truth", str(written(tmp_path / "t.csv", truth)))
    assert (status, answer["ok"]) == (1, False)
    assert {title: [e["scheme"] for e in answer[title]] for title in DIFFERENCES} == {
        "missed": ["at_the_threshold"],
        "look_alikes_flagged": ["one_tablet_above"],
        "wrong_severities": ["patches"],
        "other_answers": ["days_supply_missing"],
    }
    assert [each["severity"] for each in answer["outside"]["R01"]] == ["high"]
    score, count = answer["rules"]["R01"], len(of_dose(truth, "flag"))
    assert (score["planted"], score["found"]) == (count, count - 1)
    assert score["recall"] == (count - 1) / count
    assert score["precision"] == (count - 1) / count


def test_no_number_of_a_patient_is_told(truth, tmp_path):
    row_of(truth, "R01", "one_tablet_above").update(expected="none", severity="")
    path, told = written(tmp_path / "t.csv", truth), StringIO()
    with pytest.raises(SystemExit):
        call_command("scoreboard", "--truth", str(path), stdout=told)
    assert "look alikes flagged: 1" in told.getvalue()
    assert "pat-" not in told.getvalue()
    with pytest.raises(SystemExit):
        call_command("scoreboard", "--truth", str(path), "--json", stdout=told)
    assert "pat-" not in told.getvalue()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("R01,patient,x,perhaps,,s,", "line 2: expected is 'perhaps'"),
        ("R01,person,x,none,,s,", "line 2: subject_kind is 'person'"),
        ("R26,patient,x,none,,s,", "R26 is about prescriber_state, not about patient"),
        ("R01,patient,x,flag,grave,s,", "line 2: severity is 'grave'"),
        ("R01,patient,x,flag,low,s,soon", "line 2: 'soon' is not a date"),
        ("R99,patient,x,none,,s,", "line 2: no rule is called 'R99'"),
        ("R01,patient,x,none,,s,\nR01,patient,x,none,,t,", "line 3: R01 was told of that subject"),
    ],
)
def test_a_truth_that_cannot_be_read_is_refused_in_one_line(line, words, tmp_path, db, capsys):
    Source.objects.create(name="s", patient_domain="s", change_policy="by_status", synthetic=True)
    path = tmp_path / "truth.csv"
    path.write_text(f"{HEAD}\n{line}\n")
    assert run("--truth", str(path)) == (None, 1)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert words in told[0]


@pytest.mark.parametrize(
    ("sources", "options", "words"),
    [
        ({}, [], "no synthetic source"),
        ({"real": False}, ["--source", "real"], "no synthetic source called 'real'"),
        ({"one": True, "two": True}, [], "say which by --source: one, two"),
        ({"one": True}, [], "there is no column expected"),
        ({"one": True, "two": True}, ["--source", "two"], "there is no column expected"),
    ],
)
def test_only_the_truth_about_a_synthetic_source_is_taken(
    sources, options, words, tmp_path, db, capsys
):
    for name, synthetic in sources.items():
        Source.objects.create(
            name=name, patient_domain=name, change_policy="by_status", synthetic=synthetic
        )
    path = tmp_path / "truth.csv"
    path.write_text("rule,subject_kind,subject_id,severity,scheme\n")
    assert run("--truth", str(path), *options) == (None, 1)
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), (b"\xff\xfe\x00", "not a CSV file in UTF-8")]
)
def test_a_file_that_is_none_is_refused(content, words, tmp_path, db, capsys):
    Source.objects.create(name="s", patient_domain="s", change_policy="by_status", synthetic=True)
    path = tmp_path / "truth.csv"
    if content:
        path.write_bytes(content)
    assert run("--truth", str(path)) == (None, 1)
    assert words in capsys.readouterr().err


def test_rules_that_were_never_evaluated_are_named_with_the_remedy(tmp_path, db, capsys):
    Source.objects.create(name="s", patient_domain="s", change_policy="by_status", synthetic=True)
    path = tmp_path / "truth.csv"
    path.write_text(f"{HEAD}\nR01,patient,x,none,,s,\n")
    assert run("--truth", str(path)) == (None, 1)
    assert "Run: evaluate" in capsys.readouterr().err


def test_shares_of_nothing_are_none():
    score = Score(planted=0, found=0, look_alikes_flagged=0, graded_wrong=0, days=())
    assert (score.recall, score.precision, score.median_days) == (None, None, None)
