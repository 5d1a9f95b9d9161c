"""``manage.py export``: files for other tools, whole or not at all, with an event each."""

import csv
import io
import json
from hashlib import sha256

import pytest
from django.core.management import call_command

from audits.models import Event, FlagState
from tests.flag_fixtures import DOSE, SUPERVISION

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
]
FLAG_COLUMNS = (
    "flag,rule,definition,subject_kind,subject_id,severity,status,first_on,last_on,occurrences,"
    "value,comparison,threshold,unit,records,priority,ledger_version,as_of"
)


def export(*words: object) -> str:
    """Run the command and return what it printed."""
    printed = io.StringIO()
    call_command("export", *map(str, words), stdout=printed)
    return printed.getvalue()


def refused(capsys, *words: object) -> str:
    """Run a command that ends with 1 and return its one line on standard error."""
    with pytest.raises(SystemExit) as ended:
        export(*words)
    assert ended.value.code == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line


def test_flags_are_exported_in_the_agreed_columns(house):
    file = house.folder / "flags.csv"
    export("flags", "--output", file, "--format", "csv")
    header, *rows = csv.reader(io.StringIO(file.read_text()))
    assert ",".join(header) == FLAG_COLUMNS
    assert len(rows) == FlagState.objects.seen().count() == 5
    severe = house.severe()
    (row,) = (dict(zip(header, r, strict=True)) for r in rows if r[0] == severe.flag.public_id)
    assert row == {
        "flag": severe.flag.public_id,
        "rule": DOSE,
        "definition": "rolling_90_day_average",
        "subject_kind": "patient",
        "subject_id": severe.flag.subject_id,
        "severity": "high",
        "status": "open",
        "first_on": "2025-02-10",
        "last_on": "2025-03-31",
        "occurrences": "1",
        "value": "270",
        "comparison": ">",
        "threshold": "120",
        "unit": "MME a day",
        "records": "3",
        "priority": str(severe.priority),
        "ledger_version": str(severe.since.snapshot_id),
        "as_of": "2025-05-01",
    }


@pytest.mark.parametrize(
    ("name", "words", "begins"),
    [
        ("flags.json", (), b"["),
        ("flags.JSON", ("--format", "csv"), b"flag,"),
        ("flags.xlsx", (), b"PK"),
        ("flags.txt", (), b"flag,"),
    ],
)
def test_where_no_format_is_asked_for_the_file_s_name_tells(house, name, words, begins):
    export("flags", "--output", house.folder / name, *words)
    assert (house.folder / name).read_bytes().startswith(begins)


def test_the_event_has_the_rows_and_the_digest_of_the_file(house):
    file = house.folder / "flags.json"
    told = json.loads(export("flags", "--output", file, "--format", "json", "--json"))
    assert len(json.loads(file.read_text())) == told["rows"] == 5
    event = Event.objects.get(action="export_made")
    assert event.object_id == told["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert json.loads(event.after)["rows"] == 5


@pytest.mark.parametrize("name", ["R26", "r26", "supervision-missing", "supervision_missing"])
def test_a_rule_is_named_in_any_way(house, name):
    file = house.folder / "flags.json"
    export("flags", "--output", file, "--format", "json", "--rule", name)
    assert {row["rule"] for row in json.loads(file.read_text())} == {SUPERVISION}


def test_flags_are_narrowed_by_severity_and_status(house):
    file = house.folder / "flags.json"
    export("flags", "--output", file, "--format", "json", "--status", "suppressed")
    (row,) = json.loads(file.read_text())
    assert (row["status"], row["severity"], row["value"]) == ("suppressed", "high", 270)
    export("flags", "--output", file, "--format", "json", "--severity", "critical")
    assert len(json.loads(file.read_text())) == 1


def test_answers_have_one_row_for_each_subject_of_the_population(house):
    file = house.folder / "answers.json"
    export("answers", "--rule", "R01", "--output", file, "--format", "json")
    rows = json.loads(file.read_text())
    assert list(rows[0]) == ["subject_id", "answer", "reason", "severity", "value"]
    told = sorted((r["answer"], r["reason"], r["severity"], r["value"]) for r in rows if r["value"])
    assert told == [
        ("fired", None, "high", 270),
        ("fired", None, "medium", 135),
        ("suppressed", "cancer", "high", 270),
    ]
    assert len({r["subject_id"] for r in rows}) == len(rows) == 5
    assert {r["answer"] for r in rows} == {"fired", "suppressed", "clear"}


def test_a_missing_folder_is_one_clear_line(house, capsys):
    line = refused(capsys, "flags", "--output", house.folder / "nowhere" / "flags.csv")
    assert "cannot be written: No such file or directory" in line


def test_a_folder_in_place_of_a_file_is_refused_and_nothing_is_left(house, capsys):
    place = house.folder / "place"
    place.mkdir()
    assert "cannot be written" in refused(capsys, "flags", "--output", place)
    assert not list(house.folder.glob(".*partial"))


def test_an_unknown_rule_is_answered_with_those_there_are(house, capsys):
    line = refused(capsys, "flags", "--output", house.folder / "f.csv", "--rule", "R99")
    assert "R01 opioid_high_dose_90d" in line


def test_answers_need_a_rule(house, capsys):
    assert "--rule" in refused(capsys, "answers", "--output", house.folder / "a.csv")


def test_an_export_replaces_the_file_of_before_only_when_whole(house):
    file = house.folder / "flags.csv"
    file.write_text("before")
    export("flags", "--output", file)
    assert file.read_text().startswith("flag,rule,")
    assert [p.name for p in house.folder.glob("*flags.csv*")] == ["flags.csv"]


def test_the_export_is_in_the_name_of_the_user_told(house):
    house.person("ada")
    export("flags", "--output", house.folder / "f.csv", "--as", "ada")
    assert Event.objects.get(action="export_made").actor_label == "ada"
