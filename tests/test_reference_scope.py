"""The matrix of usual scope: every cell as printed, and no group that nobody can have."""

import pytest

from audits.reference import rows
from audits.reference.scope import CLASSES, VERDICTS, scope, scopes
from audits.vocabulary import SourceStatus

# The matrix as printed: > is the bound in days, <18 and facility the exceptions.
PRINTED = {
    "psychiatry psychiatric_np": "review>7 ok ok ok ok",
    "pain anesthesiology nurse_anesthetist": "ok flag review>30 ok ok",
    "primary_care general_np physician_assistant": "ok ok ok review ok",
    "emergency": "flag>7 flag flag>30 flag,facility ok",
    "pediatrics": "review>7 review,<18 review>30 flag review",
    "dental podiatry": "flag>7 flag flag>3 flag flag",
    "optometry midwife naturopathy": "flag>7 flag flag>30 flag flag",
    "pharmacist chiropractic clinic pharmacy": "critical critical critical critical critical",
    "oncology hospice_palliative": "ok review ok review ok",
}
GROUPS = {group: cells for groups, cells in PRINTED.items() for group in groups.split()}


def printed(cell):
    bound = "" if cell.more_than_days is None else f">{cell.more_than_days}"
    return cell.verdict + bound + ",<18" * cell.minors_ok + ",facility" * cell.facility_ok


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_the_cells_that_are_printed(group):
    assert " ".join(printed(scope(group, drug_class)) for drug_class in CLASSES) == GROUPS[group]


def test_the_matrix_has_one_row_for_each_printed_cell_and_no_other():
    assert list(scopes()) == [(group, drug_class) for group in GROUPS for drug_class in CLASSES]
    assert len(rows("scope_matrix")) == len(scopes())
    assert {cell.verdict for cell in scopes().values()} == set(VERDICTS)


def test_every_group_is_one_that_a_profession_leads_to():
    assert GROUPS.keys() <= {row["role_group"] for row in rows("taxonomy")}


@pytest.mark.parametrize("group", ["neurology", "addiction", "trainee", "", "dentist"])
def test_a_group_that_is_not_in_the_matrix_has_no_scope(group):
    assert scope(group, "opioid") is None
    assert scope("dental", "antidepressant") is None


def test_every_cell_says_that_it_is_our_own_figure():
    assert {cell.status for cell in scopes().values()} == {SourceStatus.HOUSE}


def test_only_cells_in_doubt_carry_a_bound_or_an_exception():
    certain = [cell for cell in scopes().values() if cell.verdict in ("ok", "critical")]
    bounds = {(cell.more_than_days, cell.minors_ok, cell.facility_ok) for cell in certain}
    assert bounds == {(None, False, False)}
    for row in rows("scope_matrix"):
        assert {row["minors_ok"], row["facility_ok"]} <= {"", "yes"}
