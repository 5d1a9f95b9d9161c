"""The pages of reference tables: read by all, put in force by a second administrator."""

import pytest
from django.test import Client
from django.urls import reverse

from audits import editions
from audits.models import User

from .flag_pages import words
from .paths import evaluate, ingest, seen
from .people import demo  # noqa: F401
from .reference_files import OXYCODONE_BY_CDC, cdc_csv, nucc_csv
from .reference_versions import NDC, activated, files, fills, loaded

pytest_plugins = ("tests.reference_versions",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ann(people):
    return browser(people["ann"])


@pytest.fixture
def ben(people):
    return browser(people["ben"])


def act(client, version, name, **fields):
    return client.post(reverse(f"reference_{name}", args=[version.pk]), fields, follow=True)


def test_every_table_is_listed_with_its_version_in_force(people, ben):
    activated(people, loaded(people))
    waiting = loaded(people, "cdc_mme", [cdc_csv()], "2018-09")
    said = words(ben.get("/reference/"))
    assert "FDA National Drug Code Directory 2026-11" in said
    assert "NUCC health care provider taxonomy none loaded" in said
    assert "Federal schedules shipped" in said
    assert f"{waiting} awaits a second person" in said


def test_a_second_administrator_sees_what_changes_and_puts_it_in_force(people, ann, ben):
    ingest(fills())
    version = loaded(people)
    address = reverse("reference_version", args=[version.pk])
    said = words(ben.get(address))
    assert "Against the shipped tables: 1 added , 0 removed , 0 changed ." in said
    assert "1 of these codes stands in 6 rows of the newest records." in said
    assert f"{NDC} added" in said and "ingredients: oxycodone" in said
    assert "You loaded it; another administrator" in words(ann.get(address))
    assert ann.post(reverse("reference_activate", args=[version.pk])).status_code == 422
    assert "In force. The rules run again" in words(
        act(ben, version, "activate", reason="Checked.")
    )
    assert act(ben, version, "activate").status_code == 422
    evaluate()
    (state,) = seen()
    flag = words(browser(people["ada"]).get(state.flag.get_absolute_url()))
    assert "FDA National Drug Code Directory : 2026-11, in force since" in flag
    assert version.digest[:12] in flag and "Federal schedules : shipped" in flag


def test_a_version_is_set_aside_with_a_reason(people, ann):
    version = loaded(people)
    refused = act(ann, version, "discard", reason="")
    assert refused.status_code == 422 and "Give a reason." in words(refused)
    assert "Set aside." in words(act(ann, version, "discard", reason="Wrong month."))
    assert "Wrong month." in words(ann.get(reverse("reference_version", args=[version.pk])))


def test_the_differences_are_narrowed_and_paged(people, ben):
    version = loaded(people)
    address = reverse("reference_version", args=[version.pk])
    assert NDC in words(ben.get(address + "?kind=added"))
    assert NDC not in words(ben.get(address + "?kind=removed"))
    assert NDC not in words(ben.get(address + "?held=1"))
    assert NDC in words(ben.get(address + "?after=999999&kind=no%00such"))


def test_a_table_has_a_page_with_its_rows_and_one_that_is_none_has_not(people, ben):
    said = words(ben.get("/reference/substances/"))
    assert "1 to 50 of 157" in said and "oxycodone" in said
    assert "151 to 157 of 157" in words(ben.get("/reference/substances/?after=150"))
    assert "151 to 157 of 157" in words(ben.get("/reference/substances/?after=99999"))
    assert "No edition is loaded" in words(ben.get("/reference/nucc/"))
    assert ben.get("/reference/prices/").status_code == 404
    activated(people, loaded(people))
    said = words(ben.get("/reference/fda_ndc/"))
    assert f"{NDC} Oxycodone" in said and "In force 1 ann" in said


def test_codes_without_a_group_are_listed(people, ben):
    lines = ("2084P0800X,a,b,c,,,,,,Psychiatry,I", "9999Z9999X,a,b,c,,,,,,Nobody,I")
    activated(people, loaded(people, "nucc", [nucc_csv(*lines)], "26.1"))
    assert "1 code that no role group has" in words(ben.get("/reference/nucc/"))
    said = words(ben.get("/reference/nucc/?group=none"))
    assert "9999Z9999X" in said and "2084P0800X" not in said


def test_codes_that_mean_nothing_are_counted_and_the_count_leads_to_them(people, ben):
    activated(people, loaded(people, of=files(SUBSTANCENAME="FLUFF")))
    assert '<a href="?left=out">1</a>' in ben.get("/reference/fda_ndc/").content.decode()
    assert f"{NDC} Oxycodone FLUFF" in words(ben.get("/reference/fda_ndc/?left=out"))


def test_codes_with_two_schedules_are_listed_with_what_is_in_force(people, ben):
    address = "/reference/disagreements/"
    assert "Both directories have to be in force" in words(ben.get(address))
    activated(people, loaded(people))
    cdc = cdc_csv(OXYCODONE_BY_CDC | {"NDC": NDC, "DEAClassCode": "6"})
    activated(people, loaded(people, "cdc_mme", [cdc], "2018-09"))
    said = words(ben.get(address + "?on=2025-01-01"))
    assert "1 in all" in said and f"{NDC} Oxycodone II not scheduled II" in said
    assert ben.get(address + "?on=nonsense").status_code == 200


def test_a_missing_file_is_said_on_the_page_and_breaks_no_page(people, ben):
    version = activated(people, loaded(people))
    waiting = loaded(people, of=files(DEASCHEDULE="CIII"), edition="2026-12")
    editions.path(version.digest).unlink()
    for address in ("/reference/fda_ndc/", reverse("reference_version", args=[waiting.pk])):
        assert "missing or altered" in words(ben.get(address))
    assert ben.get("/reference/").status_code == 200
