"""The overview: every number leads to exactly its rows, and the sums are sums."""

import re

import pytest

from audits.dossiers import SCHEDULES
from audits.models import Event, FlagState
from audits.vocabulary import Answer
from tests.counted_links import assert_numbers_agree, numbers_shown, rows_behind
from tests.flag_fixtures import DOSE, MANY, SUPERVISION, fill, ingest
from tests.flag_pages import ADMINISTRATOR, AUDITOR, OFFICER, decide, signed_in, words
from tests.people import browser_of, demo  # noqa: F401

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.mark.parametrize("role", [OFFICER, AUDITOR])
def test_every_number_leads_to_exactly_its_rows(house, role):
    officer = signed_in(house)
    decide(officer, house.middling())
    decide(officer, house.severe(), outcome="no_concern")
    numbers = dict(assert_numbers_agree(signed_in(house, role, "eve"), "/overview/"))
    assert numbers["/flags/?status=any&outcome=education"] == 1
    assert numbers["/flags/?status=any&outcome=no_concern"] == 1, "awaits a second person"
    assert numbers["/flags/?status=suppressed"] == 1
    assert numbers["/records/prescriptions/?record_type=dispense"] == 14 + MANY
    assert numbers[f"/rules/{DOSE}/answers/?answer=suppressed"] == 1
    assert len(numbers) > 30


def test_prescriptions_are_split_by_schedule_and_role_group_and_the_parts_add_up(house):
    text = signed_in(house).get("/overview/").content.decode()
    numbers = dict(numbers_shown(text))
    held = numbers["/records/prescriptions/"]
    for column, words_shown in (("schedule", SCHEDULES), ("role_group", None)):
        before = f"/records/prescriptions/?{column}="
        parts = {a.removeprefix(before): n for a, n in numbers.items() if a.startswith(before)}
        assert sum(parts.values()) == held
        assert words_shown is None or list(parts) == list(words_shown)
    assert numbers["/records/prescriptions/?schedule=II"] > 0
    assert "Role group not known" in text


def test_a_drug_that_nobody_knows_is_counted_as_unknown_at_once(house):
    more = [fill("late", 0) | {"drug_name": "Ket/Clon/Gaba cream"}]
    ingest(house.folder, "more.csv", more, "--kind", "prescriptions")
    numbers = dict(numbers_shown(signed_in(house).get("/overview/").content.decode()))
    assert numbers["/records/prescriptions/?schedule=unknown"] == 1


def test_a_number_that_is_wrong_is_seen(house):
    browser = signed_in(house)
    changed = FlagState.objects.filter(pk=house.severe().pk)
    changed.update(severity="low", gravity=1)
    before = numbers_shown(browser.get("/overview/").content.decode())
    changed.update(severity="high", gravity=3)
    assert [n for address, n in before if rows_behind(browser, address) != n]


def test_the_columns_of_undecided_flags_add_up(house):
    text = signed_in(house).get("/overview/").content.decode()
    numbers = dict(numbers_shown(text))
    severities = ("critical", "high", "medium", "low", "info")
    for severity in severities:
        parts = [
            numbers[f"/flags/?rule={rule}&severity={severity}"] for rule in (DOSE, SUPERVISION)
        ]
        assert sum(parts) <= numbers[f"/flags/?severity={severity}"]
    assert numbers["/flags/"] == sum(numbers[f"/flags/?severity={s}"] for s in severities)
    statuses = re.findall(r"/flags/\?status=(\w+)", text)
    counted = {status: numbers[f"/flags/?status={status}"] for status in statuses}
    assert counted.pop("any") == sum(counted.values()) == FlagState.objects.seen().count()


def test_the_answers_of_a_rule_add_up_to_its_population(house):
    numbers = dict(numbers_shown(signed_in(house).get("/overview/").content.decode()))
    for rule in (DOSE, SUPERVISION):
        address = f"/rules/{rule}/answers/"
        assert numbers[address] == sum(numbers[f"{address}?answer={a}"] for a in Answer) > 0


def test_an_administrator_sees_the_same_counts_and_no_way_to_records(house):
    officer = signed_in(house).get("/overview/")
    administrator = signed_in(house, ADMINISTRATOR, "adam").get("/overview/")
    assert numbers_shown(administrator.content.decode()) == []
    figures = re.findall(r'class="number[^"]*">(?:<a [^>]*>)?([\d,]+)', officer.content.decode())
    assert re.findall(r'class="number[^"]*">([\d,]+)', administrator.content.decode()) == figures
    assert "Counts only" in words(administrator)
    assert not re.findall(r'href="/(?:flags|records)/', administrator.content.decode())


def test_new_records_are_counted_at_once_though_no_rule_was_put_to_them(house):
    browser = signed_in(house)
    address = "/records/prescriptions/"
    before = dict(numbers_shown(browser.get("/overview/").content.decode()))[address]
    ingest(house.folder, "more.csv", [fill("late", 0)], "--kind", "prescriptions")
    assert dict(assert_numbers_agree(browser, "/overview/"))[address] == before + 1


def test_reading_records_leaves_an_event_without_a_patient_in_it(house):
    browser = signed_in(house)
    assert browser.get("/records/prescriptions/").status_code == 200
    event = Event.objects.filter(action="records_searched").get()
    assert (event.object_type, event.object_id) == ("records", "prescriptions")
    assert "p_" not in str(event.after)


def test_records_are_paged_forth_and_back(house):
    browser = signed_in(house)
    first = browser.get("/records/prescriptions/").content.decode()
    onward = re.search(r'href="(\?after=[^"]+)">Next', first)[1]
    second = browser.get("/records/prescriptions/" + onward).content.decode()
    back = re.search(r'href="(\?before=[^"]+)">Previous', second)[1]
    again = browser.get("/records/prescriptions/" + back).content.decode()
    rows = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)
    assert rows.findall(again) == rows.findall(first) != rows.findall(second)
    assert "p_" not in onward + back


@pytest.mark.parametrize(
    "address",
    ["/records/people/", "/records/prescriptions/?record_type=x", "/rules/nothing/answers/"]
    + [f"/records/prescriptions/?{q}" for q in ("schedule=VI", "schedule=II&role_group=unknown")]
    + [f"/rules/{DOSE}/answers/?{q}" for q in ("answer=x", "reason=x", "evaluation=99")],
)
def test_an_address_of_nothing_is_nothing(house, address):
    assert signed_in(house).get(address).status_code == 404


def test_a_ledger_that_cannot_be_read_is_said_and_the_rest_is_shown(house):
    for file in (house.folder / "ledger" / "tables").rglob("*.parquet"):
        file.unlink()
    browser = signed_in(house)
    for address in ("/overview/", "/records/prescriptions/"):
        assert "The ledger cannot be read now." in words(browser.get(address))
    shown = dict(numbers_shown(browser.get("/overview/").content.decode()))
    assert shown["/flags/"] == 4


@pytest.mark.parametrize("role", [OFFICER, AUDITOR, ADMINISTRATOR])
def test_without_records_the_pages_lead_on(role):
    browser = browser_of(role)
    for address in ("/overview/", "/guide/limits/"):
        said = words(browser.get(address))
        assert "No records yet." in said and "upload" in said.lower()
    for address in ("/rules/", f"/rules/{DOSE}/"):
        assert "this is not an all-clear" in words(browser.get(address))
    if role != ADMINISTRATOR:
        assert "this is not an all-clear" in words(browser.get(f"/rules/{DOSE}/answers/"))
        assert "None held." in words(browser.get("/records/licences/"))
