"""Versions of shipped tables by the whole path: proposed, compared, in force, judged, proved."""

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audits import drugs, editions, exports, jobs, trail, versions
from audits.catalogue import CATALOGUE
from audits.forms.drugs import MeaningForm
from audits.models import ReferenceSet
from audits.reference import digest, shipped
from audits.review import clearing, questions
from audits.views import calendar_lines

from .flag_pages import words
from .paths import RULES, evaluate, ingest, row, seen, told_of
from .people import demo  # noqa: F401
from .reference_files import own_csv
from .reference_versions import activated, loaded

pytest_plugins = ("tests.reference_versions",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
R26, R28 = "supervision_missing", "prescriber_type_mismatch"
CHANGE = date(2025, 3, 1)
MONTHS = ("2025-01-01", "2025-01-31", "2025-03-02", "2025-04-01", "2025-05-01", "2025-05-31")


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


@pytest.fixture
def ada(people) -> Client:
    browser = Client()
    browser.force_login(people["ada"])
    return browser


def edited(table, where, **cells):
    """Give a shipped table with other ``cells`` in the rows that hold all of ``where``."""
    return [
        {**each, **cells} if where.items() <= each.items() else dict(each)
        for each in shipped(table)
    ]


def in_force(people, table, rows, edition="2026-12"):
    return activated(people, loaded(people, table, [own_csv(table, rows)], edition))


def verified(capsys) -> bool:
    capsys.readouterr()
    call_command("verify_flags", "--json")
    return json.loads(capsys.readouterr().out)["ok"]


def texas_is_free():
    """Give the authority of nurses with full practice in Texas from CHANGE on."""
    rows = edited("np_authority", {"state": "TX"}, valid_to="2025-02-28")
    free = next(each for each in rows if each["state"] == "TX") | {
        "valid_from": CHANGE.isoformat(),
        "valid_to": "",
        "category": "full",
        "source": "Texas Senate Bill 1, 2025",
        "status": "VERIFIED by counsel",
    }
    return [*rows, free]


def rx(number: int, day: str) -> dict:
    told = {"drug_name": "alprazolam 1 mg tablet", "patient_state": "TX", "quantity": 30}
    npi = f"123456789{number}"
    return row(number, **told, prescriber_npi=npi, written_date=day, filled_date=day)


def unsupervised() -> None:
    """Hold a nurse in Texas for the day before, the day of and the day after CHANGE."""
    ingest(rx(n, day) for n, day in enumerate(("2025-02-28", "2025-03-01", "2025-03-02")))
    other = {"source_system": "clinic", "source_record_id": "s1", "record_status": "new"}
    other |= {"supervisee_npi": "1999999999", "supervisor_npi": "1888888888", "state": "TX"}
    other |= {"valid_from": "2024-01-01"}
    ingest([other], kind="supervision", covers_from=date(2024, 1, 1))


def test_a_law_is_judged_by_from_the_day_it_begins_and_the_flag_names_the_version(
    people, ada, capsys
):
    unsupervised()
    before = evaluate(rules=[R26])
    assert [state.flag.subject_id[9] for state in seen()] == ["0", "1", "2"]
    version = in_force(people, "np_authority", texas_is_free())
    after = evaluate(rules=[R26])
    assert told_of(after) == {"withdrawn": 2, "unchanged": 1}
    (state,) = seen()
    assert state.flag.subject_id.startswith("1234567890")
    said = words(ada.get(state.flag.get_absolute_url()))
    assert "Authority of nurse practitioners by state : shipped" in said
    assert "; the last evaluation found the same by 2026-12" in said
    assert verified(capsys)
    assert before.digests[R26]["references"] != after.digests[R26]["references"]
    ingest([rx(7, "2025-02-27")])
    evaluate(rules=[R26])
    (state,) = seen("1234567897")
    said = words(ada.get(state.flag.get_absolute_url()))
    assert "Authority of nurse practitioners by state : 2026-12, in force since" in said
    assert version.digest[:12] in said and "found the same by" not in said


def test_what_was_judged_by_the_former_version_stays_proved(people, capsys):
    unsupervised()
    evaluate(rules=[R26])
    in_force(people, "np_authority", texas_is_free())
    assert len(seen()) == 3 and verified(capsys)
    evaluate(rules=[R26])
    ann = people["ann"]
    out = versions.take_out("np_authority", by=ann, actor=trail.Actor.of_user(ann))
    assert versions.compare(out).counts["removed"] == 1
    activated(people, out)
    assert verified(capsys)  # by the version, which is out of force since
    assert ReferenceSet.current().loaded == {}
    evaluate(rules=[R26])
    assert len(seen()) == 3


def test_a_factor_of_a_version_is_the_dose_of_flag_question_and_clearing(people, capsys):
    ingest(row(n, filled_date=day) for n, day in enumerate(MONTHS))
    evaluate()
    (state,) = seen()
    assert state.value / state.value_divisor == 270
    found = {"ingredient": "oxycodone"}
    in_force(people, "mme_factors", edited("mme_factors", found, default_factor="2"))
    evaluate()
    (state,) = seen()
    assert state.value / state.value_divisor == 360
    records, _ = questions.question(CATALOGUE[RULES[0]], state)
    assert {fill["factor"] for fill in records["prescriptions"]} == {2}
    said = clearing.reconsidered(state)
    assert said.agrees and said.clears
    assert verified(capsys)


def test_a_set_of_diagnoses_of_a_version_excuses_and_the_oracle_reads_the_same(people, capsys):
    ingest(row(n, filled_date=day, diagnosis_codes="M79.7") for n, day in enumerate(MONTHS))
    evaluate()
    (state,) = seen()
    _, parameters = questions.question(CATALOGUE[RULES[0]], state)
    assert "M797" not in parameters[0]["diagnosis_sets"]["cancer"]["include"]
    cancer = next(each for each in shipped("icd10_sets") if each["set_id"] == "cancer")
    more = cancer | {"icd10_prefix": "M79.7", "description": "made up for a test"}
    in_force(people, "icd10_sets", [*shipped("icd10_sets"), more])
    assert told_of(evaluate())
    (state,) = seen()
    assert state.verdict == "suppressed"
    _, parameters = questions.question(CATALOGUE[RULES[0]], state)
    assert "M797" in parameters[0]["diagnosis_sets"]["cancer"]["include"]
    assert verified(capsys)


def test_the_matrix_and_the_groups_of_a_version_decide_whose_scope_it_is(people, capsys):
    dentist = {
        "taxonomy": "1223G0001X",
        "prescriber_type": "",
        "drug_name": "ketamine 100 mg troche",
    }
    ingest(
        row(n, **dentist, patient_id=f"P{n}", written_date="2025-03-01", filled_date="2025-03-01")
        for n in range(6)
    )
    evaluate(rules=[R28])
    assert len(seen()) == 1
    cells = {"role_group": "dental", "class": "ketamine"}
    in_force(people, "scope_matrix", edited("scope_matrix", cells, verdict="ok"))
    evaluate(rules=[R28])
    assert seen() == [] and verified(capsys)
    grouped = edited("taxonomy", {"taxonomy_code": "1223G0001X"}, role_group="podiatry")
    in_force(people, "taxonomy", grouped)
    evaluate(rules=[R28])
    assert len(seen()) == 1 and verified(capsys)


def test_a_drug_is_scheduled_from_the_day_that_a_version_says(people):
    days = ("2025-02-28", "2025-03-01", "2025-03-02")
    ingest(
        row(n, drug_name="gabapentin 300 mg capsule", filled_date=day) for n, day in enumerate(days)
    )
    evaluate()
    snapshot = evaluate().snapshot
    assert exports.split_of(snapshot)["schedule"]["none"] == 3
    new = dict.fromkeys(shipped("schedules")[0], "") | {
        "ingredient": "gabapentin",
        "product": "any",
        "schedule": "V",
        "valid_from": CHANGE.isoformat(),
        "source": "a state's rule, for a test",
        "status": "UNVERIFIED",
    }
    in_force(people, "schedules", [*shipped("schedules"), new])
    evaluate()
    told = exports.split_of(snapshot)["schedule"]
    assert (told["none"], told["V"]) == (1, 2)


def test_a_drug_that_a_version_knows_is_no_longer_unmatched(people):
    ingest(row(n, drug_name="tianeptine 25 mg tablet") for n in range(2))
    (unknown,) = drugs.shown()
    assert unknown.drug_name == "tianeptine 25 mg tablet"
    assert "tianeptine" not in dict(MeaningForm().fields["ingredient"].choices)
    sedative = next(each for each in shipped("substances") if each["drug_class"] == "sedative")
    new = sedative | {"ingredient": "tianeptine", "note": "made up for a test"}
    in_force(people, "substances", [*shipped("substances"), new])
    assert drugs.shown() == []
    assert "tianeptine" in dict(MeaningForm().fields["ingredient"].choices)


def test_what_others_in_force_name_cannot_be_taken_out_and_order_is_told(people):
    sedative = next(each for each in shipped("substances") if each["drug_class"] == "sedative")
    new = sedative | {"ingredient": "tianeptine", "note": "made up for a test"}
    in_force(people, "substances", [*shipped("substances"), new])
    scheduled = next(iter(shipped("schedules"))) | {"ingredient": "tianeptine"}
    in_force(people, "schedules", [*shipped("schedules"), scheduled])
    ann = people["ann"]
    out = versions.take_out("substances", by=ann, actor=trail.Actor.of_user(ann))
    with pytest.raises(jobs.Refused, match=r"one in force is wrong\. schedules\.csv, line 115"):
        activated(people, out)
    versions.discard(out, by=ann, actor=trail.Actor.of_user(ann), reason="It is named.")
    turned = [*reversed(shipped("substances")), new]
    assert versions.compare(
        loaded(people, "substances", [own_csv("substances", turned)], "turned")
    ).reordered


def test_the_calendar_shows_the_law_in_force_and_what_changes_next(people, ada):
    rows = edited("legal_calendar", {"valid_to": "2026-12-31"}, valid_to="2027-06-30")
    lapse = next(n for n, each in enumerate(rows) if each["kind"] == "lapse")
    rows[lapse] |= {"valid_from": "2027-07-01"}
    address = reverse("calendar") + "?day=2027-01-15"
    assert "2027-07-01" not in words(ada.get(address))
    in_force(people, "legal_calendar", rows)
    said = words(ada.get(address))
    assert "2027-07-01" in said and "Version in force: Legal calendar, 2026-12" in said
    with editions.in_use():
        turns = [line.day for line in calendar_lines.changes(date(2026, 12, 30))]
    assert date(2027, 7, 1) in turns and date(2027, 1, 1) not in turns


def test_a_state_without_a_row_for_the_day_is_said_to_be_not_configured(people, ada):
    from_2030 = edited("np_authority", {"state": "TX"}, valid_from="2030-01-01")
    in_force(people, "np_authority", from_2030)
    said = words(ada.get(reverse("calendar") + "?day=2026-01-01"))
    assert "Texas not configured for this day" in said


def test_versions_of_shipped_tables_are_listed_once_compared_and_refused_by_name(
    people, ada, capsys, tmp_path
):
    def told(*said):
        call_command("reference", *map(str, said), "--json")
        return json.loads(capsys.readouterr().out)

    taken = tmp_path / "np_authority.csv"
    said = told("write", "np-authority", "--output", taken)
    assert said["sha256"] == digest("np_authority")
    with pytest.raises(jobs.Refused, match="that of the shipped table, which is in force"):
        loaded(people, "np_authority", [own_csv("np_authority")])
    taken.write_bytes(own_csv("np_authority", texas_is_free()).content)
    told("--as", "ann", "load", "np-authority", taken, "--edition", "2026-12")
    found = told("diff", "np-authority")
    assert (found["against"], found["counts"]["added"], found["counts"]["changed"]) == (
        "the shipped tables",
        1,
        1,
    )
    assert {each["code"] for each in found["found"]} == {"TX", "TX · 2025-03-01"}
    told("--as", "ben", "activate", "np-authority")
    listed = [each for each in told("list")["tables"] if each["table"] == "np_authority"]
    assert [each["edition"] for each in listed] == ["2026-12"]
    got = ada.get("/reference/np_authority/file/")
    assert got.content == editions.content("np_authority") and b"Senate Bill 1" in got.content
    assert "Texas Senate Bill 1, 2025" in words(ada.get("/reference/np_authority/?after=50"))
    assert ada.get("/reference/fda_ndc/file/").status_code == 404


def test_a_version_whose_file_is_gone_is_said_on_every_page(people, ada):
    ingest([rx(1, "2025-02-28")])
    version = in_force(people, "np_authority", texas_is_free())
    editions.path(version.digest).unlink()
    editions._version.cache_clear()
    table = "/reference/np_authority/"
    for address in ("/calendar/", table, f"{table}file/", "/drugs/unmatched/"):
        said = words(ada.get(address))
        assert f"version {version.digest[:12]}, is missing" in said, address
