"""Files as people really send them: each is taken or refused whole, and nothing is lost."""

import csv
import hashlib
import io
import json
import random

import pytest

from . import instance

OUTCOMES = (
    "new",
    "unchanged",
    "revised",
    "voided",
    "stale",
    "duplicate",
    "conflict",
    "rejected",
)
COLUMNS = (
    "source_system",
    "source_record_id",
    "record_type",
    "record_status",
    "patient_id",
    "drug_name",
    "quantity",
    "days_supply",
    "filled_date",
    "prescriber_npi",
    "sig",
)


def rows(source, count=4, **more):
    return [
        {
            "source_system": source,
            "source_record_id": str(n),
            "record_type": "dispense",
            "record_status": "new",
            "patient_id": f"SECRETPATIENT{n}",
            "drug_name": "oxycodone 10 mg tablet",
            "quantity": "60",
            "days_supply": "30",
            "filled_date": "2025-02-03",
            "prescriber_npi": "1234567893",
            "sig": "1 tablet",
        }
        | more
        for n in range(1, count + 1)
    ]


def text(records, newline="\n", header=COLUMNS):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(header)
    writer.writerows([[record[c] for c in COLUMNS] for record in records])
    return out.getvalue()


def changed(records, number, **changes):
    return [r | changes if r["source_record_id"] == str(number) else r for r in records]


PLAIN = rows("plain")
SHUFFLED = random.Random(1).sample(PLAIN, len(PLAIN))
CORRECTED = changed(PLAIN, 2, record_status="revise", quantity="90")
BAD_DATE = changed(rows("dates"), 3, filled_date="31/02/2025")
NUL = changed(rows("nul"), 1, sig="1 tab\x00let")
FRENCH = changed(rows("french"), 1, sig="1 comprimé — matin")

# name, bytes, what is expected of it, words of the message
CASES = [
    ("empty.csv", b"", {"status": "refused"}, "empty"),
    ("columns.csv", b"colour,size\nred,4\nblue,5\n", {"status": "refused"}, "columns"),
    (
        "dates.csv",
        text(BAD_DATE).encode(),
        {"status": "promoted", "read": 4, "new": 3, "rejected": 1},
        "",
    ),
    (
        "quote.csv",
        text(rows("quote")).replace("1 tablet", '"1 tablet', 1).encode(),
        {"status": "refused"},
        "line 2",
    ),
    (
        "twice.csv",
        text(rows("twice"), header=(*COLUMNS[:-1], "Quantity")).encode(),
        {"status": "refused"},
        "quantity",
    ),
    ("cp1252.csv", text(FRENCH).encode("cp1252"), {"status": "promoted", "new": 4}, ""),
    ("utf16.csv", text(rows("wide")).encode("utf-16"), {"status": "promoted", "new": 4}, ""),
    ("nul.csv", text(NUL).encode(), {"status": "promoted", "new": 3, "rejected": 1}, ""),
    (
        "ragged.csv",
        (text(rows("ragged")) + "ragged,9,dispense\n").encode(),
        {"status": "promoted", "read": 5, "new": 4, "rejected": 1},
        "",
    ),
    (
        "crlf.csv",
        text(rows("crlf"), newline="\r\n").encode("utf-8-sig"),
        {"status": "promoted", "new": 4},
        "",
    ),
    ("report.csv", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", {"status": "refused"}, "PDF"),
    ("plain.csv", text(PLAIN).encode(), {"status": "promoted", "read": 4, "new": 4}, ""),
    ("again.csv", text(PLAIN).encode(), {"status": "unchanged", "unchanged": 4}, "same file"),
    ("shuffled.csv", text(SHUFFLED).encode(), {"status": "promoted", "unchanged": 4}, ""),
    (
        "superset.csv",
        text(rows("plain", 6)).encode(),
        {"status": "promoted", "read": 6, "unchanged": 4, "new": 2},
        "",
    ),
    (
        "corrected.csv",
        text(CORRECTED).encode(),
        {"status": "promoted", "unchanged": 3, "revised": 1},
        "",
    ),
    (
        "old.csv",
        text(PLAIN, newline="\r\n").encode(),
        {"status": "promoted", "unchanged": 3, "stale": 1, "conflict": 0},
        "",
    ),
    (
        "unmarked.csv",
        text(changed(PLAIN, 1, quantity="61")).encode(),
        {"status": "promoted", "conflict": 1, "stale": 1, "unchanged": 2},
        "",
    ),
    (
        "void.csv",
        text(changed(PLAIN, 4, record_status="void")[3:]).encode(),
        {"status": "promoted", "read": 1, "voided": 1},
        "",
    ),
    (
        "doubled.csv",
        text(rows("doubled") + rows("doubled")).encode(),
        {"status": "promoted", "read": 8, "new": 4, "duplicate": 4},
        "",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = instance.new(tmp_path_factory.mktemp("files"))
    paths = []
    for name, content, _, _ in CASES:
        path = site.folder / name
        path.write_bytes(content)
        paths.append(path)
    done = site.run("ingest", *paths, "--json")
    assert done.returncode == 1  # some were refused
    assert done.stderr == ""
    site.told = dict(zip([n for n, *_ in CASES], json.loads(done.stdout)["uploads"], strict=True))
    site.printed = done.stdout
    return site


@pytest.mark.parametrize(("name", "content", "expected", "words"), CASES, ids=[c[0] for c in CASES])
def test_a_file_is_answered_clearly_and_kept(site, name, content, expected, words):
    told = site.told[name]
    assert {key: told[key] for key in expected} == expected
    assert told["read"] == sum(told[outcome] for outcome in OUTCOMES)
    assert words.lower() in told["reason"].lower()
    assert (told["reason"] != "") == (told["status"] in ("refused", "unchanged"))
    digest = hashlib.sha256(content).hexdigest()
    assert (site.ledger / "originals" / digest[:2] / digest[2:4] / digest).read_bytes() == content


def test_every_upload_has_one_event_of_its_end(site):
    uploads = [number for (number,) in site.rows("SELECT id FROM audits_upload")]
    events = dict(
        site.rows(
            "SELECT object_id, count(*) FROM audits_event WHERE object_type = 'upload' GROUP BY 1"
        )
    )
    assert len(uploads) == len(CASES)
    assert events == {str(number): 1 for number in uploads}


def test_a_rejection_names_row_column_and_reason(site):
    (line,) = site.told["dates.csv"]["rejections"]
    assert (line["row"], line["column"], line["code"]) == (4, "filled_date", "not_a_date")
    assert "YYYY-MM-DD" in line["reason"]
    (line,) = site.told["nul.csv"]["rejections"]
    assert (line["row"], line["column"], line["code"]) == (2, "sig", "control_character")
    (line,) = site.told["ragged.csv"]["rejections"]
    assert (line["row"], line["code"]) == (6, "wrong_number_of_cells")


def test_no_patient_number_leaves_the_original(site):
    assert "SECRETPATIENT" not in site.printed
    for (table,) in site.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in site.rows(f"SELECT * FROM {table}"):
            assert "SECRETPATIENT" not in repr(row), table
    for path in (site.ledger / "tables").rglob("*.parquet"):
        assert b"SECRETPATIENT" not in path.read_bytes()


def test_a_missing_file_and_a_wrong_option_are_one_line(site):
    for arguments in (
        ("ingest", "nowhere.csv"),
        ("ingest", "plain.csv", "--covers", "soon"),
        ("evaluate", "--rule", "R99"),
        ("evaluate", "--as-of", "yesterday"),
    ):
        done = site.run(*arguments)
        assert done.returncode in (1, 2)
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_control_totals_that_differ_stop_the_file(site):
    path = site.file("totals.csv", rows("totals"))
    done = site.run("ingest", path, "--expect-rows", "5", "--json")
    (told,) = json.loads(done.stdout)["uploads"]
    assert done.returncode == 1 and told["status"] == "refused"
    assert "5 rows" in told["reason"] and "4" in told["reason"]
    fine = site.ask("ingest", path, "--expect-rows", "4", "--expect-sum-quantity", "240")
    assert fine["uploads"][0]["status"] == "promoted"


def test_a_dry_run_stages_and_the_next_run_promotes(site):
    path = site.file("later.csv", rows("later"))
    (staged,) = site.ask("ingest", path, "--dry-run")["uploads"]
    (promoted,) = site.ask("ingest", path)["uploads"]
    assert (staged["status"], staged["new"]) == ("staged", 4)
    assert (promoted["status"], promoted["new"]) == ("promoted", 4)
    assert promoted["upload"] == staged["upload"]
