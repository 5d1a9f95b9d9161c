"""R28 beside peers: on either side of each line by hand, by its oracle, and on random groups."""

from datetime import date

import pytest

from audits import engine, examples
from audits.catalogue import CATALOGUE
from audits.in_force import settings_of
from audits.oracles import peer_shares
from audits.oracles import prescriber_type_mismatch as oracle
from audits.peers.standards import INNER_FENCE, LEAST_CONTROLLED, LEAST_MEMBERS

from . import boundaries_peers as boundaries
from .findings import (
    answered,
    answers_of,
    answers_over,
    behind_findings,
    behind_verdicts,
    judged_by_oracle,
    judged_over,
    seeds,
)
from .histories_peers import LAST_DAY, practices

RULE = CATALOGUE["prescriber_type_mismatch"]
# Small enough for a few prescriptions to make members and groups.
SMALL = {"least_members": 4, "least_controlled": 3, "peer_days": 60}


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return engine.Limits(memory="1GB", threads=1, scratch=tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def groups(limits):
    with examples.put(limits, boundaries.files(), boundaries.AS_OF) as (backend, records):
        yield backend, RULE, records


def subjects():
    """Yield the name and number of each member of each group, his subject, and his answer."""
    for place, (name, group) in enumerate(boundaries.GROUPS.items()):
        for number, member in enumerate(group.members):
            subject = f"{boundaries.npi_of(place, number)}|{group.drug_class}"
            yield (name, number), subject, member.expected


def test_every_member_of_a_group_gets_the_answer_worked_out_by_hand(groups):
    found = answered(*groups)
    told = {name: found.get(subject) for name, subject, _ in subjects()}
    assert told == {name: expected for name, _, expected in subjects()}


def test_the_oracle_says_the_same_at_every_line_and_names_the_same_records(groups):
    assert judged_by_oracle(*groups) == answers_of(*groups)
    assert behind_findings(groups[0]) == behind_verdicts(*groups)


def shown(groups, group, number):
    answered(*groups)
    place = list(boundaries.GROUPS).index(group)
    subject = f"{boundaries.npi_of(place, number)}|{boundaries.GROUPS[group].drug_class}"
    rows = engine.rows(groups[0], f"FROM occurrences WHERE subject_id = '{subject}'")
    return [{name: row[name] for name in COLUMNS} for row in rows]


COLUMNS = (
    *("occurred_on", "reviewed", "controlled", "most", "value", "members", "place"),
    *("share", "lower_quartile", "upper_quartile", "line", "line_means", "peer_days"),
)


def test_the_flag_shows_its_arithmetic(groups):
    [row] = shown(groups, "between two", 28)
    assert list(row.values()) == [
        *(boundaries.AS_OF, 11, 20, 10, 1, 30, "in GA", "55.00", "6.25", "23.75", "50.00"),
        *("the upper quartile and 3 halves of the distance between both", 90),
    ]
    [row] = shown(groups, "29 in the state, 30 everywhere", 28)
    assert (row["members"], row["place"]) == (30, "in all states")
    [row] = shown(groups, "the quartiles are equal", 29)
    assert (row["line"], row["upper_quartile"]) == ("10.00", "0.00")
    assert row["line_means"].startswith("the highest share of the others")


def test_each_day_on_which_one_of_too_many_was_written_is_an_occurrence(groups):
    days = [row["occurred_on"] for row in shown(groups, "on the first day and the day before", 28)]
    assert sorted(days) == [date(2026, 8, 3), boundaries.AS_OF]


def test_fewer_prescriptions_of_the_class_would_clear(groups):
    _, rule, records = groups
    parameters = {**rule.oracle_parameters(rule.settled()), "as_of": records.as_of}
    told = judged_by_oracle(*groups, keep_records=True)
    fired = {s: given for s, (verdict, given) in told.items() if verdict["answer"] == "fired"}
    sentences = {}
    for subject, given in fired.items():
        for change in rule.clearing(given, parameters, oracle.judge):
            assert oracle.judge(change.apply(given), parameters)["answer"] != "fired"
            sentences.setdefault(subject, []).append(change.sentence)
    assert sentences.keys() == fired.keys()
    names = {subject: name for name, subject, _ in subjects()}
    by_name = {names[subject]: said for subject, said in sentences.items()}
    assert by_name["at the line and one beyond", 29] == [
        "Without the last 1 of the 8 patients whom these prescriptions were for.",
        "Each of these prescriptions for at most 7 days.",
        "Without the last 1 of these 8 prescriptions of the class.",
    ]
    assert by_name["one where nobody writes any", 30][-1] == (
        "Without the last 1 of these 1 prescriptions of the class."
    )


def test_the_lines_are_those_of_the_peers_pages():
    defaults = {name: parameter.default for name, parameter in RULE.parameters.items()}
    assert defaults["least_members"] == LEAST_MEMBERS == 30
    assert defaults["least_controlled"] == LEAST_CONTROLLED == 20
    assert 2 * INNER_FENCE == defaults["fence_halves"] == 3


def test_what_the_oracle_is_told_of_peers_is_what_it_counts_itself(limits):
    with examples.put(limits, practices(5, 60), LAST_DAY) as (backend, records):
        settled = RULE.settled(**SMALL)
        told = judged_by_oracle(backend, RULE, records, keep_records=True, **SMALL)
        parameters = {**RULE.oracle_parameters(settled), "as_of": records.as_of}
    seen = 0
    for _, given in told.values():
        subject, rows = given["subject"], oracle.counted(given["prescriptions"], records.as_of)
        own = [row for row in rows if row["scope_class"] == subject["class"]]
        found = [(row, *oracle.finding(row, given, parameters)) for row in own]
        inside = [each for each in found if peer_shares.counts(each[0], parameters)]
        reviews = [doubt for _, verdict, doubt in inside if verdict == "review"]
        counted = {
            "controlled": sum(peer_shares.counts(row, parameters) for row in rows),
            "reviewed": reviews.count(None),
            "doubtful": len(reviews) - reviews.count(None),
        }
        for peer in given["peers"]:
            if (peer["prescriber_key"], peer["scope_class"]) == (subject["npi"], subject["class"]):
                assert {name: peer[name] for name in counted} == counted
                seen += bool(reviews)
    assert seen > 10


def both(limits, files, as_of=LAST_DAY, **values):
    with examples.put(limits, files, as_of) as (backend, records):
        found = answers_of(backend, RULE, records, **values)
        reasons = {row["reason"] for row in engine.rows(backend, "FROM unusable")}
        behind = behind_findings(backend), behind_verdicts(backend, RULE, records, **values)
        return found, judged_by_oracle(backend, RULE, records, **values), *behind, reasons


@pytest.mark.parametrize("seed", seeds())
def test_random_groups_agree_with_counting_by_fractions(limits, seed):
    found, judged, records, named, reasons = both(limits, practices(seed, 120), **SMALL)
    fired = [o[0] for a in found.values() for o in a["occurrences"]]
    assert fired.count("above_peers") > 5
    assert {a["answer"] for a in found.values()} == {"fired", "not_evaluable", "clear"}
    assert "few_controlled" in reasons and len(reasons) > 2
    assert found == judged
    assert records == named


@pytest.mark.parametrize(
    "values",
    [
        {"least_members": 6, "least_controlled": 1, "peer_days": 30},
        {"least_members": 1, "least_controlled": 2, "fence_halves": 0},
        {"least_members": 3, "fence_halves": 1, "beyond_line": 2, "least_controlled": 4},
        {"least_members": 5, "least_controlled": 3, "fence_halves": 100_000},
    ],
)
def test_other_numbers_move_the_line_and_its_oracle_alike(limits, values):
    found, judged, records, named, _ = both(limits, practices(3, 60), **values)
    assert (found, records) == (judged, named)


def test_a_day_of_writing_is_judged_by_its_own_numbers(limits):
    asked = [(name, value, "2020-01-01", None) for name, value in SMALL.items()][:2]
    asked += [("peer_days", 60, "2020-01-01", "2026-10-01"), ("peer_days", 31, "2026-10-02", None)]
    asked += [("fence_halves", 1, "2026-10-31", None)]
    entries = [
        {"rule": RULE.name, "parameter": name, "value": value, "basis": "law", "source": "Act 1"}
        | {"valid_from": first, "valid_to": last}
        for name, value, first, last in asked
    ]
    in_force = settings_of(RULE, entries)
    with examples.put(limits, practices(2, 80), LAST_DAY) as (backend, records):
        found = answers_over(backend, in_force, records)
        judged = judged_over(backend, in_force, records)
    days = {o[1] for a in found.values() for o in a["occurrences"]}
    assert len(days) > 2
    assert found == judged


def test_an_earlier_as_of_date_moves_the_window(limits):
    files = practices(2, 60)
    found, judged, records, named, _ = both(limits, files, date(2026, 9, 20), **SMALL)
    assert (found, records) == (judged, named)
    assert found != both(limits, files, **SMALL)[0]
