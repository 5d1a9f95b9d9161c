"""What made a flag one step graver: the diagnoses, each with its row."""

from datetime import date

import pytest
from django.urls import reverse

from audits import review
from tests.flag_fixtures import evaluate, fill, ingest
from tests.flag_pages import signed_in, words
from tests.people import demo  # noqa: F401

pytest_plugins = ("tests.flag_fixtures",)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo"),
]
DAY = "2025-03-22"  # 81 days of 135 MME: the first on which 90 days have more than 90 x 120
CONDITIONS = {  # by number in the source: code, first day, last day
    "on the day": ("T40.2X1A", DAY, ""),
    "till 365 days before": ("F11.20", "2020-01-01", "2024-03-22"),
    "till 366 days before": ("F11.20", "2020-01-01", "2024-03-21"),
    "long ago, not closed": ("F11.20", "2020-01-01", ""),
    "the day after": ("T40.2X1A", "2025-03-23", ""),
    "cancer": ("C50.911", DAY, ""),
    "too low a dose": ("T40.2X6A", DAY, ""),
}
SICK = {
    "source_record_id": "sick",
    "drug_name": "ibuprofen 600 mg tablet",
    "diagnosis_codes": "M54.5; F11.20;T40.2X1A",
}


@pytest.fixture
def raised(house):
    """Return the flag of the middling dose after diagnoses made it graver."""
    subject = house.middling().flag.subject_id
    columns = ("code", "recorded_on", "ended_on")
    common = {"source_system": "clinic", "patient_id": "middling"}
    rows = [
        {**common, "source_record_id": name, **dict(zip(columns, told, strict=True))}
        for name, told in CONDITIONS.items()
    ]
    ingest(house.folder, "conditions.csv", rows, "--kind", "conditions")
    ingest(house.folder, "more.csv", [fill("middling", 0, **SICK)], "--kind", "prescriptions")
    evaluate()
    return house.state(flag__subject_id=subject)


def test_the_diagnoses_are_those_in_force_in_the_year_up_to_the_day(raised):
    assert (raised.severity, review.raised_on(raised)) == ("high", date.fromisoformat(DAY))
    found = [(each.source_record_id, each.code, each.sets) for each in review.raising(raised)]
    assert found == [
        ("till 365 days before", "F11.20", ["sud"]),
        ("sick", "F11.20", ["sud"]),
        ("sick", "T40.2X1A", ["overdose"]),
        ("on the day", "T40.2X1A", ["overdose"]),
    ]


def test_the_page_says_that_it_is_graver_and_shows_the_rows(raised, house):
    client = signed_in(house)
    text = words(client.get(raised.flag.get_absolute_url()))
    assert f"was diagnosed in the 365 days up to {DAY}: one step graver" in text
    text = words(client.get(reverse("flag_recomputed", args=[raised.flag.public_id])))
    assert "Recomputed independently: agrees." in text
    assert "F11.20, substance use 2020-01-01 to 2024-03-22 clinic till 365 days before" in text
    assert f"T40.2X1A, overdose {DAY} clinic on the day upload 3 , row 2" in text


def test_a_flag_that_nothing_raised_says_nothing_of_it(house):
    state = house.severe()
    assert (review.raised_on(state), review.raising(state)) == (None, ())
    text = words(signed_in(house).get(state.flag.get_absolute_url() + "?recompute"))
    assert "one step graver:" not in text.replace("one step graver with", "")
    assert "The diagnoses that make it graver" not in text
