"""Charts as SVG: fit for the content policy, readable aloud, and telling what the tables tell."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from audits import charts, dossiers
from audits.charts.timeline import lanes_of
from audits.dossiers.volumes import Month
from tests.dossier_fixtures import PATIENT, pseudonym

pytest_plugins = ("tests.dossier_fixtures",)
SVG = "{http://www.w3.org/2000/svg}"


def month(number: int, **schedules: int) -> Month:
    every = dict.fromkeys(dossiers.SCHEDULES, 0) | schedules
    return Month(
        first=date(2025, number, 1), prescriptions=sum(every.values()), patients=1, schedules=every
    )


MONTHS = [month(1, II=3, IV=2), month(2), month(3, III=1, none=4)]


def bars(svg: str) -> list[str]:
    """Return the colour of every bar."""
    marks = re.search(r'<g class="mark-rect role-mark [^>]*>(.*?)</g>', svg)
    return re.findall(r'fill="([^"]+)"', marks[1])


def test_each_month_and_series_with_a_count_is_one_bar():
    picture = charts.prescriptions_by_month(MONTHS)
    expected = ["var(--series-1)", "var(--series-2)", "var(--series-2)", "var(--series-3)"]
    assert sorted(bars(picture.wide)) == sorted(bars(picture.narrow)) == expected


def test_a_chart_says_aloud_what_it_draws():
    root = ElementTree.fromstring(charts.prescriptions_by_month(MONTHS).wide)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == (
        "Bar chart: prescriptions a month by schedule, 2025-01 to 2025-03; the most, 5, in 2025-01."
        " The table below has every figure."
    )


def assert_fit_for_a_page(svg: str) -> None:
    """Assert that nothing is in the picture that the content policy would stop or a reader miss."""
    for element in ElementTree.fromstring(svg).iter():
        assert element.tag not in {f"{SVG}script", f"{SVG}style", f"{SVG}image", f"{SVG}use"}
        assert "style" not in element.attrib
        assert "id" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]
        for name in ("fill", "stroke"):
            assert element.get(name, "none").startswith(("none", "var(--", "transparent"))


@pytest.mark.django_db
def test_both_charts_use_only_colours_of_the_stylesheet_and_no_style(clinic):
    found = dossiers.patient_of(dossiers.latest_basis(), pseudonym(PATIENT))
    for picture in (charts.prescriptions_by_month(MONTHS), charts.history_of(found)):
        assert_fit_for_a_page(picture.wide)
        assert_fit_for_a_page(picture.narrow)


@pytest.mark.django_db
def test_a_patient_s_chart_has_a_lane_for_each_drug_and_a_bar_for_each_usable_fill(clinic):
    found = dossiers.patient_of(dossiers.latest_basis(), pseudonym(PATIENT))
    done = ["visits", "doses given", "PDMP checks", "lab results"]
    assert lanes_of(found) == ["oxycodone", "alprazolam", *done]
    picture = charts.history_of(found)
    assert len(bars(picture.wide)) == 4
    dose = picture.wide.rsplit('<g class="mark-rect role-mark', 1)[1]
    assert dose.split("</g>")[0].count("<path") == 3
    label = ElementTree.fromstring(picture.wide).get("aria-label")
    assert "5 fills of 2 ingredients, 1 visits, 1 doses given, 1 PDMP checks, " in label
    assert "highest from 2025-06-15 to 2025-07-14, at 540 MME a day" in label
