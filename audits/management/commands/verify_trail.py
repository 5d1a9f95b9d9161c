"""``manage.py verify_trail``: is the audit trail as it was written?"""

import getpass
import json
from contextlib import suppress

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction

from audits.trail import Action, Actor, Result, TrailMissingError, Verdict, record, verify


class Command(BaseCommand):
    """Verify the trail, say so in one line, and leave an event that it was verified."""

    help = "Verify the audit trail; exit 1 and name the first bad event if it was tampered with."

    def add_arguments(self, parser):
        # They look at pages and forms; the trail's triggers are compared by ``verify``.
        parser.set_defaults(skip_checks=True)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--as", dest="user", metavar="USER", help="in whose name it is logged")

    def handle(self, **options):
        actor = _actor(options["user"])
        verdict = verify()
        if options["json"]:
            self.stdout.write(json.dumps(_facts(verdict)))
        if not verdict.ok:
            # A broken trail may take no more events; the verdict is said all the same.
            with suppress(TrailMissingError, DatabaseError):
                _note(verdict, actor)
            raise CommandError(_sentence(verdict))
        _note(verdict, actor)
        if not options["json"]:
            self.stdout.write(_sentence(verdict))


def _actor(username: str | None) -> Actor:
    """Return who verifies: the named user, else the system account."""
    if username is None:
        return Actor.command(getpass.getuser())
    users = get_user_model()
    try:
        return Actor.of_user(users.objects.get_by_natural_key(username))
    except users.DoesNotExist:
        raise CommandError(f"there is no user {username!r}", returncode=2) from None


def _note(verdict: Verdict, actor: Actor) -> None:
    """Record that the trail was verified and what came of it, in a transaction of its own."""
    with transaction.atomic():
        record(
            actor=actor,
            action=Action.TRAIL_VERIFIED,
            object_type="trail",
            object_id=verdict.head_hash,
            after={
                "events": verdict.events,
                "first_bad": verdict.first_bad_seq,
                "kind": verdict.kind,
            },
            outcome=Result.SUCCESS if verdict.ok else Result.FAILURE,
        )


def _facts(verdict: Verdict) -> dict[str, object]:
    """Return the verdict as ``--json`` prints it."""
    first_bad = {"seq": verdict.first_bad_seq, "kind": verdict.kind, "detail": verdict.detail}
    return {
        "ok": verdict.ok,
        "events": verdict.events,
        "head": verdict.head_hash,
        "first_bad": None if verdict.ok else first_bad,
        "erased": verdict.erased,
        "seconds": round(verdict.seconds, 3),
    }


def _sentence(verdict: Verdict) -> str:
    """Return the verdict as one line."""
    if verdict.ok:
        return (
            f"The trail is whole: {verdict.events:,} events, head {verdict.head_hash},"
            f" {verdict.seconds:.1f} s."
        )
    place = "" if verdict.first_bad_seq is None else f" at event {verdict.first_bad_seq:,}"
    detail = f" ({verdict.detail})" if verdict.detail else ""
    return f"The trail is NOT whole: {verdict.kind}{place}{detail}."
