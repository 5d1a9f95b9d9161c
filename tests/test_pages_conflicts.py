"""Conflicts in the browser: the count, the list beside what is held, the buttons, who may."""

import re
import shutil

import pytest

from audits import jobs
from audits.models import Event, Flag, Job, SettledConflict, Settlement, Upload
from audits.views import conflicts as pages

from .paths import in_force, ingest, row, settle, stage, withdraw
from .people import browser_of, demo  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
WHY = {"reason": "The clinic was asked."}


@pytest.fixture
def arrived() -> Upload:
    """An upload whose rows 2, 3 and 4 are conflicts and row 5 is new."""
    ingest([row(n) for n in range(1, 4)])
    changed = [row(1, quantity="90"), row(2, patient_id="B", days_supply=""), row(3, quantity="60")]
    return ingest([*changed, row(9)])


def text_of(answer) -> str:
    """Return what a page says, its spaces folded."""
    return " ".join(answer.content.decode().split())


def words_of(answer) -> str:
    """Return what a page says without its tags."""
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def address(upload: Upload) -> str:
    return f"/uploads/{upload.pk}/conflicts/"


def tokens(answer) -> list[str]:
    """Give what the page sends of each row that is shown."""
    return re.findall(r'name="row" value="([^"]+)"', answer.content.decode())


def work() -> None:
    """Do what waits, as a worker would, but for the rules."""
    for job in Job.objects.filter(kind="settle", state="queued"):
        assert jobs.run_in_foreground(job).state == "succeeded"


def test_the_upload_s_page_counts_the_rows_that_the_list_shows(arrived):
    browser = browser_of("administrator")
    page = browser.get(f"/uploads/{arrived.pk}/")
    assert f'<a href="{address(arrived)}">3 conflicts wait for a choice</a>' in text_of(page)
    assert len(browser.get(address(arrived)).context["table"].rows) == 3
    settle(arrived, "keep", "1")
    ingest([row(2, record_status="void")])
    page = words_of(browser.get(f"/uploads/{arrived.pk}/"))
    assert "1 conflict waits for a choice ; 1 settled ; 1 needs none" in page
    shown = browser.get(address(arrived)).context["table"].rows
    assert [each.record["row"] for each in shown] == [4]


def test_only_the_columns_that_differ_are_shown_and_a_patient_by_his_pseudonym(arrived):
    page = browser_of("administrator").get(address(arrived))
    differing = [each.record["differences"] for each in page.context["table"].rows]
    assert differing[0] == [{"title": "Quantity", "held": "180", "said": "90"}]
    patient, days = differing[1]
    assert (patient["title"], days) == (
        "Patient",
        {"title": "Days supply", "held": "30", "said": "not given"},
    )
    assert all(re.fullmatch("p_[0-9a-f]{8}", patient[side]) for side in ("held", "said"))
    assert "oxycodone" not in text_of(page)


def test_one_record_is_settled_by_its_button_without_script(arrived):
    browser = browser_of("administrator", "ann")
    first = tokens(browser.get(address(arrived)))[0]
    answer = browser.post(address(arrived) + "settle/", {"replace": first, "after": "0", **WHY})
    assert answer.url == address(arrived) + "?after=0"
    waiting = browser.get(address(arrived))
    assert "It waits for a worker" in text_of(waiting) and not tokens(waiting)
    work()
    assert in_force()["1"] == (arrived.pk, 2)
    assert [t.split("-")[0] for t in tokens(browser.get(address(arrived)))] == ["3", "4"]
    assert Event.objects.get(action="conflict_settled").actor_label == "ann"
    assert Job.objects.filter(kind="evaluate").count() == 1 and not Flag.objects.exists()


@pytest.mark.parametrize(("choice", "upload"), [("keep", 1), ("replace", 2)])
def test_all_shown_are_settled_together_and_the_others_wait(arrived, monkeypatch, choice, upload):
    monkeypatch.setattr(pages, "PAGE", 2)
    browser = browser_of("administrator")
    shown = browser.get(address(arrived))
    given = {choice: "shown", "row": tokens(shown), **WHY}
    browser.post(address(arrived) + "settle/", given)
    work()
    assert [in_force()[n][0] for n in "123"] == [upload, upload, 1]
    assert SettledConflict.objects.count() == 2
    assert len(browser.get(address(arrived)).context["table"].rows) == 1


def test_the_list_is_turned_page_by_page_and_shows_every_row_once(arrived, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    browser = browser_of("administrator")
    first = browser.get(address(arrived))
    assert f'{address(arrived)}?after=3">Next' in text_of(first)
    second = browser.get(address(arrived) + "?after=3")
    assert [*tokens(first), *tokens(second)] == tokens_of_all(arrived)
    assert "Next" not in text_of(second) and ">First</a>" in text_of(second)


def tokens_of_all(upload: Upload) -> list[str]:
    return ["-".join(map(str, each.seen)) for each in pages.conflicts.waiting(upload, limit=99)]


def test_who_when_what_and_why_is_listed_for_what_was_settled(arrived):
    browser = browser_of("administrator", "ann")
    first, second, _ = tokens(browser.get(address(arrived)))
    for button in ({"keep": first}, {"replace": second}):
        browser.post(address(arrived) + "settle/", {**button, **WHY})
        work()
    page = browser.get(address(arrived) + "settled/")
    kept, replaced = [list(each.cells) for each in page.context["table"].rows]
    assert kept[:2] == ["2", "clinic 1"] and replaced[:2] == ["3", "clinic 2"]
    assert [WHY["reason"], "ann"] == kept[3:5]
    assert (kept[-1], replaced[-1]) == ("not changed", 3)
    assert "Kept what was held" in words_of(page) and "Took what the file says" in words_of(page)
    assert "<time" in text_of(page)


@pytest.mark.parametrize(
    "given",
    [
        {"keep": "shown", "reason": ""},
        {"keep": "shown"},
        {"reason": "why"},
        {"keep": "2-", "replace": "2-", "reason": "why"},
        {"keep": "2", "reason": "why"},
        {"keep": "shown", "row": [], "reason": "why"},
        {"keep": "shown", "row": [f"{n}-" for n in range(101)], "reason": "why"},
    ],
)
def test_a_form_with_a_fault_is_shown_again_and_nothing_is_done(arrived, given):
    answer = browser_of("administrator").post(
        address(arrived) + "settle/", {"row": ["2-"], **given}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors and len(tokens(answer)) == 3
    assert not Settlement.objects.exists()


def test_what_changed_since_it_was_looked_at_is_said_and_nothing_is_done(arrived):
    browser = browser_of("administrator")
    seen = tokens(browser.get(address(arrived)))
    ingest([row(1, quantity="30", record_status="revise")])
    given = {"replace": "shown", "row": seen, **WHY}
    answer = browser.post(address(arrived) + "settle/", given, follow=True)
    assert "What is held has changed for 1 of the records" in text_of(answer)
    assert not Settlement.objects.exists()


@pytest.mark.parametrize("role", ["compliance officer", "auditor"])
def test_others_see_the_count_but_neither_the_values_nor_a_way_to_them(arrived, role):
    browser = browser_of(role)
    page = text_of(browser.get(f"/uploads/{arrived.pk}/"))
    assert "3 conflicts wait for a choice" in page and "/conflicts/" not in page
    for path in ("", "settled/"):
        assert browser.get(address(arrived) + path).status_code == 403
    answer = browser.post(address(arrived) + "settle/", {"keep": "2-", **WHY})
    assert answer.status_code == 403 and not Settlement.objects.exists()


def test_before_promotion_and_after_withdrawal_there_is_nothing_to_choose(arrived):
    browser = browser_of("administrator")
    staged = stage([row(1, quantity="45")])
    page = browser.get(address(staged))
    assert "Promote the upload first" in text_of(page) and not tokens(page)
    withdraw(arrived)
    page = browser.get(address(arrived))
    assert "nothing of it waits for a choice" in text_of(page) and not tokens(page)
    assert "conflicts wait" not in text_of(browser.get(f"/uploads/{arrived.pk}/"))


def test_a_lost_list_is_said_on_both_pages(arrived, settings):
    folder = settings.LEDGER / "uploads" / str(arrived.pk)
    shutil.rmtree(folder / "accepted.parquet")
    browser = browser_of("administrator")
    assert "accepted.parquet of upload 2 is missing" in text_of(browser.get(address(arrived)))
    (folder / "outcomes.parquet").unlink()
    for path in (address(arrived), f"/uploads/{arrived.pk}/"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "outcomes.parquet of upload 2 is missing" in text_of(page)
