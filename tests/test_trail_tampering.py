"""Whoever has the database in hand can change the trail, but not without its being found.

Each tampering is tried at many places of one trail, inside a transaction that is then
rolled back, with the triggers dropped first; the verdict must name kind and place.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connections, transaction

from audits.trail import CROSS_CHECKS, Problem, triggers, verify
from audits.trail.canonical import FIELDS, event_text, leaf, link
from audits.trail.verification import COLUMNS, _Walk

from .trail_database import NO_POSTGRES, POSTGRES, execute, postgres_trail, sqlite_trail, write

SIZE = 102
PLACES = range(2, SIZE)  # 100 places with a neighbour on both sides
NAMES = ", ".join(COLUMNS)
MARKS = ", ".join(["%s"] * len(COLUMNS))


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def trail(request, tmp_path_factory, django_db_blocker):
    if request.param == "postgres" and not POSTGRES:
        pytest.skip(NO_POSTGRES)
    folder = tmp_path_factory.mktemp("trail")
    opened = postgres_trail() if request.param == "postgres" else sqlite_trail(folder)
    with django_db_blocker.unblock(), opened as alias:
        write(alias, SIZE, reason="why")
        assert verify(using=alias).ok
        yield alias


def stored(alias, seq):
    """Return an event as a mapping, its times as they are hashed."""
    return dict(zip(COLUMNS, _Walk(connections[alias])._events(seq - 1, seq)[0], strict=True))


def chained(event):
    """Return ``event`` with the hash that its content and link deserve."""
    text = event_text([event[name] for name in FIELDS])
    return event | {"hash": link(bytes.fromhex(event["prev_hash"]), leaf(text.encode())).hex()}


def put(alias, event):
    """Write ``event`` in place of the one of its number, as Django would store it."""
    times = {c: event[c].replace("T", " ").rstrip("Z") for c in ("at", "prev_at_guard")}
    if connections[alias].vendor == "postgresql":
        times = {c: text + "+00" for c, text in times.items()}
    execute(alias, "DELETE FROM audits_event WHERE seq = %s", event["seq"])
    values = [(event | times)[name] for name in COLUMNS]
    execute(alias, f"INSERT INTO audits_event ({NAMES}) VALUES ({MARKS})", *values)


def rewrite(alias, seq, to_the_end=False, **changes):
    """Change an event and give it a right hash; carry the chain on to the end if asked."""
    event = chained(stored(alias, seq) | changes)
    put(alias, event)
    for later in range(seq + 1, SIZE + 1) if to_the_end else ():
        event = chained(stored(alias, later) | {"prev_hash": event["hash"]})
        put(alias, event)
    if to_the_end:
        execute(alias, "UPDATE audits_trailhead SET hash = %s", event["hash"])


def alter(column, value):
    return lambda alias, n: execute(
        alias, f"UPDATE audits_event SET {column} = %s WHERE seq = %s", value, n
    )


def swap(alias, n):
    one, other = stored(alias, n), stored(alias, n + 1)
    put(alias, other | {"seq": n})
    put(alias, one | {"seq": n + 1})


def slip_in(alias, n):
    for seq in range(SIZE, n - 1, -1):
        for table in ("audits_event", "audits_sealedtext"):
            execute(alias, f"UPDATE {table} SET seq = %s WHERE seq = %s", seq + 1, seq)
    execute(alias, "UPDATE audits_trailhead SET seq = %s", SIZE + 1)
    before = stored(alias, n - 1)
    put(alias, chained(before | {"seq": n, "prev_hash": before["hash"], "reason": ""}))


def cut(alias, n):
    execute(alias, "DELETE FROM audits_event WHERE seq >= %s", n)


def drop_one(alias, n):
    execute(alias, "DELETE FROM audits_event WHERE seq = %s", n)


def backdate(alias, n):
    early = "2001-01-01T00:00:00.000000Z"
    rewrite(alias, n, at=early, prev_at_guard=early)


def loosen(alias, n):
    rewrite(alias, n, after='{"n": 1}')


def set_head(alias, n):
    execute(
        alias,
        "UPDATE audits_trailhead SET seq = %s,"
        " hash = (SELECT e.hash FROM audits_event e WHERE e.seq = %s)",
        n,
        n,
    )


def reason(column, value):
    return lambda alias, n: execute(
        alias, f"UPDATE audits_sealedtext SET {column} = %s WHERE seq = %s", value, n
    )


def swap_table(alias, n):
    execute(alias, "CREATE TABLE copied AS SELECT * FROM audits_event")
    execute(alias, "UPDATE copied SET object_id = NULL WHERE seq = %s", n)
    execute(alias, "DROP TABLE audits_event")
    execute(alias, "ALTER TABLE copied RENAME TO audits_event")


@dataclass(frozen=True, kw_only=True)
class Tampering:
    """What is done at place n, and what the verdict must say of it."""

    act: object
    kind: str
    later: int = 0


TAMPERINGS = {
    "object changed": Tampering(act=alter("object_id", "9999"), kind="altered"),
    "actor changed": Tampering(act=alter("actor_id", "18"), kind="altered"),
    "time changed": Tampering(act=alter("at", "2026-01-01 00:00:00+00"), kind="altered"),
    "content changed": Tampering(act=alter("after", '{"n":-1}'), kind="altered"),
    "commitment removed": Tampering(act=alter("reason", ""), kind="altered"),
    "hash changed": Tampering(act=alter("hash", "0" * 64), kind="altered"),
    "link changed": Tampering(act=alter("prev_hash", "0" * 64), kind="broken_link"),
    "format changed": Tampering(act=alter("v", 2), kind="altered"),
    "deleted": Tampering(act=drop_one, kind="gap"),
    "tail cut": Tampering(act=cut, kind="tail_cut"),
    "two exchanged": Tampering(act=swap, kind="broken_link"),
    "one slipped in": Tampering(act=slip_in, kind="broken_link", later=1),
    "rewritten with its hash": Tampering(
        act=lambda alias, n: rewrite(alias, n, object_id="forged"), kind="broken_link", later=1
    ),
    "time set back with its hash": Tampering(act=backdate, kind="time_backwards"),
    "loose text with its hash": Tampering(act=loosen, kind="not_canonical"),
    "head set back": Tampering(act=set_head, kind="head_mismatch", later=1),
    "reason changed": Tampering(act=reason("text", "another"), kind="reason_altered"),
    "salt changed": Tampering(act=reason("salt", "00" * 32), kind="reason_altered"),
    "salt spoiled": Tampering(act=reason("salt", "no hex"), kind="reason_altered"),
}


@contextmanager
def unguarded(alias):
    """Drop the triggers for a while; whatever is done meanwhile is undone."""
    with transaction.atomic(using=alias):
        triggers.remove(alias)
        yield
        transaction.set_rollback(True, using=alias)


def verdict_after(alias, act, *places, limit=None):
    """Return the verdict on the trail after ``act`` at ``places``, then undo it."""
    with unguarded(alias):
        act(alias, *places)
        return verify(limit=limit, using=alias)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_at_a_hundred_places(trail, name):
    tampering = TAMPERINGS[name]
    fast = connections[trail].vendor == "sqlite" and tampering.act is not slip_in
    with unguarded(trail):
        for place in PLACES if fast else PLACES[::20]:
            with transaction.atomic(using=trail):
                tampering.act(trail, place)
                verdict = verify(using=trail)
                transaction.set_rollback(True, using=trail)
            found = verdict.kind, verdict.first_bad_seq
            assert found == (tampering.kind, place + tampering.later)


def test_a_table_put_in_place_of_the_events_is_found(trail):
    for place in (2, 50, SIZE):
        verdict = verdict_after(trail, swap_table, place)
        assert (verdict.kind, verdict.first_bad_seq) == ("altered", place)


def test_tampering_with_the_last_event_and_its_hash_disagrees_with_the_head(trail):
    verdict = verdict_after(trail, lambda a, n: rewrite(a, n, object_id="forged"), SIZE)
    assert (verdict.kind, verdict.first_bad_seq) == ("head_mismatch", SIZE)


def test_emptied_tables_are_found(trail):
    verdict = verdict_after(trail, cut, 0)
    assert (verdict.kind, verdict.first_bad_seq, verdict.events) == ("tail_cut", 1, 0)


@pytest.mark.parametrize(
    ("statement", "kind", "seq"),
    [
        ("DELETE FROM audits_trailhead", "head_mismatch", SIZE),
        ("UPDATE audits_trailhead SET seq = seq + 1", "tail_cut", SIZE + 1),
        ("UPDATE audits_trailhead SET hash = 'x'", "head_mismatch", SIZE),
        ("UPDATE audits_event SET seq = 0 WHERE seq = 1", "gap", 0),
        ("UPDATE audits_event SET seq = -5 WHERE seq = 9", "gap", -5),
        ("INSERT INTO audits_sealedtext VALUES (0, '00', 'x')", "reason_altered", 0),
        ("INSERT INTO audits_sealedtext VALUES (9999, '00', 'x')", "reason_altered", SIZE + 1),
        ("DROP TABLE audits_event", "unreadable", 1),
        ("DROP TABLE audits_trailhead", "unreadable", 1),
    ],
)
def test_tampering_around_the_events_is_found(trail, statement, kind, seq):
    verdict = verdict_after(trail, lambda alias: execute(alias, statement))
    assert (verdict.ok, verdict.kind, verdict.first_bad_seq) == (False, kind, seq)


def test_the_first_of_several_bad_events_is_named(trail):
    def act(alias):
        reason("text", "x")(alias, 70)
        alter("object_id", "x")(alias, 60)
        reason("text", "x")(alias, 50)

    verdict = verdict_after(trail, act)
    assert (verdict.kind, verdict.first_bad_seq) == ("reason_altered", 50)


def test_the_first_bad_event_is_named_across_chunks(trail, monkeypatch):
    monkeypatch.setattr("audits.trail.verification.CHUNK", 7)
    assert verify(using=trail).events == SIZE
    for place in range(2, 30):
        verdict = verdict_after(trail, TAMPERINGS["deleted"].act, place)
        assert (verdict.kind, verdict.first_bad_seq) == ("gap", place)
        verdict = verdict_after(trail, TAMPERINGS["salt changed"].act, place)
        assert (verdict.kind, verdict.first_bad_seq) == ("reason_altered", place)


def test_a_chain_rewritten_to_the_end_differs_only_from_a_head_kept_outside(trail):
    kept = verify(using=trail).head_hash

    def act(alias):
        rewrite(alias, 40, to_the_end=True, object_id="forged")
        triggers.install(alias)

    verdict = verdict_after(trail, lambda alias: rewrite(alias, 90, to_the_end=True, actor_id="18"))
    assert (verdict.kind, verdict.first_bad_seq) == ("trigger_missing", None)
    assert verdict.head_hash != kept
    assert verdict_after(trail, act).head_hash != kept


def test_a_look_at_the_last_events_finds_what_is_in_them_only(trail):
    def last_ten(place):
        verdict = verdict_after(trail, alter("object_id", "x"), place, limit=10)
        return verdict.kind, verdict.first_bad_seq

    assert last_ten(SIZE - 9) == ("altered", SIZE - 9)
    assert last_ten(SIZE - 10) == ("trigger_missing", None)


def test_a_cross_check_is_heard_once_the_chain_is_sound(trail, monkeypatch):
    problem = Problem(kind="decision_without_event", seq=None, detail="decision 7")
    monkeypatch.setattr(
        "audits.trail.verification.CROSS_CHECKS", [*CROSS_CHECKS, lambda: [problem]]
    )
    verdict = verify(using=trail)
    assert (verdict.ok, verdict.kind, verdict.detail) == (
        False,
        "decision_without_event",
        "decision 7",
    )
