"""The oracle of R04 answers as the text of the rule says: runs, excuses, gravity, the unknown."""

from decimal import Decimal

import pytest

from audits.oracles import multiple_provider_episode as oracle

from .provider_fills import (
    ALPRAZOLAM,
    MOUD,
    OXYCODONE,
    STIMULANT,
    UNKNOWN,
    born,
    condition,
    fill,
    fills,
    judged,
    names,
    on,
    told,
    visit,
)

FOUR = (1, 60, 120, 180)
EPISODE = fills(FOUR, "ABCD", "abcc", **STIMULANT)  # all_controlled alone, on day 180


def said(verdict):
    """Return the answer with its reasons."""
    return (verdict["answer"], *verdict["reasons"])


def test_an_occurrence_is_a_run_of_days_that_fire_and_its_value_is_the_highest():
    rows = fills(
        (1, 2, 3, 4, 10, 184, 185, 186, 187), "ABCDAEFGH", "abcdabcda", **STIMULANT
    )  # on 184 only days 10 and 184 are left; on 186 A, E, F, G
    verdict = judged(rows)
    assert told(verdict, "all_controlled") == [(4, 10, 4, "medium"), (186, 187, 5, "medium")]
    first, second = verdict["occurrences"]
    assert first["records"] == ["s|10A", "s|1A", "s|2B", "s|3C", "s|4D"]
    assert second["records"] == ["s|10A", "s|184E", "s|185F", "s|186G", "s|187H"]
    assert (said(verdict), verdict["severity"], verdict["value"]) == (("fired",), "medium", 5)


def test_a_day_that_fires_alone_is_a_run_of_its_own():
    [occurrence] = judged(EPISODE)["occurrences"]
    assert occurrence == {
        "definition": "all_controlled",
        "first_on": on(180),
        "last_on": on(180),
        "value": 4,
        "severity": "medium",
        "excluded_by": None,
        "records": ["s|120C", "s|180D", "s|1A", "s|60B"],
    }


def test_days_of_other_drugs_do_not_cut_a_run():
    rows = fills((1, 2, 3, 4, 6), "ABCDA", "abcda", **STIMULANT)
    for other in ({"schedule": None}, UNKNOWN):
        verdict = judged([*rows, fill(5, "F", "f", **other)])
        assert told(verdict, "all_controlled") == [(4, 6, 4, "medium")]


def test_a_run_is_cut_where_its_severity_changes():
    rows = fills((1, 2, 3, 4, 5, 6), "ABCDDD", "abccde")
    assert told(judged(rows), "ncqa_uop") == [(4, 4, 4, "low"), (5, 6, 5, "medium")]


def test_a_run_is_cut_where_its_exclusion_begins_and_the_free_part_fires():
    rows = fills((1, 2, 3, 4, 5, 6), "ABCDEF", "abcccc", **STIMULANT)
    verdict = judged([*rows, visit(6, diagnosis_codes=["C50.9"])])
    parts = [(o["last_on"], o["value"], o["excluded_by"]) for o in verdict["occurrences"]]
    assert parts == [(on(5), 5, None), (on(6), 6, "cancer")]
    assert (said(verdict), verdict["value"]) == (("fired",), 5)


EXCUSES = [
    ("cancer", {"diagnosis_codes": ["c50.911"]}),
    ("cancer", {"treatment_type": "03"}),
    ("hospice", {"diagnosis_codes": ["Z515"]}),
    ("hospice", {"patient_setting": "hospice"}),
    ("hospice", {"treatment_type": "04"}),
    ("hospice", {"treatment_type": "05"}),
]


@pytest.mark.parametrize(("name", "mark"), EXCUSES)
@pytest.mark.parametrize(("day", "answer"), [(-185, "fired"), (-184, "suppressed")])
def test_cancer_and_hospice_count_within_365_days_of_the_window_end(name, mark, day, answer):
    verdict = judged([*EPISODE, visit(day, **mark)])  # -184 is 364 days before 180
    assert said(verdict) == ((answer, name) if answer == "suppressed" else (answer,))
    assert (verdict["severity"], verdict["value"]) == ("medium", 4)
    assert said(judged([*EPISODE, visit(181, **mark)])) == ("fired",)


@pytest.mark.parametrize(
    ("code", "recorded", "ended", "answer"),
    [
        ("C50", -300, None, ("fired",)),
        ("C50", -300, -185, ("fired",)),
        ("C50", -300, -184, ("suppressed", "cancer")),
        ("C50", -300, 9999, ("suppressed", "cancer")),
        ("C50", -184, -400, ("suppressed", "cancer")),  # an end before the beginning says nothing
        ("C50", 180, None, ("suppressed", "cancer")),
        ("C50", 181, 300, ("fired",)),
        ("D57.1", -3000, None, ("suppressed", "sickle_cell")),
        ("D57.3", -3000, 300, ("fired",)),
        ("M54.5", 1, 300, ("fired",)),
    ],
)
def test_a_condition_speaks_from_its_record_to_its_end(code, recorded, ended, answer):
    assert said(judged(EPISODE, [condition(code, recorded, ended)])) == answer


def test_cancer_is_named_before_hospice_and_hospice_before_sickle_cell():
    last = condition("D57.1", 1)
    both = judged([*EPISODE, visit(9, diagnosis_codes=["Z51.5", "G89.3"])], [last])
    assert said(both) == ("suppressed", "cancer")
    assert said(judged([*EPISODE, visit(9, treatment_type="04")], [last])) == (
        "suppressed",
        "hospice",
    )


@pytest.mark.parametrize(
    ("code", "recorded", "severity"),
    [
        ("T40.2X1A", -186, "medium"),  # 366 days before day 180
        ("T40.2X1A", -185, "high"),
        ("F11.20", 180, "high"),
        ("F11.20", 181, "medium"),
        ("F17.210", 180, "medium"),
    ],
)
def test_overdose_and_substance_use_raise_the_severity_one_step(code, recorded, severity):
    assert judged(EPISODE, [condition(code, recorded)])["severity"] == severity
    assert judged([*EPISODE, visit(recorded, diagnosis_codes=[code])])["severity"] == severity


def test_critical_stays_critical():
    rows = fills((1, 2, 3, 4, 5), "ABCDE", "abcde", **STIMULANT)
    verdict = judged(rows, [condition("T40.2", 1), condition("F11", 1)])
    assert (verdict["severity"], verdict["value"]) == ("critical", 5)


def test_the_gravest_leads_then_the_earlier_definition_then_the_higher_value():
    rows = fills((1, 1, 2, 2, 3), "ABCDD", "abcde")
    verdict = judged(rows)
    assert names(verdict) == {"pqa_omp", "all_controlled", "ncqa_uop"}
    assert verdict["arithmetic"][-1].startswith("pqa_omp (4/4 in 180 days)")
    late = fills((400, 401, 402, 403, 404), "EFGHI", "efghh", **STIMULANT)
    assert judged([*rows, *late])["value"] == 4  # all_controlled has 5
    assert judged(late)["value"] == 5


def test_the_arithmetic_counts_the_records():
    assert judged(fills(FOUR, "ABCD", "abc.", schedule=None, days_supply=4))["arithmetic"] == [
        "s|1A: 2026-01-01, oxycodone, days 4, MME a day 9.375, prescriber A, pharmacy a.",
        "s|60B: 2026-03-01, oxycodone, days 4, MME a day 9.375, prescriber B, pharmacy b.",
        "s|120C: 2026-04-30, oxycodone, days 4, MME a day 9.375, prescriber C, pharmacy c.",
        "s|180D: 2026-06-29, oxycodone, days 4, MME a day 9.375, prescriber D.",
        "ncqa_uop (4/4 in 365 days) up to 2026-06-29: 4 prescribers and 3 pharmacies, "
        "4 + 4 + 4 + 4 = 16 days supply.",
    ]
    assert judged([visit(1)])["arithmetic"] == ["No row is of a drug that a tier looks at."]


def test_a_clear_patient_is_told_how_close_each_tier_came():
    assert judged(fills((1, 2), "AB", "aa", **STIMULANT))["arithmetic"] == [
        "ok_pmp (5/5 in 90 days) up to 2026-01-02: 2 prescribers and 1 pharmacies.",
        "all_controlled (4/3 in 180 days) up to 2026-01-02: 2 prescribers and 1 pharmacies.",
    ]


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([fill(1, "A", "a", **UNKNOWN)], ("clear",)),
        (fills((1, 2, 3), "ABC", "abb", **UNKNOWN), ("clear",)),
        (fills((1, 2, 3), "ABC", "abc", **UNKNOWN), ("not_evaluable", "drug_unmatched")),  # cms
        ([*EPISODE[:3], fill(180, "D", "c", **UNKNOWN)], ("not_evaluable", "drug_unmatched")),
        ([*EPISODE[:3], fill(181, "D", "c", **UNKNOWN)], ("clear",)),
        ([*EPISODE[:3], fill(180, "C", "c", **UNKNOWN)], ("clear",)),
        ([*EPISODE[:3], fill(180, None, "c", **UNKNOWN)], ("clear",)),
        ([*EPISODE[:3], visit(180, who="D", **UNKNOWN)], ("clear",)),
        ([*EPISODE, fill(180, "E", "e", **UNKNOWN)], ("fired",)),
        ([*EPISODE, visit(9, treatment_type="03"), fill(9, **UNKNOWN)], ("suppressed", "cancer")),
    ],
)
def test_an_unmatched_drug_may_be_any(rows, answer):
    assert said(judged(rows)) == answer


THREE = fills((11, 12, 13), "ABC", "abc")


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        (THREE, ("clear",)),
        ([*THREE[:2], THREE[2] | {"quantity": None}], ("not_evaluable", "quantity_unusable")),
        ([*THREE[:2], THREE[2] | {"days_supply": 0}], ("not_evaluable", "days_supply_unusable")),
        ([*THREE[:2], THREE[2] | {"strength": None}], ("not_evaluable", "strength_unknown")),
        ([*THREE[:2], THREE[2] | {"factor": None}], ("not_evaluable", "factor_unknown")),
        ([*THREE, fill(1, quantity=Decimal(999))], ("not_evaluable", "dose_implausible")),
        (
            [*THREE, fill(1, quantity=None, days_supply=None)],
            ("not_evaluable", "days_supply_unusable"),
        ),
        (
            [*THREE, fill(9, quantity=Decimal(0), fentanyl_patch=True)],
            ("not_evaluable", "quantity_unusable"),
        ),
        ([*THREE, fill(9, quantity=None, **MOUD)], ("clear",)),
        ([*THREE, fill(300, quantity=None)], ("clear",)),  # after the last day with three and three
        ([*THREE[:2], fill(300, "C", "c", quantity=None)], ("clear",)),
    ],
)
def test_a_dose_that_is_not_known_matters_where_the_dose_decides(rows, answer):
    assert said(judged(rows)) == answer


NO_DOSE = {"schedule": None, "opioid": False, "factor": None}  # an opioid of no MME


@pytest.mark.parametrize(
    ("days", "answer"),
    [
        ((5, 5, 4, None), ("not_evaluable", "days_supply_unusable")),
        ((5, 5, 4, 181), ("not_evaluable", "days_supply_unusable")),
        ((5, 5, 4, 0), ("not_evaluable", "days_supply_unusable")),
        ((5, 5, 4, 1), ("fired",)),
        ((5, 5, 3, 1), ("clear",)),
        ((15, None, None, None), ("fired",)),
    ],
)
def test_unusable_days_count_nothing_and_are_a_reason_where_they_decide(days, answer):
    each = zip(FOUR, "ABCD", days, strict=True)
    rows = [fill(day, who, "a", days_supply=supply, **NO_DOSE) for day, who, supply in each]
    assert said(judged(rows)) == answer
    assert said(judged(rows[1:])) == ("clear",)


@pytest.mark.parametrize(
    ("years", "answer"),
    [
        ((2008,), ("fired",)),  # 18 or 19 in 2027
        ((2009,), ("not_evaluable", "age_unknown")),  # 17 or 18
        ((2009, 2010), ("not_evaluable", "age_unknown")),
        ((None,), ("not_evaluable", "age_unknown")),
        ((2010,), ("clear",)),
        ((2010, 2011), ("clear",)),
    ],
)
def test_an_age_known_by_year_only_is_a_reason_where_it_decides(years, answer):
    days = (1, 133, 266, 399)  # beyond the year of ncqa_uop; day 399 is in 2027
    rows = fills(days, "ABCD", "abcd", **born(*years), **NO_DOSE)
    assert said(judged(rows, pqa_days=399)) == answer
    assert said(judged(rows, pqa_days=398)) == ("clear",)


def test_blanks_are_no_reason():
    rows = fills(FOUR, "AB..", "ab..", **STIMULANT)
    assert said(judged(rows)) == ("clear",)


def test_the_as_of_date_cuts():
    assert said(judged(EPISODE, as_of=on(180))) == ("fired",)
    assert said(judged(EPISODE, as_of=on(179))) == ("clear",)


def test_orders_whose_fill_is_there_are_left_out():
    rows = [*EPISODE[:3], EPISODE[3] | {"counts_as_supply": False}]
    assert said(judged(rows)) == ("clear",)


def test_patients_with_a_row_that_some_tier_may_count_are_the_population():
    kinds = [
        OXYCODONE | {"schedule": None},
        ALPRAZOLAM,
        MOUD,
        UNKNOWN,
        STIMULANT | {"schedule": None},
        {"counts_as_supply": False},
    ]
    rows = [fill(1, patient_key=f"p_{n}", **kind) for n, kind in enumerate(kinds)]
    late = fill(9, patient_key="p_9")
    assert oracle.population([*rows, late], on(8)) == {"p_0", "p_1", "p_2", "p_3"}
    assert oracle.population([late], on(9)) == oracle.population([late]) == {"p_9"}
