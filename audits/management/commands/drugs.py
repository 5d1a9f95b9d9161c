"""``manage.py drugs``: what no reference table knows, and what people say it means."""

from typing import Any

from django.core.management.base import CommandParser

from audits import drugs
from audits.management.console import Console
from audits.models import DrugMapping


class Command(Console):
    """List what no table knows, or the local mappings in force; mapping itself is for the pages."""

    help = "List the local drug mappings in force, or with --unmatched the drugs nobody knows."

    def add_options(self, parser: CommandParser) -> None:
        """Declare what to list."""
        parser.add_argument(
            "--unmatched",
            action="store_true",
            help="drug descriptions of the newest records that no reference table knows",
        )

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return the descriptions, the most frequent first, or the mappings in force."""
        if not options["unmatched"]:
            in_force = DrugMapping.objects.in_force().order_by("by", "described", "valid_from")
            return {"mappings": [{"mapping": m.pk, **m.meaning.as_entry()} for m in in_force]}, 0
        drugs.look_up()
        found = drugs.shown()
        fitting = drugs.mapped(found)
        return {"unmatched": [_told(each, fitting[each.key]) for each in found]}, 0

    def tell(self, answer: dict) -> None:
        """Print one line for each."""
        for each in answer.get("unmatched", ()):
            words = [each[name] for name in ("drug_name", "ndc", "rxcui", "ingredients")]
            self.stdout.write(
                f"{each['rows']:>10,}  {each['first_on']} to {each['last_on']}  "
                f"{each['sources']}  {' | '.join(word for word in words if word)}"
            )
        for each in answer.get("mappings", ()):
            strength = f"{each['strength']} {each['strength_unit']}" if each["strength"] else ""
            self.stdout.write(
                f"{each['mapping']:>5}  {each['by']} {each['described']} = {each['ingredient']} "
                f"{strength} {each['form']}, {each['valid_from']} to {each['valid_to'] or 'open'}"
            )
        if not any(answer.values()):
            self.stdout.write("None.")


def _told(each: drugs.Description, fitting: list[DrugMapping]) -> dict:
    return {
        "drug_name": each.drug_name,
        "ndc": each.ndc11,
        "rxcui": each.rxcui,
        "ingredients": each.ingredients,
        "rows": each.rows,
        "first_on": each.first_on,
        "last_on": each.last_on,
        "sources": each.sources,
        "mappings": [mapping.pk for mapping in fitting if mapping.status == "approved"],
    }
