"""The oracle of R01 gives the verdicts that the text of the rule gives by hand."""

import ast
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from audits.oracles import opioid_high_dose_90d as dose

DAY_1 = date(2026, 1, 1)
DAY_90 = DAY_1 + timedelta(89)
LIMITS = {
    "window_days": 90,
    "threshold_mme": 120,
    "severe_mme": 200,
    "implausible_mme": 1000,
    "longest_days_supply": 180,
    "exclusion_days": 365,
    "as_of": None,
    "diagnosis_sets": {
        "cancer": {"include": ["C50", "G89.3"], "exclude": []},
        "sickle_cell": {"include": ["D57"], "exclude": ["D57.3"]},
        "hospice_palliative": {"include": ["Z51.5"], "exclude": []},
        "overdose": {"include": ["T40.2"], "exclude": []},
        "sud": {"include": ["F11", "F17"], "exclude": ["F17"]},
    },
}


def after(days, day=DAY_1):
    return day + timedelta(days)


def fill(number=1, **changes):
    """Return a month of ``strength`` MME a day, starting on day ``number``."""
    row = {
        "key": f"rx-{number}",
        "patient_key": "p_1",
        "event_date": after(number - 1),
        "opioid": True,
        "moud": False,
        "matched": True,
        "strength": Decimal(60),
        "quantity": Decimal(30),
        "days_supply": 30,
        "factor": Decimal(1),
        "fentanyl_patch": False,
        "counts_as_supply": True,
        "diagnosis_codes": [],
        "patient_setting": "home",
        "treatment_type": None,
    }
    return row | changes


def quarter(**changes):
    return [fill(number, **changes) for number in (1, 31, 61)]


def visit(day, **changes):
    """Return a row of no dose that carries a diagnosis or setting of ``day``."""
    return fill(key="visit", event_date=day, opioid=False, **changes)


def of_dose(*rows, **limits):
    return dose.judge({"prescriptions": list(rows), "conditions": []}, LIMITS | limits)


def best(rows):
    usable = [row for row in rows if dose.is_relevant(row)]
    return max(dose.rolling_averages(usable, 90).values(), default=0)


def drug(strength, quantity, factor):
    amounts = {"strength": strength, "quantity": quantity, "factor": factor}
    return {name: Decimal(amount) for name, amount in amounts.items()}


OXYCODONE = drug(30, 180, "1.5")
PATCHES = drug(100, 10, "7.2") | {"fentanyl_patch": True}
VECTORS = {
    "A": (quarter(**OXYCODONE), 270, "fired"),
    "B": (quarter(**drug(60, 60, 1)), 120, "clear"),
    "C": ([fill(1, **drug(60, 60, 1)), fill(16, **drug(10, 120, "1.5"))], 60, "clear"),
    "D": (quarter(**PATCHES, days_supply=10), 240, "fired"),
    "E": (quarter(**drug(10, 270, "4.7")), 423, "fired"),
    "F": (quarter(**drug(50, 240, "0.2")), 80, "clear"),
    "G": (quarter(opioid=False, moud=True, strength=Decimal(8), factor=None), 0, "clear"),
}


@pytest.mark.parametrize("case", VECTORS)
def test_the_published_vectors_give_their_printed_averages(case):
    rows, average, answer = VECTORS[case]
    verdict = of_dose(*rows)
    assert (best(rows), verdict["answer"]) == (average, answer)
    assert verdict["value"] == (average if answer == "fired" else None)


def test_an_occurrence_runs_from_the_first_to_the_last_window_end_above_the_threshold():
    verdict = of_dose(*quarter(**OXYCODONE))
    [occurrence] = verdict["occurrences"]
    first, last = occurrence["first_on"], occurrence["last_on"]
    assert (first, last) == (after(40), DAY_90)  # 41 x 270 is the first sum above 120 x 90
    assert (occurrence["value"], occurrence["severity"]) == (Fraction(270), "high")
    assert verdict["arithmetic"][-1].startswith("Sum of the 90 days to 2026-03-31: 24300.000 MME")


def test_the_records_of_an_occurrence_touch_its_ninety_days():
    one_day = {"strength": Decimal(1), "quantity": Decimal(1), "days_supply": 1}
    rows = [fill(0, **one_day), *quarter(strength=Decimal("120.01")), fill(90, **one_day)]
    [occurrence] = of_dose(*rows)["occurrences"]
    assert occurrence["records"] == ["rx-1", "rx-31", "rx-61", "rx-90"]


def test_the_worst_of_several_occurrences_leads():
    later = [row | {"event_date": after(400, row["event_date"])} for row in quarter(**OXYCODONE)]
    verdict = of_dose(*quarter(strength=Decimal(130)), *later)
    assert [occurrence["value"] for occurrence in verdict["occurrences"]] == [130, 270]
    assert (verdict["severity"], verdict["value"]) == ("high", 270)


@pytest.mark.parametrize(
    ("strength", "severity"),
    [("120.00", None), ("120.01", "medium"), ("200.00", "medium"), ("200.01", "high")],
)
def test_thresholds_are_strictly_greater(strength, severity):
    verdict = of_dose(*quarter(strength=Decimal(strength)))
    assert (verdict["answer"] == "fired", verdict["severity"]) == (severity is not None, severity)


def test_fifty_three_days_of_200_average_117_8():
    rows = [fill(strength=Decimal(200), quantity=Decimal(53), days_supply=53)]
    assert round(float(best(rows)), 1) == 117.8
    assert of_dose(*rows)["answer"] == "clear"


@pytest.mark.parametrize(("last", "answer"), [(90, "fired"), (91, "clear")])
def test_the_window_is_ninety_days_with_both_ends(last, answer):
    first = fill(
        strength=Decimal(240), quantity=Decimal(45), days_supply=45
    )  # exactly 120 x 90 in all
    assert (
        of_dose(first, fill(last, strength=Decimal(1), quantity=Decimal(1), days_supply=1))[
            "answer"
        ]
        == answer
    )


def test_the_as_of_date_cuts_events_but_not_supply():
    rows = quarter(**OXYCODONE)
    assert of_dose(*rows, as_of=after(60))["value"] == 270
    assert of_dose(*rows, as_of=after(59))["value"] == 180


def test_rows_that_do_not_count_as_supply_are_ignored():
    assert of_dose(*quarter(**OXYCODONE, counts_as_supply=False))["answer"] == "clear"
    assert of_dose(fill(matched=False, counts_as_supply=False))["answer"] == "clear"


EXCLUSIONS = [
    ("cancer", {"diagnosis_codes": ["c50.911"]}),
    ("cancer", {"treatment_type": "03"}),
    ("hospice", {"diagnosis_codes": ["Z515"]}),
    ("hospice", {"patient_setting": "hospice"}),
    ("hospice", {"treatment_type": "04"}),
    ("hospice", {"treatment_type": "05"}),
]


@pytest.mark.parametrize(("name", "mark"), EXCLUSIONS)
@pytest.mark.parametrize(
    ("offset", "answer"), [(-365, "fired"), (-364, "suppressed"), (0, "suppressed"), (1, "fired")]
)
def test_an_exclusion_counts_within_365_days_of_the_window_end(name, mark, offset, answer):
    rows = quarter(strength=Decimal("120.01"))  # fires on day 90 alone
    verdict = of_dose(*rows, visit(after(offset, DAY_90), **mark))
    assert verdict["answer"] == answer
    assert verdict["reasons"] == ([name] if answer == "suppressed" else [])


@pytest.mark.parametrize(
    ("code", "offset", "answer"),
    [
        ("D57.1", -3000, "suppressed"),
        ("D57.1", 0, "suppressed"),
        ("D57.1", 1, "fired"),
        ("D57.3", -9, "fired"),
    ],
)
def test_sickle_cell_disease_counts_from_its_first_record_on(code, offset, answer):
    rows = [*quarter(strength=Decimal(130)), visit(after(83 + offset), diagnosis_codes=[code])]
    assert of_dose(*rows)["answer"] == answer


def test_a_run_is_cut_where_its_exclusion_begins_and_the_free_part_fires():
    verdict = of_dose(*quarter(**OXYCODONE), visit(after(60), diagnosis_codes=["G89.3", "Z51.5"]))
    parts = [(o["last_on"], o["value"], o["excluded_by"]) for o in verdict["occurrences"]]
    assert parts == [(after(59), 180, None), (DAY_90, 270, "cancer")]
    assert (verdict["severity"], verdict["value"]) == ("medium", 180)


@pytest.mark.parametrize(
    ("mme", "code", "offset", "severity"),
    [
        (130, "T40.2X1A", -366, "medium"),
        (130, "T40.2X1A", -365, "high"),
        (130, "F11.20", 0, "high"),
        (130, "F11.20", 1, "medium"),
        (130, "F17.210", 0, "medium"),
    ],
)
def test_overdose_and_substance_use_raise_the_severity_one_step(mme, code, offset, severity):
    rows = [*quarter(strength=Decimal(mme)), visit(after(83 + offset), diagnosis_codes=[code])]
    assert of_dose(*rows)["severity"] == severity


def test_a_severe_dose_after_an_overdose_is_critical():
    rows = [*quarter(**OXYCODONE), visit(DAY_1, diagnosis_codes=["T40.2X1A", "F11.20"])]
    assert of_dose(*rows)["severity"] == "critical"


@pytest.mark.parametrize(("code", "within"), [("f11.20", True), ("F11.1", False), ("F12", True)])
def test_the_longest_prefix_decides_whether_a_diagnosis_is_in_a_set(code, within):
    codes = {"include": ["F1", "F11.2"], "exclude": ["F11"]}
    assert dose.has(fill(diagnosis_codes=["M54.5", code]), codes) == within


UNUSABLE = [
    ("days_supply_unusable", {"days_supply": None}),
    ("days_supply_unusable", {"days_supply": 0}),
    ("days_supply_unusable", {"days_supply": 181}),
    ("days_supply_unusable", PATCHES | {"quantity": Decimal(61)}),
    ("quantity_unusable", {"quantity": None}),
    ("quantity_unusable", {"quantity": Decimal(0)}),
    ("quantity_unusable", PATCHES | {"quantity": None, "days_supply": None}),
    ("strength_unknown", {"strength": None}),
    ("factor_unknown", {"factor": None}),
    ("drug_unmatched", {"matched": False, "opioid": False, "strength": None, "factor": None}),
    ("dose_implausible", {"strength": Decimal("1000.001")}),
]


@pytest.mark.parametrize(("reason", "changes"), UNUSABLE)
def test_an_unusable_row_makes_the_patient_not_evaluable_unless_the_rest_answers(reason, changes):
    odd = fill(key="odd", **changes)
    alone, excluded = of_dose(odd), visit(DAY_1, treatment_type="03")
    assert (alone["answer"], alone["reasons"]) == ("not_evaluable", [reason])
    assert of_dose(odd, *quarter(**OXYCODONE))["answer"] == "fired"
    assert of_dose(odd, *quarter(**OXYCODONE), excluded)["answer"] == "suppressed"
    assert of_dose(odd | {"matched": True, "opioid": False})["answer"] == "clear"


@pytest.mark.parametrize(
    "changes",
    [
        {"days_supply": 180},
        {"strength": Decimal("1000.0004")},
        PATCHES | {"quantity": Decimal(60), "days_supply": 999},
        PATCHES | {"quantity": Decimal("0.3"), "strength": Decimal(1), "days_supply": None},
    ],
)
def test_a_row_on_the_edge_is_still_usable(changes):
    assert of_dose(fill(**changes))["answer"] != "not_evaluable"


def test_a_dose_is_rounded_half_up_to_a_thousandth():
    assert dose.dose_of(fill(strength=Decimal("0.0005"))) == 1
    assert dose.dose_of(fill(strength=Decimal("0.00049"))) == 0


def test_patients_with_a_relevant_row_are_the_population():
    others = [{"matched": False}, {"opioid": False}, {"moud": True}, {"counts_as_supply": False}]
    rows = [fill(**other, patient_key=f"p_{n}") for n, other in enumerate(others, 2)]
    late = fill(99, patient_key="p_9")
    assert dose.population([fill(), *rows, late], DAY_90) == {"p_1", "p_2"}


ORACLES = sorted(Path(dose.__file__).parent.glob("[!_]*.py"))


@pytest.mark.parametrize("path", ORACLES, ids=lambda path: path.stem)
def test_an_oracle_is_short_and_needs_the_standard_library_and_oracles_alone(path):
    text = path.read_text()
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
    others = {alias.name for node in nodes if node.level for alias in node.names}
    assert others <= {oracle.stem for oracle in ORACLES}
    modules = {node.module.split(".")[0] for node in nodes if not node.level}
    assert modules <= sys.stdlib_module_names
    assert len(text.splitlines()) < 200
