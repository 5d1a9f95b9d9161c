"""The pages of prescribers and patients: who sees them, what they show, and what they say else."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import Evaluation, Event, FlagState, Snapshot
from tests.dossier_fixtures import (
    DOCTOR,
    LONE_DEA,
    NURSE,
    NURSE_DEA,
    PATIENT,
    pseudonym,
)
from tests.flag_pages import ADMINISTRATOR, AUDITOR, OFFICER, signed_in, words
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.dossier_fixtures",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
NOBODY = "p_" + "0" * 32


def prescriber_page(client, key=NURSE, query=""):
    return client.get(reverse("prescriber", args=[key]) + query)


def patient_page(client, patient=PATIENT):
    return client.get(reverse("patient", args=[pseudonym(patient)]))


def rows_page(client, query="", key=NURSE):
    return client.get(f"{reverse('prescriber_rows', args=[key])}?{query}")


def shown_rows(answer) -> int:
    return answer.content.decode().count('<span class="origin">')


@pytest.mark.parametrize(("role", "status"), [(OFFICER, 200), (AUDITOR, 200), (ADMINISTRATOR, 403)])
def test_each_role_gets_its_status_code(clinic, role, status):
    client = signed_in(clinic, role)
    assert prescriber_page(client).status_code == status
    assert rows_page(client).status_code == status
    assert patient_page(client).status_code == status


def test_a_prescriber_s_page_states_every_number_with_what_it_is_a_part_of(clinic):
    text = words(prescriber_page(signed_in(clinic)))
    assert "Prescriber NPI 1111111112 Nurse practitioner" in text
    assert "8 prescriptions as written for 2 patients in 24 months; 6 of 8 controlled" in text
    assert "11 rows held, of which 8 (73 %) prescriptions as written; the rest are" in text
    assert "later fills of a prescription counted already (1)" in text
    assert "Prescriptions of 8 Part Patients of 2 Schedule II 1 13 % 1" in text
    assert "24 months: 2024-04-01 to 2026-03-20" in text
    assert "Required, not covered 2 29 %" in text
    assert "2025-02-10 FL no Covered by an agreement clinic/s-1" not in text
    assert "2025-02-10 FL yes Covered by an agreement clinic/s-1 1" in text
    assert "State licence FL RN-77 all 2024-01-01 2026-12-31" in text


def test_every_number_that_is_a_link_leads_to_that_many_rows(clinic):
    client = signed_in(clinic)
    page = prescriber_page(client).content.decode()
    address = reverse("prescriber_rows", args=[NURSE])
    links = re.findall(rf'<a href="{address}\?([^"]+)">([\d,]+)', page)
    assert len(links) > 25
    # Of patients there may be fewer than rows; one number of each query is that of the rows.
    # Those of the comparison with peers are followed in test_pages_peers.
    for query in {unescape(query) for query, _ in links if "since=" not in query}:
        numbers = {int(n) for q, n in links if unescape(q) == query}
        answer = rows_page(client, query)
        shown = int(re.search(r'role="status">(\d+) in all', answer.content.decode())[1])
        assert shown in numbers, query
        assert shown_rows(answer) == shown


def test_the_chart_and_its_table_stand_on_the_page_without_style(clinic):
    answer = prescriber_page(signed_in(clinic)).content.decode()
    assert answer.count('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Bar') == 2
    assert "style=" not in answer.split("<main")[1]
    assert re.search(
        r'<th scope="row" class="key">2025-06</th><td class="number"><a [^>]+>5</a>', answer
    )


def test_flags_on_the_prescriber_are_listed_and_lead_to_their_pages(clinic):
    answer = prescriber_page(signed_in(clinic))
    state = FlagState.objects.seen().select_related("flag").get(flag__subject_id=f"{NURSE}|FL")
    assert state.flag.get_absolute_url() in answer.content.decode()
    assert "4 controlled prescriptions for patients in FL were written without" in words(answer)
    none = words(prescriber_page(signed_in(clinic), DOCTOR))
    assert "No flag is about this prescriber." in none


def test_a_pair_s_flag_is_on_both_pages(clinic):
    state = FlagState.objects.seen().select_related("flag").get(flag__subject_id=f"{NURSE}|FL")
    flag = state.flag
    flag.subject_kind, flag.subject_id = "patient_prescriber", f"{pseudonym(PATIENT)}|{NURSE}"
    flag.save()
    client = signed_in(clinic)
    assert "Together with a patient" in words(prescriber_page(client))
    assert flag.get_absolute_url() in patient_page(client).content.decode()
    queue = client.get(f"{reverse('flags')}?prescriber={NURSE}").content.decode()
    assert flag.get_absolute_url() in queue
    assert reverse("patient", args=[pseudonym(PATIENT)]) in queue


def test_a_physician_s_page_says_why_supervision_is_not_asked(clinic):
    text = words(prescriber_page(signed_in(clinic), DOCTOR))
    assert "None of the 2 controlled prescriptions was by a profession that may need" in text
    assert "Supervised State Schedules From To Exempt because Record 1111111112 FL" in text


def test_a_dea_number_is_sent_on_to_the_npi_or_has_its_own_page(clinic):
    client = signed_in(clinic)
    sent = prescriber_page(client, NURSE_DEA)
    assert (sent.status_code, sent["Location"]) == (302, f"/prescribers/{NURSE}/")
    alone = prescriber_page(client, LONE_DEA)
    assert f"Prescriber DEA number {LONE_DEA}" in words(alone)


def test_the_rows_are_narrowed_by_the_address(clinic):
    client = signed_in(clinic)
    text = words(rows_page(client, "of=every&month=2025-06"))
    assert "6 in all" in text
    assert "later fills of a prescription counted already" in text
    missing = words(rows_page(client, "supervision=missing"))
    assert missing.count("Agreement: ended before") == 2
    assert "No row matches. Take a filter away." in words(rows_page(client, "state=WY"))


def test_a_filter_that_cannot_be_read_is_said_to_be_wrong(clinic):
    answer = rows_page(signed_in(clinic), "month=2025-13&schedule=VI")
    assert answer.status_code == 422
    assert "Write a month as 2026-03." in words(answer)
    assert not shown_rows(answer)


def test_a_forged_page_of_rows_is_the_first(clinic):
    client = signed_in(clinic)
    assert shown_rows(rows_page(client, "after=forged")) == 8


def test_rows_go_on_to_the_next_page(clinic, monkeypatch):
    monkeypatch.setattr("audits.dossiers.rows_of.__defaults__", (None, 5))
    client = signed_in(clinic)
    first = rows_page(client)
    onward = re.search(r'<a href="(\?[^"]+)">Next', first.content.decode())[1]
    second = client.get(reverse("prescriber_rows", args=[NURSE]) + unescape(onward))
    assert [shown_rows(first), shown_rows(second)] == [5, 3]
    assert "First page" in words(second)


def test_a_patient_s_page_has_the_facts_of_its_chart_in_tables(clinic):
    answer = patient_page(signed_in(clinic))
    text = words(answer)
    assert "5 fills, 1 visit and 1 dose given in 24 months." in text
    assert "2025-06-15 2025-07-14 540" in text
    assert "(set cdc2022+2018)" in text
    assert "1 opioid fill is not in it : the dose cannot be said." in text
    assert "2025-12-01 days not usable oxycodone" in text
    assert "2025-06-01 audio video home 1111111112 recorded" in text
    assert '2025-08-02 <b title="x">brew</b> 35 intravenous 1245319599 120' in text
    assert "<b title" not in answer.content.decode()
    assert answer.content.decode().count('role="img" aria-label="Timeline from 2024-04-01') == 2


def test_a_patient_number_is_neither_looked_up_nor_shown_nor_noted(clinic):
    client = signed_in(clinic)
    answer = client.get(reverse("patient", args=["MRN-12345"]))
    assert answer.status_code == 404
    assert "MRN-12345" not in answer.content.decode().split("<main")[1]
    assert not Event.objects.filter(object_id__contains="MRN").exists()


def test_who_is_not_held_is_not_found_and_the_page_says_where_it_looked(clinic):
    client = signed_in(clinic)
    for answer in (
        prescriber_page(client, "1999999992"),
        client.get(reverse("patient", args=[NOBODY])),
    ):
        assert answer.status_code == 404
        assert "as of 2026-03-20 , holds nothing under this number" in words(answer)
    assert rows_page(client, key="1999999992").status_code == 200
    assert not Event.objects.filter(action="record_viewed").exists()


def test_looking_twice_in_an_hour_is_one_event_for_each_person(clinic):
    client = signed_in(clinic)
    for _ in range(2):
        prescriber_page(client)
        rows_page(client)
        patient_page(client)
    patient_page(signed_in(clinic, AUDITOR, "eve"))
    viewed = Event.objects.filter(action="record_viewed").order_by("seq")
    assert [(e.actor_label, e.object_type, e.object_id) for e in viewed] == [
        ("ada", "prescriber", NURSE),
        ("ada", "patient", pseudonym(PATIENT)),
        ("eve", "patient", pseudonym(PATIENT)),
    ]


def test_before_an_evaluation_the_pages_say_that_nothing_is_computed(clinic):
    Evaluation.objects.update(unpublished=True)
    client = signed_in(clinic)
    for answer in (prescriber_page(client), rows_page(client), patient_page(client)):
        assert "Not computed yet" in words(answer)
        assert "this is not an all-clear" in words(answer)


def test_an_empty_ledger_says_that_no_records_are_there(db):
    assert not Snapshot.objects.exists()
    client = Client()
    client.force_login(person_of_officer())
    assert "No records yet" in words(client.get(reverse("patient", args=[NOBODY])))


def person_of_officer():
    from tests.people import person  # noqa: PLC0415

    return person("compliance officer", "first")


def test_a_ledger_that_cannot_be_read_is_said_so_and_the_flags_stay(clinic):
    for file in (clinic.folder / "ledger" / "tables" / "prescriptions").rglob("*.parquet"):
        file.unlink()
    client = signed_in(clinic)
    answer = prescriber_page(client)
    assert answer.status_code == 503
    assert "cannot be read now" in words(answer)
    assert "4 controlled prescriptions for patients in FL" in words(answer)
    assert patient_page(client).status_code == rows_page(client).status_code == 503


def test_the_flag_and_its_evidence_lead_to_the_persons(clinic):
    state = FlagState.objects.seen().select_related("flag").get(flag__subject_id=f"{NURSE}|FL")
    page = signed_in(clinic).get(state.flag.get_absolute_url()).content.decode()
    assert page.count(f'href="/prescribers/{NURSE}/"') >= 1
    dose = FlagState.objects.seen().get(flag__rule="opioid_high_dose_90d")
    patient = signed_in(clinic).get(dose.flag.get_absolute_url()).content.decode()
    assert f'href="{reverse("patient", args=[dose.flag.subject_id])}"' in patient
    assert f'href="/prescribers/{DOCTOR}/"' in patient
