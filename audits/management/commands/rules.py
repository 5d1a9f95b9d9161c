"""``manage.py rules``: what each rule asks, with which figures and on whose authority."""

from typing import Any

from audits.catalogue import CATALOGUE
from audits.management.console import Console
from audits.rule import Rule


class Command(Console):
    """List the catalogue; needs no database."""

    help = "List the rules with their parameters and sources."

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return the card of every rule in the order of their numbers."""
        return {"rules": [card(rule) for rule in CATALOGUE.values()]}, 0

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


def card(rule: Rule) -> dict:
    """Return what a reader needs to judge a rule, as plain values."""
    return {
        "number": rule.number,
        "name": rule.name,
        "title": rule.title,
        "category": rule.category,
        "subject": rule.subject.value,
        "severity": rule.severity,
        "parameters": {name: _parameter(rule, name) for name in rule.parameters},
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


def _parameter(rule: Rule, name: str) -> dict:
    parameter = rule.parameters[name]
    return {
        "value": rule.settled()[name],
        "unit": parameter.unit,
        "comparison": parameter.comparison,
        "meaning": parameter.meaning,
        "basis": parameter.basis.value,
        "citation": parameter.citation,
    }
