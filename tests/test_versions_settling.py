"""Loading, comparing and putting in force: two people, one transaction, an event each."""

import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from audits import editions, jobs, trail, versions
from audits.models import Event, ReferenceSet, ReferenceVersion
from audits.models.reference_version import in_force

from .paths import ingest, row
from .reference_files import (
    CDC_FILE,
    FDA_FILES,
    OXYCODONE_BY_CDC,
    SHARED,
    cdc_csv,
    nucc_csv,
    package_txt,
    product_txt,
)
from .reference_versions import activated, files, fills, loaded

pytest_plugins = ("tests.reference_versions",)
pytestmark = pytest.mark.django_db


def told(capsys, *words) -> dict:
    call_command("reference", *map(str, words), "--json")
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def refusal(capsys, *words) -> str:
    with pytest.raises(SystemExit) as ended:
        call_command("reference", *map(str, words))
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_a_version_is_of_two_people_and_the_former_is_kept(people):
    first = loaded(people)
    with pytest.raises(jobs.Refused, match="another person has to put it in force"):
        activated(people, first, "ann")
    activated(people, first)
    second = activated(people, loaded(people, of=files(DEASCHEDULE="CIII"), edition="2026-12"))
    first.refresh_from_db()
    assert (first.state, first.superseded_at is not None) == ("superseded", True)
    assert in_force() == {"fda_ndc": second}
    with pytest.raises(jobs.Refused, match="ben has decided on this version already"):
        activated(people, second)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferenceVersion.objects.filter(pk=first.pk).update(state="active")


def test_every_act_has_its_event_with_the_digests_of_its_files(people):
    activated(people, loaded(people))
    other = loaded(people, of=files(DEASCHEDULE="CIII"), edition="2026-12")
    ann = people["ann"]
    versions.discard(other, by=ann, actor=trail.Actor.of_user(ann), reason="Wrong month.")
    acts = Event.objects.filter(object_type="reference_version").order_by("seq")
    assert [(each.action, each.actor_label) for each in acts] == [
        ("reference_loaded", "ann"),
        ("reference_activated", "ben"),
        ("reference_loaded", "ann"),
        ("reference_discarded", "ann"),
    ]
    kept = json.loads(acts[0].after)["files"]
    assert [editions.path(each).read_bytes() for each in kept] == [f.content for f in files()]
    call_command("verify_trail", "--json")


def test_what_changes_nothing_waits_or_is_no_table_is_refused_and_leaves_nothing(people):
    first = loaded(people)
    with pytest.raises(jobs.Refused, match="waits for a second person already"):
        loaded(people, edition="2026-12")
    activated(people, first)
    with pytest.raises(jobs.Refused, match="that of the version in force, 2026-11"):
        loaded(people, edition="2026-12")
    for edition in ("", "shipped"):
        with pytest.raises(jobs.Refused, match="Say which edition"):
            loaded(people, of=files(DEASCHEDULE="CIII"), edition=edition)
    with pytest.raises(jobs.Refused, match=r"package.txt, line 2, column NDCPACKAGECODE"):
        loaded(people, of=[product_txt(), package_txt("x")])
    assert ReferenceVersion.objects.count() == 1


def test_a_version_whose_file_is_gone_is_not_put_in_force(people):
    version = loaded(people)
    editions.path(version.digest).unlink()
    with pytest.raises(jobs.Refused, match="missing or altered"):
        activated(people, version)
    assert in_force() == {}


def test_a_table_can_be_taken_out_of_force_again_by_two_people(people):
    ann, actor = people["ann"], trail.Actor.of_user(people["ann"])
    with pytest.raises(jobs.Refused, match="No loaded version"):
        versions.take_out("fda_ndc", by=ann, actor=actor)
    activated(people, loaded(people))
    out = versions.take_out("fda_ndc", by=ann, actor=actor)
    assert versions.compare(out).counts["removed"] == 1
    activated(people, out)
    assert in_force() == {}
    assert ReferenceSet.current().loaded == {}
    activated(people, loaded(people))


def test_the_difference_names_codes_facts_and_the_rows_that_have_them(people):
    ingest([*fills(), row("other", patient_id="P", ndc11="00406853001")])
    first = loaded(people)
    found = versions.compare(first)
    assert (found.against, found.counts["added"]) == ("the shipped tables", 1)
    assert (found.held, found.held_rows) == ({"98765043210": 6}, 6)
    activated(people, first)
    cells = {"ACTIVE_NUMERATOR_STRENGTH": "15", "DEASCHEDULE": "CIII"}
    found = versions.compare(loaded(people, of=files(**cells), edition="2026-12"))
    assert found.against == "2026-11"
    assert found.counts == {"added": 0, "removed": 0, "changed": 1, "schedule": 1, "strength": 1}
    assert found.held_rows == 6


def test_codes_of_a_taxonomy_without_a_group_of_ours_are_listed(people):
    named = nucc_csv(
        "2084P0800X,Physicians,Psychiatry & Neurology,Psychiatry,,,,,,Psychiatry Physician,I",
        "9999Z9999X,Others,Nobody,,,,,,,Nobody at all,I",
    )
    version = loaded(people, "nucc", [named], "26.1")
    assert [row["display_name"] for row in versions.without_group(version)] == ["Nobody at all"]
    assert versions.compare(version).counts["added"] == 1


def test_the_command_loads_compares_activates_and_lists(people, capsys, tmp_path):
    ingest(fills())
    paths = []
    for file in files():
        paths.append(tmp_path / file.name)
        paths[-1].write_bytes(file.content)
    load = ("load", "fda-ndc", *paths, "--edition", "2026-11")
    assert "--as USER" in refusal(capsys, *load)
    assert "ada may not" in refusal(capsys, "--as", "ada", *load)
    answer = told(capsys, "--as", "ann", *load)
    assert (answer["state"], answer["counts"]["ndcs"]) == ("proposed", 1)
    difference = told(capsys, "diff", "fda-ndc")
    assert (difference["rows_of_records"], difference["found"][0]["kind"]) == (6, "added")
    assert "another person" in refusal(capsys, "--as", "ann", "activate", "fda-ndc")
    assert told(capsys, "--as", "ben", "activate", "fda-ndc")["state"] == "active"
    listed = {each["table"]: each for each in told(capsys, "list")["tables"]}
    assert listed["fda_ndc"]["edition"] == "2026-11"
    assert listed["schedules"]["edition"] == "shipped"
    assert "Load one first" in refusal(capsys, "diff", "fda-ndc")
    assert "cannot be read" in refusal(
        capsys, "--as", "ann", "load", "nucc", tmp_path / "no.csv", "--edition", "1"
    )
    assert "Load and activate both" in refusal(capsys, "disagreements")
    other = cdc_csv(OXYCODONE_BY_CDC | {"NDC": "98765043210", "DEAClassCode": "4"})
    activated(people, loaded(people, "cdc_mme", [other], "2018-09"))
    apart = told(capsys, "disagreements", "--on", "2025-01-01")
    assert (apart["total"], apart["found"][0]["in_force"]) == (1, "II")
    call_command("reference", "list")
    assert "fda_ndc: 2026-11, 1 rows" in capsys.readouterr().out


@pytest.mark.shared_data
def test_the_shared_files_are_loaded_by_the_command_and_disagree_on_248_codes(people, capsys):
    if not SHARED.exists():
        pytest.skip("no shared data")
    for table, names in (("fda-ndc", FDA_FILES), ("cdc-mme", (CDC_FILE,))):
        paths = [SHARED / name for name in names]
        told(capsys, "--as", "ann", "load", table, *paths, "--edition", "shared")
        told(capsys, "--as", "ben", "activate", table)
    listed = {each["table"]: each["rows"] for each in told(capsys, "list")["tables"]}
    assert (listed["fda_ndc"], listed["cdc_mme"]) == (12333, 30264)
    apart = told(capsys, "disagreements", "--on", "2014-10-06")
    assert apart["total"] == 248
    assert {each["in_force"] for each in apart["found"]} == {"II"}
