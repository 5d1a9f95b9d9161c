"""Headers in the product's own words: which are taken, for what kind, and how others fail."""

import pytest

from audits.mapping import PRESETS, MappingError, choose
from audits.mapping.plan import cell
from audits.schema import KINDS

from .checked_files import LICENCE, PRACTITIONER, PRESCRIPTION

SUPERVISION = ("source_record_id", "supervisee_npi", "supervisor_npi", "state", "valid_from")


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_of_every_kind_is_recognised(kind):
    plan = choose(KINDS[kind].columns)
    assert (plan.kind, plan.preset, plan.absent) == (kind, "canonical", frozenset())
    assert tuple(plan.expressions) == KINDS[kind].columns


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (tuple(PRESCRIPTION), "prescriptions"),
        (tuple(LICENCE), "licences"),
        (tuple(PRACTITIONER), "practitioners"),
        (SUPERVISION, "supervision"),
    ],
)
def test_a_part_of_the_columns_tells_the_kind(header, kind):
    assert choose(header).kind == kind


def test_names_fit_in_any_case_and_with_outer_spaces():
    header = tuple(f" {name.upper()} " for name in PRESCRIPTION)
    plan = choose(header, kind="prescriptions")
    assert plan.source_columns["filled_date"] == " FILLED_DATE "
    assert plan.expressions["filled_date"] == "nullif(trim(\" FILLED_DATE \"), '')"
    assert plan.expressions["sig"] == "NULL"


def test_the_source_may_be_absent_and_nothing_else_that_identifies():
    plan = choose(tuple(name for name in PRESCRIPTION if name != "source_system"))
    assert "source_system" in plan.absent


@pytest.mark.parametrize(
    ("columns", "policy"), [({"record_status"}, "by_status"), (set(), "latest_wins")]
)
def test_the_status_column_decides_what_a_second_row_does(columns, policy):
    header = tuple(name for name in PRESCRIPTION if name != "record_status")
    plan = choose((*header, *columns))
    assert (plan.change_policy, plan.carries_status) == (policy, bool(columns))


def refused(header, **how):
    with pytest.raises(MappingError) as error:
        choose(header, **how)
    message = str(error.value)
    assert "\n" not in message
    return message


def without(*names):
    return tuple(name for name in PRESCRIPTION if name not in names)


def test_an_unknown_column_is_named_with_its_nearest():
    message = refused((*without("days_supply"), "days_suply"))
    assert "unknown column days_suply (did you mean days_supply?)" in message
    assert "Rename" in message


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (without("source_record_id"), "no column source_record_id"),
        (without("patient_id"), "no column patient_id"),
        (without("ndc11"), "none of the columns ndc11, rxcui, drug_name, ingredients"),
        (without("filled_date", "written_date"), "none of the columns filled_date, written_date"),
        (tuple(c for c in LICENCE if c != "kind"), "no column kind"),
        (tuple(c for c in SUPERVISION if c != "valid_from"), "no column valid_from"),
    ],
)
def test_missing_columns_are_named(header, part):
    kind = next(k for k in KINDS if set(header) <= set(KINDS[k].columns))
    assert part in refused(header, kind=kind)


def test_a_kind_that_the_header_contradicts_is_refused_with_the_right_one():
    message = refused(tuple(LICENCE), kind="prescriptions")
    assert "cannot be read as prescriptions" in message
    assert "a file of licences" in message


def test_a_header_that_tells_no_kind_is_refused():
    assert "Name the kind" in refused(("source_record_id", "record_status"))
    assert "No preset recognises" in refused(("alpha", "beta"))
    assert "there are none" in refused(())


def test_columns_that_differ_in_case_only_are_refused():
    assert "Sig and sig are the same column" in refused((*PRESCRIPTION, "Sig", "sig"))


def test_a_column_without_a_name_is_refused():
    assert f"Column {len(PRESCRIPTION) + 1} has no name" in refused((*PRESCRIPTION, " "))


def test_unknown_presets_and_kinds_are_refused_with_the_known_ones():
    message = refused(tuple(PRESCRIPTION), preset="cms_pde")
    assert "did you mean cms-pde?" in message
    assert all(name in message for name in PRESETS)
    assert "did you mean prescriptions?" in refused(tuple(PRESCRIPTION), kind="prescription")


def test_a_hostile_header_stays_on_one_short_line():
    message = refused((*PRESCRIPTION, "a\nb\x1b[31m" + "x" * 5_000))
    assert message.isprintable()
    assert len(message) < 400


def test_a_quotation_mark_in_a_header_is_no_way_into_the_query():
    assert cell('a" OR 1=1 --') == """nullif(trim("a"" OR 1=1 --"), '')"""
    assert 'Sig" OR 1' in refused((*PRESCRIPTION, 'Sig" OR 1'))
