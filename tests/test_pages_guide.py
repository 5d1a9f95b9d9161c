"""The guide: its invented flag is what the rule says, its limits are those of what is held."""

import re
from datetime import date

import pytest

from audits.catalogue import CATALOGUE
from audits.models import Holding, Upload
from audits.views.guide import gap
from audits.views.holdings import Coverage
from tests.counted_links import assert_numbers_agree
from tests.flag_fixtures import DOSE, evaluate, fill, ingest
from tests.flag_pages import ADMINISTRATOR, AUDITOR, OFFICER, signed_in, words
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def covering(*gaps):
    return gap(Coverage(kind="x", title="X", begins=None, ends=None, gaps=gaps))


def test_the_example_says_what_the_rule_says_of_such_records(house):
    browser, severe = signed_in(house), house.severe()
    guide = words(browser.get("/guide/flags/"))
    flag = words(browser.get(severe.flag.get_absolute_url() + "?recompute"))
    sentence = re.search(r"Opioids supplied to this patient averaged [^;]+; [^.]+\.", flag)[0]
    assert sentence in guide
    assert "150 beyond" in flag and "150 beyond" in guide
    cleared = re.search(r"at (\d+) % of their quantity or less; no single one clears it", flag)
    assert cleared[0] in guide
    assert CATALOGUE[DOSE].citations[0].title in guide


def test_the_guide_is_reached_from_every_page_and_from_flags(house):
    browser = signed_in(house)
    assert browser.get("/guide/").headers["Location"] == "/guide/flags/"
    for address in ("/", "/flags/", house.severe().flag.get_absolute_url()):
        assert 'href="/guide/"' in browser.get(address).content.decode()
    page = browser.get(house.severe().flag.get_absolute_url()).content.decode()
    assert 'href="/guide/flags/"' in page and 'href="/guide/limits/"' in page


def test_months_with_a_day_not_covered_are_named():
    days = (date(2025, 1, 30), date(2025, 2, 2)), (date(2025, 12, 31), date(2026, 1, 1))
    assert covering(*days).months == ("2025-01 to 2025-02", "2025-12 to 2026-01")
    assert covering(*days).days == 6
    assert covering((date(2024, 2, 29), date(2024, 2, 29))).months == ("2024-02",)
    assert covering().months == ()


def test_a_holding_that_ends_early_shows_as_months_without(house):
    said = words(signed_in(house).get("/guide/limits/"))
    assert re.search(r"Licences and registrations nothing held 2025-01 to 2025-05 121 ", said)
    assert "Supervision agreements 2024-01-01 2026-12-31 none 0 " in said
    Holding.objects.filter(kind="supervision").update(covers_to=date(2025, 1, 31))
    said = words(signed_in(house).get("/guide/limits/"))
    assert "Supervision agreements 2024-01-01 2025-01-31 2025-02 to 2025-05 90 " in said


def test_rules_that_lean_on_absence_are_listed_with_what_they_look_in(house):
    said = words(signed_in(house).get("/guide/limits/"))
    part = said[said.index("Rules that lean") : said.index("Lower bounds")]
    for rule in CATALOGUE.values():
        assert (rule.title in part) == bool(rule.absence_in)
    assert "held from 2024-01-01 to 2026-12-31" in part


def test_every_rule_s_caveat_and_unchecked_parts_are_there(house):
    said = words(signed_in(house).get("/guide/limits/"))
    for rule in CATALOGUE.values():
        assert " ".join(rule.caveat.split()) in said
        assert all(leg[1:] in said for leg in rule.not_checked)


def test_drugs_not_recognised_are_counted_by_upload_and_in_all(house):
    odd = [fill("odd", n, drug_name="moonshine 5 mg tablet") for n in range(3)]
    ingest(house.folder, "odd.csv", odd, "--kind", "prescriptions")
    ingest(
        house.folder, "odder.csv", [fill("odder", 0, drug_name="x 1")], "--kind", "prescriptions"
    )
    total = sum(Upload.objects.values_list("unmatched_drugs", flat=True))
    answer = signed_in(house).get("/guide/limits/")
    assert total >= 4 and f"{total} rows in " in words(answer)
    for upload in Upload.objects.filter(unmatched_drugs__gt=0):
        assert upload.get_absolute_url() in answer.content.decode()
        assert f"{upload.pk} {upload.file_name} {upload.unmatched_drugs} {upload.read}" in words(
            answer
        )


@pytest.mark.parametrize("role", [OFFICER, AUDITOR])
def test_what_was_not_evaluable_is_counted_by_reason_and_leads_to_its_rows(house, role):
    ingest(house.folder, "b.csv", [fill("b", 0, days_supply="")], "--kind", "prescriptions")
    evaluate()
    numbers = dict(assert_numbers_agree(signed_in(house, role, "eve"), "/guide/limits/"))
    wanted = f"/rules/{DOSE}/answers/?answer=not_evaluable&reason=days_supply_unusable"
    assert numbers[wanted] == 1


def test_an_administrator_sees_the_counts_without_ways_to_subjects(house):
    text = signed_in(house, ADMINISTRATOR, "adam").get("/guide/limits/").content.decode()
    assert "/answers/" not in text and "/records/" not in text
