"""What becomes of each row of an upload: one behaviour each, then SQL against the specification."""

from itertools import product

import pytest

from audits.ledger import State, Stated, current_sql, decide, former_sql
from audits.ledger.columns import columns
from audits.schema import KINDS
from audits.vocabulary import Outcome

from .ledger_files import KIND, Promotions, row


@pytest.fixture
def promotions(tmp_path):
    return Promotions(tmp_path)


def outcomes(promotions, *rows):
    promotions.promote(rows)
    return promotions.outcomes(promotions.uploads)


def test_a_first_file_is_new_and_the_same_file_again_unchanged(promotions):
    rows = [row("1", "a"), row("2", "b")]
    assert outcomes(promotions, *rows) == ["new", "new"]
    assert outcomes(promotions, *reversed(rows)) == ["unchanged", "unchanged"]
    assert promotions.newest.sequence == 2


def test_a_row_twice_in_a_file_is_a_duplicate_only_where_the_file_brought_it(promotions):
    rows = [row("1", "a"), row("1", "a")]
    assert outcomes(promotions, *rows) == ["new", "duplicate"]
    assert outcomes(promotions, *rows) == ["unchanged", "unchanged"]


def test_other_content_follows_the_policy_of_its_source(promotions):
    outcomes(promotions, row("1", "a"), row("1", "a", source="fhir"), row("1", "a", source="who"))
    assert outcomes(
        promotions, row("1", "b"), row("1", "b", source="fhir"), row("1", "b", source="who")
    ) == ["conflict", "revised", "conflict"]
    assert promotions.in_force() == {"ehr/1": "a", "fhir/1": "b", "who/1": "a"}


def test_a_revision_takes_effect_and_the_old_file_is_then_stale(promotions):
    outcomes(promotions, row("1", "a"))
    assert outcomes(promotions, row("1", "b", "revise")) == ["revised"]
    assert outcomes(promotions, row("1", "a")) == ["stale"]
    assert outcomes(promotions, row("1", "a", "revise")) == ["revised"]
    assert promotions.in_force() == {"ehr/1": "a"}


def test_a_void_ends_a_record_and_a_new_row_begins_it_again(promotions):
    outcomes(promotions, row("1", "a"))
    assert outcomes(promotions, row("1", "a", "void")) == ["voided"]
    assert promotions.in_force() == {}
    assert outcomes(promotions, row("1", "a"), row("1", "b")) == ["stale", "new"]


def test_void_and_revise_without_a_record_are_noted(promotions):
    counts = promotions.promote([row("1", "a", "void"), row("2", "a", "revise")])
    assert counts.outcomes[Outcome.UNCHANGED] == counts.outcomes[Outcome.NEW] == 1
    assert counts.notes == {"void_without_record": 1, "revise_without_record": 1}


def test_rows_of_one_record_see_the_effect_of_those_before(promotions):
    assert outcomes(
        promotions,
        row("1", "a"),
        row("1", "b", "revise"),
        row("1", "a"),
        row("1", "b"),
        row("1", "b", "void"),
        row("1", "b", "void"),
        row("1", "c"),
    ) == ["new", "revised", "stale", "duplicate", "voided", "unchanged", "new"]
    assert promotions.in_force() == {"ehr/1": "c"}
    assert promotions.newest.sequence == 4


def test_sequence_numbers_follow_the_file_and_skip_rows_without_effect(promotions):
    promotions.promote([row("1", "a")])
    promotions.promote([row("1", "a"), row("2", "a"), row("1", "b", "revise"), row("3", "a")])
    query = current_sql(
        promotions.ledger, KIND, promotions.newest.versions, promotions.newest.sequence
    )
    assert promotions.connection.execute(
        f'SELECT accepted_seq, upload, "row", source_record_id FROM ({query}) ORDER BY ALL'
    ).fetchall() == [(2, 2, 3, "2"), (3, 2, 4, "1"), (4, 2, 5, "3")]


def test_current_and_former_rows_together_are_all_rows(promotions):
    outcomes(promotions, row("1", "a"), row("2", "a"), row("1", "b", "revise"))
    place = (promotions.ledger, KIND, promotions.newest.versions, promotions.newest.sequence)
    contents = [
        promotions.connection.execute(
            f"SELECT source_record_id, content_hash FROM ({query(*place)}) ORDER BY ALL"
        ).fetchall()
        for query in (current_sql, former_sql)
    ]
    assert contents == [[("1", "b"), ("2", "a")], [("1", "a")]]


@pytest.mark.parametrize("kind", [*KINDS, "superseded"])
def test_a_kind_never_written_is_an_empty_table_with_its_columns(promotions, kind):
    if kind == "superseded":
        return
    answer = promotions.connection.execute(current_sql(promotions.ledger, kind, {}, 0))
    declared = promotions.connection.execute(
        "SELECT " + ", ".join(f'NULL::{t} AS "{c}"' for c, t in columns(kind).items())
    )
    assert [d[:2] for d in answer.description] == [d[:2] for d in declared.description]


STATES = {
    "unknown": [],
    "held": [[row("", "a")]],
    "revised": [[row("", "a")], [row("", "b", "revise")]],
    "revised twice": [[row("", "a")], [row("", "b", "revise")], [row("", "c", "revise")]],
    "back": [[row("", "a")], [row("", "b", "revise")], [row("", "a", "revise")]],
    "voided": [[row("", "a")], [row("", "a", "void")]],
    "voided after revision": [[row("", "a")], [row("", "b", "revise")], [row("", "b", "void")]],
}
KNOWN = {
    "unknown": State(),
    "held": State(current="a", seen=True),
    "revised": State(current="b", former={"a"}, seen=True),
    "revised twice": State(current="c", former={"a", "b"}, seen=True),
    "back": State(current="a", former={"a", "b"}, seen=True),
    "voided": State(former={"a"}, seen=True),
    "voided after revision": State(former={"a", "b"}, seen=True),
}
SAID = list(product(STATES, ("new", "revise", "void", None), "abcd", ("ehr", "fhir")))


@pytest.mark.parametrize("twice", [False, True])
def test_the_set_wise_decision_is_the_specification_in_every_case(promotions, twice):
    """``twice`` repeats every record with a void of nothing left, so that Python decides."""
    for step in range(3):
        history = [
            {**rows[step][0], "record": f"{number}", "source": source}
            for number, (state, _, _, source) in enumerate(SAID)
            if len(rows := STATES[state]) > step
        ]
        promotions.promote(history)
    said = [row(f"{n}", c, status, source) for n, (_, status, c, source) in enumerate(SAID)]
    counts = promotions.classify([*said, *(r | {"status": "void"} for r in said if twice)])
    answers = promotions.connection.execute(
        f"SELECT outcome, note FROM '{promotions.folder(promotions.uploads)}/outcomes.parquet' "
        f"WHERE row < {len(SAID) + 2} ORDER BY row"
    ).fetchall()
    expected = [
        decide(
            KNOWN[state],
            Stated(content_hash=content, status=status, latest_wins=source == "fhir"),
        )
        for state, status, content, source in SAID
    ]
    assert answers == expected
    assert sum(counts.outcomes.values()) == len(said) * (1 + twice)
