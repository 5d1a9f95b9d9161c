"""``manage.py rules``: what each rule asks, with which figures and on whose authority."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError

from audits.catalogue import CATALOGUE
from audits.management.console import Console
from audits.models import ParameterChange
from audits.rule import Rule


class Command(Console):
    """List the catalogue, with the values that people put in the place of its own."""

    help = "List the rules with their parameters and sources."

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return the card of every rule in the order of their numbers."""
        changes = _changes()
        return {"rules": [card(rule, changes) for rule in CATALOGUE.values()]}, 0

    def tell(self, answer: dict) -> None:
        """Print a table: one line a rule, one for each of its parameters."""
        for each in answer["rules"]:
            self.stdout.write(
                f"{each['number']:<5} {each['name']:<32} {each['subject']:<18} "
                f"{each['severity']:<24} {each['title']}"
            )
            for name, given in each["parameters"].items():
                figure = f"{given['comparison']} {given['value']:,} {given['unit']}".strip()
                self.stdout.write(f"      {name} {figure} ({given['basis']})")
                for dated in given["in_force"] or ():
                    days = f"from {dated['valid_from']} to {dated['valid_to'] or 'further notice'}"
                    value = f"{given['comparison']} {dated['value']:,} {given['unit']}".strip()
                    self.stdout.write(f"        {days}: {value} ({dated['basis']})")


def _changes() -> list[dict] | None:
    """Return every value in force in the place of a rule's own, None without a database."""
    try:
        changes = list(ParameterChange.objects.in_force().order_by("valid_from"))
    except DatabaseError:
        return None
    return [change.meaning.as_entry() for change in changes]


def card(rule: Rule, changes: Sequence[Mapping] | None) -> dict:
    """Return what a reader needs to judge a rule, as plain values; ``changes`` those in force."""
    return {
        "number": rule.number,
        "name": rule.name,
        "title": rule.title,
        "category": rule.category,
        "subject": rule.subject.value,
        "severity": rule.severity,
        "parameters": {name: _parameter(rule, name, changes) for name in rule.parameters},
        "citations": [
            {
                "key": cited.key,
                "title": cited.title,
                "year": cited.year,
                "number": cited.number,
                "url": cited.url,
                "status": cited.status.value,
            }
            for cited in rule.citations
        ],
        "needs": {kind: list(columns) for kind, columns in rule.needs.items()},
        "absence_in": list(rule.absence_in),
        "reach": {
            kind: {"explanation": reach.explanation, "population": reach.population}
            for kind, reach in rule.reach.items()
        },
        "not_checked": list(rule.not_checked),
        "caveat": rule.caveat,
    }


def _parameter(rule: Rule, name: str, changes: Sequence[Mapping] | None) -> dict:
    """Return the card of a parameter, and each other value in force; None where unknown."""
    mine = [e for e in changes or () if (e["rule"], e["parameter"]) == (rule.name, name)]
    parameter = rule.parameters[name]
    return {
        "value": rule.settled()[name],
        "unit": parameter.unit,
        "comparison": parameter.comparison,
        "meaning": parameter.meaning,
        "basis": parameter.basis.value,
        "citation": parameter.citation,
        "in_force": None if changes is None else [_dated(each) for each in mine],
    }


def _dated(entry: Mapping) -> dict:
    return {part: entry[part] for part in ("value", "valid_from", "valid_to", "basis", "source")}
