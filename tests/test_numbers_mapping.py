"""Two numbers of one pharmacy, or of one prescriber, count as one once two persons agree."""

import json
from datetime import date

import pytest
from django.core.management import call_command

from audits import editions, engine, review, snapshots
from audits.models import Event, EvidenceChange, Flag, FlagState, Job, NumberSet
from audits.tables import saying

from .number_mappings import (
    DEA,
    NCPDP,
    NOWHERE,
    NPI_OF_IT,
    PERSON,
    PLACES,
    SHOPPING,
    fills,
    mapped,
    meaning,
    taken_back,
)
from .paths import decide, done, evaluate, ingest, row, seen

pytest_plugins = ("tests.number_mappings",)
pytestmark = pytest.mark.django_db
ONLY, EXCLUDED = [SHOPPING], "excluded_prescriber"
TYPED, OTHER = "1234567890", "1245319599"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def rerun() -> None:
    for job in Job.objects.filter(kind="evaluate", state="queued"):
        done(job)


def practitioners(npi: str, dea: str = "") -> None:
    person = {"source_system": "hr", "source_record_id": npi, "npi": npi, "dea": dea}
    ingest([person | {"prescriber_type": "physician"}], kind="practitioners")


def excluded(npi: str) -> list[dict]:
    return [
        {"source_record_id": "1", "source_system": "leie", "npi": npi, "excluded_on": "2020-01-01"}
    ]


def prescribers() -> set[str]:
    """Give the keys of all who prescribe, by the records as an evaluation sees them now."""
    published = evaluate(rules=ONLY)
    limits, meant = snapshots.worker_limits(), editions.meaning(published)
    with snapshots.opened(published.snapshot, published.as_of, limits, **meant) as opened:
        rows = engine.rows(opened.backend, opened.records.prescriptions.select("prescriber_key"))
    return {each["prescriber_key"] for each in rows}


def pharmacies(state: FlagState) -> int:
    return state.occurrences[0]["shown"]["pharmacies"]


def test_four_pharmacies_become_three_and_the_flags_follow_while_the_decision_stays(people):
    ingest([*fills("A"), *fills("B")])
    evaluate(rules=ONLY)
    first, second = seen()
    assert [pharmacies(each) for each in (first, second)] == [4, 4]
    decision = decide(first)
    mapping = mapped(people)
    rerun()
    assert seen() == []
    gone = FlagState.objects.seen().get(flag=second.flag)
    assert gone.verdict == "withdrawn"
    decision.refresh_from_db()
    assert (decision.outcome, decision.covers) == ("explained", first.occurrences)
    assert Flag.objects.get(pk=first.flag_id).handling == "decided"
    assert EvidenceChange.objects.filter(decision=decision).exists()
    taken_back(people, mapping)
    rerun()
    assert [pharmacies(each) for each in seen()] == [4]


def test_a_flag_that_still_fires_says_that_a_number_was_read_by_a_mapping(people):
    more = [{"pharmacy_ncpdp": f"030000{n}"} for n in (1, 2, 3, 4)]
    ingest(fills(places=[*more, {"pharmacy_npi": NPI_OF_IT}]))
    mapped(people)
    published = evaluate(rules=ONLY)
    (state,) = seen()
    assert pharmacies(state) == 4
    assert "pharmacy's number read by a local mapping" in saying.notes(state)
    rows = review.evidence_of(state).rows
    assert [each["pharmacy_key"] for each in rows].count(NCPDP) == 2
    noted = [each["pharmacy_key"] for each in rows if "pharmacy_mapped" in each["notes"]]
    assert noted == [NCPDP]
    assert published.number_set == NumberSet.objects.get()
    told = json.loads(Event.objects.get(action="evaluation_published").after)
    assert told["number_mappings"] == published.number_set_id
    assert published.digests[SHOPPING]["numbers"] == published.number_set_id
    _lines, agrees = review.arithmetic(state)
    assert agrees
    call_command("verify_flags", "--json")
    NumberSet.objects.update(entries=[])
    with pytest.raises(SystemExit):
        call_command("verify_flags", "--json")


def test_a_mapping_counts_on_its_own_days_alone(people):
    ingest(fills())
    mapped(people, said=meaning(valid_to=date(2025, 1, 31)))
    evaluate(rules=ONLY)
    assert [pharmacies(each) for each in seen()] == [4]


def test_a_row_that_names_another_number_of_the_kind_itself_keeps_what_it_tells(people):
    mapping = ("pharmacies", NCPDP), meaning(means="1962345678")
    ingest(fills("A", [*PLACES[:1], {"pharmacy_npi": "1962345678"}, *PLACES[2:]]))
    mapped(people, *mapping)
    both = {"pharmacy_ncpdp": NCPDP, "pharmacy_npi": NPI_OF_IT}
    ingest(fills("B", [both, {"pharmacy_npi": "1962345678"}, *PLACES[2:]]))
    evaluate(rules=ONLY)
    assert [pharmacies(each) for each in seen()] == [4]


@pytest.mark.parametrize(
    ("number", "means"), [({"prescriber_dea": DEA}, DEA), ({"prescriber_npi": TYPED}, TYPED)]
)
def test_a_prescriber_s_number_is_the_person_whom_the_rules_know(people, number, means):
    practitioners(PERSON)
    ingest(excluded(PERSON), kind="exclusions")
    ingest([row(1, prescriber_npi="", prescriber_type="") | number])
    assert evaluate(rules=[EXCLUDED]).rules[EXCLUDED]["fired"] == 0
    mapped(people, ("prescribers", means), meaning(means=PERSON))
    rerun()
    (state,) = seen()
    assert state.flag.subject_id == PERSON
    assert "prescriber's number read by a local mapping" in saying.notes(state)
    assert review.arithmetic(state)[1]
    call_command("verify_flags", "--json")


def test_what_practitioners_records_tell_later_goes_before_a_mapping(people):
    ingest([row(1, prescriber_npi="", prescriber_dea=DEA)])
    mapped(people, ("prescribers", DEA), meaning(means=PERSON))
    practitioners(OTHER, dea=DEA)
    assert prescribers() == {OTHER}
    ingest([row(2, prescriber_npi=TYPED)])
    mapped(people, ("prescribers", TYPED), meaning(means=PERSON))
    assert prescribers() == {OTHER, PERSON}
    practitioners(TYPED)
    assert prescribers() == {OTHER, TYPED}


def test_an_incremental_evaluation_equals_a_full_one(people):
    """What a change touches goes over mapped numbers to other patients of one prescriber."""
    practitioners(PERSON, dea="MB1607677")
    ingest(excluded(PERSON), kind="exclusions")
    rows = [{"prescriber_dea": DEA}, {"prescriber_dea": "MB1607677"}, {"prescriber_npi": PERSON}]
    ingest(row(n, patient_id=f"P{n}", prescriber_npi="") | each for n, each in enumerate(rows))
    mapped(people, ("prescribers", DEA), meaning(means=PERSON))
    evaluate(rules=[EXCLUDED])
    ingest([row(9, patient_id="P9", prescriber_npi="", prescriber_dea=DEA)])
    assert not evaluate(rules=[EXCLUDED]).full
    (state,) = seen()
    assert state.records == 4
    call_command("verify_flags", "--json")


def test_one_dispense_told_under_two_numbers_counts_once_however_it_comes(people):
    told = {"prescription_id": "RX1", "fill_number": "0", "filled_date": "2025-01-01"}
    mine = {"source_system": "a", "patient_id": "A", **NOWHERE, "pharmacy_ncpdp": NCPDP}
    yours = {"source_system": "b", "patient_id": "B", **NOWHERE, "pharmacy_npi": NPI_OF_IT}
    ingest(
        [row(1, **told, **yours), row(5, filled_date="2025-03-01", **(yours | {"patient_id": "C"}))]
    )
    mapped(people)
    evaluate(rules=ONLY)
    ingest([row(2, **told, **mine)])
    evaluate(rules=ONLY)
    call_command("verify_flags", "--json")
