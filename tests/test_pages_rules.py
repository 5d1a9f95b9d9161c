"""The catalogue and a rule's page: what it said last, and its SQL."""

import io
import json
import re
from datetime import date

import duckdb
import pytest
from django.core.management import call_command

from audits import engine, examples, snapshots
from audits.catalogue import CATALOGUE
from audits.evaluation.statements import copy, statements
from audits.models import Evaluation, Event
from audits.vocabulary import Answer
from tests.counted_links import assert_numbers_agree, numbers_shown
from tests.findings import answered
from tests.flag_fixtures import DOSE, LONE_NURSE, SUPERVISION, evaluate, fill, ingest
from tests.flag_pages import ADMINISTRATOR, AUDITOR, signed_in, words
from tests.people import demo  # noqa: F401

LAST_DAY = date(2026, 6, 30)
pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.mark.parametrize("address", ["/rules/", f"/rules/{DOSE}/", f"/rules/{SUPERVISION}/"])
def test_every_number_leads_to_exactly_its_rows(house, address):
    unusable = fill("broken", 0, days_supply="")
    ingest(house.folder, "more.csv", [unusable], "--kind", "prescriptions")
    evaluate()
    assert assert_numbers_agree(signed_in(house, AUDITOR, "eve"), address)


def test_the_reasons_of_an_answer_add_up_to_it(house):
    ingest(
        house.folder,
        "more.csv",
        [fill("broken", 0, days_supply=""), fill("odd", 0, drug_name="moonshine 5 mg")],
        "--kind",
        "prescriptions",
    )
    evaluate()
    numbers = dict(numbers_shown(signed_in(house).get(f"/rules/{DOSE}/").content.decode()))
    for answer in (Answer.NOT_EVALUABLE, Answer.SUPPRESSED):
        whole = f"/rules/{DOSE}/answers/?answer={answer}"
        parts = [count for address, count in numbers.items() if address.startswith(f"{whole}&")]
        assert sum(parts) == numbers[whole] > 0
    assert numbers[f"/rules/{DOSE}/answers/?answer=not_evaluable&reason=drug_unmatched"] == 1


def test_an_administrator_sees_counts_and_no_way_to_subjects(house):
    browser = signed_in(house, ADMINISTRATOR, "adam")
    for address in ("/rules/", f"/rules/{DOSE}/"):
        text = browser.get(address).content.decode()
        assert "/answers/" not in text
        assert re.search(r'class="number">[\d,]+<', text)


def test_a_fired_answer_leads_to_its_flag(house):
    answer = signed_in(house).get(f"/rules/{SUPERVISION}/answers/?answer=fired")
    assert f"NPI {LONE_NURSE}, FL" in words(answer)
    assert house.critical().flag.get_absolute_url() in answer.content.decode()


def test_no_address_on_the_way_names_a_patient(house):
    browser = signed_in(house)
    text = browser.get(f"/rules/{DOSE}/answers/").content.decode()
    assert not [link for link in re.findall(r'href="([^"]+)"', text) if "p_" in link]
    assert "p_" in words(browser.get(f"/rules/{DOSE}/answers/"))


def test_a_page_begun_goes_on_in_the_evaluation_it_began_in(house):
    before = Evaluation.objects.order_by("-pk").first().pk
    ingest(house.folder, "more.csv", [fill("later", 0)], "--kind", "prescriptions")
    evaluate()
    browser = signed_in(house)
    pinned = words(browser.get(f"/rules/{DOSE}/answers/?evaluation={before}&after=0"))
    assert f"Evaluation {before}," in pinned
    newest = words(browser.get(f"/rules/{DOSE}/answers/"))
    assert f"Evaluation {before}," not in newest


def test_answers_that_are_gone_are_said_to_be_gone(house):
    last = Evaluation.objects.order_by("-pk").first()
    (snapshots.evidence_folder(last.pk, DOSE) / "answers.parquet").unlink()
    browser = signed_in(house)
    for address in (f"/rules/{DOSE}/", f"/rules/{DOSE}/answers/"):
        assert "not in the ledger any more" in words(browser.get(address))
    assert browser.get("/guide/limits/").status_code == 200


def test_the_list_tells_sources_severities_and_what_was_said(house):
    browser = signed_in(house)
    said = words(browser.get("/rules/"))
    for rule in CATALOGUE.values():
        assert rule.title in said and rule.severity.split(";")[0] in said
        assert f"Severity: {rule.severity}." in words(browser.get(f"/rules/{rule.name}/"))
        assert all(citation.key in said for citation in rule.citations)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_sql_gives_the_answers_that_the_product_keeps(house, tmp_path, name):
    rule, file, told = CATALOGUE[name], tmp_path / "tables.duckdb", io.StringIO()
    call_command("export", "tables", rule=rule.number, output=file, json=True, stdout=told)
    assert json.loads(told.getvalue())["rows"] > 0
    download = signed_in(house, AUDITOR, "eve").get(f"/rules/{name}/rule.sql")
    assert download.headers["Content-Disposition"] == f'attachment; filename="{name}.sql"'
    with duckdb.connect(file) as connection:
        found = connection.sql(download.content.decode()).fetchall()
    last = Evaluation.objects.order_by("-pk").first()
    kept = snapshots.evidence_folder(last.pk, name) / "answers.parquet"
    columns = "subject_id, answer, reason, severity, value"
    asked = f"SELECT {columns} FROM read_parquet('{kept}') ORDER BY subject_id"
    assert found == duckdb.sql(asked).fetchall()


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_sql_gives_the_answers_of_the_worked_examples(tmp_path, name):
    rule, file = CATALOGUE[name], tmp_path / "tables.duckdb"
    made = statements(name, LAST_DAY)
    limits = engine.Limits(memory="1GB", threads=1, scratch=tmp_path)
    with examples.put(limits, examples.read(rule).records, LAST_DAY) as (backend, records):
        copy(backend, made.tables, file)
        wanted = answered(backend, rule, records)
    with duckdb.connect(file) as connection:
        found = connection.sql(made.text).fetchall()
    assert {s: (a, severity, r, v) for s, a, r, severity, v in found} == wanted != {}


def test_the_tables_are_given_with_an_event_and_to_their_owner_alone(house, tmp_path):
    file = tmp_path / "tables.duckdb"
    call_command("export", "tables", rule="R01", output=file, stdout=io.StringIO())
    event = Event.objects.filter(action="export_made").order_by("-seq").first()
    assert json.loads(event.after)["what"] == "tables"
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_sql_is_shown_on_the_page_when_asked_for(house):
    browser = signed_in(house)
    assert "CREATE OR REPLACE" not in words(browser.get(f"/rules/{DOSE}/"))
    shown = words(browser.get(f"/rules/{DOSE}/?sql"))
    assert "CREATE OR REPLACE TEMPORARY TABLE" in shown
    assert "manage.py export tables --rule R01" in shown
