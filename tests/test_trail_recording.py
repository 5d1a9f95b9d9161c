"""Writing events: with their change or not at all, in one order, saying what they must."""

import json
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connections, transaction
from django.test import RequestFactory

from audits.models import Event, SealedText, TrailHead
from audits.trail import (
    ACTIONS,
    Action,
    Actor,
    NotCanonicalError,
    OutsideTransactionError,
    TrailMissingError,
    UnknownWordError,
    record,
    triggers,
    verify,
)

from .trail_database import (
    NO_POSTGRES,
    OFFICER,
    POSTGRES,
    execute,
    postgres_trail,
    sqlite_trail,
    write,
)

SAVED = {"actor": OFFICER, "action": Action.FLAG_NOTED, "object_type": "flag", "object_id": "1"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def trail(request, tmp_path, django_db_blocker):
    if request.param == "postgres" and not POSTGRES:
        pytest.skip(NO_POSTGRES)
    opened = postgres_trail() if request.param == "postgres" else sqlite_trail(tmp_path)
    with django_db_blocker.unblock(), opened as alias:
        yield alias


def test_events_are_numbered_from_one_and_form_a_sound_chain(trail):
    events = write(trail, 5)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    verdict = verify(using=trail)
    assert verdict.ok
    assert (verdict.events, verdict.head_hash) == (5, events[-1].hash)


def test_an_empty_trail_is_sound(trail):
    verdict = verify(using=trail)
    assert (verdict.ok, verdict.events, verdict.head_hash) == (True, 0, "0" * 64)


def test_an_event_outside_a_transaction_is_refused(trail):
    with pytest.raises(OutsideTransactionError, match="flag_noted"):
        record(**SAVED, using=trail)


def test_a_change_rolled_back_leaves_no_event(trail):
    write(trail, 1)
    with transaction.atomic(using=trail):
        record(**SAVED, using=trail, reason="never happened")
        transaction.set_rollback(True, using=trail)
    write(trail, 1)
    assert list(Event.objects.using(trail).values_list("seq", flat=True)) == [1, 2]
    assert not SealedText.objects.using(trail).exists()
    assert verify(using=trail).ok


@pytest.mark.parametrize("wrong", [{"action": "flag_deleted"}, {"outcome": "perhaps"}])
def test_a_word_outside_the_vocabulary_is_refused(trail, wrong):
    with pytest.raises(UnknownWordError), transaction.atomic(using=trail):
        record(**SAVED | wrong, using=trail)


def test_a_float_is_refused(trail):
    with pytest.raises(NotCanonicalError, match=r"value\.dose"), transaction.atomic(using=trail):
        record(**SAVED, after={"dose": 1.5}, using=trail)


def test_without_a_head_nothing_is_written(trail):
    triggers.remove(trail)
    execute(trail, "DELETE FROM audits_trailhead")
    with pytest.raises(TrailMissingError), transaction.atomic(using=trail):
        record(**SAVED, using=trail)


def test_the_text_of_a_reason_is_nowhere_in_the_event(trail):
    text = "Called the pharmacy; Mrs Example's refill was lost."
    with transaction.atomic(using=trail):
        event = record(**SAVED, after={"status": "open"}, reason=text, using=trail)
    stored = Event.objects.using(trail).filter(pk=event.seq).values().get()
    assert all(text not in str(value) for value in stored.values())
    assert len(stored["reason"]) == 64
    assert SealedText.objects.using(trail).get(pk=event.seq).text == text


def test_the_same_reason_twice_has_two_commitments(trail):
    first, second = write(trail, 2, reason="duplicate")
    assert first.reason != second.reason


def test_an_erased_reason_is_counted_and_leaves_the_chain_whole(trail):
    write(trail, 4, reason="to be forgotten")
    SealedText.objects.using(trail).filter(pk=2).delete()
    verdict = verify(using=trail)
    assert (verdict.ok, verdict.erased) == (True, 1)


def test_what_changed_is_kept_as_canonical_json(trail):
    (event,) = write(trail, 1, before=None, after={"b": [1, None], "a": "é"})
    event.refresh_from_db(using=trail)
    assert (event.before, event.after) == ("null", '{"a":"é","b":[1,null]}')
    assert json.loads(event.after) == {"b": [1, None], "a": "é"}


def test_hostile_words_are_written_on_one_line_and_verify(trail):
    hostile = "a\x00b\r\nc\u202e\ud800" + "x" * 300
    actor = Actor(id="anonymous", label=hostile)
    with transaction.atomic(using=trail):
        saved = SAVED | {"actor": actor, "object_id": hostile}
        event = record(**saved, reason="nul \x00 half \udfff", using=trail)
    assert event.object_id.startswith("a\ufffdb\ufffd\ufffdc\ufffd\ufffdx")
    assert len(event.object_id) == 255
    assert verify(using=trail).ok


def test_a_clock_set_back_is_marked_and_verifies(trail, monkeypatch):
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    for now in (noon, noon - timedelta(days=3), noon + timedelta(microseconds=1)):
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        write(trail, 1)
    events = list(Event.objects.using(trail))
    assert [event.clock_suspect for event in events] == [False, True, False]
    assert [event.prev_at_guard for event in events] == [noon, noon, events[2].at]
    assert verify(using=trail).ok


def test_two_writers_at_once_keep_one_gapless_order(trail):
    failures = []

    def work():
        try:
            for _ in range(15):
                write(trail, 2)
        except DatabaseError as error:
            failures.append(error)
        finally:
            connections[trail].close()

    writers = [Thread(target=work) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    assert TrailHead.objects.using(trail).get().seq == 90
    verdict = verify(using=trail)
    assert (verdict.ok, verdict.events) == (True, 90)


def test_the_last_events_alone_can_be_verified(trail):
    events = write(trail, 30)
    verdict = verify(limit=10, using=trail)
    assert (verdict.ok, verdict.events, verdict.head_hash) == (True, 10, events[-1].hash)
    assert verify(limit=1000, using=trail).events == 30


def test_an_anonymous_request_has_an_actor():
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="10.0.0.1")
    request.user = AnonymousUser()
    assert Actor.of_request(request) == Actor(id="anonymous", ip="192.0.2.7")


def test_commands_and_jobs_are_actors():
    assert Actor.command("root") == Actor(id="command:root", label="root", role="command")
    assert Actor.job("evaluate") == Actor(id="job:evaluate", label="evaluate", role="job")


def test_every_action_fits_its_column_and_is_its_own_name():
    longest = Event._meta.get_field("action").max_length
    assert all(action.value == action.name.lower() and len(action) <= longest for action in ACTIONS)
