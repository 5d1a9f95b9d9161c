"""What two persons decide together, on PostgreSQL: of two who decide at once one is first."""

import threading

import pytest
from django.db import connections

from audits import drugs, jobs, numbers, parameters
from audits.models import Event

from . import drug_mappings, number_mappings, parameter_changes
from .flag_fixtures import ingest
from .postgres_house import migrated, needed, serving
from .proposing import decided, proposers

pytestmark = pytest.mark.postgres
KINDS = {
    "drug_mapping": (drugs.MAPPINGS, drug_mappings.proposed),
    "number_mapping": (numbers.NUMBERS, number_mappings.proposed),
    "parameter_change": (parameters.CHANGES, parameter_changes.proposed),
}
# Whoever is first stays in his transaction for a while after he has looked.
SLOW = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;
"""
LINGERS = "CREATE TRIGGER linger BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION linger();"


@pytest.fixture(scope="module")
def filled(tmp_path_factory, django_db_setup, django_db_blocker):
    """A database with people in which every decision takes its time, and its folder."""
    needed()
    folder = tmp_path_factory.mktemp("proposals")
    with django_db_blocker.unblock(), migrated() as made:
        with serving(made, folder):
            people = proposers()
            ingest(folder, "fills.csv", number_mappings.fills(), "--kind", "prescriptions")
        tables = [kind.model._meta.db_table for kind, _ in KINDS.values()]
        made.rows(SLOW + "".join(map(LINGERS.format, tables)))
        yield made, folder, people


@pytest.fixture
def people(filled, django_db_blocker):
    made, folder, people = filled
    with django_db_blocker.unblock(), serving(made, folder):
        yield people


@pytest.mark.parametrize("name", KINDS)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_who(people, name):
    kind, propose = KINDS[name]
    version = propose(people)
    gate, outcomes = threading.Barrier(2), {}

    def try_to_decide(who: str, agrees: bool) -> None:
        try:
            gate.wait(10)
            done = decided(kind, people, version, agrees=agrees, who=who, reason="Looked at.")
            outcomes[who] = done.status
        except jobs.Refused as refusal:
            outcomes[who] = str(refusal)
        finally:
            connections.close_all()

    words = {"ada": True, "bea": False}
    threads = [threading.Thread(target=try_to_decide, args=each) for each in words.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    version.refresh_from_db()
    winner = version.decided_by.username
    (loser,) = words.keys() - {winner}
    assert outcomes == {
        winner: version.status,
        loser: f"{winner} has decided on this version already.",
    }
    assert version.status == ("approved" if words[winner] else "rejected")
    acts = Event.objects.filter(object_type=name, object_id=str(version.pk)).order_by("seq")
    assert [each.actor_label for each in acts] == ["ann", winner]
