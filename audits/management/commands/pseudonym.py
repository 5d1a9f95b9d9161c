"""``manage.py pseudonym``: under which key does the ledger know a source's patient?"""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import transaction

from audits import keys, trail
from audits.management.console import Console, Refusal, actor_of
from audits.models import Source


class Command(Console):
    """Print the key of each patient number; the trail keeps the keys, never the numbers."""

    help = "Print the pseudonyms of patient numbers of a source."

    def add_options(self, parser: CommandParser) -> None:
        """Declare the source and the numbers."""
        parser.add_argument("--source", required=True, metavar="S", help="source system")
        parser.add_argument("patients", nargs="+", metavar="PATIENT_ID")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return the key of each patient number, and write the event of the look-up."""
        numbers = [text.strip() for text in options["patients"]]
        if not all(numbers):
            raise Refusal("A patient number is empty.")
        name = options["source"].strip()
        actor = actor_of(options["acting"])
        source = Source.objects.filter(name=name).first()
        domain = source.patient_domain if source else name
        found = {
            number: keys.patient_key(settings.PATIENT_SECRET, domain, number) for number in numbers
        }
        with transaction.atomic():
            trail.record(
                actor=actor,
                action=trail.Action.PSEUDONYM_LOOKED_UP,
                object_type="source",
                object_id=name,
                after={"count": len(found), "keys": sorted(set(found.values()))},
            )
        return found, 0

    def tell(self, answer: dict) -> None:
        """Print a number and its key on each line."""
        for number, key in answer.items():
            self.stdout.write(f"{number}\t{key}")
