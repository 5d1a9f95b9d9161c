"""Loading a published table by the page: sent, checked by a job, compared, put in force."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audits import editions, jobs
from audits.models import Event, Job, ReferenceLoad, ReferenceVersion
from audits.models.reference_version import in_force
from audits.reference.published import File

from .flag_pages import words
from .people import browser_of, demo  # noqa: F401
from .reference_files import (
    CDC_FILE,
    FDA_FILES,
    OXYCODONE,
    cdc_csv,
    nucc_csv,
    package_txt,
    product_txt,
    shared,
)
from .reference_versions import activated, files, loaded

pytest_plugins = ("tests.reference_versions",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
PRODUCT = product_txt().content
PSYCHIATRY = "2084P0800X,Physicians,Psychiatry,,,,,,,Psychiatry Physician,Individual"


@pytest.fixture
def ann(people):
    client = Client()
    client.force_login(people["ann"])
    return client


@pytest.fixture
def ben(people):
    client = Client()
    client.force_login(people["ben"])
    return client


def send(browser, *sent: File, table="fda_ndc", edition="2026-11", **fields):
    chosen = [SimpleUploadedFile(file.name, file.content) for file in sent]
    data = {"file": chosen, "edition": edition, **fields}
    return browser.post(f"/reference/{table}/load/", data)


def refused(browser, *sent: File, **fields) -> str:
    """Send files, let the job check them and return what the page says then."""
    answer = send(browser, *sent, **fields)
    assert answer.status_code == 302
    jobs.run_in_foreground(Job.objects.latest("pk"))
    page = browser.get(answer.url)
    assert page.status_code == 200
    assert "Refused; nothing changed." in words(page)
    assert not ReferenceVersion.objects.exists()
    return words(page)


def test_files_are_sent_checked_compared_and_put_in_force_by_another(people, ann, ben):
    answer = send(ann, *files(), status="Compared by ann with FDA's page.")
    waits = ann.get(answer.url)
    assert 'hx-trigger="every 1s"' in waits.content.decode() and "It waits for a" in words(waits)
    jobs.run_in_foreground(Job.objects.get())
    poll = {"HX-Request": "true", "HX-Target": "progress"}
    assert ann.get(answer.url, headers=poll).headers["HX-Refresh"] == "true"
    version = ReferenceVersion.objects.get()
    compared = ann.get(answer.url, follow=True)
    assert compared.redirect_chain == [(f"/reference/versions/{version.pk}/", 302)]
    assert "Against the shipped tables: 1 added" in words(compared)
    assert "You loaded it; another administrator" in words(compared)
    assert (version.status, version.edition) == ("Compared by ann with FDA's page.", "2026-11")
    assert ben.post(f"/reference/versions/{version.pk}/activate/").status_code == 302
    assert in_force()["fda_ndc"].pk == version.pk


def test_the_events_are_those_of_the_command_with_receipt_before(people, ann):
    send(ann, *files())
    jobs.run_in_foreground(Job.objects.get())
    by_page = ReferenceVersion.objects.get()
    acts = list(Event.objects.filter(object_type__startswith="reference").order_by("seq"))
    assert [(each.action, each.actor_label, each.role) for each in acts] == [
        ("reference_received", "ann", "administrator"),
        ("reference_loaded", "ann", "administrator"),
    ]
    told = json.loads(acts[1].after)
    activated(people, by_page)
    by_command = loaded(people, of=files(DEASCHEDULE="CIII"), edition="2026-12")
    other = json.loads(Event.objects.filter(object_id=str(by_command.pk)).latest("seq").after)
    assert told.keys() == other.keys()
    assert [editions.path(each).read_bytes() for each in told["files"]] == [
        file.content for file in files()
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "product.txt It is empty. Download it again"),
        (b" \r\n", "product.txt It is empty. Download it again"),
        (b"PK\x03\x04 xl/ and so on", "It is an Excel workbook (.xlsx), not a text table. Save"),
        (b"%PDF-1.7 and so on", "It is a PDF document, not a text table. Give the text"),
        (b"<!DOCTYPE html><html></html>", "a web page was saved in place of the file"),
        ("PRODUCTNDC\tx\n".encode("utf-16"), "It is UTF-16 text. Save it as CSV UTF-8"),
        (
            PRODUCT.replace(b"TABLET", b"TAB\0LET"),
            "line 2, column DOSAGEFORMNAME It holds a NUL byte",
        ),
        (
            PRODUCT.replace(b"TABLET", b"TAB\tLET"),
            "line 2 The row has 21 cells, the first line 20.",
        ),
        (b"a,b\n1,2\n", "It is not FDA's list of products: it has no column PRODUCTNDC"),
        (
            PRODUCT.replace(b"CII", b"C2"),
            "line 2, column DEASCHEDULE 'C2' is no schedule. FDA writes CI",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_what_to_do(ann, content, says):
    said = refused(ann, File("product.txt", content), package_txt())
    assert "product.txt" in said and says in said
    assert ReferenceLoad.objects.get().state == "refused"
    assert Event.objects.latest("seq").action == "reference_refused"
    assert "FDA National Drug Code Directory none loaded" in words(ann.get("/reference/"))


def test_a_file_in_windows_1252_is_read_as_it_is_published(ann):
    named = product_txt(OXYCODONE | {"PROPRIETARYNAME": "Oxycodoné"})
    assert b"\xe9" in named.content
    send(ann, named, package_txt())
    jobs.run_in_foreground(Job.objects.get())
    version = ReferenceVersion.objects.get()
    assert editions.rows("fda_ndc", version.digest)[0]["name"] == "Oxycodoné"


def test_every_fault_of_a_file_is_listed_and_beyond_twenty_counted(ann):
    said = refused(ann, product_txt(), package_txt(*[f"x{n}" for n in range(30)]))
    assert "30 faults, of which the first 20 are shown" in said
    assert "package.txt, line 2, column NDCPACKAGECODE 'x0' is no NDC." in said and "'x19'" in said
    assert "'x20'" not in said


def test_one_of_fda_s_two_files_alone_is_refused_before_anything_is_kept(ann):
    answer = send(ann, product_txt())
    assert answer.status_code == 422
    assert "You chose 1 file. Choose product.txt and package.txt." in words(answer)
    assert not ReferenceLoad.objects.exists() and not Job.objects.exists()
    assert "not one list of products and one of packages" in refused(
        ann, product_txt(), product_txt()
    )


@pytest.mark.parametrize(
    ("table", "sent", "says"),
    [
        ("cdc_mme", nucc_csv(PSYCHIATRY), "It is not CDC's MME file"),
        ("nucc", cdc_csv(), "It is not NUCC's taxonomy"),
    ],
)
def test_a_file_of_another_table_is_refused(ann, table, sent, says):
    assert says in refused(ann, sent, table=table)


def test_files_beyond_the_limit_are_cut_off_and_other_limits_do_not_count(ann, settings):
    settings.REFERENCE_LIMIT, settings.UPLOAD_LIMIT = 100_000, 10
    answer = send(ann, File("nucc.csv", b"x" * 200_000), table="nucc")
    assert answer.status_code == 413 and "The files are too large" in words(answer)
    assert not ReferenceLoad.objects.exists()
    assert send(ann, nucc_csv(PSYCHIATRY), table="nucc").status_code == 302


@pytest.mark.parametrize("role", ["compliance officer", "auditor"])
def test_nobody_else_s_files_are_taken(role):
    assert send(browser_of(role), nucc_csv(PSYCHIATRY), table="nucc").status_code == 403
    assert not ReferenceLoad.objects.exists()


def test_no_other_page_takes_a_file(ann, people):
    version = loaded(people)
    chosen = {"file": SimpleUploadedFile("x.csv", b"x"), "reason": "Wrong month."}
    ann.post(f"/reference/versions/{version.pk}/discard/", chosen)
    version.refresh_from_db()
    assert version.state == "proposed"


@pytest.mark.parametrize("edition", ["", "shipped"])
def test_an_edition_has_to_be_named(ann, edition):
    answer = send(ann, *files(), edition=edition)
    assert answer.status_code == 422 and "Say which edition it is" in words(answer)


def test_while_a_version_waits_the_form_says_so_and_takes_nothing(people, ann):
    send(ann, *files())
    loaded(people, edition="2026-12")
    page = ann.get("/reference/fda_ndc/load/")
    assert "waits for a second person. Another can" in words(page)
    assert b'type="file"' not in page.content
    assert send(ann, *files()).status_code == 422
    jobs.run_in_foreground(Job.objects.latest("pk"))
    assert "waits for a second person already" in words(ann.get("/reference/loads/1/"))


def test_what_is_in_force_already_is_refused(people, ann):
    activated(people, loaded(people))
    answer = send(ann, *files())
    jobs.run_in_foreground(Job.objects.latest("pk"))
    assert "that of the version in force, 2026-11" in words(ann.get(answer.url))


def test_a_job_done_twice_makes_one_version_and_a_cancelled_one_is_started_again(ann):
    address = send(ann, *files()).url
    job = Job.objects.get()
    assert ann.post(f"/jobs/{job.public_id}/cancel/").url == address
    assert "The check was cancelled. Nothing changed." in words(ann.get(address))
    ann.post(f"/jobs/{job.public_id}/retry/")
    jobs.run_in_foreground(job)
    Job.objects.update(state="queued", finished_at=None)
    assert jobs.run_in_foreground(job).state == "succeeded"
    assert ReferenceVersion.objects.count() == 1


def test_a_kept_file_that_was_altered_is_not_read(ann):
    address = send(ann, *files()).url
    path = editions.path(ReferenceLoad.objects.get().files[0]["sha256"])
    path.chmod(0o600)
    path.write_bytes(b"other")
    jobs.run_in_foreground(Job.objects.get())
    assert "The kept file is missing or altered. Send it again." in words(ann.get(address))


def test_a_table_that_nobody_publishes_has_no_form(ann):
    assert ann.get("/reference/brands/load/").status_code == 404


@pytest.mark.shared_data
def test_the_shared_files_go_from_the_page_into_force(people, ann, ben):
    for table, names in (("fda_ndc", FDA_FILES), ("cdc_mme", (CDC_FILE,))):
        answer = send(ann, *shared(*names), table=table, edition="shared")
        jobs.run_in_foreground(Job.objects.latest("pk"))
        page = ben.get(answer.url, follow=True)
        assert "What it changes" in words(page)
        version = page.context["version"]
        assert ben.post(f"/reference/versions/{version.pk}/activate/").status_code == 302
    assert {name: each.rows for name, each in in_force().items()} == {
        "fda_ndc": 12333,
        "cdc_mme": 30264,
    }
